//! Dueling networks: a value of the state and an advantage of each action, instead of a value of each action alone.
//!
//! ```text
//! Q(s, a) = V(s) + A(s, a) − mean_a' A(s, a')            (equation 9)
//! ```
//!
//! Here both streams are parts of one last layer behind a common trunk: the outputs of an example are A of each action, and then V.
//! An action may have several outputs (the logits of a distribution); each of them is combined for itself, as in Rainbow. Since this is
//! linear in the last layer, a plain network with one output for each Q has the same values: [`Dueling::fold`].
//! Sources: Z. Wang et al., "Dueling Network Architectures for Deep Reinforcement Learning", 2016; M. Hessel et al.,
//! "Rainbow: Combining Improvements in Deep Reinforcement Learning", 2018.

/// The last step of a dueling network, with the memory for one batch.
#[derive(Clone, Debug)]
pub(crate) struct Dueling {
    actions: usize,
    /// Outputs of each action.
    width: usize,
    /// Q of a batch, `[batch, actions, width]`.
    values: Vec<f32>,
    /// The gradient with respect to the network's outputs, `[batch, actions + 1, width]`.
    gradient: Vec<f32>,
}

impl Dueling {
    /// For batches of at most `batch` examples.
    pub(crate) fn new(actions: usize, width: usize, batch: usize) -> Self {
        Self {
            actions,
            width,
            values: vec![0.0; batch * actions * width],
            gradient: vec![0.0; batch * (actions + 1) * width],
        }
    }

    /// Outputs of the network for each example.
    pub(crate) fn outputs(&self) -> usize {
        (self.actions + 1) * self.width
    }

    /// Q from the network's outputs, `[batch, actions + 1, width]`.
    pub(crate) fn combine(&mut self, outputs: &[f32]) -> &[f32] {
        let (rows, own) = (
            outputs.chunks_exact(self.outputs()),
            self.actions * self.width,
        );
        let batch = rows.len();
        for (outputs, values) in rows.zip(self.values.chunks_exact_mut(own)) {
            combine(outputs, values, self.width);
        }
        &self.values[..batch * own]
    }

    /// The gradient with respect to the network's outputs, from that with respect to Q: V has the sum over the actions, and
    /// each A its own less the mean.
    pub(crate) fn split(&mut self, value_gradient: &[f32]) -> &[f32] {
        let (own, all) = (self.actions * self.width, self.outputs());
        let rows = value_gradient.chunks_exact(own);
        let batch = rows.len();
        for (of_values, gradient) in rows.zip(self.gradient.chunks_exact_mut(all)) {
            let (of_advantages, of_state) = gradient.split_at_mut(own);
            for (place, of_state) in of_state.iter_mut().enumerate() {
                let of_outputs = of_values.iter().skip(place).step_by(self.width);
                let sum: f32 = of_outputs.clone().sum();
                *of_state = sum;
                let mean = sum / self.actions as f32;
                let of_advantages = of_advantages.iter_mut().skip(place).step_by(self.width);
                for (of_advantage, of_value) in of_advantages.zip(of_outputs) {
                    *of_advantage = of_value - mean;
                }
            }
        }
        &self.gradient[..batch * all]
    }

    /// The last layer of the plain network: of each row of `layer` (the weights of one input, or the biases) what Q is made of.
    pub(crate) fn fold(&self, layer: &[f32]) -> Vec<f32> {
        let own = self.actions * self.width;
        let mut folded = vec![0.0; layer.len() / self.outputs() * own];
        let rows = layer.chunks_exact(self.outputs());
        for (row, folded) in rows.zip(folded.chunks_exact_mut(own)) {
            combine(row, folded, self.width);
        }
        folded
    }
}

/// One example: outputs `[actions + 1, width]`, values `[actions, width]`.
fn combine(outputs: &[f32], values: &mut [f32], width: usize) {
    let (advantages, state) = outputs.split_at(values.len());
    let actions = (values.len() / width) as f32;
    for (place, state) in state.iter().enumerate() {
        let of_actions = advantages.iter().skip(place).step_by(width);
        let mean = of_actions.clone().sum::<f32>() / actions;
        let values = values.iter_mut().skip(place).step_by(width);
        for (value, advantage) in values.zip(of_actions) {
            *value = state + (advantage - mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_formula() {
        // A = (1, 2, 6), V = 10: the mean is 3.
        let mut dueling = Dueling::new(3, 1, 2);
        assert_eq!(
            dueling.combine(&[1.0, 2.0, 6.0, 10.0, 0.0, 3.0, 0.0, -1.0]),
            [8.0, 9.0, 13.0, -2.0, 1.0, -2.0]
        );
        // Two outputs of each of two actions: A = (1, 10), (3, 30), V = (100, 200).
        let mut dueling = Dueling::new(2, 2, 1);
        assert_eq!(
            dueling.combine(&[1.0, 10.0, 3.0, 30.0, 100.0, 200.0]),
            [99.0, 190.0, 101.0, 210.0]
        );
    }

    /// It is linear: the gradient times a change of the outputs is the value gradient times the change of the values.
    #[test]
    fn the_gradient_is_the_transposed_map() {
        let mut dueling = Dueling::new(3, 2, 2);
        let numbers = |count: usize, phase: f32| -> Vec<f32> {
            (0..count)
                .map(|place| (1.7 * place as f32 + phase).sin())
                .collect()
        };
        let (outputs, slopes) = (numbers(16, 0.3), numbers(12, 0.9));
        let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let forward = dot(dueling.combine(&outputs), &slopes);
        let backward = dot(dueling.split(&slopes), &outputs);
        assert!((forward - backward).abs() < 1e-5, "{forward} {backward}");
        // By hand, one action of three with slope 3: V has 3, the advantages 2, −1, −1.
        let mut dueling = Dueling::new(3, 1, 1);
        assert_eq!(dueling.split(&[3.0, 0.0, 0.0]), [2.0, -1.0, -1.0, 3.0]);
    }

    #[test]
    fn the_folded_layer_has_the_values_of_the_dueling_one() {
        let mut dueling = Dueling::new(3, 2, 1);
        let row = |input: f32| -> Vec<f32> { (0..8).map(|o| (o as f32 + input).cos()).collect() };
        let layer: Vec<f32> = [row(1.0), row(2.0), row(5.0)].concat(); // two inputs and the biases
        let folded = dueling.fold(&layer);
        let apply = |layer: &[f32], width: usize| -> Vec<f32> {
            (0..width)
                .map(|o| 0.7 * layer[o] - 1.3 * layer[width + o] + layer[2 * width + o])
                .collect()
        };
        let values = dueling.combine(&apply(&layer, 8)).to_vec();
        for (value, folded) in values.iter().zip(apply(&folded, 6)) {
            assert!((value - folded).abs() < 1e-6);
        }
    }
}
