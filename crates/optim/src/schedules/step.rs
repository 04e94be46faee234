//! A fall by a factor at given milestones.

use serde::{Deserialize, Serialize};

use crate::curve::{Curve, CurveState, Time, steps};
use crate::setting::{
    Allowed::PositiveFraction,
    Setting,
    Value::{Fractions, Number},
};

/// η = η₀ · factor^k, with k the number of milestones m with t ≥ round(m·T). PyTorch's `MultiStepLR`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StepSchedule {
    /// What η is multiplied by at each milestone, above 0 and at most 1 (0.1).
    pub factor: f64,
    /// Ascending fractions of T (1/2 and 3/4); on the command line `milestones=0.5/0.75`.
    pub milestones: Vec<f64>,
}

impl Default for StepSchedule {
    fn default() -> Self {
        StepSchedule {
            factor: 0.1,
            milestones: vec![0.5, 0.75],
        }
    }
}

impl Curve for StepSchedule {
    const DESCRIPTION: &'static str = "falls by a factor at given milestones";
    type State = StepState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("factor", Number(&mut self.factor, PositiveFraction)),
            ("milestones", Fractions(&mut self.milestones)),
        ]
    }

    fn start(&self, total: u64) -> StepState {
        StepState {
            factor: self.factor,
            milestones: self.milestones.iter().map(|&m| steps(m, total)).collect(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepState {
    factor: f64,
    /// In steps.
    milestones: Vec<u64>,
}

impl CurveState for StepState {
    fn share(&self, time: Time) -> f64 {
        self.milestones
            .iter()
            .filter(|&&milestone| time.step >= milestone)
            .fold(1.0, |share, _| share * self.factor)
    }
}
