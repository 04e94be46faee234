//! What is measured in steps a second, and the threads that do it.

use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use descender_control::Bounds;
use descender_env::BoundsMode;
use descender_optim::{HyperParameters, Method};
use descender_task::{Descent, NetworkDescent, StartPoint, StartPurpose, Task};
use rayon::ThreadPool;

use super::common::{BenchError, DESCENT_STEPS, LEARNING_RATE, median};
use descender_train::Trainer;
use descender_train::configuration::{Configuration, Preset};

/// Something that steps.
pub(super) trait Work: Send {
    /// One step.
    fn step(&mut self);
}

/// The start point that is `number`-th on a lane.
pub(super) fn start(lane: usize, number: u64) -> StartPoint {
    StartPoint {
        purpose: StartPurpose::Training,
        seed: lane as u64,
        index: number,
    }
}

/// A bare descent.
pub(super) struct Descending {
    descent: NetworkDescent,
    mu: HyperParameters,
}

impl Descending {
    pub(super) fn new(task: &Arc<Task>, lane: usize) -> Result<Self, BenchError> {
        let mut descent = NetworkDescent::new(Arc::clone(task), Method::Sgd)?;
        descent.reset(start(lane, 0));
        Ok(Self {
            descent,
            mu: Method::Sgd.hyper_parameters(LEARNING_RATE),
        })
    }
}

impl Work for Descending {
    fn step(&mut self) {
        if self.descent.steps() == DESCENT_STEPS {
            let StartPoint { index, .. } = self.descent.start();
            self.descent.reset(StartPoint {
                index: index + 1,
                ..self.descent.start()
            });
        }
        self.descent.step(std::slice::from_ref(&self.mu));
    }
}

/// The settings of a training that is measured: the paper's preset, with η held near that of the bare descent.
pub(super) fn configuration(lane: usize) -> Configuration {
    let preset = Preset::by_name("paper-random").expect("the program has this preset");
    let mut configuration = preset.configuration();
    configuration.seed = lane as u64;
    configuration.episodes = 1 << 40;
    let environment = &mut configuration.environment;
    environment.steps = DESCENT_STEPS;
    environment.bounds_mode = BoundsMode::Clip;
    environment.control.bounds = Bounds {
        lower: 0.9 * LEARNING_RATE,
        upper: 1.1 * LEARNING_RATE,
    };
    environment.control.initial_learning_rate = LEARNING_RATE;
    configuration
}

/// A training of a controller; a step is a round of one environment.
pub(super) struct Control(Trainer);

impl Control {
    pub(super) fn new(task: &Arc<Task>, lane: usize) -> Result<Self, BenchError> {
        Ok(Self(Trainer::new(configuration(lane), task)?))
    }
}

impl Work for Control {
    fn step(&mut self) {
        self.0
            .round()
            .expect("only a second learner can fail to be built, and this training has one");
    }
}

/// Independent pieces of work of one kind, each with a thread of its own.
pub(super) struct Lanes<W> {
    lanes: Vec<(W, ThreadPool)>,
}

impl<W: Work> Lanes<W> {
    /// As many as `threads`, numbered from 0.
    pub(super) fn new(
        threads: usize,
        make: impl Fn(usize) -> Result<W, BenchError>,
    ) -> Result<Self, BenchError> {
        let lane = |number| -> Result<(W, ThreadPool), BenchError> {
            // A pool of one thread, as that of `train --threads 1`: what asks rayon for help stays on the thread.
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
            Ok((make(number)?, pool))
        };
        Ok(Self {
            lanes: (0..threads).map(lane).collect::<Result<_, _>>()?,
        })
    }

    /// Takes so many steps on all lanes, or stops when the time is up.
    pub(super) fn warm_up(&mut self, steps: u64, longest: Duration) {
        self.side_by_side(usize::MAX, |work| {
            let begin = Instant::now();
            for _ in 0..steps {
                work.step();
                if begin.elapsed() >= longest {
                    break;
                }
            }
        });
    }

    /// Steps a second of the first `count` lanes together, each at the median time of its steps in a slice of time.
    pub(super) fn steps_per_second(&mut self, count: usize, slice: Duration) -> f64 {
        let rates = self.side_by_side(count, |work| {
            let begin = Instant::now();
            let mut before = begin;
            let mut seconds = Vec::new();
            while seconds.is_empty() || before - begin < slice {
                work.step();
                let now = Instant::now();
                seconds.push((now - before).as_secs_f64());
                before = now;
            }
            1.0 / median(seconds)
        });
        rates.into_iter().sum()
    }

    /// Does something with each of the first `count` lanes, on their threads, which begin together.
    fn side_by_side<R: Send>(&mut self, count: usize, job: impl Fn(&mut W) -> R + Sync) -> Vec<R> {
        let count = count.min(self.lanes.len());
        let begin = Barrier::new(count);
        let job = |work: &mut W| {
            begin.wait();
            job(work)
        };
        let mut results: Vec<Option<R>> = (0..count).map(|_| None).collect();
        on_their_threads(&mut self.lanes[..count], &mut results, &job);
        results.into_iter().flatten().collect()
    }
}

/// Begins the job on the first lane's thread, then on those of the others, and waits for all. Needs no thread beside
/// those that the lanes have.
fn on_their_threads<W: Work, R: Send>(
    lanes: &mut [(W, ThreadPool)],
    results: &mut [Option<R>],
    job: &(impl Fn(&mut W) -> R + Sync),
) {
    let (Some(((work, pool), lanes)), Some((result, results))) =
        (lanes.split_first_mut(), results.split_first_mut())
    else {
        return;
    };
    pool.in_place_scope(|scope| {
        scope.spawn(move |_| *result = Some(job(work)));
        on_their_threads(lanes, results, job);
    });
}
