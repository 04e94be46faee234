//! Training of controllers, baselines, comparisons and their statistics, figures and reports.

#![forbid(unsafe_code)]

pub mod baseline;
pub mod bench;
pub mod checkpoint;
pub mod compare;
pub mod comparison;
pub mod configuration;
pub mod episode_record;
mod escape;
pub mod figure;
pub mod manifest;
mod nullable_float;
mod number;
pub mod observer;
pub mod report;
pub mod run;
pub mod run_folder;
pub mod selection;
pub mod statistics;
pub mod stop;
pub mod train;
pub mod trial;
