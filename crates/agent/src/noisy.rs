//! Noisy networks: exploration by noise on the weights, whose size is learned.
//!
//! Each weight and bias of a linear layer with p inputs and q outputs is drawn around its mean:
//!
//! ```text
//! w_ij = μ_ij + σ_ij ε_ij,  ε_ij = f(ε_i) f(ε_j)        i of p inputs, j of q outputs (equation 10)
//! b_j  = μ_j  + σ_j  ε_j,   ε_j  = f(ε_j)               (equation 11)
//! f(x) = sgn(x) √|x|,  ε_i and ε_j normal: p + q draws for a layer
//! ```
//!
//! At first μ is uniform in ±1/√p, as [`Network::initialize`] draws it, and σ = σ₀/√p (section 3.2). The gradients are those
//! of the drawn weights, times 1 for μ and times ε for σ.
//! Source: M. Fortunato et al., "Noisy Networks for Exploration", 2018, with factorised Gaussian noise.
//!
//! All parameters θ lie in one vector: those of the network, μ, and then as many σ in the same order.

use std::ops::Range;

use descender_nn::{Network, ParameterKind};
use descender_random::{ChaCha8Rng, normal_pair};

/// One linear layer of the network.
#[derive(Clone, Debug)]
struct NoisyLayer {
    weight: Range<usize>,
    bias: Range<usize>,
    inputs: usize,
    outputs: usize,
}

/// The noise on a network of linear layers, and the parameters with it that were drawn last.
#[derive(Clone, Debug)]
pub struct Noise {
    layers: Vec<NoisyLayer>,
    /// ε of each parameter.
    noise: Vec<f32>,
    /// μ + σ ε.
    drawn: Vec<f32>,
    /// f(ε_i), then f(ε_j) of one layer.
    factors: Vec<f32>,
}

