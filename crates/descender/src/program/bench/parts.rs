//! The parts of a step, each timed in its place: what a cache holds for it then is what it holds in a training.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use descender_agent::{Agent, Transition};
use descender_env::Environment;
use descender_nn::Workspace;
use descender_optim::{Feedback, HyperParameters, Method, Optimizer};
use descender_task::{
    Answers, Capabilities, Descent, Evaluation, NetworkDescent, Split, StartPoint, StateError, Task,
};

use super::common::{BenchError, DESCENT_STEPS, LEARNING_RATE, Microseconds, median};
use super::work::{configuration, start};
use descender_train::TrainError;

/// A lane number that no other lane has: its start points are its own.
const LANE: usize = 1 << 20;

/// Measures the parts.
pub(super) struct Parts {
    engine: Engine,
    training: Training,
}

impl Parts {
    pub(super) fn new(task: &Arc<Task>) -> Result<Self, BenchError> {
        Ok(Self {
            engine: Engine::new(task)?,
            training: Training::new(task)?,
        })
    }

    pub(super) fn warm_up(&mut self, steps: u64, longest: Duration) {
        let begin = Instant::now();
        for _ in 0..steps {
            self.step();
            if begin.elapsed() >= longest {
                break;
            }
        }
        self.engine.samples = Default::default();
        self.training.samples = Default::default();
    }

    pub(super) fn measure(&mut self, slice: Duration) {
        let begin = Instant::now();
        loop {
            self.step();
            if begin.elapsed() >= slice {
                break;
            }
        }
    }

    fn step(&mut self) {
        self.engine.step();
        self.training.step();
    }

    pub(super) fn medians(self) -> Microseconds {
        let microseconds = |nanoseconds: Vec<f64>| median(nanoseconds) / 1e3;
        let [forward_backward, update_and_statistics] = self.engine.samples.map(microseconds);
        let [observation, policy, learner] = self.training.samples.map(microseconds);
        Microseconds {
            forward_backward,
            update_and_statistics,
            observation,
            policy,
            learner,
        }
    }
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// A step of the descent, taken apart.
struct Engine {
    task: Arc<Task>,
    /// Parameters and batches of the present step come from here.
    parameters: Vec<f32>,
    steps: u64,
    restarts: u64,
    mu: HyperParameters,
    optimizer: Optimizer,
    workspace: Workspace,
    inputs: Vec<f32>,
    answers: Answers,
    gradient: Vec<f32>,
    output_gradient: Vec<f32>,
    /// Forward and backward; update.
    samples: [Vec<f64>; 2],
}

impl Engine {
    fn new(task: &Arc<Task>) -> Result<Self, BenchError> {
        let network = &task.network;
        let count = network.parameter_count();
        let mut engine = Self {
            parameters: vec![0.0; count],
            steps: 0,
            restarts: 0,
            mu: Method::Sgd.hyper_parameters(LEARNING_RATE),
            optimizer: Optimizer::new(Method::Sgd, count)
                .map_err(descender_task::DescentError::from)?,
            workspace: Workspace::new(network, task.batch_size),
            inputs: Vec::new(),
            answers: task.train.answers.without_examples(),
            gradient: vec![0.0; count],
            output_gradient: vec![0.0; task.batch_size * network.output_count()],
            samples: Default::default(),
            task: Arc::clone(task),
        };
        engine.restart();
        Ok(engine)
    }

    fn restart(&mut self) {
        let start = start(LANE, self.restarts);
        self.task
            .network
            .initialize(&mut start.parameter_generator(), &mut self.parameters);
        self.optimizer.reset();
        self.steps = 0;
        self.restarts += 1;
    }

