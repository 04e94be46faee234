//! Turns the entries and the outcomes of calibration and tuning into contenders that are ready to run.

use descender_statistics::interquartile_mean;

use crate::comparison::Tuning;
use crate::contender::{Calibration, Contender, Entry, Score, Tuned};
use crate::trial::Trial;

/// A contender with what its settings cost to find.
pub(super) struct ReadyContender {
    pub(super) contender: Contender,
    pub(super) tuning: Option<Tuning>,
}

/// What tuning needs from a trial.
pub(super) struct TuningOutcome {
    first_hit: f64,
    final_train_loss: f64,
}

impl TuningOutcome {
    /// Of a trial of `steps` steps.
    pub(super) fn of(trial: &Trial, steps: u64) -> Self {
        Self {
            first_hit: trial.hit_or(steps) as f64,
            final_train_loss: trial.final_train_loss(),
        }
    }
}

/// Every entry as a contender. `outcomes` are those of all tuned entries, in the order of the plan.
pub(super) fn ready(
    entries: &[Entry],
    calibration: &Calibration,
    outcomes: &[TuningOutcome],
    steps: u64,
) -> Vec<ReadyContender> {
    let mut outcomes = outcomes;
    let ready = |entry: &Entry| {
        let (contender, tuning) = match entry {
            Entry::Ready(contender) => (contender.clone(), None),
            Entry::NegativeControl(control) => {
                let controller = Entry::find_controller(entries)
                    .expect("the entries were checked: a control has its controller");
                (control.contender(controller, calibration), None)
            }
            Entry::Tuned(tuned) => {
                let own;
                (own, outcomes) = outcomes.split_at(tuned.descents() as usize);
                let (contender, tuning) = tuned.choose(&scores(tuned, own), steps);
                (contender, Some(tuning))
            }
        };
        ReadyContender { contender, tuning }
    };
    entries.iter().map(ready).collect()
}

/// The score of each setting of the grid. Outcomes go start by start.
fn scores(tuned: &Tuned, outcomes: &[TuningOutcome]) -> Vec<Score> {
    let settings = tuned.grid.len();
    let score = |setting: usize| {
        let mean = |of: fn(&TuningOutcome) -> f64| {
            let own = outcomes.iter().skip(setting).step_by(settings);
            interquartile_mean(&own.map(of).collect::<Vec<f64>>())
        };
        Score {
            first_hit: mean(|outcome| outcome.first_hit),
            final_train_loss: mean(|outcome| outcome.final_train_loss),
        }
    };
    (0..settings).map(score).collect()
}
