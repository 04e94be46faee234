//! A schedule at work: the η of the coming step, and what is remembered between steps.

use serde::{Deserialize, Serialize};

use super::{LinearCut, OneCycle, ReduceOnPlateau, Schedule};

/// A schedule under way in a descent. It serializes to any format, binary ones included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleState {
    course: Course,
    peak: f64,
    /// T.
    total: u64,
    /// t, the number of the coming step.
    step: u64,
}

/// The resolved course of η, with what it remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Course {
    Constant,
    Step {
        factor: f64,
        milestones: Vec<u64>,
    },
    Exponential {
        final_factor: f64,
    },
    Linear {
        final_factor: f64,
    },
    Cosine {
        final_factor: f64,
    },
    Sgdr {
        final_factor: f64,
        multiplier: u64,
        since_restart: u64,
        period: u64,
    },
    OneCycle(OneCycle),
    Plateau(Plateau),
    Replay(Vec<f32>),
    Cut(Cut),
}

/// What [`LinearCut`] remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Cut {
    settings: LinearCut,
    /// Steps from one validation loss to the next.
    interval: u64,
    /// The step before which the next validation loss is due.
    due: u64,
    /// η as a share of the straight line.
    level: f64,
    /// The validation loss before, if there was one.
    last: Option<f64>,
}

/// What [`ReduceOnPlateau`] remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Plateau {
    settings: ReduceOnPlateau,
    /// Patience and cooldown in steps.
    patience: u64,
    cooldown: u64,
    /// η as a share of the peak.
    level: f64,
    average: f64,
    /// Weight of the average, 1 − s^t.
    weight: f64,
    best: f64,
    steps_without: u64,
    cooling: u64,
}

impl ScheduleState {
    pub(super) fn new(schedule: &Schedule, peak: f32, total_steps: u64) -> ScheduleState {
        let total = total_steps.max(1);
        let steps = |fraction: f64| (fraction * total as f64).round() as u64;
        let course = match schedule {
            Schedule::Constant => Course::Constant,
            Schedule::Step(s) => Course::Step {
                factor: s.factor,
                milestones: s.milestones.iter().map(|&m| steps(m)).collect(),
            },
            Schedule::Exponential(s) => Course::Exponential {
                final_factor: s.final_factor,
            },
            Schedule::Linear(s) => Course::Linear {
                final_factor: s.final_factor,
            },
            Schedule::Cosine(s) => Course::Cosine {
                final_factor: s.final_factor,
            },
            Schedule::Sgdr(s) => Course::Sgdr {
                final_factor: s.final_factor,
                multiplier: s.multiplier.max(1),
                since_restart: 0,
                period: first_period(total, s.cycles, s.multiplier.max(1)),
            },
            Schedule::OneCycle(s) => Course::OneCycle(*s),
            Schedule::ReduceOnPlateau(s) => Course::Plateau(Plateau {
                settings: *s,
                patience: steps(s.patience),
                cooldown: steps(s.cooldown),
                level: 1.0,
                average: 0.0,
                weight: 0.0,
                best: f64::INFINITY,
                steps_without: 0,
                cooling: 0,
            }),
            Schedule::LinearCut(s) => {
                let interval = epochs(s.interval, total.div_ceil(10));
                Course::Cut(Cut {
                    settings: *s,
                    interval,
                    due: interval,
                    level: 1.0,
                    last: None,
                })
            }
        };
        ScheduleState {
            course,
            peak: f64::from(peak),
            total,
            step: 0,
        }
    }

    /// The schedule with epochs of so many steps, for what is counted in epochs: the intervals of [`LinearCut`].
    ///
    /// To be said before the first step.
    #[must_use]
    pub fn with_epoch(mut self, steps: u64) -> ScheduleState {
        if let Course::Cut(cut) = &mut self.course {
            cut.interval = epochs(cut.settings.interval, steps);
            cut.due = cut.interval;
        }
        self
    }

    /// A schedule that repeats recorded learning rates, one a step, and stays at the last one (0 if there is none).
    pub fn replay(learning_rates: Vec<f32>) -> ScheduleState {
        let total = (learning_rates.len() as u64).max(1);
        ScheduleState {
            course: Course::Replay(learning_rates),
            peak: 1.0,
            total,
            step: 0,
        }
    }

