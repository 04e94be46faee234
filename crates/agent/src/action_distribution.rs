//! The distributions that a stochastic policy draws its actions from, with the slopes that learning needs.
//!
//! Discrete: π = softmax(outputs), and an action is its number. Continuous: z ~ N(outputs, diag(exp(2 ℓ))), with the
//! logarithms ℓ of the deviations as weights of their own, and the action is tanh(z). An action is kept as z: the tanh is the same for the old
//! and the new policy, so that the density of z tells their ratio.
//!
//! ```text
//! discrete     ln π(a) = o_a − ln Σ exp(o)            ∂/∂o_j = [j = a] − π_j        H = −Σ π ln π,  ∂H/∂o_j = −π_j (ln π_j + H)
//! continuous   ln p(z) = −Σ ((z − o) e^{−ℓ})²/2 + ℓ + ln(2π)/2
//!              ∂/∂o = (z − o) e^{−2ℓ},  ∂/∂ℓ = ((z − o) e^{−ℓ})² − 1                H = Σ ℓ + (1 + ln 2π)/2,  ∂H/∂ℓ = 1
//! ```

use descender_control::{Action, ActionSpace};
use descender_random::{ChaCha8Rng, normal_pair, unit};

/// Which distribution, and how many outputs of a network it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionDistribution {
    /// One of so many actions.
    Categorical(usize),
    /// So many numbers.
    Gaussian(usize),
}

/// ln(2π)
const LN_TAU: f32 = 1.837_877_1;

impl ActionDistribution {
    /// That of an action space.
    pub(crate) fn of(space: ActionSpace) -> Self {
        match space {
            ActionSpace::Discrete(actions) => Self::Categorical(actions),
            ActionSpace::Continuous { dimensions } => Self::Gaussian(dimensions),
        }
    }

    /// Outputs of the network.
    pub(crate) fn output_count(self) -> usize {
        match self {
            Self::Categorical(count) | Self::Gaussian(count) => count,
        }
    }

    /// Weights beside the network's: the logarithms of the deviations.
    pub(crate) fn deviation_count(self) -> usize {
        match self {
            Self::Categorical(_) => 0,
            Self::Gaussian(dimensions) => dimensions,
        }
    }

    /// Numbers by which an action is kept.
    pub(crate) fn kept_count(self) -> usize {
        match self {
            Self::Categorical(_) => 1,
            Self::Gaussian(dimensions) => dimensions,
        }
    }

    /// Draws an action, as it is kept.
    pub(crate) fn draw(
        self,
        outputs: &[f32],
        deviations: &[f32],
        generator: &mut ChaCha8Rng,
    ) -> Vec<f32> {
        match self {
            Self::Categorical(_) => {
                let mut left = unit(generator) as f32;
                let total = log_sum(outputs);
                let chosen = outputs.iter().position(|output| {
                    left -= (output - total).exp();
                    left < 0.0
                });
                // Rounding may leave a little behind the last one.
                vec![chosen.unwrap_or(outputs.len() - 1) as f32]
            }
            Self::Gaussian(_) => {
                let mut normals = Vec::with_capacity(outputs.len() + 1);
                while normals.len() < outputs.len() {
                    normals.extend(normal_pair(generator));
                }
                let numbers = outputs.iter().zip(deviations).zip(normals);
                numbers
                    .map(|((output, deviation), normal)| output + deviation.exp() * normal as f32)
                    .collect()
            }
        }
    }

    /// The action that is kept as these numbers.
    pub(crate) fn action(self, kept: &[f32]) -> Action {
        match self {
            Self::Categorical(_) => Action::Discrete(kept[0] as usize),
            Self::Gaussian(_) => Action::Continuous(kept.iter().map(|z| z.tanh()).collect()),
        }
    }

    /// ln of the probability, or of the density.
    pub(crate) fn log_probability(self, outputs: &[f32], deviations: &[f32], kept: &[f32]) -> f32 {
        match self {
            Self::Categorical(_) => outputs[kept[0] as usize] - log_sum(outputs),
            Self::Gaussian(_) => (outputs.iter().zip(deviations).zip(kept))
                .map(|((output, deviation), z)| {
                    let standard = (z - output) * (-deviation).exp();
                    -0.5 * (standard * standard + LN_TAU) - deviation
                })
                .sum(),
        }
    }

    /// H.
    pub(crate) fn entropy(self, outputs: &[f32], deviations: &[f32]) -> f32 {
        match self {
            Self::Categorical(_) => {
                let total = log_sum(outputs);
                -(outputs.iter())
                    .map(|output| (output - total).exp() * (output - total))
                    .sum::<f32>()
            }
            Self::Gaussian(_) => (deviations.iter())
                .map(|deviation| deviation + 0.5 * (1.0 + LN_TAU))
                .sum(),
        }
    }

