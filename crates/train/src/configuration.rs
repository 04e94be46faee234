//! The complete settings of a run: what `config.toml` in a run folder holds.
//!
//! A [`Configuration`] is always complete; partial files and `--set KEY=VALUE` are laid over a preset by
//! [`resolve`](Resolver), which refuses unknown keys with the nearest known one. Checks run cheapest first and name
//! the setting, its value and what was expected.

mod budget;
mod error;
mod preset;
mod resolve;
mod settings;

pub use error::ConfigurationError;
pub use preset::{PRESETS, Preset};
pub use resolve::Resolver;
pub use settings::{
    ComparisonSettings, Configuration, MOST_STARTS, MOST_STEPS, SelectionMeasure,
    SelectionSettings, TrainingStarts,
};
