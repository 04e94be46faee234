//! The descent of a task's network under an optimizer.
//!
//! All memory is allocated by [`NetworkDescent::new`] (and, for some optimizers, by the first step); a step
//! allocates nothing.

use std::sync::{Arc, OnceLock};

use descender_nn::Workspace;
use descender_nn::loss::count_correct;
use descender_optim::{Feedback, HyperParameters, Method, Optimizer, StepStatistics};

mod state;

pub(crate) use state::checksum;
use state::{Identity, State};

use crate::batch_order::BatchOrder;
use crate::data::{Answers, Dataset};
use crate::{Capabilities, Descent, DescentError, Evaluation, Split, StartPoint, StateError, Task};

/// Examples that are evaluated at a time, where batches aren't larger anyway.
const CHUNK: usize = 32;
/// The largest number of steps in a saved state; far more than anyone can take.
const MAXIMUM_STEPS: u64 = 1 << 56;

/// A training run of a [`Task`] under an optimizer.
///
/// Training examples are reshuffled for each epoch and served in full batches; what is left of an epoch is dropped
/// for that epoch. [`Descent::probe`] looks at evenly spaced examples.
///
/// A step whose batch loss isn't finite makes no update and ends the run: from then on each step reports that loss
/// and statistics of zero, until [`reset`](Descent::reset) or [`restore`](Descent::restore).
#[derive(Debug)]
pub struct NetworkDescent {
    task: Arc<Task>,
    /// What a saved state says about the task; found out when a state is saved or restored for the first time.
    identity: OnceLock<Identity>,
    start: StartPoint,
    /// Number of steps since the start.
    steps: u64,
    /// The batch loss that wasn't finite, once there is one.
    diverged: Option<f32>,
    parameters: Vec<f32>,
    optimizer: Optimizer,
    order: BatchOrder,
    batch: Batch,
    workspace: Workspace,
    gradient: Vec<f32>,
    output_gradient: Vec<f32>,
    chance_loss: f32,
}

