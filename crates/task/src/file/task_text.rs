//! What stands in a task file, before its data are read.
//!
//! Every value is checked here that can be judged without the data; what only some kinds of data have is refused by name.

use serde::Deserialize;

use super::error::TaskFileProblem;
use super::layer_text::LayerText;
use super::table::Kind;
use super::text::{Cut, LONGEST_WINDOW, USUAL_WINDOW};
use crate::loss::Loss;
use crate::task::SELECTION_SHARE;

/// A task file of data, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TaskText {
    pub(super) name: Option<String>,
    #[serde(default = "usual_steps")]
    pub(super) steps: u64,
    #[serde(default = "usual_batch")]
    pub(super) batch: usize,
    pub(super) loss: Option<Loss>,
    #[serde(default)]
    pub(super) objective: ObjectiveName,
    pub(super) threshold: Option<f32>,
    pub(super) data: DataText,
    #[serde(default)]
    pub(super) network: NetworkText,
}

pub(super) fn usual_steps() -> u64 {
    500
}

fn usual_batch() -> usize {
    32
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ObjectiveName {
    #[default]
    ValidationLoss,
    FirstHit,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataText {
    pub(super) path: String,
    pub(super) target: Option<String>,
    pub(super) inputs: Option<String>,
    #[serde(default = "usual_validation")]
    pub(super) validation: f64,
    #[serde(default = "usual_selection")]
    pub(super) selection: f64,
    pub(super) kind: Option<DataKind>,
    pub(super) window: Option<usize>,
    #[serde(default)]
    pub(super) carry: bool,
}

/// What a file is, where its name doesn't say.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DataKind {
    Text,
}

fn usual_validation() -> f64 {
    0.2
}

fn usual_selection() -> f64 {
    SELECTION_SHARE
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "toml::Value")]
pub(super) enum NetworkText {
    Named(String),
    Listed(Listed),
}

impl TryFrom<toml::Value> for NetworkText {
    type Error = String;

    /// What is wrong in a list of layers is said as it is, where an untagged choice would say that nothing fits.
    fn try_from(value: toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(name) => Ok(NetworkText::Named(name)),
            value => (Listed::deserialize(value).map(NetworkText::Listed))
                .map_err(|error| format!("network: {}", error.message())),
        }
    }
}

impl Default for NetworkText {
    fn default() -> Self {
        NetworkText::Named("fitted".to_owned())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    pub(super) layers: Vec<LayerText>,
}

impl TaskText {
    /// What the loss says of the column to predict.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.loss.map(|loss| match loss {
            Loss::CrossEntropy | Loss::NextToken => Kind::Classes,
            _ => Kind::Numbers,
        })
    }

    /// How a text is cut.
    pub(super) fn cut(&self) -> Cut {
        Cut {
            window: self.data.window.unwrap_or(USUAL_WINDOW),
            validation: self.data.validation,
            selection: self.data.selection,
        }
    }

    /// Refuses what only a text, or only another kind of data has.
    pub(super) fn check_kind(&self, is_text: bool) -> Result<(), TaskFileProblem> {
        let refuse = |key, found: String, expected: &str| {
            Err(TaskFileProblem::Value {
                key,
                found,
                expected: expected.to_owned(),
            })
        };
        let none = "none: the data are no text";
        match (is_text, &self.data, self.loss) {
            (true, _, Some(loss @ (Loss::Squared | Loss::Huber))) => {
                refuse("loss", loss.to_string(), "\"next-token\" for a text")
            }
            (false, _, Some(Loss::NextToken)) => refuse(
                "loss",
                Loss::NextToken.to_string(),
                "another loss: the data are no text",
            ),
            (
                true,
                DataText {
                    target: Some(target),
                    ..
                },
                _,
            ) => refuse(
                "data.target",
                format!("\"{target}\""),
                "none: of a text, the next character is predicted",
            ),
            (
                false,
                DataText {
                    window: Some(window),
                    ..
                },
                _,
            ) => refuse("data.window", window.to_string(), none),
            (false, DataText { carry: true, .. }, _) => {
                refuse("data.carry", true.to_string(), none)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check(&self) -> Result<(), TaskFileProblem> {
        let refuse = |key, found: &dyn ToString, expected: &str| {
            Err(TaskFileProblem::Value {
                key,
                found: found.to_string(),
                expected: expected.to_owned(),
            })
        };
        if self.steps == 0 || self.steps > 10_000_000 {
            return refuse("steps", &self.steps, "1 to 10000000");
        }
        if self.batch == 0 {
            return refuse("batch", &self.batch, "1 or more");
        }
        if let Some(loss @ (Loss::Quadratic | Loss::Rosenbrock)) = self.loss {
            return refuse(
                "loss",
                &loss,
                "a loss of data; a formula is a task of its own, with [function]",
            );
        }
        let share = |share: f64| share > 0.0 && share < 1.0;
        if !share(self.data.validation) {
            return refuse(
                "data.validation",
                &self.data.validation,
                "a share above 0 and below 1",
            );
        }
        if !share(self.data.selection) {
            return refuse(
                "data.selection",
                &self.data.selection,
                "a share above 0 and below 1",
            );
        }
        if let Some(window) = self.data.window
            && !(1..=LONGEST_WINDOW).contains(&window)
        {
            return refuse("data.window", &window, "1 to 4096 characters");
        }
        match (&self.objective, self.threshold) {
            (ObjectiveName::ValidationLoss, Some(threshold)) => {
                return refuse(
                    "threshold",
                    &threshold,
                    "none, but for objective = \"first-hit\"",
                );
            }
            (ObjectiveName::FirstHit, Some(threshold)) if !threshold.is_finite() => {
                return refuse("threshold", &threshold, "a finite loss");
            }
            _ => {}
        }
        match &self.network {
            NetworkText::Named(name) if name != "fitted" => refuse(
                "network",
                name,
                "\"fitted\", or a table with a list of layers",
            ),
            _ => Ok(()),
        }
    }
}
