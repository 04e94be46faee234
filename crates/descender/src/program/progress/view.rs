//! What is known of a run at a moment, gathered from its events. How it is shown is no matter here.

use std::collections::VecDeque;

use descender_compare::behaviour::WatchSettings;
use descender_compare::compare::{Ended, Part};
use descender_compare::contender::ContenderSpecification;
use descender_record::Phase;
use descender_train::configuration::{Configuration, SelectionMeasure};
use descender_train::observer::TrainingEvent;

use super::estimate::{PhaseWork, Plan, Speed};

/// Episodes whose figures are kept for the curves.
const KEPT: usize = 400;

/// A run as far as its events have told.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// The part of the work that is under way, where there are several, such as "fig3 (3 of 5)".
    pub(crate) part: String,
    /// Phases, done and to come.
    pub(crate) plan: Plan,
    /// The present speed.
    pub(crate) speed: Speed,
    /// The phase that is under way; `None` before the first.
    pub(crate) phase: Option<Phase>,
    /// Finished trials of the present phase, of all; of the scoring during a training.
    pub(crate) trials: Option<(u64, u64)>,
    /// The training, if there is one.
    pub(crate) training: Option<Training>,
    /// The methods of a comparison with their first hits so far.
    pub(crate) standings: Vec<Standing>,
    /// Starts of the comparison, if known.
    pub(crate) starts: Option<u64>,
    /// Seconds since the beginning, at the last event.
    pub(crate) now: f64,
    /// Steps that one trial takes, in the phases of [`Self::plan`].
    steps_per_trial: Vec<(Phase, f64)>,
    /// Steps counted over all phases.
    steps: f64,
}

/// A method of a comparison that is under way.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The method.
    pub(crate) method: String,
    /// Starts that it has descended from.
    starts: u64,
    /// Its first hits, added up; a descent that never hit counts as its length.
    steps: u64,
    /// Whether one of them never hit, so that the mean is a lower bound.
    pub(crate) bound: bool,
}

impl Standing {
    /// The mean of its first hits so far.
    pub(crate) fn mean(&self) -> f64 {
        self.steps as f64 / self.starts as f64
    }
}

/// What is known of a training.
#[derive(Clone, Debug)]
pub(crate) struct Training {
    /// Episodes that have ended, of all.
    pub(crate) episodes: (u64, u64),
    /// Scores of the last episodes.
    pub(crate) scores: VecDeque<f64>,
    /// Last losses of the last episodes.
    pub(crate) losses: VecDeque<f64>,
    /// Mean η of the last episodes.
    pub(crate) rates: VecDeque<f64>,
    /// The smallest and the largest η of the last episode.
    pub(crate) range: (f64, f64),
    /// The exploration rate ε.
    pub(crate) epsilon: f64,
    /// What candidates are judged by.
    pub(crate) measure: SelectionMeasure,
    /// Candidates that were scored.
    pub(crate) candidates: u64,
    /// The best candidate so far: episodes and score.
    pub(crate) best: Option<(u64, f64)>,
    /// Episodes after which the chosen controller's policy was taken.
    pub(crate) chosen: Option<u64>,
    /// Steps of all descents so far.
    steps: u64,
    /// Steps of a candidate's scoring.
    scoring: f64,
    /// All steps of the training, if every episode has full length.
    total: f64,
}

impl View {
    /// Nothing is known yet of this part of the work.
    pub(crate) fn of_part(part: String) -> Self {
        Self {
            part,
            ..Self::default()
        }
    }

    /// The work to come: phases with their trials, those of them that were done before, and the steps of each trial.
    pub(crate) fn plan(&mut self, phases: &[(Phase, u64, u64, u64)]) {
        let work = |&(phase, trials, before, steps): &(Phase, u64, u64, u64)| {
            let steps = steps as f64;
            PhaseWork::new(phase, trials as f64 * steps, before as f64 * steps)
        };
        self.plan = Plan::new(phases.iter().map(work).collect());
        self.steps_per_trial = phases
            .iter()
            .map(|&(phase, _, _, steps)| (phase, steps as f64))
            .collect();
    }

