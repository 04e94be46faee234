//! The network of action values: a plain perceptron (ReLU), which can be dueling and noisy.
//!
//! ```text
//! θ ─ noise ─▶ network's parameters ─▶ network ─ dueling ─▶ outputs of each action
//! ```
//!
//! Whoever uses it gives θ and gets the outputs of all actions, `[batch, actions, width]`, or gives their gradient and gets that of
//! θ. Without noise θ is the network's parameters; with it there is a σ for each as well.

use descender_control::{Policy, PolicyError, PolicyHead};
use descender_nn::{Activation, Network, NetworkError, NetworkSpecification, Workspace};
use descender_random::ChaCha8Rng;

use super::dueling::Dueling;
use super::settings::DqnSettings;
use crate::noisy::Noise;

/// The network with its memory for one batch.
#[derive(Debug)]
pub(crate) struct ValueNetwork {
    network: Network,
    workspace: Workspace,
    actions: usize,
    /// Outputs of each action.
    width: usize,
    dueling: Option<Dueling>,
    noise: Option<Noise>,
    /// σ₀ of the noise.
    noise_size: f32,
}

impl ValueNetwork {
    /// With the hidden layers of `settings`, and `width` outputs for each action.
    pub(crate) fn new(
        settings: &DqnSettings,
        observation_len: usize,
        actions: usize,
        width: usize,
    ) -> Result<Self, NetworkError> {
        let specification = |outputs| {
            NetworkSpecification::multi_layer_perceptron(
                observation_len,
                &settings.hidden,
                outputs,
                Activation::Relu,
            )
        };
        // Checked first, for what is beyond all memory is an error.
        let outputs = (actions + usize::from(settings.dueling)).saturating_mul(width);
        let network = Network::new(specification(outputs))?;
        let dueling = (settings.dueling).then(|| Dueling::new(actions, width, settings.batch_size));
        Ok(Self {
            workspace: Workspace::new(&network, settings.batch_size),
            dueling,
            noise: settings.is_noisy().then(|| Noise::new(&network)),
            noise_size: settings.noise,
            network,
            actions,
            width,
        })
    }

    /// Initial θ.
    pub(crate) fn initialize(&self, generator: &mut ChaCha8Rng) -> Vec<f32> {
        let count = self.network.parameter_count();
        let mut parameters = vec![0.0; count];
        self.network.initialize(generator, &mut parameters);
        if let Some(noise) = &self.noise {
            parameters.resize(2 * count, 0.0);
            noise.initialize(self.noise_size, &mut parameters[count..]);
        }
        parameters
    }

    /// Outputs of all actions for one example.
    pub(crate) fn output_count(&self) -> usize {
        self.actions * self.width
    }

    /// The outputs of all actions, with fresh noise from `generator`, which is used for nothing else.
    pub(crate) fn forward(
        &mut self,
        parameters: &[f32],
        inputs: &[f32],
        batch: usize,
        generator: &mut ChaCha8Rng,
    ) -> &[f32] {
        let drawn = match &mut self.noise {
            Some(noise) => noise.draw(parameters, generator),
            None => parameters,
        };
        let outputs = (self.network).forward(&mut self.workspace, drawn, inputs, batch);
        match &mut self.dueling {
            Some(dueling) => dueling.combine(outputs),
            None => outputs,
        }
    }

    /// The gradient with respect to θ, from that with respect to the outputs of the last forward pass, which had the same θ
    /// and inputs.
    pub(crate) fn backward(
        &mut self,
        parameters: &[f32],
        inputs: &[f32],
        output_gradient: &[f32],
        gradient: &mut [f32],
    ) {
        let output_gradient = match &mut self.dueling {
            Some(dueling) => dueling.split(output_gradient),
            None => output_gradient,
        };
        let drawn = match &self.noise {
            Some(noise) => noise.drawn(),
            None => parameters,
        };
        let (means, deviations) = gradient.split_at_mut(self.network.parameter_count());
        (self.network).backward(&mut self.workspace, drawn, inputs, output_gradient, means);
        if let Some(noise) = &self.noise {
            noise.deviation_gradient(means, deviations);
        }
    }

    /// The frozen policy of θ: a plain network with the outputs of each action, without noise.
    pub(crate) fn policy(
        &self,
        head: PolicyHead,
        parameters: &[f32],
    ) -> Result<Policy, PolicyError> {
        let mut specification = self.network.specification().clone();
        let mut plain = parameters[..self.network.parameter_count()].to_vec();
        if let Some(dueling) = &self.dueling {
            // The last layer's weights and biases are the end of the vector, a row of its outputs for each.
            let last =
                (self.network.tensors().iter().rev().nth(1)).map_or(0, |weight| weight.range.start);
            let folded = dueling.fold(&plain[last..]);
            plain.truncate(last);
            plain.extend(folded);
            let outputs = self.output_count();
            let layers = &mut specification.layers;
            layers.pop();
            layers.push(descender_nn::Layer::Linear { outputs });
        }
        Policy::with_head(head, specification, plain)
    }

    /// Mean of |σ| over θ; `None` without noise.
    pub(crate) fn mean_noise(&self, parameters: &[f32]) -> Option<f64> {
        let deviations = &parameters[self.network.parameter_count()..];
        let sum: f64 = deviations.iter().map(|sigma| f64::from(sigma.abs())).sum();
        (self.noise.is_some()).then(|| sum / deviations.len() as f64)
    }
}