impl NetworkDescent {
    /// A descent of `task` under `method`, at the default start point (training, seed 0, index 0), step 0.
    ///
    /// # Errors
    /// If the parts of the task don't fit together or a setting of the method is refused.
    pub fn new(task: Arc<Task>, method: Method) -> Result<NetworkDescent, DescentError> {
        task.check()?;
        let network = &task.network;
        let count = network.parameter_count();
        let examples = task.train.len();
        let start = StartPoint::default();
        let capacity = task.batch_size.max(CHUNK);
        let mut descent = NetworkDescent {
            identity: OnceLock::new(),
            start,
            steps: 0,
            diverged: None,
            parameters: vec![0.0; count],
            optimizer: Optimizer::new(method, count)?,
            order: BatchOrder::new(examples, task.batch_size, start.batch_generator()),
            batch: Batch::new(capacity, &task.train),
            workspace: Workspace::new(network, capacity),
            gradient: vec![0.0; count],
            output_gradient: vec![0.0; task.batch_size * network.output_count()],
            chance_loss: task.loss.chance(&task.train.answers),
            task,
        };
        descent.reset(start);
        Ok(descent)
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> &Arc<Task> {
        &self.task
    }

    /// The start point of the present run.
    #[must_use]
    pub fn start(&self) -> StartPoint {
        self.start
    }

    /// Number of steps since the start.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The present parameters, in the network's layout: those at which the next gradient is taken.
    ///
    /// [`evaluate`](Descent::evaluate) and [`probe`](Descent::probe) look at
    /// [`evaluation_parameters`](Self::evaluation_parameters).
    #[must_use]
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The parameters that evaluations look at: an average for methods that average their iterates, otherwise the
    /// present parameters.
    #[must_use]
    pub fn evaluation_parameters(&self) -> &[f32] {
        self.optimizer.evaluation_parameters(&self.parameters)
    }

    fn identity(&self) -> &Identity {
        self.identity.get_or_init(|| Identity::of(&self.task))
    }

    /// Calls `visit` with the outputs and the answers of a data set's examples, chunk by chunk, at the parameters that
    /// the optimizer wants to be evaluated at.
    fn for_each_chunk(
        &mut self,
        dataset: &Dataset,
        examples: impl Iterator<Item = usize>,
        mut visit: impl FnMut(&[f32], &Answers, usize),
    ) {
        let network = &self.task.network;
        let parameters = self.optimizer.evaluation_parameters(&self.parameters);
        let mut examples = examples.peekable();
        while examples.peek().is_some() {
            self.batch.fill(dataset, examples.by_ref().take(CHUNK));
            let Batch {
                inputs,
                answers,
                count,
            } = &self.batch;
            let outputs = network.forward(&mut self.workspace, parameters, inputs, *count);
            visit(outputs, answers, *count);
        }
    }

    /// Loss and accuracy on a data set.
    fn evaluate_on(&mut self, dataset: &Dataset) -> Evaluation {
        let loss = self.task.loss;
        let (mut sum, mut correct) = (0.0_f64, 0);
        let mut losses = [0.0; CHUNK];
        self.for_each_chunk(dataset, 0..dataset.len(), |outputs, answers, count| {
            let losses = &mut losses[..count];
            loss.of_each(outputs, answers, losses);
            sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
            if let Answers::Classes { count, labels, .. } = answers {
                correct += count_correct(outputs, labels, *count);
            }
        });
        let accuracy = match dataset.answers {
            Answers::Classes { .. } => correct as f64 / dataset.answers.value_count() as f64,
            Answers::Numbers { .. } => f64::NAN,
        };
        Evaluation {
            loss: (sum / dataset.len() as f64) as f32,
            accuracy: accuracy as f32,
        }
    }

    /// The losses of so many evenly spaced examples of a data set (all, if there are fewer).
    fn probe_on(&mut self, dataset: &Dataset, examples: usize, losses: &mut Vec<f32>) {
        let loss = self.task.loss;
        let probes = examples.min(dataset.len());
        losses.clear();
        losses.resize(probes, 0.0);
        let examples = (0..probes).map(|probe| probe * dataset.len() / probes);
        let mut done = 0;
        self.for_each_chunk(dataset, examples, |outputs, answers, count| {
            loss.of_each(outputs, answers, &mut losses[done..done + count]);
            done += count;
        });
    }
}

impl Descent for NetworkDescent {
    fn reset(&mut self, start: StartPoint) {
        self.start = start;
        self.steps = 0;
        self.diverged = None;
        self.task
            .network
            .initialize(&mut start.parameter_generator(), &mut self.parameters);
        self.optimizer.reset();
        self.order.reset(start.batch_generator());
    }

    fn parameter_count(&self) -> usize {
        self.parameters.len()
    }

    fn batch_size(&self) -> Option<usize> {
        Some(self.task.batch_size)
    }

    fn chance_loss(&self) -> f32 {
        self.chance_loss
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            save: true,
            probe: true,
            selection: self.task.selection.is_some(),
        }
    }

    fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
        let step = self.steps;
        self.steps += 1;
        let stopped = |loss| Feedback {
            step,
            loss,
            statistics: StepStatistics::default(),
        };
        if let Some(loss) = self.diverged {
            return stopped(loss);
        }

