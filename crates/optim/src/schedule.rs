//! Learning-rate schedules: η as a function of the step, known before the descent (all but two, which look at losses).
//!
//! Time is counted in steps (one update each). A schedule is started with the peak η and the number of steps that the
//! descent will take; lengths in its settings are fractions of that number, so that the same settings serve descents of
//! any length. Below, T is the total number of steps, t = 0, 1, … the step, η₀ the peak.

use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::setting::{self, Allowed, Setting, Value};

mod state;

pub use state::ScheduleState;

/// How η goes over a descent.
///
/// Serializes with its name as a tag (`name = "cosine"`), which self-describing formats such as TOML and JSON can read;
/// settings left out have their defaults. A running schedule is a [`ScheduleState`], which any format can store.
///
/// ```
/// use descender_optim::Schedule;
///
/// let mut state = Schedule::by_name("linear").unwrap().start(0.2, 100);
/// let mut rates = vec![];
/// for _ in 0..100 {
///     rates.push(state.learning_rate());
///     state.advance(1.0);
/// }
/// assert_eq!((rates[0], rates[50], rates[99]), (0.2, 0.1, 0.002));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Schedule {
    /// η₀ at every step.
    #[serde(deserialize_with = "setting::none")]
    Constant,
    /// Falls at milestones.
    Step(Step),
    /// Falls by the same factor at each step.
    Exponential(Exponential),
    /// Falls on a straight line.
    Linear(Linear),
    /// Falls on half a cosine.
    Cosine(Cosine),
    /// Cosine with warm restarts.
    Sgdr(Sgdr),
    /// Rises to the peak, then falls far below the start.
    OneCycle(OneCycle),
    /// Falls when the smoothed loss no longer does.
    ReduceOnPlateau(ReduceOnPlateau),
    /// Falls on a straight line, and by a factor when the validation loss has risen.
    LinearCut(LinearCut),
}

/// η = η₀ · factor^k, with k the number of milestones m with t ≥ round(m·T). PyTorch's `MultiStepLR`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// What η is multiplied by at each milestone, above 0 and at most 1 (0.1).
    pub factor: f64,
    /// Ascending fractions of T (1/2 and 3/4); on the command line `milestones=0.5/0.75`.
    pub milestones: Vec<f64>,
}

impl Default for Step {
    fn default() -> Self {
        Step {
            factor: 0.1,
            milestones: vec![0.5, 0.75],
        }
    }
}

/// η = η₀ · f^(t/T). PyTorch's `ExponentialLR` with γ = f^(1/T).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exponential {
    /// f, the share of η₀ that is left after T steps, above 0 and at most 1 (0.01).
    pub final_factor: f64,
}

impl Default for Exponential {
    fn default() -> Self {
        Exponential { final_factor: 0.01 }
    }
}

/// η = η₀ · (1 − (1 − f)·t/T), and η₀·f from T on. PyTorch's `LinearLR` from 1 to f.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Linear {
    /// f, the share of η₀ that is left after T steps, from 0 to 1 (0).
    pub final_factor: f64,
}

/// η = η₀ · (f + (1 − f)·(1 + cos(π·t/T))/2), and η₀·f from T on. PyTorch's `CosineAnnealingLR` with η_min = f·η₀.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cosine {
    /// f, the share of η₀ that is left after T steps, from 0 to 1 (0).
    pub final_factor: f64,
}

/// SGDR (Loshchilov, Hutter 2017, equation 5): η = η_min + (η_max − η_min)·(1 + cos(π·T_cur/T_i))/2.
///
/// η_max = η₀, η_min = f·η₀, T_cur counts the steps since the last restart, T_i is the length of the current cycle in
/// steps. The first is T₀ = ceil(T / (1 + m + … + m^(cycles − 1))), so that T steps hold `cycles` cycles; each is m times
/// as long as the one before. PyTorch's `CosineAnnealingWarmRestarts`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgdr {
    /// Cycles in the T steps, at least 1 (3).
    pub cycles: u64,
    /// m, at least 1 (2).
    pub multiplier: u64,
    /// f = η_min / η_max, from 0 to 1 (0).
    pub final_factor: f64,
}

impl Default for Sgdr {
    fn default() -> Self {
        Sgdr {
            cycles: 3,
            multiplier: 2,
            final_factor: 0.0,
        }
    }
}

/// The one-cycle policy (Smith, Topin 2018) in PyTorch's form (`OneCycleLR` with cosine annealing, without its cycle of
/// the momentum).
///
/// From η₀/div at t = 0 along half a cosine up to η₀ at t = pct·T − 1, then along half a cosine down to
/// η₀/(div·final_div) at t = T − 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneCycle {
    /// pct, the share of T in which η rises, from 0 to 1 (0.3).
    pub rise: f64,
    /// div = peak / start, at least 1 (25).
    pub start_divisor: f64,
    /// final_div = start / end, at least 1 (10,000).
    pub final_divisor: f64,
}

