//! The descent of a task's network under an optimizer.
//!
//! All memory is allocated by [`NetworkDescent::new`] (and, for some optimizers, by the first step); a step
//! allocates nothing.

use std::sync::{Arc, OnceLock};

use descender_nn::Workspace;
use descender_optim::{Feedback, HyperParameters, Method, Optimizer, StepStatistics};

mod batch;
mod evaluation;
mod looks;
mod state;

use batch::Batch;
use looks::CHUNK;
pub(crate) use state::checksum;
use state::{Identity, State};

use crate::batch_order::BatchOrder;
use crate::{Capabilities, Descent, DescentError, Evaluation, Split, StartPoint, StateError, Task};

/// The largest number of steps in a saved state; far more than anyone can take.
const MAXIMUM_STEPS: u64 = 1 << 56;

/// A training run of a [`Task`] under an optimizer.
///
/// Training examples are reshuffled for each epoch and served in full batches; what is left of an epoch is dropped
/// for that epoch. [`Descent::probe`] looks at evenly spaced examples. Where the task [carries](Task::carry) states, a batch
/// is as many tracks through the training data in their order, which begin at a place that belongs to the start; at their
/// end all begin again, from states of 0. A probe then looks along evenly spaced tracks.
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
    /// The states that the next batch's examples begin with, as
    /// [`forward_carried`](descender_nn::Network::forward_carried) has them; empty where none are carried.
    states: Vec<f32>,
    /// Those of evaluations.
    evaluation_states: Vec<f32>,
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
        let states = |examples: usize| match task.carry {
            true => vec![0.0; examples * network.state_count()],
            false => Vec::new(),
        };
        let mut descent = NetworkDescent {
            identity: OnceLock::new(),
            start,
            steps: 0,
            diverged: None,
            parameters: vec![0.0; count],
            optimizer: Optimizer::new(method, count)?,
            order: BatchOrder::new(
                examples,
                task.batch_size,
                task.carry,
                start.batch_generator(),
            ),
            batch: Batch::new(capacity, &task.train),
            states: states(task.batch_size),
            evaluation_states: states(CHUNK),
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

    /// The training examples of the coming step, by their places in the training data and in the order of the batch.
    ///
    /// Whoever makes the same descent elsewhere takes its batches from here.
    #[must_use]
    pub fn coming_batch(&self) -> Vec<usize> {
        self.order.clone().next_batch().to_vec()
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
        self.states.fill(0.0);
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
            carry,
            ..
        } = &*self.task;
        if self.order.is_at_end() {
            self.states.fill(0.0);
        }
        self.batch
            .fill(train, self.order.next_batch().iter().copied());
        let Batch {
            inputs,
            answers,
            count,
        } = &self.batch;
        let states = match carry {
            true => &mut self.states[..],
            false => &mut [],
        };
        let outputs = network.forward_training(
            &mut self.workspace,
            &self.parameters,
            inputs,
            *count,
            states,
            &mut self.start.dropout_generator(step),
        );
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
        // Carried states stand behind the rest, so that a state without them has the form that it always had.
        let bytes = match self.task.carry {
            true => postcard::to_allocvec(&(&state, &self.states)),
            false => postcard::to_allocvec(&state),
        };
        Some(bytes.expect("numbers, strings and lists of them always have a binary form"))
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateError> {
        let unreadable =
            |reason: &dyn ToString| StateError::unreadable("a descent", reason.to_string());
        let (state, rest): (State, &[u8]) =
            postcard::take_from_bytes(state).map_err(|error| unreadable(&error))?;
        let (states, rest): (Vec<f32>, &[u8]) = match self.task.carry {
            true => postcard::take_from_bytes(rest)
                .map_err(|error| unreadable(&format!("the carried states: {error}")))?,
            false => (Vec::new(), rest),
        };
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
        if states.len() != self.states.len() {
            let expected = self.states.len();
            return Err(StateError::mismatch(
                "number of carried states",
                states.len(),
                expected,
            ));
        }

        self.start = state.start;
        self.steps = state.steps;
        self.diverged = state.diverged;
        self.parameters = state.parameters;
        self.optimizer = state.optimizer;
        self.order.restore(&state.order);
        self.states = states;
        Ok(())
    }
}
