//! Learning a controller over a set of jobs.
//!
//! In each round the controller steers many jobs as it is, and again from the same starts in pairs of descents whose
//! outputs are moved in opposite directions. Half the difference of a pair's log losses tells the effect of the offsets,
//! with the luck of the start left out. A regression of it on the offsets and on what the controller read says which way
//! the outputs should move in which job, and they move a part of the way, a smaller one in each round. At the end a few of the
//! controllers on the way, and the average of the later ones, are tried on jobs of their own, and the best is the result.
//!
//! It is a policy-gradient method whose noise is antithetic and slow (R. Williams, "Simple statistical gradient-following
//! algorithms", 1992), over jobs instead of starts.
//!
//! The same settings give the same bytes, whatever the number of threads, and after a kill.

mod evolution;
mod perturbed;
mod round;
mod settings;
mod surface;

use std::path::{Path, PathBuf};

use descender_compare::contender::Contender;
use descender_control::{
    AT_A_POINT, ActionSettings, Anchored, BaseSchedule, Bounds, ControlSettings, Controller,
    ControllerError, ImpossibleController, JobObservationSettings, OF_THE_JOB, ObservationSettings,
    Policy, PolicyError, PolicyHead, Provenance, READINGS, readings_of,
};
use descender_env::Stop;
use descender_nn::{Activation, NetworkSpecification};
use descender_random::{Purpose, stream};
use descender_task::{DescentError, Problem, StartPurpose};
use serde::{Deserialize, Serialize};

use crate::descended::{descend, outcome};
use crate::draw::Draw;
use crate::instance::JobInstance;
use crate::kept::{KeepError, results};
use crate::set::JobSetError;
use crate::source::JobSource;
use evolution::Separable;
use perturbed::Perturbed;
use round::{Pair, PastRound, Row};
pub use settings::{LearnSettings, LearnSettingsError, LearnerName};
use surface::{SHARES, Surface};

const OFFSETS: Purpose = Purpose::new(23, "offsets of perturbed descents");
const GENERATIONS: Purpose = Purpose::new(24, "generations of policies");

/// Jobs whose readings tell what is usual.
const CALIBRATION: u64 = 200;
/// A share of a descent at which an offset of its own has the usual size.
const USUAL_SHARE: f64 = 0.2;
/// The spread of the first generation of an evolution, in a policy's weights.
const FIRST_SPREAD: f64 = 0.05;
/// No difference of log losses counts as more when candidates are judged.
const OUTLIER: f64 = 1.0;