impl Default for OneCycle {
    fn default() -> Self {
        OneCycle {
            rise: 0.3,
            start_divisor: 25.0,
            final_divisor: 1e4,
        }
    }
}

/// η ← factor·η when the smoothed loss hasn't fallen for a while. PyTorch's `ReduceLROnPlateau` on a smoothed loss.
///
/// PyTorch expects a validation loss once an epoch. Here the loss is that of each step's batch, which is noisy, so its
/// exponential average L ← s·L + (1 − s)·loss (divided by its weight 1 − s^t) is watched. The average has improved when
/// L < (1 − threshold)·best. After more than `patience`·T steps in a row without improvement η falls, and after each fall
/// `cooldown`·T steps aren't counted. A loss that isn't finite counts as no improvement and stays out of the average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReduceOnPlateau {
    /// What η is multiplied by, above 0 and at most 1 (0.5).
    pub factor: f64,
    /// Steps without improvement that are borne, as a fraction of T (0.1).
    pub patience: f64,
    /// Steps after a fall that aren't counted, as a fraction of T (0).
    pub cooldown: f64,
    /// Relative improvement that counts, at least 0 and below 1 (0.01).
    pub threshold: f64,
    /// s, at least 0 and below 1 (0.98, an average over about 50 steps).
    pub smoothing: f64,
    /// Smallest η as a share of η₀, from 0 to 1 (0).
    pub final_factor: f64,
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        ReduceOnPlateau {
            factor: 0.5,
            patience: 0.1,
            cooldown: 0.0,
            threshold: 0.01,
            smoothing: 0.98,
            final_factor: 0.0,
        }
    }
}

/// Linear decay with a cut: η = η₀ · (1 − t/T) · factor^k, and 0 from T on, where k counts the validation losses that
/// were larger than the one before.
///
/// This is the rule that won the DAC4SGD track of the DAC4AutoML competition at AutoML-Conf 2022 (the winner's program,
/// `thetourney/DAC4SGD` on GitHub, says so and holds it). There η₀ = 0.005 with AdamW, factor = 0.05, and a validation
/// loss at the end of each epoch, each compared with the one before. A validation loss that isn't finite counts as risen.
///
/// An epoch is what [`ScheduleState::with_epoch`] says, and a tenth of T where it says nothing. A descent of one epoch is
/// never cut. A validation loss costs a forward pass over the validation data (on the paper's task 63 batches beside the
/// 250 steps of an epoch); shorter intervals meet more noise, and with this factor one false alarm all but ends the
/// descent.
///
/// The caller measures the validation loss when [`ScheduleState::wants_validation`] says so and hands it to
/// [`ScheduleState::validate`]; one who never does gets a linear decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearCut {
    /// What η is multiplied by when the validation loss has risen, above 0 and at most 1 (0.05).
    pub factor: f64,
    /// Epochs from one validation loss to the next, above 0 (1); at least one step.
    pub interval: f64,
}

impl Default for LinearCut {
    fn default() -> Self {
        LinearCut {
            factor: 0.05,
            interval: 1.0,
        }
    }
}

/// A schedule as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScheduleInfo {
    /// The name, as in settings and on the command line.
    pub name: &'static str,
    /// One line on what it does.
    pub description: &'static str,
    /// The schedule with its default settings.
    pub schedule: Schedule,
    /// Names and default values of its settings, as [`Schedule::with_setting`] reads them.
    pub settings: Vec<(&'static str, String)>,
}

impl Schedule {
    /// Every schedule with its default settings.
    pub fn names() -> Vec<ScheduleInfo> {
        [
            Schedule::Constant,
            Schedule::Step(Step::default()),
            Schedule::Exponential(Exponential::default()),
            Schedule::Linear(Linear::default()),
            Schedule::Cosine(Cosine::default()),
            Schedule::Sgdr(Sgdr::default()),
            Schedule::OneCycle(OneCycle::default()),
            Schedule::ReduceOnPlateau(ReduceOnPlateau::default()),
            Schedule::LinearCut(LinearCut::default()),
        ]
        .into_iter()
        .map(|schedule| ScheduleInfo {
            name: schedule.name(),
            description: schedule.description(),
            settings: schedule.settings(),
            schedule,
        })
        .collect()
    }

    /// The schedule called `name` with its default settings.
    pub fn by_name(name: &str) -> Option<Schedule> {
        Schedule::names()
            .into_iter()
            .find(|info| info.name == name)
            .map(|info| info.schedule)
    }

