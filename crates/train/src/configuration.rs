//! The complete settings of a run, as stored in `config.toml` of a run folder.
//!
//! A [`Configuration`] is always complete. A [`Resolver`] applies partial files and `--set KEY=VALUE` on top of a
//! preset. It rejects unknown keys and names the nearest known one. Checks run cheapest first and name the setting, its
//! value and what was expected.

mod budget;
mod error;
mod listing;
mod meaning;
mod preset;
mod resolve;
mod settings;

pub use error::ConfigurationError;
pub use listing::{SettingInfo, list_settings};
pub use preset::{PRESETS, Preset};
pub use resolve::Resolver;
pub use settings::{
    ComparisonSettings, Configuration, MOST_STARTS, MOST_STEPS, SelectionMeasure,
    SelectionSettings, TrainingStarts,
};
