//! Stochastic gradient descent, which has no settings.

use crate::algorithm::Algorithm;
use crate::moments::Moments;
use crate::setting::Setting;

/// Stochastic gradient descent (Robbins, Monro 1951): θ ← θ − η·g.
///
/// It is h(μ) with P = 1 and Q = g.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sgd;

impl Algorithm for Sgd {
    const DESCRIPTION: &'static str = "stochastic gradient descent";
    const USUAL_LEARNING_RATE: f32 = 0.1;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        Vec::new()
    }

    fn start(&self) -> Moments {
        Moments::of(self, 0.0)
    }
}
