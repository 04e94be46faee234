//! μ, the hyper-parameters of one step of the family h(μ). A controller may change them at every step.

use serde::{Deserialize, Serialize};

/// μ = (η, a1, a2, a3, b1, b2, b3), the hyper-parameters of the family h(μ):
///
/// ```text
/// P ← a1·P + a2·(g ⊙ g) + a3
/// Q ← b1·Q + b2·g + b3
/// θ ← θ − η / sqrt(P) · Q
/// ```
///
/// Source: Zhu, Hayashi, Ohsawa, "Gradient Descent Optimization by Reinforcement Learning", Table 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HyperParameters {
    /// η, the learning rate.
    pub learning_rate: f32,
    /// Decay of the second moment P.
    pub a1: f32,
    /// Weight of the squared gradient in P.
    pub a2: f32,
    /// Constant added to P at each step.
    pub a3: f32,
    /// Decay of the first moment Q (the momentum).
    pub b1: f32,
    /// Weight of the gradient in Q.
    pub b2: f32,
    /// Constant added to Q at each step.
    pub b3: f32,
}
