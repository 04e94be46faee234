//! h(μ) at work: the moments P and Q, and the step that the presets of the family share.

use serde::{Deserialize, Serialize};

use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{quotient, reciprocal};
use crate::weight_decay::WeightDecay;
use crate::{HyperParameters, StepStatistics};

/// P and Q of one descent, with what a preset needs besides μ:
///
/// ```text
/// P ← a1·P + a2·(g ⊙ g) + a3
/// Q ← b1·Q + b2·g + b3
/// θ ← θ − η / (sqrt(P) + ε) · Q
/// ```
///
/// Only the moments that μ uses are in memory. While a1 = a2 = 0, P is the same number everywhere and is kept as that
/// number. While b1 = 0, Q is b2·g + b3 and is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Moments {
    /// Nesterov: the step uses b1·Q + b2·g + b3 in the place of Q.
    look_ahead: bool,
    /// Adam: P and Q are divided by the sum of the weights that they hold.
    bias_correction: bool,
    /// ε outside the root. It is 0 where ε is a3.
    epsilon: f32,
    weight_decay: WeightDecay,
    /// Whether Q is kept from the first step on, whatever μ says.
    keep_first: bool,
    /// P where it is the same everywhere and `second` is empty.
    uniform_second: f32,
    /// P; empty until a step needs it.
    second: Vec<f32>,
    /// Q; empty until a step needs it.
    first: Vec<f32>,
}

impl Moments {
    /// The moments of this preset before the first step, with this λ as an L2 penalty.
    ///
    /// Q is kept from the first step on if the preset's b1 is not 0.
    pub(crate) fn of(preset: &impl Algorithm, weight_decay: f64) -> Moments {
        Moments {
            look_ahead: false,
            bias_correction: false,
            epsilon: 0.0,
            weight_decay: WeightDecay::Coupled(weight_decay as f32),
            keep_first: preset.first_moment().decay as f32 != 0.0,
            uniform_second: 0.0,
            second: Vec::new(),
            first: Vec::new(),
        }
    }

    /// With ε outside the root.
    pub(crate) fn with_epsilon(self, epsilon: f64) -> Moments {
        Moments {
            epsilon: epsilon as f32,
            ..self
        }
    }

    /// With the step of Nesterov momentum, which looks ahead by one step.
    pub(crate) fn looking_ahead(self) -> Moments {
        Moments {
            look_ahead: true,
            ..self
        }
    }

    /// With Adam's bias correction.
    pub(crate) fn bias_corrected(self) -> Moments {
        Moments {
            bias_correction: true,
            ..self
        }
    }

    /// With this λ, decoupled from the gradient.
    pub(crate) fn with_decoupled_weight_decay(self, weight_decay: f64) -> Moments {
        Moments {
            weight_decay: WeightDecay::Decoupled(weight_decay as f32),
            ..self
        }
    }

    /// With Q kept from the first step on, whatever μ says.
    pub(crate) fn keeping_first(self) -> Moments {
        Moments {
            keep_first: true,
            ..self
        }
    }
}

impl State for Moments {
    fn reset(&mut self) {
        self.uniform_second = 0.0;
        self.second.clear();
        self.first.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        vec![&self.second, &self.first]
    }

    /// Each moment by itself may be empty.
    fn misfit(&self, parameters: usize) -> Option<usize> {
        [self.second.len(), self.first.len()]
            .into_iter()
            .find(|&length| length != 0 && length != parameters)
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        let HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
            ..
        } = *now.mu;
        let keep_first = self.keep_first || b1 != 0.0 || !self.first.is_empty();
        let keep_second = a1 != 0.0 || a2 != 0.0 || !self.second.is_empty();
        if keep_first {
            self.first.resize(parameters.len(), 0.0);
        }
        if keep_second {
            self.second.resize(parameters.len(), self.uniform_second);
        } else {
            self.uniform_second = a1 * self.uniform_second + a3;
        }

        let epsilon = self.epsilon;
        let (rate, root_scale) = if self.bias_correction {
            (
                learning_rate * reciprocal(now.first_weight),
                reciprocal(now.second_weight.sqrt()),
            )
        } else {
            (learning_rate, 1.0)
        };
        // The step's direction is ahead·Q + fresh·(b2·g + b3). For plain momentum it is Q itself.
        let (ahead, fresh) = if self.look_ahead {
            (b1, 1.0)
        } else {
            (1.0, 0.0)
        };
        let uniform_rate = quotient(rate, self.uniform_second.sqrt() * root_scale + epsilon);
        let (uniform_ahead, uniform_fresh) = (uniform_rate * ahead, uniform_rate * fresh);
        let (uniform_slope, uniform_offset) = (uniform_rate * b2, uniform_rate * b3);
        let scaled =
            |p: f32, direction: f32| quotient(rate * direction, p.sqrt() * root_scale + epsilon);

        let decay = self.weight_decay;
        let (first, second) = (&mut self.first[..], &mut self.second[..]);
        match (keep_second, keep_first) {
            (false, false) => decay.pass(now.mu, parameters, gradient, [], |g, _| {
                // With b1 = 0, looking ahead is b2·g + b3 too.
                uniform_slope * g + uniform_offset
            }),
            (false, true) => decay.pass(now.mu, parameters, gradient, [first], |g, [q]| {
                let new = b2 * g + b3;
                *q = b1 * *q + new;
                uniform_ahead * *q + uniform_fresh * new
            }),
            (true, false) => decay.pass(now.mu, parameters, gradient, [second], |g, [p]| {
                *p = a1 * *p + a2 * (g * g) + a3;
                scaled(*p, b2 * g + b3)
            }),
            (true, true) => {
                let memory = [second, first];
                decay.pass(now.mu, parameters, gradient, memory, |g, [p, q]| {
                    let new = b2 * g + b3;
                    *p = a1 * *p + a2 * (g * g) + a3;
                    *q = b1 * *q + new;
                    scaled(*p, ahead * *q + fresh * new)
                })
            }
        }
    }
}
