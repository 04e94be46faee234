//! Training of controllers, baselines, comparisons and their statistics, figures and reports.
//!
//! The main line: a [`configuration`] becomes a [`train`]ing, whose candidates are judged on [`selection`] starts; the
//! chosen controller is [`compare`]d with [`baseline`]s on held-out starts, and a [`report`] shows it; by [`distillation`]
//! it becomes a plain table. A [`run`] does all
//! of it in a [`run_folder`], from which it can go on after any end, and tells [`observer`]s. [`reproduce`] makes the
//! paper's figures from two such runs.

#![forbid(unsafe_code)]

pub mod baseline;
pub mod behaviour;
pub mod bench;
pub mod checkpoint;
pub mod compare;
pub mod comparison;
pub mod configuration;
pub mod distillation;
pub mod episode_record;
mod escape;
pub mod figure;
pub mod folder_lock;
mod guard;
pub mod manifest;
mod nullable_float;
mod number;
pub mod observer;
mod record_end;
pub mod report;
pub mod reproduce;
pub mod run;
pub mod run_folder;
pub mod selection;
pub mod statistics;
pub mod stop;
pub mod train;
pub mod trial;
mod whole_message;
