//! μ, the hyper-parameters of one step of the family h(μ) with averaging. A controller may change them at every step.

use serde::{Deserialize, Serialize};

/// μ = (η, a1, a2, a3, b1, b2, b3, c, w), the hyper-parameters of the family h(μ):
///
/// ```text
/// P ← a1·P + a2·(g ⊙ g) + a3
/// Q ← b1·Q + b2·g + b3
/// θ ← θ − η / sqrt(P) · Q
/// ```
///
/// Source: Zhu, Hayashi, Ohsawa, "Gradient Descent Optimization by Reinforcement Learning", Table 1.
///
/// c is ours: a factor for methods that average their iterates, in the spirit of the paper's call for optimizers with more
/// factors. The average moves towards the newest iterate by c times the share that the method's own weights give it, and
/// at most all the way. c = 1 is the method itself; c > 1 is an average of the last t/c iterates or so (a tail average); a
/// c that grows like t is an exponential average. Methods without an average don't read it.
///
/// w is ours as well: a factor on the method's weight decay λ, decoupled or not. w = 1 is the method itself.
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
    /// Factor on the share of the newest iterate in the average, 0 or more; 1 is the method's own share.
    pub c: f32,
    /// Factor on the method's weight decay, 0 or more; 1 is the method's own.
    #[serde(default = "whole")]
    pub w: f32,
}

/// The factor that changes nothing, for files that don't know it.
fn whole() -> f32 {
    1.0
}
