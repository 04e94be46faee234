//! The settings of a learning over jobs.

use std::fmt;

use descender_control::{
    Dimension, OF_THE_JOB, Parameter, READING_NAMES, READINGS, Scale, product_pairs,
};
use descender_optim::Method;
use serde::{Deserialize, Serialize};

/// How a policy's weights are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LearnerName {
    /// Regression on pairs of descents whose outputs are moved in opposite directions.
    #[default]
    Regression,
    /// A separable evolution strategy over the weights; a round is a generation, whose 4 + ⌊3·ln n⌋ policies of n weights
    /// steer the same jobs.
    Evolution,
}

impl fmt::Display for LearnerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Regression => "regression",
            Self::Evolution => "evolution",
        })
    }
}

/// How a controller is learned over a set of jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LearnSettings {
    /// The seed of the offsets. Default 1.
    pub seed: u64,
    /// How. Default `regression`.
    pub learner: LearnerName,
    /// Rounds, 1 or more. Default 32.
    pub rounds: u32,
    /// Jobs of a round, 1 or more. Default 1200.
    pub instances: u64,
    /// Pairs of perturbed descents of a job, 1 or more. Default 3.
    pub pairs: u64,
    /// The size of the offsets, above 0. Default 1.
    pub spread: f64,
    /// How much the regression is shrunk, above 0: the variance of a half difference of log losses, as a multiple of that of
    /// a weight's step that is believed in beforehand. Default 0.4.
    pub shrink: f64,
    /// What a round counts, as a share of the one after it; 0: the last alone. Default 0.8.
    pub memory: f64,
    /// The part of the way that the first round goes; the others go less and less. Default 0.5.
    pub stride: f64,
    /// Jobs by which the result is chosen, 1 or more. Default 500.
    pub judged: u64,
    /// The readings that the controller uses; the others have no weight. Default: all of the job. Those
    /// of the probe were not worth their cost (`results/jobs`).
    pub readings: Vec<String>,
    /// Whether products of two readings of the job are used, too. Default true.
    pub products: bool,
    /// Decisions in a descent. Default 40.
    pub decisions: u32,
    /// Decisions from one probe to the next. Default 5.
    pub probe_every: u32,
    /// Examples of a probe. Default 32.
    pub probe_examples: u32,
    /// The optimizer. Default `adamw`.
    pub optimizer: String,
    /// η where nothing is known. Default 0.01.
    pub anchor: f32,
    /// The share of a descent in which η rises to it. Default 0.
    pub warm_up: f32,
    /// Hyper-parameters beside η: `momentum`, `second-moment`, `averaging`, `weight-decay` (half
    /// of the optimizer's own to 400 times as much). Default: all but the averaging.
    pub steered: Vec<String>,
}

impl Default for LearnSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            learner: LearnerName::default(),
            rounds: 32,
            instances: 1200,
            pairs: 3,
            spread: 1.0,
            shrink: 0.4,
            memory: 0.8,
            stride: 0.5,
            judged: 500,
            readings: READING_NAMES[..OF_THE_JOB]
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            products: true,
            decisions: 40,
            probe_every: 5,
            probe_examples: 32,
            optimizer: "adamw".to_owned(),
            anchor: 0.01,
            warm_up: 0.0,
            steered: ["momentum", "second-moment", "weight-decay"]
                .map(str::to_owned)
                .into(),
        }
    }
}

