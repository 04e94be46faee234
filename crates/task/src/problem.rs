//! The trait of a problem: whatever can be descended on again and again.

use std::fmt::Debug;
use std::sync::Arc;

use descender_optim::{Job, Method};

use crate::descent::Descent;
use crate::descent_error::DescentError;
use crate::metric::Metric;

/// What can be learned again and again from different start points: a built-in task, or a model of your own.
///
/// Training, selection, comparison and all that is built on them take a `&dyn Problem` and know nothing else of what is
/// learned. A noisy quadratic, steered by a constant learning rate:
///
/// ```
/// use descender_optim::{Feedback, HyperParameters, Method, Optimizer};
/// use descender_task::{Descent, DescentError, Evaluation, Job, Problem, Split, StartPoint};
///
/// #[derive(Debug)]
/// struct Quadratic; // loss(θ) = θ² / 2
///
/// struct QuadraticDescent { theta: [f32; 1], step: u64, optimizer: Optimizer }
///
/// impl Problem for Quadratic {
///     fn name(&self) -> &str { "quadratic" }
///     fn identity(&self) -> String { "quadratic, version 1".to_owned() }
///     fn job(&self) -> Job { Job { steps: 100, parameters: Some(1), ..Job::default() } }
///     fn descent(&self, method: Method) -> Result<Box<dyn Descent>, DescentError> {
///         let optimizer = Optimizer::new(method, 1)?;
///         Ok(Box::new(QuadraticDescent { theta: [1.0], step: 0, optimizer }))
///     }
/// }
///
/// impl Descent for QuadraticDescent {
///     fn reset(&mut self, start: StartPoint) {
///         self.theta = [1.0 + start.index as f32];
///         self.step = 0;
///         self.optimizer.reset();
///     }
///     fn parameter_count(&self) -> usize { 1 }
///     fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
///         let (loss, gradient) = (self.theta[0] * self.theta[0] / 2.0, self.theta);
///         let statistics = self.optimizer.step(&mu[0], &mut self.theta, &gradient);
///         self.step += 1;
///         Feedback { step: self.step - 1, loss, statistics }
///     }
///     fn evaluate(&mut self, split: Split) -> Option<Evaluation> {
///         let loss = self.theta[0] * self.theta[0] / 2.0;
///         (split == Split::Validation).then_some(Evaluation::of_loss(loss))
///     }
/// }
///
/// let mut descent = Quadratic.descent(Method::Sgd)?;
/// descent.reset(StartPoint::default());
/// let mu = [Method::Sgd.hyper_parameters(0.5)];
/// for _ in 0..20 {
///     descent.step(&mu);
/// }
/// assert!(descent.evaluate(Split::Validation).is_some_and(|end| end.loss < 1e-6));
/// # Ok::<(), DescentError>(())
/// ```
pub trait Problem: Send + Sync + Debug {
    /// The name, for tables, reports and files.
    fn name(&self) -> &str;

    /// A text that is the same exactly if descents are the same: for checkpoints and for what is continued later. For
    /// much data, a checksum of them.
    fn identity(&self) -> String;

    /// The description of the job. Its steps are the budget of a descent where nothing else is asked for.
    fn job(&self) -> Job;

    /// What an [`Evaluation`](crate::Evaluation) holds beside the loss. Default: nothing.
    fn metrics(&self) -> &[Metric] {
        &[]
    }

    /// A descent under `method`, at some start point: whoever uses it resets it first.
    ///
    /// # Errors
    /// If the problem can't be descended on under this method.
    fn descent(&self, method: Method) -> Result<Box<dyn Descent>, DescentError>;
}

impl<P: Problem + ?Sized> Problem for Arc<P> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn identity(&self) -> String {
        (**self).identity()
    }

    fn job(&self) -> Job {
        (**self).job()
    }

    fn metrics(&self) -> &[Metric] {
        (**self).metrics()
    }

    fn descent(&self, method: Method) -> Result<Box<dyn Descent>, DescentError> {
        (**self).descent(method)
    }
}
