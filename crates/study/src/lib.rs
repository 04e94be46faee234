//! Training of controllers, baselines, comparisons and their statistics, figures and reports.

pub mod comparison;
pub mod episode_record;
mod escape;
pub mod figure;
mod nullable_float;
mod number;
pub mod report;
pub mod statistics;
pub mod baseline;
pub mod bench;
pub mod checkpoint;
pub mod compare;
pub mod configuration;
pub mod manifest;
pub mod observer;
pub mod run;
pub mod run_folder;
pub mod selection;
pub mod stop;
pub mod train;
pub mod trial;
