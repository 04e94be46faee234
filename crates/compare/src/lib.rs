//! Comparisons of optimizers and controllers on the same start points.
//!
//! A [`contender`] takes part in a comparison: an optimizer under a schedule, a controller, or a negative control made
//! from one. One descent of one contender is a [`trial`]; [`compare`] runs all of them and turns the outcomes into a
//! [`comparison`]. [`behaviour`] records what a controller does and what it relies on. [`distillation`] turns it into a
//! plain table.

#![forbid(unsafe_code)]

pub mod behaviour;
pub mod compare;
pub mod comparison;
pub mod contender;
pub mod distillation;
pub mod explanation;
pub mod shard;
pub mod trial;
