//! The settings of the methods that set their own step size or average their iterates.
//!
//! Each is here as its authors' own program has it, with that program's defaults; what the program has beyond the paper
//! is said. η of μ keeps its meaning there: a learning rate for schedule-free and hypergradient descent, a factor on the
//! method's own step size (1 by default, and best left there) for Prodigy, D-Adaptation and DoG.
//!
//! Which entries of μ a step reads is said at each; the others have no effect, however a controller sets them. Sums over
//! all parameters are taken in f64 in a fixed order.

use serde::{Deserialize, Serialize};

/// Schedule-free SGD (Defazio, Yang, Mehta, Khaled, Mishchenko, Cutkosky 2024, "The Road Less Scheduled", section 1):
///
/// ```text
/// γ = η · min(1, t / warmup_steps)
/// z ← z − γ·(g + λ·y)
/// x ← (1 − c)·x + c·z,  c = w_t / (w_1 + … + w_t),  w_t = t^r · (largest γ so far)^p
/// y ← (1 − β)·z + β·x
/// ```
///
/// The gradient is taken at y (the parameters that [`Optimizer::step`](crate::Optimizer::step) updates), the network is
/// evaluated at x ([`Optimizer::evaluation_parameters`](crate::Optimizer::evaluation_parameters)). Reads η and b1 (β) of
/// μ. Defaults are those of the package `schedulefree` 1.4 (`SGDScheduleFree`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeSgd {
    /// β, where y stands between z (0) and x (1), at least 0 and below 1 (0.9).
    pub momentum: f64,
    /// Steps in which the rate rises on a straight line (0).
    pub warmup_steps: u64,
    /// r, the power of t in the weights of the average, at least 0 (0).
    pub averaging_power: f64,
    /// p, the power of the largest rate in the weights of the average, at least 0 (2).
    pub rate_power: f64,
    /// λ, an L2 penalty at y (0).
    pub weight_decay: f64,
}

impl Default for ScheduleFreeSgd {
    fn default() -> Self {
        ScheduleFreeSgd {
            momentum: 0.9,
            warmup_steps: 0,
            averaging_power: 0.0,
            rate_power: 2.0,
            weight_decay: 0.0,
        }
    }
}

/// Schedule-free AdamW (Defazio and others 2024, Algorithm 1): [`ScheduleFreeSgd`] whose z takes steps of RMSprop with
/// bias correction:
///
/// ```text
/// P ← β₂·P + (1 − β₂)·g²
/// z ← z − γ·(g / (sqrt(P̂) + ε) + λ·y)
/// ```
///
/// Reads η, a1 and a2 (of P) and b1 (β₁, where y stands) of μ. Defaults are those of the package `schedulefree` 1.4
/// (`AdamWScheduleFree`), which since version 1.3 multiplies λ by the rate of the warm-up (the paper doesn't).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScheduleFreeAdamW {
    /// β₁, where y stands between z (0) and x (1), at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// Steps in which the rate rises on a straight line (0).
    pub warmup_steps: u64,
    /// r, the power of t in the weights of the average, at least 0 (0).
    pub averaging_power: f64,
    /// p, the power of the largest rate in the weights of the average, at least 0 (2).
    pub rate_power: f64,
    /// λ, decoupled, at y (0).
    pub weight_decay: f64,
}

impl Default for ScheduleFreeAdamW {
    fn default() -> Self {
        ScheduleFreeAdamW {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            warmup_steps: 0,
            averaging_power: 0.0,
            rate_power: 2.0,
            weight_decay: 0.0,
        }
    }
}

