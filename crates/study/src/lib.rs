//! Training of controllers, baselines, comparisons and their statistics, figures and reports.

pub mod comparison;
pub mod episode_record;
mod nullable_float;
mod number;
pub mod statistics;