    /// An event at `now` seconds after the beginning.
    pub(crate) fn apply(&mut self, event: &TrainingEvent<'_>, now: f64) {
        match event {
            TrainingEvent::Started { .. } => self.start(event, now),
            TrainingEvent::Round {
                steps, progress, ..
            } => self.round(*steps, *progress, now),
            TrainingEvent::EpisodeEnded(record) => {
                if let Some(training) = &mut self.training {
                    training.episodes.0 += 1;
                    push(&mut training.scores, record.score);
                    push(&mut training.losses, record.final_loss.into());
                    push(&mut training.rates, record.mean_learning_rate.into());
                    training.range = (
                        record.minimum_learning_rate.into(),
                        record.maximum_learning_rate.into(),
                    );
                    training.epsilon = record.epsilon.into();
                }
            }
            TrainingEvent::CandidateScored {
                candidate, best, ..
            } => {
                self.trials = None;
                if let Some(training) = &mut self.training {
                    training.candidates += 1;
                    if *best {
                        training.best = Some((candidate.episodes, candidate.score()));
                    }
                }
            }
            TrainingEvent::Trials { phase, done, total } => self.trial(*phase, *done, *total, now),
            TrainingEvent::TrialEnded(ended) => self.stand(ended),
            TrainingEvent::ControllerChosen(candidate) => {
                if let Some(training) = &mut self.training {
                    training.chosen = Some(candidate.episodes);
                }
            }
            _ => {}
        }
    }

    /// Whether the agent is learning, or a policy of its training is scored.
    pub(crate) fn is_training(&self) -> bool {
        self.training.is_some() && self.phase == Some(Phase::Descending)
    }