impl Noise {
    /// Noise on all linear layers of `network`; other layers have none.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        let tensors = network.tensors();
        let layers: Vec<NoisyLayer> = (tensors.iter().zip(tensors.iter().skip(1)))
            .filter(|(weight, bias)| {
                weight.kind == ParameterKind::Weight
                    && bias.kind == ParameterKind::Bias
                    && weight.layer == bias.layer
                    && weight.shape.len() == 2
                    && weight.shape[1] == bias.range.len()
            })
            .map(|(weight, bias)| NoisyLayer {
                weight: weight.range.clone(),
                bias: bias.range.clone(),
                inputs: weight.shape[0],
                outputs: weight.shape[1],
            })
            .collect();
        let widest = layers.iter().map(|layer| layer.inputs + layer.outputs);
        Self {
            noise: vec![0.0; network.parameter_count()],
            drawn: vec![0.0; network.parameter_count()],
            // One more, for the second of a pair.
            factors: vec![0.0; widest.max().unwrap_or(0) + 1],
            layers,
        }
    }

    /// Writes the initial σ for σ₀ = `size`; 0 where a layer has no noise.
    ///
    /// # Panics
    /// If the length is not that of the network's parameters.
    pub fn initialize(&self, size: f32, deviations: &mut [f32]) {
        assert_eq!(deviations.len(), self.noise.len(), "number of deviations");
        deviations.fill(0.0);
        for layer in &self.layers {
            let deviation = size / (layer.inputs as f32).sqrt();
            deviations[layer.weight.clone()].fill(deviation);
            deviations[layer.bias.clone()].fill(deviation);
        }
    }

    /// Draws the noise, and with it the network's parameters from θ = (μ, σ). Allocates nothing.
    ///
    /// # Panics
    /// If θ has another length.
    pub fn draw(&mut self, parameters: &[f32], generator: &mut ChaCha8Rng) -> &[f32] {
        assert_eq!(parameters.len(), 2 * self.noise.len(), "length of θ");
        for layer in &self.layers {
            let count = layer.inputs + layer.outputs;
            for pair in self.factors[..count.next_multiple_of(2)].chunks_exact_mut(2) {
                let normal = normal_pair(generator).map(|x| x as f32);
                pair.copy_from_slice(&normal.map(|x| x.signum() * x.abs().sqrt()));
            }
            let (inputs, outputs) = self.factors[..count].split_at(layer.inputs);
            let rows = self.noise[layer.weight.clone()].chunks_exact_mut(layer.outputs);
            for (row, &input) in rows.zip(inputs) {
                for (noise, &output) in row.iter_mut().zip(outputs) {
                    *noise = input * output;
                }
            }
            self.noise[layer.bias.clone()].copy_from_slice(outputs);
        }
        let (means, deviations) = parameters.split_at(self.noise.len());
        for (place, drawn) in self.drawn.iter_mut().enumerate() {
            *drawn = means[place] + deviations[place] * self.noise[place];
        }
        &self.drawn
    }

    /// The parameters that were drawn last.
    #[must_use]
    pub fn drawn(&self) -> &[f32] {
        &self.drawn
    }

    /// The gradient with respect to σ, from that with respect to the parameters that were drawn last.
    ///
    /// # Panics
    /// If a length is not that of the network's parameters.
    pub fn deviation_gradient(&self, gradient: &[f32], deviation_gradient: &mut [f32]) {
        assert_eq!(gradient.len(), self.noise.len(), "length of the gradient");
        assert_eq!(gradient.len(), deviation_gradient.len(), "one σ for each μ");
        for (place, slope) in deviation_gradient.iter_mut().enumerate() {
            *slope = gradient[place] * self.noise[place];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_nn::{Activation, NetworkSpecification};
    use descender_random::stream;

    fn network() -> Network {
        let specification =
            NetworkSpecification::multi_layer_perceptron(4, &[3], 2, Activation::Relu);
        Network::new(specification).unwrap()
    }

    /// Against numbers from PyTorch: uniform initial μ is the network's own; σ = σ₀/√p, p = 4 and 3.
    #[test]
    fn deviations_begin_at_their_share_of_the_inputs() {
        let noise = Noise::new(&network());
        let mut deviations = vec![9.0; 23];
        noise.initialize(0.5, &mut deviations);
        assert!(deviations[..15].iter().all(|&sigma| sigma == 0.25));
        let second = 0.5 / 3.0_f32.sqrt();
        assert!(deviations[15..].iter().all(|&sigma| sigma == second));
    }

    /// Of f(ε): mean 0, variance E|ε| = √(2/π) = 0.798, and that of a product its square, 2/π. Two weights with a common
    /// input are uncorrelated, but their squares are not: noise is factorised.
    #[test]
    fn the_noise_has_the_moments_of_the_factorised_distribution() {
        let mut noise = Noise::new(&network());
        let (means, deviation) = (1.5, 2.0);
        let parameters: Vec<f32> = [vec![means; 23], vec![deviation; 23]].concat();
        let mut generator = stream(1, purpose::EXPLORATION, 0);
        let count = 40_000;
        let mut sums = [0.0_f64; 5];
        for _ in 0..count {
            let drawn = noise.draw(&parameters, &mut generator);
            let epsilon = |place: usize| f64::from((drawn[place] - means) / deviation);
            // Weights from input 0 to units 0 and 1, and the bias of unit 0.
            let (first, second, bias) = (epsilon(0), epsilon(1), epsilon(12));
            for (sum, value) in sums.iter_mut().zip([
                first,
                first * first,
                bias * bias,
                first * second,
                first * first * second * second,
            ]) {
                *sum += value / f64::from(count);
            }
        }
        let of_factor = (2.0 / std::f64::consts::PI).sqrt();
        // E ε_0² f(ε_j)² f(ε_k)² with |ε_0|² = 1 on average: (2/π) · 1.
        let expected = [
            0.0,
            of_factor * of_factor,
            of_factor,
            0.0,
            of_factor * of_factor,
        ];
        for (sum, expected) in sums.iter().zip(expected) {
            assert!((sum - expected).abs() < 0.03, "{sums:?}");
        }
    }

    #[test]
    fn each_draw_is_the_outer_product_of_its_factors() {
        let mut noise = Noise::new(&network());
        let parameters: Vec<f32> = [vec![0.0; 23], vec![1.0; 23]].concat();
        let mut generator = stream(2, purpose::EXPLORATION, 0);
        let first = noise.draw(&parameters, &mut generator).to_vec();
        // w_ij w_kl = w_il w_kj in both layers.
        for (start, width) in [(0, 3), (15, 2)] {
            let w = |i: usize, j: usize| first[start + width * i + j];
            assert!((w(0, 0) * w(2, 1) - w(0, 1) * w(2, 0)).abs() < 1e-5);
        }
        // w_ij / w_il = b_j / b_l.
        assert!((first[0] * first[13] - first[1] * first[12]).abs() < 1e-5);
        assert_ne!(noise.draw(&parameters, &mut generator), first);
        let mut slopes = vec![0.0; 23];
        noise.deviation_gradient(&[2.0; 23], &mut slopes);
        let drawn = noise.drawn();
        assert!(slopes.iter().zip(drawn).all(|(slope, e)| *slope == 2.0 * e));
    }
}