    /// As [`Schedule::by_name`], with an error that lists the known names.
    ///
    /// # Errors
    /// No schedule has this name.
    pub fn parse(name: &str) -> Result<Schedule, OptimizerError> {
        Schedule::by_name(name).ok_or_else(|| OptimizerError::UnknownName {
            kind: "schedule",
            name: name.into(),
            known: Schedule::names()
                .iter()
                .map(|info| info.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// The name, as in settings and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Schedule::Constant => "constant",
            Schedule::Step(_) => "step",
            Schedule::Exponential(_) => "exponential",
            Schedule::Linear(_) => "linear",
            Schedule::Cosine(_) => "cosine",
            Schedule::Sgdr(_) => "sgdr",
            Schedule::OneCycle(_) => "one-cycle",
            Schedule::ReduceOnPlateau(_) => "reduce-on-plateau",
            Schedule::LinearCut(_) => "linear-cut",
        }
    }

    /// One line on what the schedule does.
    pub fn description(&self) -> &'static str {
        match self {
            Schedule::Constant => "the same learning rate at every step",
            Schedule::Step(_) => "falls by a factor at given milestones",
            Schedule::Exponential(_) => "falls by the same factor at each step",
            Schedule::Linear(_) => "falls on a straight line",
            Schedule::Cosine(_) => "falls on half a cosine",
            Schedule::Sgdr(_) => "falls on half a cosine again and again, with warm restarts",
            Schedule::OneCycle(_) => "rises to the peak, then falls far below the start",
            Schedule::ReduceOnPlateau(_) => {
                "falls by a factor when the smoothed loss no longer falls"
            }
            Schedule::LinearCut(_) => {
                "falls on a straight line, and by a factor when the validation loss has risen"
            }
        }
    }

    /// Names and values of the settings, as [`Schedule::with_setting`] reads them.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        setting::list(self.clone().table())
    }

    /// The same schedule with the setting `key` at `value`.
    ///
    /// # Errors
    /// The schedule has no such setting (the error names those it has), or the value isn't allowed.
    pub fn with_setting(&self, key: &str, value: &str) -> Result<Schedule, OptimizerError> {
        let mut schedule = self.clone();
        setting::set(&self.owner(), schedule.table(), key, value)?;
        Ok(schedule)
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting whose value isn't allowed, with what was expected.
    pub fn check(&self) -> Result<(), OptimizerError> {
        setting::check(&self.owner(), self.clone().table())
    }

    fn owner(&self) -> String {
        format!("schedule \"{}\"", self.name())
    }

    /// Every setting with what it allows.
    fn table(&mut self) -> Vec<Setting<'_>> {
        use Allowed::{AtLeastOne, Decay, Fraction, Positive, PositiveFraction};
        use Value::{Count, Fractions, Number};
        match self {
            Schedule::Constant => vec![],
            Schedule::Step(s) => vec![
                ("factor", Number(&mut s.factor, PositiveFraction)),
                ("milestones", Fractions(&mut s.milestones)),
            ],
            Schedule::Exponential(s) => vec![(
                "final_factor",
                Number(&mut s.final_factor, PositiveFraction),
            )],
            Schedule::Linear(Linear { final_factor })
            | Schedule::Cosine(Cosine { final_factor }) => {
                vec![("final_factor", Number(final_factor, Fraction))]
            }
            Schedule::Sgdr(s) => vec![
                ("cycles", Count(&mut s.cycles)),
                ("multiplier", Count(&mut s.multiplier)),
                ("final_factor", Number(&mut s.final_factor, Fraction)),
            ],
            Schedule::OneCycle(s) => vec![
                ("rise", Number(&mut s.rise, Fraction)),
                ("start_divisor", Number(&mut s.start_divisor, AtLeastOne)),
                ("final_divisor", Number(&mut s.final_divisor, AtLeastOne)),
            ],
            Schedule::ReduceOnPlateau(s) => vec![
                ("factor", Number(&mut s.factor, PositiveFraction)),
                ("patience", Number(&mut s.patience, Fraction)),
                ("cooldown", Number(&mut s.cooldown, Fraction)),
                ("threshold", Number(&mut s.threshold, Decay)),
                ("smoothing", Number(&mut s.smoothing, Decay)),
                ("final_factor", Number(&mut s.final_factor, Fraction)),
            ],
            Schedule::LinearCut(s) => vec![
                ("factor", Number(&mut s.factor, PositiveFraction)),
                ("interval", Number(&mut s.interval, Positive)),
            ],
        }
    }

    /// The schedule before the first step of a descent of `total_steps` steps whose highest η is `peak`.
    ///
    /// A schedule goes on beyond `total_steps` with what its formula says. Settings that [`Schedule::check`] refuses
    /// make strange values of η, but no panic.
    pub fn start(&self, peak: f32, total_steps: u64) -> ScheduleState {
        ScheduleState::new(self, peak, total_steps)
    }
}
