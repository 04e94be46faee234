//! What a method needs beyond μ: the resolved, plain form of a [`Method`](crate::Method) that a step reads.

use serde::{Deserialize, Serialize};

use crate::adaptive::Adaptive;

/// How the step is made from the moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// h(μ) itself: θ ← θ − η / (sqrt(P) + ε) · Q.
    Family {
        /// Nesterov: the step uses b1·Q + b2·g + b3 in place of Q.
        look_ahead: bool,
        /// Adam: P and Q are divided by the sum of the weights that they hold.
        bias_correction: bool,
    },
    /// AMSGrad: the denominator uses the running maximum of P.
    RunningMaximum,
    /// Adamax: P ← max(a1·P, a2·|g| + a3), and no root.
    InfinityNorm,
    /// Adadelta: the step is scaled by the root of the accumulated squared steps.
    Displacement,
    /// A method with a state of its own, which is here rather than in the optimizer so that the stored form of the
    /// others stays what it was.
    Adaptive(Box<Adaptive>),
}

/// A method without its μ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) form: Form,
    /// ε outside the root (Adadelta: beside the moments in its two roots); 0 where ε is a3.
    pub(crate) epsilon: f32,
    /// λ; 0 for a method with a state of its own, which keeps its λ there.
    pub(crate) weight_decay: f32,
    /// Whether λ shrinks the parameters (θ ← (1 − ηλ)·θ) or joins the gradient (g ← g + λ·θ).
    pub(crate) decoupled: bool,
    /// Whether Q is kept from the first step on, whatever μ says.
    pub(crate) keep_first: bool,
}
