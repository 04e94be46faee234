//! Comparisons of optimizers and controllers on the same start points.
//!
//! A [`contender`] is whoever takes part: an optimizer under a schedule, a controller, or a negative control made of one.
//! One descent of one contender is a [`trial`]; [`compare`] makes all of them and a [`comparison`] of the outcomes.
//! [`behaviour`] is what a controller does and looks at, and by [`distillation`] it becomes a plain table.

#![forbid(unsafe_code)]

pub mod behaviour;
pub mod compare;
pub mod comparison;
pub mod contender;
pub mod distillation;
pub mod trial;