/// Prodigy (Mishchenko, Defazio 2024, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner", the algorithm for
/// Adam), where d estimates the distance from the start θ₀ to a solution:
///
/// ```text
/// γ = η·d   (times sqrt(1 − β₂^t) / (1 − β₁^t) with bias_correction)
/// r ← β₃·r + (d/d₀)·γ·⟨g, θ₀ − θ⟩,   S ← β₃·S + (d/d₀)·γ·g,   β₃ = sqrt(β₂)
/// Q ← β₁·Q + (1 − β₁)·d·g,           P ← β₂·P + (1 − β₂)·d²·g²
/// d ← the largest of d_coef · r / ‖S‖₁ so far, at least d₀, at most growth_rate·d
/// θ ← θ − γ·Q / (sqrt(P) + d·ε)      (γ of the old d)
/// ```
///
/// With `safeguard_warmup` S takes d in the place of γ. Reads η, a1, a2, b1 and b2 of μ; β₃ is the root of a1. Defaults
/// are those of the package `prodigyopt` 1.1 (without its `slice_p`, which saves memory, and with `beta3` at its
/// default).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prodigy {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// d₀, the first estimate, above 0 (1e-6).
    pub d0: f64,
    /// Factor on the estimate, above 0 (1): the setting to tune.
    pub d_coef: f64,
    /// The most by which d grows in a step, at least 1, or 0 for no limit (0).
    pub growth_rate: f64,
    /// Adam's bias correction (no).
    pub bias_correction: bool,
    /// Keeps η out of S, for schedules that begin with a warm-up (no).
    pub safeguard_warmup: bool,
    /// λ (0).
    pub weight_decay: f64,
    /// Whether λ shrinks the parameters, θ ← (1 − γ·λ)·θ, rather than join the gradient (yes).
    pub decoupled: bool,
}

impl Default for Prodigy {
    fn default() -> Self {
        Prodigy {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            d0: 1e-6,
            d_coef: 1.0,
            growth_rate: 0.0,
            bias_correction: false,
            safeguard_warmup: false,
            weight_decay: 0.0,
            decoupled: true,
        }
    }
}

/// SGD with D-Adaptation (Defazio, Mishchenko 2023, "Learning-Rate-Free Learning by D-Adaptation", the algorithm for
/// SGD):
///
/// ```text
/// γ = η·d / ‖g₁‖
/// r ← r + γ·⟨g, S⟩,   S ← S + γ·g
/// d ← max(d, min(2·r / ‖S‖₂, growth_rate·d))
/// z = θ₀ − S,         θ ← β·θ + (1 − β)·z
/// ```
///
/// g₁ is the first gradient that isn't 0, without weight decay. Reads η and b1 (β) of μ. Defaults are those of the
/// package `dadaptation` 3.2 (`DAdaptSGD`), whose momentum is 0; the paper's experiments take 0.9.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DadaptSgd {
    /// β, at least 0 and below 1 (0).
    pub momentum: f64,
    /// d₀, the first estimate, above 0 (1e-6).
    pub d0: f64,
    /// The most by which d grows in a step, at least 1, or 0 for no limit (0).
    pub growth_rate: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for DadaptSgd {
    fn default() -> Self {
        DadaptSgd {
            momentum: 0.0,
            d0: 1e-6,
            growth_rate: 0.0,
            weight_decay: 0.0,
        }
    }
}

/// Adam with D-Adaptation (Defazio, Mishchenko 2023, the algorithm for Adam, as version 3 of its program improved it):
///
/// ```text
/// γ = η·d   (times sqrt(1 − β₂^t) / (1 − β₁^t) with bias_correction),   b = sqrt(β₂)
/// r ← b·r + (1 − b)·γ·⟨g, S / (sqrt(P) + ε)⟩   (P and S of the step before)
/// S ← b·S + (1 − b)·γ·g
/// Q ← β₁·Q + (1 − β₁)·γ·g,   P ← β₂·P + (1 − β₂)·g²
/// d ← max(d, min(r / ((1 − b)·‖S‖₁), growth_rate·d))
/// θ ← θ − Q / (sqrt(P) + ε)
/// ```
///
/// Reads η, a1, a2, b1 and b2 of μ; b is the root of a1. Defaults are those of the package `dadaptation` 3.2
/// (`DAdaptAdam`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DadaptAdam {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// d₀, the first estimate, above 0 (1e-6).
    pub d0: f64,
    /// The most by which d grows in a step, at least 1, or 0 for no limit (0).
    pub growth_rate: f64,
    /// Adam's bias correction (no).
    pub bias_correction: bool,
    /// λ (0).
    pub weight_decay: f64,
    /// Whether λ shrinks the parameters, θ ← (1 − γ·λ)·θ, rather than join the gradient (no).
    pub decoupled: bool,
}

