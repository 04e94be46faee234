//! What the cases are told of their descents: losses and statistics, made by formulas.

use std::collections::BTreeMap;

use descender_optim::{Feedback, StepStatistics};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A loss, which JSON has no number for if it is not finite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss(pub(crate) f32);

impl PartialEq for Loss {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits() || (self.0.is_nan() && other.0.is_nan())
    }
}

impl Serialize for Loss {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            loss if loss.is_finite() => serializer.serialize_f32(loss),
            loss => serializer.serialize_str(&loss.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Loss {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f32),
            Word(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(loss) => Ok(Loss(loss)),
            Form::Word(word) => word.parse().map(Loss).map_err(serde::de::Error::custom),
        }
    }
}

/// The statistics of an update, in the order of [`StepStatistics`].
type Row = (f32, f32, f32, f32, u32, u32, f32);

/// The losses and statistics of a descent.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Recording {
    pub(crate) losses: Vec<Loss>,
    pub(crate) statistics: Vec<Row>,
}

impl Recording {
    fn of(steps: u16, loss: impl Fn(f32) -> f32) -> Self {
        let losses = (0..steps).map(|step| Loss(loss(f32::from(step)))).collect();
        let statistics = (0..steps).map(|step| statistics(f32::from(step))).collect();
        Self { losses, statistics }
    }

    /// What the step of this number reports.
    pub(crate) fn feedback(&self, step: usize) -> Feedback {
        let (
            gradient_mean,
            gradient_mean_absolute,
            gradient_sum_positive,
            gradient_sum_negative,
            parameters_increased,
            parameters_decreased,
            relative_change,
        ) = self.statistics[step];
        Feedback {
            step: step as u64,
            loss: self.losses[step].0,
            statistics: StepStatistics {
                gradient_mean,
                gradient_mean_absolute,
                gradient_sum_positive,
                gradient_sum_negative,
                parameters_increased,
                parameters_decreased,
                relative_change,
            },
        }
    }
}

/// Between −1 and 1, without a pattern that a policy could know.
fn wave(x: f32) -> f32 {
    (12.9 * x + 5.0 * (0.7 * x).sin()).sin()
}

fn statistics(step: f32) -> Row {
    let size = 0.05 * (-step / 50.0).exp();
    let increased = (500.0 + 400.0 * wave(step + 0.3)) as u32;
    (
        size * 0.3 * wave(step + 0.1),
        size,
        size * 600.0,
        size * -400.0,
        increased,
        900 - increased.min(900),
        0.01 / (1.0 + step),
    )
}

/// All recordings by name.
pub(crate) fn recordings() -> BTreeMap<String, Recording> {
    let falls = |step: f32| 0.1 + 2.2 * (-step / 30.0).exp() + 0.05 * wave(step);
    let recordings = [
        ("falls", Recording::of(200, falls)),
        (
            "rises",
            Recording::of(200, |step| match step {
                step if step < 60.0 => falls(step),
                step if step < 75.0 => falls(step) * 1.4_f32.powf(step - 59.0),
                step => falls(step),
            }),
        ),
        (
            "explodes",
            Recording::of(120, |step| match step {
                step if step < 3.0 => falls(step),
                step => 1e3 * step,
            }),
        ),
        (
            "stalls",
            Recording::of(200, |step| 2.303 + 0.02 * wave(step)),
        ),
        (
            "breaks",
            Recording::of(160, |step| match step as u32 {
                25 | 90 => f32::NAN,
                26 | 27 | 91 => f32::INFINITY,
                50 => f32::NEG_INFINITY,
                _ => falls(step),
            }),
        ),
        (
            "odd",
            Recording::of(90, |step| match step as u32 {
                0 => 0.0,
                7 => -3.0,
                8 => 1e-9,
                9 => 1e30,
                _ => falls(step) - 0.4,
            }),
        ),
    ];
    recordings
        .into_iter()
        .map(|(name, recording)| (name.to_owned(), recording))
        .collect()
}