    /// Number of the coming step, from 0.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// η of the coming step.
    pub fn learning_rate(&self) -> f32 {
        let t = self.step;
        let progress = (t as f64 / self.total as f64).min(1.0);
        let share = match &self.course {
            Course::Constant => 1.0,
            Course::Step { factor, milestones } => milestones
                .iter()
                .filter(|&&milestone| t >= milestone)
                .fold(1.0, |share, _| share * factor),
            Course::Exponential { final_factor } => final_factor.powf(t as f64 / self.total as f64),
            Course::Linear { final_factor } => 1.0 - (1.0 - final_factor) * progress,
            Course::Cosine { final_factor } => half_cosine(1.0, *final_factor, progress),
            Course::Sgdr {
                final_factor,
                since_restart,
                period,
                ..
            } => half_cosine(1.0, *final_factor, *since_restart as f64 / *period as f64),
            Course::OneCycle(settings) => one_cycle(settings, t, self.total),
            Course::Plateau(plateau) => plateau.level,
            Course::Cut(cut) => (1.0 - progress) * cut.level,
            Course::Replay(learning_rates) => {
                let index = usize::try_from(t)
                    .unwrap_or(usize::MAX)
                    .min(learning_rates.len().saturating_sub(1));
                f64::from(learning_rates.get(index).copied().unwrap_or(0.0))
            }
        };
        (self.peak * share) as f32
    }

    /// Whether the validation loss is to be measured before the coming step, for [`ScheduleState::validate`].
    ///
    /// Only [`LinearCut`] ever asks, and not for the loss after the last step, which no η depends on.
    pub fn wants_validation(&self) -> bool {
        matches!(&self.course, Course::Cut(cut) if (cut.due..self.total).contains(&self.step))
    }

    /// Tells the present validation loss; the η of the coming step may change.
    ///
    /// Schedules that don't ask for it pass over it.
    pub fn validate(&mut self, loss: f32) {
        if let Course::Cut(cut) = &mut self.course {
            cut.record(f64::from(loss));
            cut.due = (self.step / cut.interval + 1).saturating_mul(cut.interval);
        }
    }

    /// Ends the step: `loss` is the loss of its batch (which only reduce-on-plateau reads).
    pub fn advance(&mut self, loss: f32) {
        self.step += 1;
        match &mut self.course {
            Course::Sgdr {
                multiplier,
                since_restart,
                period,
                ..
            } => {
                *since_restart += 1;
                if *since_restart >= *period {
                    *since_restart = 0;
                    *period = period.saturating_mul(*multiplier);
                }
            }
            Course::Plateau(plateau) => plateau.record(f64::from(loss)),
            _ => {}
        }
    }
}

/// So many epochs in steps, at least 1.
fn epochs(count: f64, steps: u64) -> u64 {
    ((count * steps as f64).round() as u64).max(1)
}

/// From `from` at progress 0 to `to` at progress 1 along half a cosine.
fn half_cosine(from: f64, to: f64, progress: f64) -> f64 {
    to + (from - to) * (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0
}

/// T₀ = ceil(T / (1 + m + … + m^(cycles − 1))), at least 1.
fn first_period(total: u64, cycles: u64, multiplier: u64) -> u64 {
    let cycles = cycles.clamp(1, total);
    if multiplier == 1 {
        return total.div_ceil(cycles);
    }
    let (mut length, mut sum) = (1_u64, 0_u64);
    for _ in 0..cycles {
        sum = sum.saturating_add(length);
        length = length.saturating_mul(multiplier);
        if sum >= total {
            break;
        }
    }
    total.div_ceil(sum)
}

/// η of the one-cycle policy as a share of the peak.
fn one_cycle(settings: &OneCycle, step: u64, total: u64) -> f64 {
    let start = 1.0 / settings.start_divisor;
    let end = start / settings.final_divisor;
    let (t, last) = (step as f64, total as f64 - 1.0);
    let top = settings.rise * total as f64 - 1.0;
    if t >= last {
        end
    } else if t <= top {
        half_cosine(start, 1.0, t / top.max(1.0))
    } else {
        let top = top.max(0.0);
        half_cosine(1.0, end, (t - top) / (last - top))
    }
}

impl Cut {
    fn record(&mut self, loss: f64) {
        let risen = !loss.is_finite() || self.last.is_some_and(|last| last < loss);
        if risen {
            self.level *= self.settings.factor;
        }
        if loss.is_finite() {
            self.last = Some(loss);
        }
    }
}

impl Plateau {
    fn record(&mut self, loss: f64) {
        let ReduceOnPlateau {
            factor,
            threshold,
            smoothing,
            final_factor,
            ..
        } = self.settings;
        if loss.is_finite() {
            self.average = smoothing * self.average + (1.0 - smoothing) * loss;
            self.weight = smoothing * self.weight + (1.0 - smoothing);
        }
        let level = self.average / self.weight;
        if loss.is_finite() && level < self.best * (1.0 - threshold) {
            self.best = level;
            self.steps_without = 0;
        } else {
            self.steps_without += 1;
        }
        if self.cooling > 0 {
            self.cooling -= 1;
            self.steps_without = 0;
        }
        if self.steps_without > self.patience {
            self.level = (self.level * factor).max(final_factor);
            self.cooling = self.cooldown;
            self.steps_without = 0;
        }
    }
}