/// Why a controller can't be learned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LearnError {
    /// A setting can't be used.
    #[error(transparent)]
    Settings(#[from] LearnSettingsError),
    /// The set of jobs can't be used.
    #[error(transparent)]
    Set(#[from] JobSetError),
    /// A job can't be descended on.
    #[error("a job of the set can't be descended on")]
    Descent(#[from] DescentError),
    /// What was computed can't be kept.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The policy is impossible.
    #[error("the policy")]
    Policy(#[from] PolicyError),
    /// The controller is impossible.
    #[error("the controller")]
    Controller(#[from] ImpossibleController),
    /// A controller can't be written.
    #[error(transparent)]
    File(#[from] ControllerError),
    /// The controller to go on from is of another kind.
    #[error(
        "a learning goes on from a linear controller that reads the job, and the given one is none"
    )]
    Beginning,
    /// The regression has no solution.
    #[error("round {0}: the descents say nothing about how the controller should move")]
    Undetermined(u32),
    /// The folder holds what other settings computed.
    #[error("{}: the folder is of a learning with other settings; expected those of its learn.json, or another folder", path.display())]
    OtherSettings {
        /// The file of settings.
        path: PathBuf,
    },
    /// The folder can't be used.
    #[error("{}: cannot use the folder", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What a learning is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LearnStage {
    /// Finding out what is usual.
    Calibrating,
    /// Making the perturbed descents of a round.
    Perturbing {
        /// The round, from 1.
        round: u32,
    },
    /// Choosing the best of a few controllers.
    Choosing,
}

/// Who is told how far a learning is: the stage, jobs done, and all of its jobs.
pub type LearnProgress<'a> = &'a (dyn Fn(LearnStage, u64, u64) + Sync);

/// A controller that was judged at the end of a learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LearnCandidate {
    /// What it is.
    pub name: String,
    /// The mean difference of its log loss from that of the controller at the beginning, on the jobs to choose by.
    pub score: f64,
    /// Whether it was the best, and so the result.
    pub chosen: bool,
}

/// A learned controller, and how it came about.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The controller.
    pub controller: Controller,
    /// The candidates that it was chosen from.
    pub candidates: Vec<LearnCandidate>,
    /// Descents that were made, those of a resumed learning included.
    pub descents: u64,
}

/// Learns a controller over `jobs`: from what is usual, or on from a controller that was learned before, whose readings,
/// hyper-parameters and decisions it keeps. What is computed is kept in `folder`, and a learning that was interrupted goes on from
/// there. `None` after a stop.
///
/// # Errors
/// [`LearnError`]
pub fn learn(
    jobs: &dyn JobSource,
    from: Option<&Controller>,
    settings: &LearnSettings,
    folder: Option<&Path>,
    stop: &Stop,
    progress: LearnProgress<'_>,
) -> Result<Option<Learned>, LearnError> {
    settings.check()?;
    jobs.check()?;
    if let Some(folder) = folder {
        open(folder, jobs, from, settings)?;
    }
    let learner = Learner {
        jobs,
        from,
        settings,
        folder,
        stop,
        progress,
    };
    learner.run()
}

/// Makes the folder, or finds that it is of the same learning.
fn open(
    folder: &Path,
    jobs: &dyn JobSource,
    from: Option<&Controller>,
    settings: &LearnSettings,
) -> Result<(), LearnError> {
    let path = folder.join("learn.json");
    let refused = |source| LearnError::Folder {
        path: folder.to_owned(),
        source,
    };
    let beginning = from.map(|controller| controller.description());
    let identity = (jobs.identity(), beginning, settings);
    let text =
        serde_json::to_string_pretty(&identity).expect("settings always have a text form") + "\n";
    match std::fs::read_to_string(&path) {
        Ok(there) if there == text => Ok(()),
        Ok(_) => Err(LearnError::OtherSettings { path }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder).map_err(refused)?;
            std::fs::write(&path, text).map_err(refused)
        }
        Err(error) => Err(refused(error)),
    }
}

struct Learner<'a> {
    jobs: &'a dyn JobSource,
    from: Option<&'a Controller>,
    settings: &'a LearnSettings,
    folder: Option<&'a Path>,
    stop: &'a Stop,
    progress: LearnProgress<'a>,
}