        let Task {
            network,
            train,
            loss,
            ..
        } = &*self.task;
        self.batch
            .fill(train, self.order.next_batch().iter().copied());
        let Batch {
            inputs,
            answers,
            count,
        } = &self.batch;
        let outputs = network.forward(&mut self.workspace, &self.parameters, inputs, *count);
        let loss = loss.mean(outputs, answers, &mut self.output_gradient);
        if !loss.is_finite() {
            self.diverged = Some(loss);
            return stopped(loss);
        }
        network.backward(
            &mut self.workspace,
            &self.parameters,
            inputs,
            &self.output_gradient,
            &mut self.gradient,
        );
        let statistics = self
            .optimizer
            .step(&mu[0], &mut self.parameters, &self.gradient);
        Feedback {
            step,
            loss,
            statistics,
        }
    }

    fn evaluate(&mut self, split: Split) -> Option<Evaluation> {
        let data = self.task.data(split)?;
        Some(self.evaluate_on(&data))
    }

    fn probe(&mut self, split: Split, examples: usize, losses: &mut Vec<f32>) -> bool {
        losses.clear();
        match self.task.data(split) {
            Some(data) => {
                self.probe_on(&data, examples, losses);
                true
            }
            None => false,
        }
    }

    fn save(&self) -> Option<Vec<u8>> {
        let state = State {
            identity: self.identity().clone(),
            start: self.start,
            steps: self.steps,
            diverged: self.diverged,
            parameters: self.parameters.clone(),
            optimizer: self.optimizer.clone(),
            order: self.order.save(),
        };
        let bytes = postcard::to_allocvec(&state)
            .expect("numbers, strings and lists of them always have a binary form");
        Some(bytes)
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateError> {
        let unreadable =
            |reason: &dyn ToString| StateError::unreadable("a descent", reason.to_string());
        let (state, rest): (State, &[u8]) =
            postcard::take_from_bytes(state).map_err(|error| unreadable(&error))?;
        if !rest.is_empty() {
            return Err(unreadable(&format!("{} bytes too many", rest.len())));
        }
        state.identity.check(self.identity())?;
        let count = self.parameter_count();
        if state.parameters.len() != count {
            return Err(StateError::mismatch(
                "number of parameters",
                state.parameters.len(),
                count,
            ));
        }
        if state.optimizer.parameter_count() != count {
            return Err(StateError::mismatch(
                "optimizer's number of parameters",
                state.optimizer.parameter_count(),
                count,
            ));
        }
        if state.steps > MAXIMUM_STEPS || state.optimizer.steps() > state.steps {
            let found = format!(
                "{} ({} of the optimizer)",
                state.steps,
                state.optimizer.steps()
            );
            let expected = format!("at most {MAXIMUM_STEPS}, and no fewer than the optimizer's");
            return Err(StateError::mismatch("number of steps", found, expected));
        }
        // Two optimizers without memory are equal exactly if they have the same method and settings.
        let [mut ours, mut theirs] = [self.optimizer.clone(), state.optimizer.clone()];
        ours.reset();
        theirs.reset();
        if ours != theirs {
            return Err(StateError::mismatch(
                "optimizer",
                "another method or setting",
                "that of this descent",
            ));
        }
        self.order.check(&state.order)?;

        self.start = state.start;
        self.steps = state.steps;
        self.diverged = state.diverged;
        self.parameters = state.parameters;
        self.optimizer = state.optimizer;
        self.order.restore(&state.order);
        Ok(())
    }
}

/// Some examples of a data set, gathered into one piece of memory.
#[derive(Debug)]
struct Batch {
    inputs: Vec<f32>,
    answers: Answers,
    /// Number of examples.
    count: usize,
}

impl Batch {
    /// Room for `capacity` examples of a data set.
    fn new(capacity: usize, dataset: &Dataset) -> Batch {
        let mut answers = dataset.answers.without_examples();
        answers.reserve(capacity);
        Batch {
            inputs: Vec::with_capacity(capacity * dataset.input_len()),
            answers,
            count: 0,
        }
    }

    fn fill(&mut self, dataset: &Dataset, examples: impl Iterator<Item = usize>) {
        self.inputs.clear();
        self.answers.clear();
        self.count = 0;
        for example in examples {
            self.inputs.extend_from_slice(dataset.input(example));
            self.answers.push(&dataset.answers, example);
            self.count += 1;
        }
    }
}