impl Default for DadaptAdam {
    fn default() -> Self {
        DadaptAdam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            d0: 1e-6,
            growth_rate: 0.0,
            bias_correction: false,
            weight_decay: 0.0,
            decoupled: false,
        }
    }
}

/// DoG, distance over gradients (Ivgi, Hinder, Carmon 2023, "DoG is SGD's Best Friend", equation "DoG"):
///
/// ```text
/// r̄ = max(r_ε, ‖θ_i − θ₀‖ for all i so far),   r_ε = initial_distance·(1 + ‖θ₀‖)
/// θ ← θ − η · r̄ / sqrt(ε + Σ ‖g_i‖²) · g
/// x̄ ← (1 − w)·x̄ + w·θ,   w = (1 + averaging) / (t + averaging)
/// ```
///
/// The network is evaluated at the polynomial-decay average x̄ (Shamir, Zhang 2013), which the authors call crucial,
/// since the step size doesn't decay; `averaged = false` evaluates it at θ. Reads only η of μ. Defaults are those of the
/// authors' program `dog-optimizer` 1.1 (`reps_rel`, `eps` and its averager's γ).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dog {
    /// The first distance as a share of 1 + ‖θ₀‖, above 0 (1e-6; 1e-4 with batch normalisation).
    pub initial_distance: f64,
    /// ε, added to the sum of the squared gradients, above 0 (1e-8).
    pub epsilon: f64,
    /// Whether the network is evaluated at the average of its iterates (yes).
    pub averaged: bool,
    /// γ of the average, at least 0: the larger, the more it leans on late iterates (8).
    pub averaging: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Dog {
    fn default() -> Self {
        Dog {
            initial_distance: 1e-6,
            epsilon: 1e-8,
            averaged: true,
            averaging: 8.0,
            weight_decay: 0.0,
        }
    }
}

/// SGD with hypergradient descent (Baydin, Cornish, Martínez Rubio, Schmidt, Wood 2018, "Online Learning Rate Adaptation
/// with Hypergradient Descent", the algorithm SGD-HD): α ← α + β·⟨g, g of the step before⟩; θ ← θ − α·g.
///
/// α is η of μ plus what has been learned, α = η + Σ β·h; under a constant η that is the paper's rule with α₀ = η, and a
/// schedule or controller that moves η moves α by as much. Reads only η of μ. β's default is that of the paper's MNIST
/// experiments; the authors' program has 1e-6 as its default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SgdHd {
    /// β, the learning rate of the learning rate, at least 0 (0.001).
    pub hypergradient_rate: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for SgdHd {
    fn default() -> Self {
        SgdHd {
            hypergradient_rate: 0.001,
            weight_decay: 0.0,
        }
    }
}

/// Adam with hypergradient descent (Baydin and others 2018, the algorithm Adam-HD): α ← α + β·⟨g, u⟩, where u is the
/// direction Q̂ / (sqrt(P̂) + ε) of the step before; then a step of [`Adam`](crate::Adam) with α.
///
/// α is η of μ plus what has been learned, as in [`SgdHd`]. Reads η, a1, a2, b1 and b2 of μ. β's default is that of the
/// paper's MNIST experiments; the authors' program has 1e-8 as its default. (That program adds ε to sqrt(P) before the
/// bias correction, as old versions of PyTorch did; here as in the paper.)
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamHd {
    /// β₁, the decay of Q, at least 0 and below 1 (0.9).
    pub beta1: f64,
    /// β₂, the decay of P, at least 0 and below 1 (0.999).
    pub beta2: f64,
    /// ε outside the root, above 0 (1e-8).
    pub epsilon: f64,
    /// β, the learning rate of the learning rate, at least 0 (1e-7).
    pub hypergradient_rate: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for AdamHd {
    fn default() -> Self {
        AdamHd {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            hypergradient_rate: 1e-7,
            weight_decay: 0.0,
        }
    }
}