impl Learner<'_> {
    fn run(&self) -> Result<Option<Learned>, LearnError> {
        let settings = self.settings;
        let Some(first) = self.first()? else {
            return Ok(None);
        };
        let candidates = match settings.learner {
            LearnerName::Regression => self.regression(first)?,
            LearnerName::Evolution => self.evolution(first)?,
        };
        let Some(mut candidates) = candidates else {
            return Ok(None);
        };
        let Some(best) = self.choose(&mut candidates)? else {
            return Ok(None);
        };
        let controller = candidates[best].controller.clone();
        // Who goes on from a controller knows what is usual.
        let calibration = if self.from.is_some() { 0 } else { CALIBRATION };
        Ok(Some(Learned {
            controller,
            descents: calibration
                + u64::from(settings.rounds) * self.descents_of_a_round()
                + settings.judged * candidates.len() as u64,
            candidates: (candidates.into_iter().enumerate())
                .map(|(place, candidate)| LearnCandidate {
                    name: candidate.name,
                    score: candidate.score,
                    chosen: place == best,
                })
                .collect(),
        }))
    }

    fn descents_of_a_round(&self) -> u64 {
        let of_a_job = match self.settings.learner {
            LearnerName::Regression => 1 + 2 * self.settings.pairs,
            LearnerName::Evolution => Separable::population(self.free().len()) as u64,
        };
        self.settings.instances * of_a_job
    }

    /// The candidates of a regression, the first controller first.
    fn regression(&self, mut controller: Controller) -> Result<Option<Vec<Candidate>>, LearnError> {
        let settings = self.settings;
        let mut surface = Surface::new(settings, self.dimensions());
        let mut candidates = vec![Candidate::new("as it began", &controller)];
        let mut later: Vec<Vec<f32>> = Vec::new();
        for round in 1..=settings.rounds {
            let Some(rows) = self.rows(&controller, round)? else {
                return Ok(None);
            };
            surface.add(PastRound {
                rows,
                weights: controller.policy().parameters().to_vec(),
            });
            let step = surface
                .step(|feature| self.uses(feature, round))
                .ok_or(LearnError::Undetermined(round))?;
            let left = 1.0 - f64::from(round - 1) / f64::from(settings.rounds);
            let weights = controller
                .policy()
                .parameters()
                .iter()
                .zip(step.iter().chain(std::iter::repeat(&0.0))); // the biases stay
            let stride = settings.stride * left;
            let moved: Vec<f32> = weights
                .map(|(weight, step)| weight + (stride * step) as f32)
                .collect();
            controller = self.with_weights(&controller, moved, round)?;
            if 2 * round > settings.rounds {
                later.push(controller.policy().parameters().to_vec());
            }
            if round == settings.rounds.div_ceil(2) || round == settings.rounds {
                candidates.push(Candidate::new(&format!("round {round}"), &controller));
            }
        }
        candidates.extend(self.averages(&controller, &later)?);
        Ok(Some(candidates))
    }

    /// The averages of the later half of the rounds, whose weights these are, and of its later half.
    fn averages(
        &self,
        controller: &Controller,
        later: &[Vec<f32>],
    ) -> Result<Vec<Candidate>, LearnError> {
        let last = &later[later.len() / 2..];
        [("half", later), ("quarter", last)]
            .into_iter()
            .map(|(part, weights)| {
                let average = mean_of(weights);
                let average = self.with_weights(controller, average, self.settings.rounds)?;
                Ok(Candidate::new(
                    &format!("average of the last {part}"),
                    &average,
                ))
            })
            .collect()
    }

    /// The places of the weights that an evolution moves.
    fn free(&self) -> Vec<usize> {
        let dimensions = self.dimensions();
        let features = self.settings.features();
        (0..SHARES.len())
            .flat_map(|point| {
                features
                    .iter()
                    .map(move |feature| point * AT_A_POINT + feature)
            })
            .flat_map(|feature| (0..dimensions).map(move |d| feature * dimensions + d))
            .collect()
    }

    /// The candidates of an evolution, the first controller first. A round is a generation, whose policies steer the same
    /// jobs.
    fn evolution(&self, first: Controller) -> Result<Option<Vec<Candidate>>, LearnError> {
        let settings = self.settings;
        let free = self.free();
        let beginning = first.policy().parameters();
        let mean = free
            .iter()
            .map(|&place| f64::from(beginning[place]))
            .collect();
        let mut strategy = Separable::new(mean, FIRST_SPREAD);
        let with = |point: &[f64], round| {
            let mut weights = first.policy().parameters().to_vec();
            for (&place, value) in free.iter().zip(point) {
                weights[place] = *value as f32;
            }
            self.with_weights(&first, weights, round)
        };
        let mut candidates = vec![Candidate::new("as it began", &first)];
        let mut later: Vec<Vec<f32>> = Vec::new();
        for round in 1..=settings.rounds {
            let mut draw = Draw::new(stream(settings.seed, GENERATIONS, u64::from(round)));
            let points = strategy.points(&mut draw);
            let members = (points.iter())
                .map(|point| with(point, round))
                .collect::<Result<Vec<_>, _>>()?;
            let Some(losses) = self.generation(&members, round)? else {
                return Ok(None);
            };
            strategy.follow(&points, &scores(&losses));
            let controller = with(strategy.mean(), round)?;
            if 2 * round > settings.rounds {
                later.push(controller.policy().parameters().to_vec());
            }
            if round == settings.rounds.div_ceil(2) || round == settings.rounds {
                candidates.push(Candidate::new(&format!("round {round}"), &controller));
            }
        }
        candidates.extend(self.averages(&first, &later)?);
        Ok(Some(candidates))
    }

    /// The loss of each member of a generation on each of its jobs, `[job][member]`.
    fn generation(
        &self,
        members: &[Controller],
        round: u32,
    ) -> Result<Option<Vec<Vec<f64>>>, LearnError> {
        let count = self.settings.instances;
        let first = u64::from(round - 1) * count;
        let file = self.file(&format!("round-{round}"));
        let told = |done| (self.progress)(LearnStage::Perturbing { round }, done, count);
        results(
            file.as_deref(),
            first..first + count,
            self.stop,
            &told,
            |number| {
                let instance = self.jobs.instance(StartPurpose::Training, number);
                (members.iter())
                    .map(|member| Ok(self.descent(member, &instance, &[])?.0))
                    .collect()
            },
        )
    }

    /// Whether a round uses a feature: those of the job, and in the later half those of how it goes as well. What can be
    /// known at the beginning is then left to what is known there.
    fn uses(&self, feature: usize, round: u32) -> bool {
        let how_it_goes = feature > OF_THE_JOB && feature <= READINGS;
        let of_the_job = (self.settings.used().iter()).any(|reading| *reading < OF_THE_JOB);
        !how_it_goes || !of_the_job || 2 * round > self.settings.rounds
    }

    fn dimensions(&self) -> usize {
        match self.from {
            Some(from) => from.policy().network().output_count(),
            None => self.settings.dimensions().len(),
        }
    }

    /// The file of what is computed under this name.
    fn file(&self, name: &str) -> Option<PathBuf> {
        self.folder
            .map(|folder| folder.join(format!("{name}.jsonl")))
    }

    /// The controller that the learning begins with.
    fn first(&self) -> Result<Option<Controller>, LearnError> {
        let Some(from) = self.from else {
            return self.beginning();
        };
        let (weights, points) = (
            from.policy().parameters().to_vec(),
            SHARES.len() * AT_A_POINT,
        );
        match from.control().observation {
            ObservationSettings::Job(_) if from.policy().network().input_count() == points => {
                self.with_weights(from, weights, 0).map(Some)
            }
            _ => Err(LearnError::Beginning),
        }
    }

    /// The controller that does nothing but what is usual, with readings on their usual scale.
    fn beginning(&self) -> Result<Option<Controller>, LearnError> {
        let mut observation = JobObservationSettings {
            probe_every: match self.settings.probes() {
                true => self.settings.probe_every,
                false => 0,
            },
            probe_examples: self.settings.probe_examples,
            ..JobObservationSettings::default()
        };
        let training = |index| self.jobs.instance(StartPurpose::Training, index);
        let mut known = [const { Vec::new() }; READINGS];
        for index in 0..CALIBRATION {
            for (reading, value) in readings_of(&training(index).job()).into_iter().enumerate() {
                known[reading].extend(value.map(f64::from));
            }
        }
        for (reading, values) in known
            .iter()
            .enumerate()
            .filter(|(_, known)| !known.is_empty())
        {
            (observation.centre[reading], observation.spread[reading]) = usual(values);
            let (least, most) = (values.iter()).fold((f64::MAX, f64::MIN), |(least, most), x| {
                (least.min(*x), most.max(*x))
            });
            (observation.least[reading], observation.most[reading]) = (least as f32, most as f32);
        }
        let still = self.controller(observation)?;
        let file = self.file("calibration");
        let told = |done| (self.progress)(LearnStage::Calibrating, done, CALIBRATION);
        let watch = |index| {
            let instance = training(index);
            let (_, seen) = self.descent(&still, &instance, &[])?;
            Ok::<_, LearnError>(seen)
        };
        let Some(seen) = results(file.as_deref(), 0..CALIBRATION, self.stop, &told, watch)? else {
            return Ok(None);
        };
        for reading in OF_THE_JOB..READINGS {
            let values: Vec<f64> = (seen.iter())
                .flat_map(|seen| {
                    seen.chunks_exact(READINGS)
                        .skip(1)
                        .map(|point| point[reading])
                })
                .collect();
            (observation.centre[reading], observation.spread[reading]) = usual(&values);
        }
        Ok(Some(self.controller(observation)?))
    }

    /// A controller whose outputs are all 0.
    fn controller(&self, observation: JobObservationSettings) -> Result<Controller, LearnError> {
        let settings = self.settings;
        let (inputs, outputs) = (SHARES.len() * AT_A_POINT, self.dimensions());
        let network =
            NetworkSpecification::multi_layer_perceptron(inputs, &[], outputs, Activation::Relu);
        let parameters = vec![0.0; (inputs + 1) * outputs];
        let policy = Policy::with_head(PolicyHead::Squashed, network, parameters)?;
        let control = ControlSettings {
            decisions: settings.decisions,
            bounds: Bounds {
                lower: 1e-9,
                upper: 10.0,
            },
            initial_learning_rate: settings.anchor,
            observation: observation.into(),
            action: ActionSettings::Anchored(Anchored {
                schedule: BaseSchedule::Linear,
                total_steps: 200.0,
                warm_up: settings.warm_up,
                dimensions: settings.dimensions(),
            }),
            ..ControlSettings::default()
        };
        let method = settings.method()?;
        Ok(Controller::new(
            policy,
            control,
            method,
            self.provenance(0),
        )?)
    }

    /// The controller with other weights.
    fn with_weights(
        &self,
        controller: &Controller,
        weights: Vec<f32>,
        round: u32,
    ) -> Result<Controller, LearnError> {
        let policy = controller.policy();
        let policy = Policy::with_head(policy.head(), policy.specification().clone(), weights)?;
        let (control, method) = (controller.control().clone(), *controller.method());
        Ok(Controller::new(
            policy,
            control,
            method,
            self.provenance(round),
        )?)
    }

    fn provenance(&self, round: u32) -> Provenance {
        let settings = self.settings;
        Provenance {
            task: self.jobs.name().to_owned(),
            agent: format!("{} over jobs", settings.learner),
            reward: "final validation loss".to_owned(),
            seed: settings.seed,
            episodes: u64::from(round) * self.descents_of_a_round(),
            program_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// The loss of a descent with these offsets, and what the policy saw.
    fn descent(
        &self,
        controller: &Controller,
        instance: &JobInstance,
        offsets: &[f64],
    ) -> Result<(f64, Vec<f64>), LearnError> {
        let mut descent = instance.task.descent(*controller.method())?;
        descent.reset(instance.start);
        let job = instance.job();
        let mut steering = Perturbed::new(controller, &*descent, &job, offsets)?;
        let outcome = outcome(&mut *descent, &mut steering, job.steps, false);
        Ok((outcome.last, steering.seen().means()))
    }

    /// The perturbed descents of a round.
    fn rows(&self, controller: &Controller, round: u32) -> Result<Option<Vec<Row>>, LearnError> {
        let count = self.settings.instances;
        let first = u64::from(round - 1) * count;
        let file = self.file(&format!("round-{round}"));
        let told = |done| (self.progress)(LearnStage::Perturbing { round }, done, count);
        let numbers = first..first + count;
        results(file.as_deref(), numbers, self.stop, &told, |number| {
            let instance = self.jobs.instance(StartPurpose::Training, number);
            let (base, seen) = self.descent(controller, &instance, &[])?;
            let mut draw = Draw::new(stream(self.settings.seed, OFFSETS, number));
            let pairs = (0..self.settings.pairs)
                .map(|_| {
                    let offsets = self.offsets(&mut draw);
                    let opposite: Vec<f64> = offsets.iter().map(|offset| -offset).collect();
                    let (plus, _) = self.descent(controller, &instance, &offsets)?;
                    let (minus, _) = self.descent(controller, &instance, &opposite)?;
                    Ok(Pair {
                        offsets,
                        plus,
                        minus,
                    })
                })
                .collect::<Result<_, LearnError>>()?;
            Ok(Row { seen, base, pairs })
        })
    }

    /// Offsets of each output at each point: one for the whole descent, and one of each point.
    fn offsets(&self, draw: &mut Draw) -> Vec<f64> {
        let size = self.settings.spread;
        let whole: Vec<f64> = (0..self.dimensions())
            .map(|dimension| draw.normal() * if dimension == 0 { 0.09 } else { 0.2 })
            .collect();
        let mut offsets = Vec::with_capacity(SHARES.len() * whole.len());
        for share in SHARES {
            for (dimension, whole) in whole.iter().enumerate() {
                // What matters less is moved more.
                let own = if dimension == 0 { 0.1 } else { 0.15 } * (USUAL_SHARE / share).sqrt();
                offsets.push(size * (whole + draw.normal() * own));
            }
        }
        offsets
    }

    /// Scores the candidates by the mean difference of their log loss from that of the first, on jobs of their own, and
    /// returns the place of the best.
    fn choose(&self, candidates: &mut [Candidate]) -> Result<Option<usize>, LearnError> {
        let count = self.settings.judged;
        let file = self.file("choice");
        let told = |done| (self.progress)(LearnStage::Choosing, done, count);
        let all: Vec<Contender> = (candidates.iter())
            .map(|candidate| Contender::controller(candidate.controller.clone()))
            .collect();
        let losses = results(file.as_deref(), 0..count, self.stop, &told, |number| {
            let instance = self.jobs.instance(StartPurpose::Selection, number);
            let steps = instance.job().steps;
            all.iter()
                .map(|contender| Ok(descend(&instance, contender, steps, false)?.last))
                .collect::<Result<Vec<f64>, LearnError>>()
        })?;
        let Some(losses) = losses else {
            return Ok(None);
        };
        for (place, candidate) in candidates.iter_mut().enumerate() {
            let differences = (losses.iter())
                .map(|losses| (losses[place].ln() - losses[0].ln()).clamp(-OUTLIER, OUTLIER));
            candidate.score = differences.sum::<f64>() / losses.len() as f64;
        }
        Ok((0..candidates.len())
            .min_by(|a, b| candidates[*a].score.total_cmp(&candidates[*b].score)))
    }
}

/// A controller that may be the one.
struct Candidate {
    name: String,
    controller: Controller,
    score: f64,
}

impl Candidate {
    fn new(name: &str, controller: &Controller) -> Self {
        Self {
            name: name.to_owned(),
            controller: controller.clone(),
            score: 0.0,
        }
    }
}

/// The mean difference of each member's log loss from the mean of all, over the jobs, `[job][member]`.
fn scores(losses: &[Vec<f64>]) -> Vec<f64> {
    let mut scores = vec![0.0; losses.first().map_or(0, Vec::len)];
    for job in losses {
        let mean = job.iter().map(|loss| loss.ln()).sum::<f64>() / job.len() as f64;
        for (score, loss) in scores.iter_mut().zip(job) {
            *score += (loss.ln() - mean).clamp(-OUTLIER, OUTLIER);
        }
    }
    scores
}

/// The mean of lists of one length; there is at least one.
fn mean_of(lists: &[Vec<f32>]) -> Vec<f32> {
    (0..lists[0].len())
        .map(|place| {
            let sum: f64 = lists.iter().map(|list| f64::from(list[place])).sum();
            (sum / lists.len() as f64) as f32
        })
        .collect()
}

/// Mean and standard deviation, the latter at least 0.05, so that what hardly varies doesn't rule.
fn usual(values: &[f64]) -> (f32, f32) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance.sqrt().max(0.05) as f32)
}
