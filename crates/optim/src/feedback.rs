//! What one step of a descent reports. The controller sees nothing else.

use serde::{Deserialize, Serialize};

/// Statistics of one update, gathered in the pass that applies it.
///
/// g is the gradient at θ (before the update), Δθ the change that the update makes, n the number of parameters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepStatistics {
    /// Σ g / n.
    pub gradient_mean: f32,
    /// Σ |g| / n.
    pub gradient_mean_absolute: f32,
    /// Sum of the positive entries of g.
    pub gradient_sum_positive: f32,
    /// Sum of the negative entries of g (zero or less).
    pub gradient_sum_negative: f32,
    /// Number of parameters with Δθ > 0.
    pub parameters_increased: u32,
    /// Number of parameters with Δθ < 0.
    pub parameters_decreased: u32,
    /// Relative change of the parameters, Σ |Δθ| / Σ |θ| (0 where Σ |θ| = 0).
    ///
    /// This is our reading of the paper's "average relative change": a ratio of two sums, not the mean of the ratios
    /// |Δθ_i| / |θ_i|. The parameters nearest to zero dominate that mean, and it is infinite where a parameter is zero, as
    /// biases are at the start. The ratio of the sums weighs each parameter's ratio by the size of the parameter.
    pub relative_change: f32,
}

/// What one step of a descent reports.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// Number of this step, from 0.
    pub step: u64,
    /// Loss of the step's batch at θ, before the update.
    pub loss: f32,
    /// Statistics of the update.
    pub statistics: StepStatistics,
}
