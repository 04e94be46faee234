//! The losses of a task, on the outputs of its network.

use std::fmt;

use descender_nn::loss;
use serde::{Deserialize, Serialize};

use crate::data::Answers;
use crate::function::Function;

/// What a descent minimises: the mean over the examples of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Loss {
    /// Softmax cross-entropy, for classes; the mean over the positions of an example.
    #[default]
    CrossEntropy,
    /// The squared difference, for numbers; the mean over the numbers of an example.
    Squared,
    /// d²/2 up to a difference of 1 and |d| − 1/2 beyond (Huber 1964), for numbers; the mean over those of an example.
    Huber,
    /// Softmax cross-entropy of what comes next at each position of a sequence; the mean over the positions.
    NextToken,
    /// A quadratic of the coordinates that the outputs are, shifted by the numbers: the loss of a task file's
    /// `[function]`, which no other task has.
    Quadratic,
    /// Rosenbrock's valley, likewise.
    Rosenbrock,
}

impl Loss {
    /// The losses of data, from which a task file can choose.
    pub const ALL: [Loss; 4] = [
        Loss::CrossEntropy,
        Loss::Squared,
        Loss::Huber,
        Loss::NextToken,
    ];

    /// The name, as in task files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Loss::CrossEntropy => "cross-entropy",
            Loss::Squared => "squared",
            Loss::Huber => "huber",
            Loss::NextToken => "next-token",
            Loss::Quadratic => "quadratic",
            Loss::Rosenbrock => "rosenbrock",
        }
    }

    /// Whether it is a loss for answers of this kind.
    #[must_use]
    pub const fn takes(self, answers: &Answers) -> bool {
        match answers {
            Answers::Classes { positions: 1, .. } => matches!(self, Loss::CrossEntropy),
            Answers::Classes { .. } => matches!(self, Loss::CrossEntropy | Loss::NextToken),
            Answers::Numbers { .. } => !matches!(self, Loss::CrossEntropy | Loss::NextToken),
        }
    }

    /// The function that it is, where it has a formula of its own.
    const fn function(self) -> Option<Function> {
        match self {
            Loss::Quadratic => Some(Function::Quadratic),
            Loss::Rosenbrock => Some(Function::Rosenbrock),
            _ => None,
        }
    }

    /// The mean over a batch of a network's outputs, and its gradient by the outputs. NaN where the answers are not of
    /// its kind.
    ///
    /// # Panics
    /// If the lengths of the slices do not match.
    pub fn mean(self, outputs: &[f32], answers: &Answers, gradient: &mut [f32]) -> f32 {
        if let (Some(function), Answers::Numbers { width, values }) = (self.function(), answers) {
            return function.mean(outputs, values, *width, gradient);
        }
        match (self, answers) {
            (Loss::CrossEntropy | Loss::NextToken, Answers::Classes { count, labels, .. }) => {
                loss::softmax_cross_entropy(outputs, labels, *count, gradient)
            }
            (Loss::Squared, Answers::Numbers { values, .. }) => {
                loss::squared(outputs, values, gradient)
            }
            (Loss::Huber, Answers::Numbers { values, .. }) => {
                loss::huber(outputs, values, gradient)
            }
            _ => f32::NAN,
        }
    }

    /// The loss of each example, written to `losses`.
    ///
    /// # Panics
    /// If the lengths of the slices do not match.
    pub fn of_each(self, outputs: &[f32], answers: &Answers, losses: &mut [f32]) {
        if let (Some(function), Answers::Numbers { width, values }) = (self.function(), answers) {
            return function.of_each(outputs, values, *width, losses);
        }
        match (self, answers) {
            (
                Loss::CrossEntropy | Loss::NextToken,
                Answers::Classes {
                    count,
                    positions: 1,
                    labels,
                },
            ) => loss::cross_entropy_per_example(outputs, labels, *count, losses),
            (
                Loss::CrossEntropy | Loss::NextToken,
                Answers::Classes {
                    count,
                    positions,
                    labels,
                },
            ) => {
                let examples = outputs
                    .chunks_exact(count * positions)
                    .zip(labels.chunks_exact(*positions));
                for ((outputs, labels), mean) in examples.zip(losses) {
                    let rows = outputs.chunks_exact(*count).zip(labels.chunks_exact(1));
                    let sum = rows.fold(0.0_f32, |sum, (row, label)| {
                        let mut one = [0.0];
                        loss::cross_entropy_per_example(row, label, *count, &mut one);
                        sum + one[0]
                    });
                    *mean = sum / *positions as f32;
                }
            }
            (Loss::Squared, Answers::Numbers { values, .. }) => {
                loss::squared_per_example(outputs, values, losses);
            }
            (Loss::Huber, Answers::Numbers { values, .. }) => {
                loss::huber_per_example(outputs, values, losses);
            }
            _ => losses.fill(f32::NAN),
        }
    }

    /// The loss of who knows nothing of an example: ln K for K classes; of numbers, that of their means over all
    /// examples; of a function, the expected one of a start point.
    #[must_use]
    pub fn chance(self, answers: &Answers) -> f32 {
        if let (Some(function), Answers::Numbers { width, .. }) = (self.function(), answers) {
            return function.chance(*width);
        }
        match answers {
            Answers::Classes { count, .. } => (*count as f32).ln(),
            Answers::Numbers { width, values } => {
                let width = (*width).max(1);
                let count = (values.len() / width).max(1) as f64;
                let mut means = vec![0.0_f64; width];
                for row in values.chunks_exact(width) {
                    for (mean, value) in means.iter_mut().zip(row) {
                        *mean += f64::from(*value) / count;
                    }
                }
                let of = |difference: f64| match self {
                    Loss::Huber if difference.abs() > 1.0 => difference.abs() - 0.5,
                    Loss::Huber => difference * difference / 2.0,
                    _ => difference * difference,
                };
                let sum: f64 = values
                    .chunks_exact(width)
                    .flat_map(|row| row.iter().zip(&means))
                    .map(|(value, mean)| of(f64::from(*value) - mean))
                    .sum();
                (sum / (count * width as f64)) as f32
            }
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Answers {
        Answers::Numbers {
            width: 2,
            values: vec![1.0, -1.0, 3.0, -3.0],
        }
    }

    #[test]
    fn the_mean_is_that_of_the_examples_and_its_gradient_is_the_slope() {
        let steps = Answers::Classes {
            count: 2,
            positions: 2,
            labels: vec![0, 1, 1, 1],
        };
        let outputs = [0.3, -1.2, 2.5, 0.1, -0.4, 0.9, 0.2, 3.0];
        for (loss, answers, outputs) in [
            (Loss::CrossEntropy, steps.clone(), &outputs[..]),
            (Loss::NextToken, steps, &outputs[..]),
            (Loss::Squared, numbers(), &outputs[..4]),
            (Loss::Huber, numbers(), &outputs[..4]),
        ] {
            assert!(loss.takes(&answers));
            let mut gradient = vec![0.0; outputs.len()];
            let mean = loss.mean(outputs, &answers, &mut gradient);
            let mut each = [0.0; 2];
            loss.of_each(outputs, &answers, &mut each);
            assert!((mean - (each[0] + each[1]) / 2.0).abs() < 1e-6, "{loss}");
            for place in 0..outputs.len() {
                let at = |step: f32| {
                    let mut moved = outputs.to_vec();
                    moved[place] += step;
                    loss.mean(&moved, &answers, &mut vec![0.0; outputs.len()])
                };
                let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
                assert!((gradient[place] - slope).abs() < 1e-3, "{loss} {place}");
            }
        }
    }

    #[test]
    fn chance_is_the_loss_of_the_best_constant() {
        // Means 2 and −2, all differences 1.
        assert_eq!(Loss::Squared.chance(&numbers()), 1.0);
        assert_eq!(Loss::Huber.chance(&numbers()), 0.5);
        let labels = Answers::classes(4, vec![0, 1]);
        assert_eq!(Loss::CrossEntropy.chance(&labels), 4.0_f32.ln());
    }

    #[test]
    fn a_loss_of_the_wrong_kind_is_no_number() {
        assert!(!Loss::Squared.takes(&Answers::classes(2, vec![0])));
        assert!(!Loss::CrossEntropy.takes(&numbers()));
        assert!(!Loss::NextToken.takes(&numbers()));
        assert!(!Loss::NextToken.takes(&Answers::classes(2, vec![0])));
        let mut gradient = [0.0; 4];
        assert!(
            Loss::CrossEntropy
                .mean(&[0.0; 4], &numbers(), &mut gradient)
                .is_nan()
        );
    }
}