    /// The phase that is under way, in a few words; empty before the first.
    pub(crate) fn phase_name(&self) -> &'static str {
        match self.phase {
            None => "",
            Some(Phase::Descending) if self.training.is_some() => "training",
            Some(Phase::Descending) => "descents",
            Some(phase) => phase.name(),
        }
    }

    /// Seconds that the rest will take, at `now`; `None` as long as that can't be told.
    pub(crate) fn seconds_left(&self, now: f64) -> Option<f64> {
        // The clock goes on between the events.
        let left = self.plan.seconds_left()? - (now - self.now).max(0.0);
        Some(left.max(0.0))
    }

    /// Starts that are compared from, of all; about, since methods take turns.
    pub(crate) fn starts(&self) -> Option<(u64, u64)> {
        let (done, total) = self
            .trials
            .filter(|_| self.phase == Some(Phase::Comparing))?;
        let starts = self.starts.filter(|_| total > 0)?;
        Some((done * starts / total, starts))
    }

    fn start(&mut self, event: &TrainingEvent<'_>, now: f64) {
        let TrainingEvent::Started {
            configuration,
            episodes_ended,
            progress,
            steps,
            candidates,
        } = event
        else {
            return;
        };
        let episode = configuration.environment.steps as f64;
        let total = configuration.episodes as f64 * episode;
        let scoring = configuration.selection.starts as f64 * episode;
        let best = candidates
            .kept()
            .iter()
            .map(|candidate| (candidate.episodes, candidate.score()))
            .min_by(|a, b| a.1.total_cmp(&b.1));
        self.training = Some(Training {
            episodes: (*episodes_ended, configuration.episodes),
            scores: VecDeque::new(),
            losses: VecDeque::new(),
            rates: VecDeque::new(),
            range: (f64::NAN, f64::NAN),
            epsilon: f64::NAN,
            measure: configuration.selection.measure,
            candidates: candidates.taken(),
            best: best.filter(|best| best.1.is_finite()),
            chosen: None,
            steps: *steps,
            scoring,
            total,
        });
        self.lay_out(configuration, *progress, candidates.taken() as f64);
        self.phase = Some(Phase::Descending);
        self.trials = None;
        self.now = now;
    }

    /// The phases of a run with these settings.
    fn lay_out(&mut self, configuration: &Configuration, progress: f64, candidates: f64) {
        let Some(training) = &self.training else {
            return;
        };
        let selection = &configuration.selection;
        let episode = configuration.environment.steps as f64;
        let expected = match selection.every {
            0 => 1.0,
            every => configuration.episodes.div_ceil(every) as f64,
        };
        let finalists = expected.min(selection.finalists as f64);
        let choosing = match finalists {
            finalists if finalists > 1.0 => finalists * selection.final_starts as f64 * episode,
            _ => 0.0,
        };
        let comparison = &configuration.comparison;
        let items = ContenderSpecification::parse_list(&comparison.against).unwrap_or_default();
        self.starts = Some(comparison.starts);
        let comparing = |part| {
            let rivals = items
                .iter()
                .map(|item| item.descents(part, comparison.starts));
            let descents = match part {
                Part::Calibrating => rivals.max().unwrap_or(0),
                Part::Tuning => rivals.sum(),
                Part::Comparing => comparison.starts + rivals.sum::<u64>(),
            };
            PhaseWork::new(part.phase(), (descents * comparison.steps) as f64, 0.0)
        };
        let watching = (WatchSettings::default().starts * comparison.steps) as f64;
        let scoring = training.scoring;
        self.plan = Plan::new(vec![
            PhaseWork::new(Phase::Descending, training.total, progress * training.total),
            PhaseWork::new(
                Phase::Scoring,
                expected.max(candidates) * scoring,
                candidates * scoring,
            ),
            PhaseWork::new(Phase::Choosing, choosing, 0.0),
            PhaseWork::new(Phase::Watching, watching, 0.0),
            comparing(Part::Calibrating),
            comparing(Part::Tuning),
            comparing(Part::Comparing),
        ]);
        self.steps_per_trial = [Phase::Scoring, Phase::Choosing]
            .map(|phase| (phase, episode))
            .to_vec();
        let compared = Part::ALL
            .map(Part::phase)
            .into_iter()
            .chain([Phase::Watching]);
        self.steps_per_trial
            .extend(compared.map(|phase| (phase, comparison.steps as f64)));
    }

    fn round(&mut self, steps: u64, progress: f64, now: f64) {
        self.phase = Some(Phase::Descending);
        self.trials = None;
        let Some(training) = &mut self.training else {
            return;
        };
        let more = steps.saturating_sub(training.steps);
        training.steps = steps;
        let total = training.total;
        self.plan.advance(
            Phase::Descending,
            progress * total,
            total,
            (now - self.now).max(0.0),
        );
        self.count(more as f64, now);
    }

    fn trial(&mut self, phase: Phase, done: u64, total: u64, now: f64) {
        let steps = self
            .steps_per_trial
            .iter()
            .find(|(known, _)| *known == phase)
            .map(|(_, steps)| *steps);
        // Without a plan the trials are the work.
        let (known, steps) = (steps.is_some(), steps.unwrap_or(1.0));
        let (mut done_steps, mut total_steps) = (done as f64 * steps, total as f64 * steps);
        match &self.training {
            // A part of the training, and one scoring of several.
            Some(training) if phase == Phase::Scoring => {
                done_steps += training.candidates as f64 * training.scoring;
                total_steps = self
                    .plan
                    .phase(Phase::Scoring)
                    .map_or(total_steps, |work| work.total);
            }
            _ => self.phase = Some(phase),
        }
        self.trials = Some((done, total));
        let before = self.plan.phase(phase).map_or(0.0, |work| work.done);
        self.plan
            .advance(phase, done_steps, total_steps, (now - self.now).max(0.0));
        let more = if known {
            (done_steps - before).max(0.0)
        } else {
            0.0
        };
        self.count(more, now);
    }

    fn stand(&mut self, ended: &Ended<'_>) {
        let known = self
            .standings
            .iter()
            .position(|standing| standing.method == ended.method);
        let place = known.unwrap_or_else(|| {
            self.standings.push(Standing {
                method: ended.method.to_owned(),
                starts: 0,
                steps: 0,
                bound: false,
            });
            self.standings.len() - 1
        });
        let standing = &mut self.standings[place];
        standing.starts += 1;
        standing.steps += ended.first_hit;
        standing.bound |= !ended.reached;
    }

    fn count(&mut self, more: f64, now: f64) {
        self.steps += more;
        self.now = self.now.max(now);
        self.speed.record(self.now, self.steps);
    }
}

fn push(values: &mut VecDeque<f64>, value: f64) {
    if values.len() == KEPT {
        values.pop_front();
    }
    values.push_back(value);
}
