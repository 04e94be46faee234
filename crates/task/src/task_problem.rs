//! A task as a problem: its descents are those of its network.

use std::sync::Arc;

use descender_nn::Layer;
use descender_optim::{Job, Method, Targets};

use crate::data::{Answers, Dataset};
use crate::descent::{Descent, Split};
use crate::descent_error::DescentError;
use crate::loss::Loss;
use crate::metric::Metric;
use crate::network_descent::{NetworkDescent, checksum};
use crate::problem::Problem;
use crate::task::Task;

/// Examples whose inputs tell their scale, evenly spaced.
const MEASURED: usize = 512;

impl Problem for Task {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> String {
        let mut identity = format!(
            "{} of {:?}, {}, batches of {}",
            self.name,
            self.network.specification(),
            self.loss,
            self.batch_size
        );
        for split in [Split::Training, Split::Selection, Split::Validation] {
            if let Some(data) = self.data(split) {
                identity.push_str(&format!(
                    ", checksum of the {} data {:08x}",
                    split.name(),
                    checksum(&data)
                ));
            }
        }
        if self.carry {
            identity.push_str(", states carried");
        }
        identity
    }

    fn job(&self) -> Job {
        let fans: Vec<f64> = (self.network.tensors().iter())
            .filter(|tensor| tensor.shape.len() >= 2)
            .map(|tensor| (tensor.fan_in as f64).ln())
            .collect();
        let mean = fans.iter().sum::<f64>() / fans.len().max(1) as f64;
        Job {
            steps: self.steps,
            batch_size: Some(self.batch_size as u64),
            examples: Some(self.train.len() as u64),
            parameters: Some(self.network.parameter_count() as u64),
            // Ids are names, and have no scale.
            input_scale: match self.network.specification().layers.first() {
                Some(Layer::Embedding { .. }) => None,
                _ => Some(input_scale(&self.train)),
            },
            targets: Some(match self.train.answers {
                Answers::Classes { count, .. } => Targets::Classes(count as u64),
                Answers::Numbers { width, .. } => Targets::Numbers(width as u64),
            }),
            layers: Some(fans.len() as u64),
            fan_in: Some(mean.exp() as f32),
        }
    }

    fn metrics(&self) -> &[Metric] {
        match (&self.train.answers, self.loss) {
            (Answers::Classes { .. }, Loss::NextToken) => {
                &[Metric::Accuracy, Metric::BitsPerCharacter]
            }
            (Answers::Classes { .. }, _) => &[Metric::Accuracy],
            (_, Loss::Quadratic | Loss::Rosenbrock) => &[],
            (Answers::Numbers { .. }, _) => &[Metric::RootMeanSquareError, Metric::RSquared],
        }
    }

    fn descent(&self, method: Method) -> Result<Box<dyn Descent>, DescentError> {
        let task = Arc::new(self.clone());
        Ok(Box::new(NetworkDescent::new(task, method)?))
    }
}

/// Root mean square of the inputs of a few examples.
fn input_scale(data: &Dataset) -> f32 {
    let count = MEASURED.min(data.len());
    let (mut sum, mut values) = (0.0_f64, 0);
    for number in 0..count {
        let input = data.input(number * data.len() / count);
        sum += input
            .iter()
            .map(|&value| f64::from(value).powi(2))
            .sum::<f64>();
        values += input.len();
    }
    (sum / values as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_is_that_of_the_task() {
        let job = Task::paper().job();
        assert_eq!(job.steps_per_epoch(), Some(250));
        assert_eq!(job.parameters, Some(28_938));
        assert_eq!(job.targets, Some(Targets::Classes(10)));
        // 5·5, 5·5·16 and 7·7·32 inputs of a unit.
        assert_eq!(job.layers, Some(3));
        let fan_in = (25.0_f32 * 400.0 * 1568.0).cbrt();
        assert!((job.fan_in.unwrap() / fan_in - 1.0).abs() < 1e-5);
        // MNIST's pixels have mean 0.131 and standard deviation 0.308 (over all 60,000 images).
        let scale = job.input_scale.unwrap();
        assert!((0.32..0.35).contains(&scale), "{scale}");
    }

    #[test]
    fn the_identity_sees_every_part_of_the_data() {
        let task = Task::small();
        let changed = |split: Split| {
            let mut task = task.clone();
            let data = match split {
                Split::Training => &mut task.train,
                Split::Selection => task.selection.as_mut().unwrap(),
                Split::Validation => &mut task.validation,
            };
            let Answers::Classes { labels, .. } = &mut Arc::make_mut(data).answers else {
                panic!("images have labels");
            };
            labels[7] = (labels[7] + 1) % 10;
            task.identity()
        };
        assert_eq!(task.clone().identity(), task.identity());
        for split in [Split::Training, Split::Selection, Split::Validation] {
            assert_ne!(changed(split), task.identity(), "{split:?}");
        }
    }

    #[test]
    fn selection_data_are_taken_from_the_training_data_and_never_from_validation() {
        let whole = Task {
            selection: None,
            ..Task::small()
        };
        let mut descent = whole.descent(Method::Sgd).unwrap();
        assert!(!descent.capabilities().selection);
        assert_eq!(descent.evaluate(Split::Selection), None);
        let mut losses = vec![1.0];
        assert!(!descent.probe(Split::Selection, 256, &mut losses) && losses.is_empty());

        let task = whole.clone().with_selection(0.2, 0);
        task.check().unwrap();
        assert_eq!(task.train.len(), 800);
        assert_eq!(task.selection.as_ref().unwrap().len(), 200);
        assert_eq!(task.validation, whole.validation);
        // A batch is left, however large the share.
        let most = whole.clone().with_selection(1.0, 0);
        assert_eq!(most.train.len(), most.batch_size);
    }
}