    /// Adds `probability` · ∂ ln π + `entropy` · ∂H to the gradients of outputs and deviations.
    pub(crate) fn add_slopes(
        self,
        (outputs, deviations, kept): (&[f32], &[f32], &[f32]),
        [probability, entropy]: [f32; 2],
        output_gradient: &mut [f32],
        deviation_gradient: &mut [f32],
    ) {
        match self {
            Self::Categorical(_) => {
                let total = log_sum(outputs);
                let own_entropy = self.entropy(outputs, deviations);
                for (place, (slope, output)) in output_gradient.iter_mut().zip(outputs).enumerate()
                {
                    let log = output - total;
                    let taken = f32::from(place == kept[0] as usize);
                    *slope += probability * (taken - log.exp());
                    *slope -= entropy * log.exp() * (log + own_entropy);
                }
            }
            Self::Gaussian(dimensions) => {
                for place in 0..dimensions {
                    let precision = (-deviations[place]).exp();
                    let standard = (kept[place] - outputs[place]) * precision;
                    output_gradient[place] += probability * standard * precision;
                    deviation_gradient[place] +=
                        probability * (standard * standard - 1.0) + entropy;
                }
            }
        }
    }
}

/// ln Σ exp, without overflow.
fn log_sum(values: &[f32]) -> f32 {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = values.iter().map(|value| (value - largest).exp()).sum();
    largest + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_random::stream;

    const OUTPUTS: [f32; 3] = [0.2, -0.7, 1.1];
    const DEVIATIONS: [f32; 3] = [-0.5, 0.1, 0.4];

    fn cases() -> [(ActionDistribution, Vec<f32>, Vec<f32>); 2] {
        [
            (ActionDistribution::Categorical(3), Vec::new(), vec![2.0]),
            (
                ActionDistribution::Gaussian(3),
                DEVIATIONS.to_vec(),
                vec![0.5, -1.5, 1.0],
            ),
        ]
    }

    #[test]
    fn probabilities_and_entropies_are_pytorch_s() {
        // torch.distributions.Categorical(logits=OUTPUTS) and Normal(OUTPUTS, exp(DEVIATIONS)), summed; log_prob and entropy.
        let known = [[-0.452_265_1, 0.874_343], [-3.143_378_7, 4.256_816]];
        for ((distribution, deviations, kept), [probability, entropy]) in
            cases().into_iter().zip(known)
        {
            let found = distribution.log_probability(&OUTPUTS, &deviations, &kept);
            assert!((found - probability).abs() < 1e-5, "{found}");
            let found = distribution.entropy(&OUTPUTS, &deviations);
            assert!((found - entropy).abs() < 1e-5, "{found}");
        }
    }

    #[test]
    fn slopes_are_those_of_finite_differences() {
        for (distribution, deviations, kept) in cases() {
            for weights in [[1.0, 0.0], [0.0, 1.0], [0.7, -0.3]] {
                let value = |outputs: &[f32], deviations: &[f32]| {
                    f64::from(
                        weights[0] * distribution.log_probability(outputs, deviations, &kept)
                            + weights[1] * distribution.entropy(outputs, deviations),
                    )
                };
                let mut of_outputs = vec![0.0; 3];
                let mut of_deviations = vec![0.0; deviations.len()];
                distribution.add_slopes(
                    (&OUTPUTS, &deviations, &kept),
                    weights,
                    &mut of_outputs,
                    &mut of_deviations,
                );
                const STEP: f32 = 1.0 / 128.0;
                let moved = |values: &[f32], place: usize, by: f32| {
                    let mut values = values.to_vec();
                    values[place] += by;
                    values
                };
                let close = |found: f32, above: f64, below: f64| {
                    let slope = (above - below) / f64::from(2.0 * STEP);
                    assert!(
                        (f64::from(found) - slope).abs() < 1e-3,
                        "{found} and {slope}"
                    );
                };
                for (place, slope) in of_outputs.into_iter().enumerate() {
                    let at = |by| value(&moved(&OUTPUTS, place, by), &deviations);
                    close(slope, at(STEP), at(-STEP));
                }
                for (place, slope) in of_deviations.into_iter().enumerate() {
                    let at = |by| value(&OUTPUTS, &moved(&deviations, place, by));
                    close(slope, at(STEP), at(-STEP));
                }
            }
        }
    }

    #[test]
    fn draws_have_the_distribution() {
        let mut generator = stream(1, crate::purpose::EXPLORATION, 0);
        let categorical = ActionDistribution::Categorical(3);
        let mut counts = [0.0; 3];
        const DRAWS: usize = 20_000;
        for _ in 0..DRAWS {
            counts[categorical.draw(&OUTPUTS, &[], &mut generator)[0] as usize] += 1.0;
        }
        for (action, count) in counts.into_iter().enumerate() {
            let expected = categorical
                .log_probability(&OUTPUTS, &[], &[action as f32])
                .exp();
            assert!(
                (count / DRAWS as f32 - expected).abs() < 0.015,
                "{counts:?}"
            );
        }
        let gaussian = ActionDistribution::Gaussian(3);
        let (mut sums, mut squares) = ([0.0_f64; 3], [0.0_f64; 3]);
        for _ in 0..DRAWS {
            let drawn = gaussian.draw(&OUTPUTS, &DEVIATIONS, &mut generator);
            for place in 0..3 {
                sums[place] += f64::from(drawn[place]);
                squares[place] += f64::from(drawn[place] - OUTPUTS[place]).powi(2);
            }
        }
        for place in 0..3 {
            let deviation = f64::from(DEVIATIONS[place]).exp();
            let mean = sums[place] / DRAWS as f64;
            assert!((mean - f64::from(OUTPUTS[place])).abs() < 0.03 * (1.0 + deviation));
            let found = (squares[place] / DRAWS as f64).sqrt();
            assert!((found / deviation - 1.0).abs() < 0.02, "{found}");
        }
    }
}
