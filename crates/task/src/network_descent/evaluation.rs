//! How good the network of a descent is on data.

use descender_nn::loss::count_correct;

use super::NetworkDescent;
use super::batch::Batch;
use super::looks::{CHUNK, Looks};
use crate::data::{Answers, Dataset};
use crate::descent::{Evaluation, Fit};

impl NetworkDescent {
    /// Calls `visit` with the outputs and the answers of a data set's examples, round by round, at the parameters that
    /// the optimizer wants to be evaluated at.
    fn for_each_round(
        &mut self,
        dataset: &Dataset,
        looks: Looks,
        mut visit: impl FnMut(&[f32], &Answers, usize),
    ) {
        let network = &self.task.network;
        let parameters = self.optimizer.evaluation_parameters(&self.parameters);
        let states = &mut self.evaluation_states[..];
        let states = match self.task.carry {
            true => &mut states[..looks.width() * network.state_count()],
            false => states,
        };
        states.fill(0.0);
        for round in 0..looks.rounds() {
            let examples = looks.in_round(round);
            let outputs = if self.task.carry {
                // A track that has ended begins again, and nobody looks.
                let place = |place| match place < examples {
                    true => looks.example(round, place),
                    false => looks.example(0, place),
                };
                self.batch.fill(dataset, (0..looks.width()).map(place));
                let Batch { inputs, count, .. } = &self.batch;
                let workspace = &mut self.workspace;
                network.forward_carried(workspace, parameters, inputs, *count, states)
            } else {
                let place = |place| looks.example(round, place);
                self.batch.fill(dataset, (0..examples).map(place));
                let Batch { inputs, count, .. } = &self.batch;
                network.forward(&mut self.workspace, parameters, inputs, *count)
            };
            self.batch.answers.truncate(examples);
            let outputs = &outputs[..examples * network.output_count()];
            visit(outputs, &self.batch.answers, examples);
        }
    }

    /// The loss and all measures on a data set.
    pub(super) fn evaluate_on(&mut self, dataset: &Dataset) -> Evaluation {
        let loss = self.task.loss;
        let (mut sum, mut correct, mut squares) = (0.0_f64, 0, 0.0_f64);
        let mut losses = [0.0; CHUNK];
        let looks = Looks::new(dataset.len(), dataset.len(), self.task.carry);
        self.for_each_round(dataset, looks, |outputs, answers, count| {
            let losses = &mut losses[..count];
            loss.of_each(outputs, answers, losses);
            sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
            match answers {
                Answers::Classes { count, labels, .. } => {
                    correct += count_correct(outputs, labels, *count);
                }
                Answers::Numbers { values, .. } => {
                    let pairs = outputs.iter().zip(values);
                    squares += pairs.map(|(a, b)| square(*a, f64::from(*b))).sum::<f64>();
                }
            }
        });
        let mut evaluation = Evaluation::of_loss((sum / dataset.len() as f64) as f32);
        let values = dataset.answers.value_count() as f64;
        match &dataset.answers {
            Answers::Classes { .. } => evaluation.accuracy = (correct as f64 / values) as f32,
            Answers::Numbers { width, values: all } => {
                evaluation.fit = Some(Fit {
                    root_mean_square_error: (squares / values).sqrt() as f32,
                    r_squared: (1.0 - squares / around_means(*width, all)) as f32,
                });
            }
        }
        evaluation
    }

    /// The losses of so many evenly spaced examples of a data set (all, if there are fewer).
    pub(super) fn probe_on(&mut self, dataset: &Dataset, examples: usize, losses: &mut Vec<f32>) {
        let loss = self.task.loss;
        let looks = Looks::new(examples, dataset.len(), self.task.carry);
        losses.clear();
        losses.resize(looks.count(), 0.0);
        let mut done = 0;
        self.for_each_round(dataset, looks, |outputs, answers, count| {
            loss.of_each(outputs, answers, &mut losses[done..done + count]);
            done += count;
        });
    }
}

fn square(output: f32, value: f64) -> f64 {
    (f64::from(output) - value).powi(2)
}

/// The sum of the squared differences of numbers, `[example][width]`, and their means; NaN where all are equal.
fn around_means(width: usize, values: &[f32]) -> f64 {
    let count = (values.len() / width) as f64;
    let column = |column: usize| values.iter().skip(column).step_by(width);
    let sum: f64 = (0..width)
        .map(|place| {
            let mean = column(place).map(|&value| f64::from(value)).sum::<f64>() / count;
            column(place).map(|&value| square(value, mean)).sum::<f64>()
        })
        .sum();
    if sum > 0.0 { sum } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_around_the_mean_of_each_number() {
        assert_eq!(around_means(2, &[1.0, 10.0, 3.0, 14.0]), 2.0 + 8.0);
        assert!(around_means(1, &[5.0, 5.0]).is_nan());
    }
}