    fn step(&mut self) {
        if self.steps == DESCENT_STEPS {
            self.restart();
        }
        let Task {
            network,
            train,
            batch_size,
            loss,
            ..
        } = &*self.task;
        self.inputs.clear();
        self.answers = train.answers.without_examples();
        for place in 0..*batch_size {
            let example = (self.steps as usize * batch_size + place) % train.len();
            self.inputs.extend_from_slice(train.input(example));
            self.answers.push(&train.answers, example);
        }
        let begin = Instant::now();
        let outputs = network.forward(
            &mut self.workspace,
            &self.parameters,
            &self.inputs,
            *batch_size,
        );
        loss.mean(outputs, &self.answers, &mut self.output_gradient);
        network.backward(
            &mut self.workspace,
            &self.parameters,
            &self.inputs,
            &self.output_gradient,
            &mut self.gradient,
        );
        let between = Instant::now();
        self.optimizer
            .step(&self.mu, &mut self.parameters, &self.gradient);
        self.samples[1].push(nanoseconds(between.elapsed()));
        self.samples[0].push(nanoseconds(between - begin));
        self.steps += 1;
    }
}

/// A round of a training, taken apart.
struct Training {
    environment: Environment,
    agent: Box<dyn Agent>,
    observation: Vec<f32>,
    /// Nanoseconds that the last step of the descent took.
    descent_time: Arc<AtomicU64>,
    episodes: u64,
    /// Observation; policy; learner.
    samples: [Vec<f64>; 3],
}

impl Training {
    fn new(task: &Arc<Task>) -> Result<Self, BenchError> {
        let configuration = configuration(LANE);
        let descent_time = Arc::new(AtomicU64::new(0));
        let descent = Timed {
            descent: NetworkDescent::new(Arc::clone(task), configuration.optimizer)?,
            time: Arc::clone(&descent_time),
        };
        let mut environment = Environment::new(
            Box::new(descent),
            configuration.optimizer,
            configuration.environment,
        )
        .map_err(TrainError::from)?;
        environment.reset(start(LANE, 0));
        let agent = descender_agent::build(
            &configuration.agent,
            environment.observation().len(),
            environment.action_space(),
            1,
            configuration.seed,
        )
        .map_err(TrainError::from)?;
        Ok(Self {
            observation: environment.observation().to_vec(),
            environment,
            agent,
            descent_time,
            episodes: 1,
            samples: Default::default(),
        })
    }

    fn step(&mut self) {
        self.observation
            .copy_from_slice(self.environment.observation());
        let begin = Instant::now();
        let action = self.agent.act(0, &self.observation);
        let chosen = Instant::now();
        let outcome = self.environment.step(&action);
        let stepped = Instant::now();
        self.agent.observe(
            0,
            Transition {
                observation: &self.observation,
                action: &action,
                reward: outcome.reward,
                next_observation: self.environment.observation(),
                terminated: outcome.terminated,
                truncated: outcome.truncated,
                continuation: outcome.continuation,
            },
        );
        self.agent.learn();
        let learned = Instant::now();
        let descent = self.descent_time.load(Ordering::Relaxed) as f64;
        self.samples[0].push(nanoseconds(stepped - chosen) - descent);
        self.samples[1].push(nanoseconds(chosen - begin));
        self.samples[2].push(nanoseconds(learned - stepped));
        if outcome.terminated || outcome.truncated {
            self.environment.reset(start(LANE, self.episodes));
            self.episodes += 1;
        }
    }
}

/// A descent that notes how long its last step took.
struct Timed {
    descent: NetworkDescent,
    time: Arc<AtomicU64>,
}

impl Descent for Timed {
    fn reset(&mut self, start: StartPoint) {
        self.descent.reset(start);
    }

    fn parameter_count(&self) -> usize {
        self.descent.parameter_count()
    }

    fn batch_size(&self) -> Option<usize> {
        self.descent.batch_size()
    }

    fn chance_loss(&self) -> f32 {
        self.descent.chance_loss()
    }

    fn step(&mut self, mu: &[HyperParameters]) -> Feedback {
        let begin = Instant::now();
        let feedback = self.descent.step(mu);
        self.time
            .store(begin.elapsed().as_nanos() as u64, Ordering::Relaxed);
        feedback
    }

    fn capabilities(&self) -> Capabilities {
        self.descent.capabilities()
    }

    fn evaluate(&mut self, split: Split) -> Option<Evaluation> {
        self.descent.evaluate(split)
    }

    fn probe(&mut self, split: Split, examples: usize, losses: &mut Vec<f32>) -> bool {
        self.descent.probe(split, examples, losses)
    }

    fn save(&self) -> Option<Vec<u8>> {
        self.descent.save()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateError> {
        self.descent.restore(state)
    }
}
