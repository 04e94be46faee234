//! The squashed Gaussian: a random action in [−1, 1], the probability density that it has, and how both depend on the
//! network's outputs.
//!
//! In each dimension the network gives a mean μ and a log-deviation l, and with ε from the normal distribution
//!
//! ```text
//! σ = exp(l),   u = μ + σ ε,   a = tanh(u)
//! ln π(a) = Σ [ −ε²/2 − l − ½ ln 2π − ln(1 − tanh² u) ]
//! ln(1 − tanh² u) = 2 (ln 2 − u − ln(1 + e^(−2u)))
//! ```
//!
//! With ε held fixed, ∂ ln π / ∂u = 2 a from the last term, ∂ ln π / ∂l = 2 a σ ε − 1, and ∂a/∂u = 1 − a². l is kept
//! between [`LEAST`] and [`MOST`]; outside, its slope is 0.
//!
//! Source: T. Haarnoja et al., "Soft Actor-Critic: Off-Policy Maximum Entropy Deep Reinforcement Learning with a Stochastic
//! Actor", 2018, equation 12 and appendix C.

use std::f32::consts::LN_2;

/// The least and the greatest log-deviation, as in the authors' code.
pub(crate) const LEAST: f32 = -20.0;
/// See [`LEAST`].
pub(crate) const MOST: f32 = 2.0;
/// ½ ln 2π.
const HALF_LN_TAU: f32 = 0.918_938_5;

/// One dimension of an action: what came of a mean, a log-deviation and a draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SquashedDraw {
    /// a.
    pub(crate) action: f32,
    /// The share of this dimension in ln π(a).
    pub(crate) log_density: f32,
    /// σ ε.
    spread: f32,
    /// Whether l lies within its bounds.
    free: bool,
}

impl SquashedDraw {
    pub(crate) fn new(mean: f32, log_deviation: f32, draw: f32) -> Self {
        let l = log_deviation.clamp(LEAST, MOST);
        let spread = l.exp() * draw;
        let u = mean + spread;
        // ln(1 + e^(−2u)) without overflow.
        let soft = (-2.0 * u).max(0.0) + (-2.0 * u.abs()).exp().ln_1p();
        let squash = 2.0 * (LN_2 - u - soft);
        Self {
            action: u.tanh(),
            log_density: -0.5 * draw * draw - l - HALF_LN_TAU - squash,
            spread,
            free: l == log_deviation,
        }
    }

    /// The gradient of α ln π + f(a) with respect to the mean and the log-deviation, with the draw held fixed; `slope` is
    /// the gradient of f with respect to a.
    pub(crate) fn gradient(self, temperature: f32, slope: f32) -> [f32; 2] {
        let a = self.action;
        let by_u = temperature * 2.0 * a + slope * (1.0 - a * a);
        let by_l = by_u * self.spread - temperature;
        [by_u, if self.free { by_l } else { 0.0 }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference: PyTorch 2 in double precision,
    /// `TransformedDistribution(Normal(m, exp(l)), TanhTransform()).log_prob(a)` at a = tanh(m + exp(l) e).
    #[test]
    fn the_log_density_is_pytorch_s() {
        for (mean, log_deviation, draw, action, log_density) in [
            (0.0, 0.0, 0.0, 0.0, -0.918939_f32),
            (0.5, -1.0, 1.5, 0.782_512_6, -0.096_348),
            (-1.2, 0.5, -0.7, -0.982_119_5, 1.675_938),
            (2.0, -3.0, 0.3, 0.965_067_8, 4.714_88),
            (-0.1, 1.5, 0.9, 0.999_234, 3.657_574),
        ] {
            let ours = SquashedDraw::new(mean, log_deviation, draw);
            assert!((ours.action - action).abs() < 1e-6, "{ours:?}");
            let off = (ours.log_density - log_density).abs();
            assert!(off < 1e-5 * (1.0 + log_density.abs()), "{ours:?}");
        }
    }

    #[test]
    fn far_out_it_stays_finite() {
        for mean in [-60.0, 60.0] {
            let far = SquashedDraw::new(mean, 0.0, 0.0);
            assert_eq!(far.action.abs(), 1.0);
            // −½ ln 2π − 2 ln 2 + 2 · 60.
            assert!((far.log_density - 117.694_77).abs() < 1e-3, "{far:?}");
        }
        assert_eq!(
            SquashedDraw::new(0.3, 9.0, 0.5).log_density,
            SquashedDraw::new(0.3, MOST, 0.5).log_density
        );
        assert_eq!(SquashedDraw::new(0.3, 9.0, 0.5).gradient(0.2, 1.0)[1], 0.0);
    }

    #[test]
    fn the_gradient_is_the_finite_difference() {
        let temperature = 0.3_f64;
        let function = |mean: f32, l: f32, draw: f32| {
            let sample = SquashedDraw::new(mean, l, draw);
            let a = f64::from(sample.action);
            temperature * f64::from(sample.log_density) + 0.7 * a * a - a
        };
        let step = 1e-2;
        for (mean, l, draw) in [(0.2, -1.0, 0.4), (-0.8, 0.3, -1.1), (1.2, -0.2, 0.9)] {
            let sample = SquashedDraw::new(mean, l, draw);
            let slope = 1.4 * sample.action - 1.0;
            let [by_mean, by_l] = sample.gradient(temperature as f32, slope);
            let width = 2.0 * f64::from(step);
            let along_mean =
                (function(mean + step, l, draw) - function(mean - step, l, draw)) / width;
            let along_l = (function(mean, l + step, draw) - function(mean, l - step, draw)) / width;
            assert!((f64::from(by_mean) - along_mean).abs() < 5e-4, "{sample:?}");
            assert!((f64::from(by_l) - along_l).abs() < 5e-4, "{sample:?}");
        }
    }
}
