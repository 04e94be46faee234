//! NAdamW: AdamW that looks ahead by one step, as Nesterov momentum does.

use serde::{Deserialize, Serialize};

use crate::algorithm::Algorithm;
use crate::coefficients::Coefficients;
use crate::moments::Moments;
use crate::setting::{
    Allowed::{Decay, Positive},
    Setting,
    Value::Number,
    weight_decay,
};

/// [`AdamW`](crate::AdamW) with the look-ahead of Nesterov momentum (Dozat 2016), in the simple form of Choi and others 2019
/// (arXiv 1910.05446, Table 1), which is the target-setting optimizer of AlgoPerf:
///
/// ```text
/// P ← β₂·P + (1 − β₂)·g²,   Q ← β₁·Q + (1 − β₁)·g
/// θ ← (1 − η·λ)·θ − η·(β₁·Q + (1 − β₁)·g) / (1 − β₁^t) / (sqrt(P̂) + ε)
/// ```
///
/// Defaults are those of AdamW in PyTorch. (PyTorch's own `NAdam` also raises β₁ over time; this form does not.)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NAdamW {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// λ, decoupled from the gradient (0.01).
    pub weight_decay: f64,
}

impl Default for NAdamW {
    fn default() -> Self {
        NAdamW {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
        }
    }
}

impl Algorithm for NAdamW {
    const DESCRIPTION: &'static str = "AdamW that looks ahead by one step";
    const USUAL_LEARNING_RATE: f32 = 0.001;
    type State = Moments;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            ("beta1", Number(&mut self.beta1, Decay)),
            ("beta2", Number(&mut self.beta2, Decay)),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn second_moment(&self) -> Coefficients {
        Coefficients::average(self.beta2)
    }

    fn first_moment(&self) -> Coefficients {
        Coefficients::average(self.beta1)
    }

    fn start(&self) -> Moments {
        Moments::of(self, 0.0)
            .with_epsilon(self.epsilon)
            .looking_ahead()
            .bias_corrected()
            .with_decoupled_weight_decay(self.weight_decay)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Method, NAdamW, Optimizer};

    #[test]
    fn it_follows_its_formula() {
        let settings = NAdamW {
            beta1: 0.8,
            beta2: 0.95,
            epsilon: 1e-6,
            weight_decay: 0.1,
        };
        let mut optimizer = Optimizer::new(Method::NAdamW(settings), 1).unwrap();
        let (rate, mut theta, mut expected) = (0.02, [0.7_f32], 0.7_f64);
        let (mut p, mut q) = (0.0, 0.0);
        for t in 1..60 {
            let g = (1.3 * f64::from(t)).sin() + 0.3 * expected;
            optimizer.step(
                &Method::NAdamW(settings).hyper_parameters(rate),
                &mut theta,
                &[g as f32],
            );
            p = 0.95 * p + 0.05 * g * g;
            q = 0.8 * q + 0.2 * g;
            let direction = (0.8 * q + 0.2 * g) / (1.0 - 0.8_f64.powi(t));
            let root = (p / (1.0 - 0.95_f64.powi(t))).sqrt() + 1e-6;
            let rate = f64::from(rate);
            expected = (1.0 - rate * 0.1) * expected - rate * direction / root;
            assert!((f64::from(theta[0]) - expected).abs() < 1e-5, "step {t}");
        }
    }
}