/// A setting that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("learn.{key} = {found}: expected {expected}")]
pub struct LearnSettingsError {
    /// The setting.
    pub key: &'static str,
    /// What it is.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

impl LearnSettings {
    /// Checks every setting.
    ///
    /// # Errors
    /// Names the first that can't be used.
    pub fn check(&self) -> Result<(), LearnSettingsError> {
        let refuse = |key, found: String, expected: &str| {
            Err(LearnSettingsError {
                key,
                found,
                expected: expected.to_owned(),
            })
        };
        for (key, number) in [
            ("rounds", u64::from(self.rounds)),
            ("instances", self.instances),
            ("pairs", self.pairs),
            ("judged", self.judged),
            ("decisions", u64::from(self.decisions)),
            ("probe_every", u64::from(self.probe_every)),
            ("probe_examples", u64::from(self.probe_examples)),
        ] {
            if !(1..=1_000_000).contains(&number) {
                return refuse(key, number.to_string(), "1 to 1000000");
            }
        }
        for (key, number) in [
            ("shrink", self.shrink),
            ("stride", self.stride),
            ("spread", self.spread),
        ] {
            if !(number.is_finite() && number > 0.0) {
                return refuse(key, number.to_string(), "a number above 0");
            }
        }
        if !(0.0..=1.0).contains(&self.memory) {
            return refuse("memory", self.memory.to_string(), "a share from 0 to 1");
        }
        if !(1e-6..=0.4).contains(&self.anchor) {
            return refuse("anchor", self.anchor.to_string(), "0.000001 to 0.4");
        }
        if !(0.0..1.0).contains(&self.warm_up) {
            return refuse("warm_up", self.warm_up.to_string(), "0 or more, below 1");
        }
        if places(&self.readings).is_none() {
            let expected = format!("names among {}", READING_NAMES.join(", "));
            return refuse("readings", format!("{:?}", self.readings), &expected);
        }
        if let Some(name) = (self.steered.iter()).find(|name| steered(name).is_none()) {
            let expected = "momentum, second-moment, averaging or weight-decay";
            return refuse("steered", name.clone(), expected);
        }
        self.method().map(|_| ())
    }

    /// The numbers of the readings that are used.
    pub(super) fn used(&self) -> Vec<usize> {
        places(&self.readings).unwrap_or_default()
    }

    /// The features at a point of time that are used: the constant, the readings, and the products of two of them.
    pub(super) fn features(&self) -> Vec<usize> {
        let readings = self.used();
        let products = product_pairs().enumerate().filter(|(_, (first, second))| {
            self.products && readings.contains(first) && readings.contains(second)
        });
        let products = products.map(|(place, _)| 1 + READINGS + place);
        let singles = readings.iter().map(|reading| 1 + reading);
        std::iter::once(0).chain(singles).chain(products).collect()
    }

    /// Whether a reading of the probe is used.
    pub(super) fn probes(&self) -> bool {
        (self.readings.iter()).any(|name| name.starts_with("probe"))
    }

    pub(super) fn method(&self) -> Result<Method, LearnSettingsError> {
        Method::by_name(&self.optimizer).ok_or_else(|| LearnSettingsError {
            key: "optimizer",
            found: self.optimizer.clone(),
            expected: "a name of `descender list optimizers`".to_owned(),
        })
    }

    /// The hyper-parameters that are placed: η within a factor of e⁴ of the anchor, and the others.
    pub(super) fn dimensions(&self) -> Vec<Dimension> {
        let reach = 4.0_f32.exp();
        let (low, high) = (self.anchor / reach, self.anchor * reach);
        let eta = dimension(Parameter::LearningRate, low, high, Scale::Logarithmic);
        let others = self.steered.iter().filter_map(|name| steered(name));
        std::iter::once(eta).chain(others).collect()
    }
}

/// A hyper-parameter beside η by name.
fn steered(name: &str) -> Option<Dimension> {
    let reach = 2.0_f32.exp();
    let complement = |parameter, middle: f32| {
        let (low, high) = (1.0 - middle * reach, 1.0 - middle / reach);
        dimension(parameter, low, high, Scale::Complement)
    };
    Some(match name {
        "momentum" => complement(Parameter::Momentum, 0.1),
        "second-moment" => complement(Parameter::SecondMoment, 0.01),
        "averaging" => dimension(Parameter::Averaging, 0.25, 4.0, Scale::Logarithmic),
        "weight-decay" => dimension(Parameter::WeightDecay, 0.5, 400.0, Scale::Logarithmic),
        _ => return None,
    })
}

/// The numbers of these readings.
fn places(names: &[String]) -> Option<Vec<usize>> {
    (names.iter())
        .map(|name| READING_NAMES.iter().position(|known| known == name))
        .collect()
}

/// A hyper-parameter between the ends that a learned controller places it between.
fn dimension(parameter: Parameter, low: f32, high: f32, scale: Scale) -> Dimension {
    Dimension {
        parameter,
        low,
        high,
        scale,
    }
}
