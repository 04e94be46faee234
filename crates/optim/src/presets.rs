//! The settings of each method: the rows of the paper's Table 1, Nesterov momentum, AdamW and the free family; in
//! [`adaptive`] those that set their own step size.
//!
//! Defaults are PyTorch's, where it has the method. η is no setting of a method: it comes with each step. In the
//! formulas t counts from 1 and a hat means divided by the bias correction, m̂ = m / (1 − β₁^t). `weight_decay` λ is an L2
//! penalty, g ← g + λ·θ before all else, except in [`AdamW`].

use serde::{Deserialize, Serialize};

use crate::EpsilonPlace;

mod adaptive;

pub use adaptive::{
    AdamHd, DadaptAdam, DadaptSgd, Dog, Prodigy, ScheduleFreeAdamW, ScheduleFreeSgd, SgdHd,
};

/// Gradient descent with momentum (Polyak 1964): Q ← m·Q + (1 − d)·g; θ ← θ − η·Q.
///
/// PyTorch's `SGD(momentum)` for d = 0. (With a dampening PyTorch takes the first gradient whole, this doesn't.)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Momentum {
    /// m, the decay of Q, at least 0 and below 1 (0.9). At 0 this is SGD, here with weight decay.
    pub momentum: f64,
    /// d, what the gradient's weight is lowered by, from 0 to 1 (0).
    pub dampening: f64,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Momentum {
    fn default() -> Self {
        Momentum {
            momentum: 0.9,
            dampening: 0.0,
            weight_decay: 0.0,
        }
    }
}

/// Nesterov momentum in PyTorch's form: Q ← m·Q + g; θ ← θ − η·(g + m·Q).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nesterov {
    /// m, the decay of Q, at least 0 and below 1 (0.9).
    pub momentum: f64,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Nesterov {
    fn default() -> Self {
        Nesterov {
            momentum: 0.9,
            weight_decay: 0.0,
        }
    }
}

/// Adagrad (Duchi, Hazan, Singer 2011): P ← P + g²; θ ← θ − η·g / (sqrt(P) + ε).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// ε, above 0 (1e-10).
    pub epsilon: f64,
    /// Where ε stands (outside the root). Inside, it is added to P at each step.
    pub epsilon_place: EpsilonPlace,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Adagrad {
    fn default() -> Self {
        Adagrad {
            epsilon: 1e-10,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

/// RMSprop (Tieleman, Hinton 2012): P ← ρ·P + (1 − ρ)·g²; θ ← θ − η·g / (sqrt(P) + ε).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rmsprop {
    /// ρ, the decay of P, at least 0 and below 1 (0.99).
    pub decay: f64,
    /// ε, above 0 (1e-8).
    pub epsilon: f64,
    /// Where ε stands (outside the root).
    pub epsilon_place: EpsilonPlace,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Rmsprop {
    fn default() -> Self {
        Rmsprop {
            decay: 0.99,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

/// Adadelta (Zeiler 2012): P ← ρ·P + (1 − ρ)·g²; Δ = sqrt(S + ε) / sqrt(P + ε)·g; S ← ρ·S + (1 − ρ)·Δ²; θ ← θ − η·Δ.
///
/// Zeiler's has η = 1; his ε stands in both roots and isn't accumulated in P.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    /// ρ, the decay of P and S, at least 0 and below 1 (0.9).
    pub decay: f64,
    /// ε, above 0 (1e-6).
    pub epsilon: f64,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Adadelta {
    fn default() -> Self {
        Adadelta {
            decay: 0.9,
            epsilon: 1e-6,
            weight_decay: 0.0,
        }
    }
}

/// Adam with bias correction (Kingma, Ba 2015): P ← β₂·P + (1 − β₂)·g²; Q ← β₁·Q + (1 − β₁)·g;
/// θ ← θ − η·Q̂ / (sqrt(P̂) + ε).
///
/// The correction divides by the sum of the weights that the moment holds, which is 1 − β^t while β stays the same, and
/// remains right when a controller changes β.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε, above 0 (1e-8).
    pub epsilon: f64,
    /// Where ε stands (outside the root).
    pub epsilon_place: EpsilonPlace,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

/// Adam with decoupled weight decay (Loshchilov, Hutter 2019), in PyTorch's form: θ ← (1 − η·λ)·θ, then a step of
/// [`Adam`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε, above 0 (1e-8).
    pub epsilon: f64,
    /// Where ε stands (outside the root).
    pub epsilon_place: EpsilonPlace,
    /// λ (0.01).
    pub weight_decay: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        AdamW {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.01,
        }
    }
}

/// Adamax (Kingma, Ba 2015, section 7.1), in PyTorch's form: P ← max(β₂·P, |g| + ε); Q ← β₁·Q + (1 − β₁)·g;
/// θ ← θ − η·Q̂ / P.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adamax {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε, above 0 (1e-8); it is a3 of μ.
    pub epsilon: f64,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Adamax {
    fn default() -> Self {
        Adamax {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
        }
    }
}

/// AMSGrad (Reddi, Kale, Kumar 2018), in PyTorch's form: [`Adam`] with S ← max(S, P) in the place of P.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Amsgrad {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε, above 0 (1e-8).
    pub epsilon: f64,
    /// Where ε stands (outside the root).
    pub epsilon_place: EpsilonPlace,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Amsgrad {
    fn default() -> Self {
        Amsgrad {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            epsilon_place: EpsilonPlace::Outside,
            weight_decay: 0.0,
        }
    }
}

/// h(μ) with all of μ free: P ← a1·P + a2·g² + a3; Q ← b1·Q + b2·g + b3; θ ← θ − η / (sqrt(P) + ε)·Q.
///
/// The defaults are those of SGD. Any finite number is allowed in μ; where P turns negative, θ turns NaN.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Family {
    /// Decay of P (0).
    pub a1: f64,
    /// Weight of g² in P (0).
    pub a2: f64,
    /// Constant added to P at each step (1).
    pub a3: f64,
    /// Decay of Q (0).
    pub b1: f64,
    /// Weight of g in Q (1).
    pub b2: f64,
    /// Constant added to Q at each step (0).
    pub b3: f64,
    /// ε outside the root, at least 0 (0); the one inside is a3.
    pub epsilon: f64,
    /// λ (0).
    pub weight_decay: f64,
}

impl Default for Family {
    fn default() -> Self {
        Family {
            a1: 0.0,
            a2: 0.0,
            a3: 1.0,
            b1: 0.0,
            b2: 1.0,
            b3: 0.0,
            epsilon: 0.0,
            weight_decay: 0.0,
        }
    }
}
