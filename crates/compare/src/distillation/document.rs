//! The JSON document of a distilled controller, as `descender export schedule` writes it.
//!
//! | field | what it is |
//! |---|---|
//! | `task` | the task on which the controller was recorded |
//! | `steps` | number of lines of the table; after the last step, its values stay |
//! | `optimizer` | the optimizer with its settings, as in `config.toml` |
//! | `source` | where the controller comes from |
//! | `calibration` | number and seed of the starts on which it was recorded |
//! | `learning_rate`, `b1`, … | a list for each entry of μ that the controller sets, one number for each step |
//! | `comparison`, `advice` | the controller against the table on unseen starts, if they were compared |
//!
//! [`ScheduleFile`](crate::contender::ScheduleFile) reads it.

use serde_json::{Value, json};

use super::advice::ProductAdvice;
use super::distilled::Distilled;
use crate::comparison::Comparison;
use crate::contender::CALIBRATION_STARTS;
use descender_record::settings_text::{shortest, table_of};

impl Distilled {
    /// The document, one field per line. Each number of the table is written with the fewest digits that read back as
    /// the same bits.
    #[must_use]
    pub fn to_json(&self, comparison: Option<&Comparison>) -> String {
        let mut fields: Vec<(&str, Value)> = vec![
            ("task", self.task.as_str().into()),
            ("steps", self.schedule.steps().into()),
            ("optimizer", json!(table_of(&self.method))),
            ("source", json!(self.source)),
            (
                "calibration",
                json!({"starts": CALIBRATION_STARTS, "seed": self.seed}),
            ),
        ];
        for (entry, values) in self.schedule.columns() {
            let values: Vec<f64> = values.iter().map(|value| shortest(*value)).collect();
            fields.push((entry.name(), values.into()));
        }
        if let Some(comparison) = comparison {
            fields.push(("comparison", json!(comparison.document())));
            fields.extend(ProductAdvice::of(comparison).map(|advice| ("advice", json!(advice))));
        }
        let lines: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("  \"{name}\": {value}"))
            .collect();
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }
}
