//! What the job is, and how it goes: the readings of a controller that is told what it steers.
//!
//! Every reading but one is a logarithm, put on one scale by the centre and the spread that it had in training. Readings of the
//! job are cut at the least and the greatest of the training, all others at ±2.5 spreads; and where the readings of the job are
//! together further from the usual than those of the training were (by the Mahalanobis distance, which knows that many classes
//! and predicted numbers don't come together), all of them are taken towards it. So far from everything known a policy acts as at the
//! edge of what it knows. Without that a policy of products is lost there: it gave a transformer of 11 weight arrays and 70
//! characters thirteen times the learning rate that is best for it. A reading that is not known is 0, the usual. A linear policy of these features is a schedule with a value at each of six points of time, and each
//! reading moves each of them.
//!
//! The readings of how it goes are of the decision before: whoever computes on a device has a whole decision's time to
//! fetch them.

use std::ops::Mul;
use std::sync::LazyLock;

use descender_optim::{Feedback, HyperParameters, Job, Targets};
use serde::{Deserialize, Serialize};

use super::registry::BuiltInObservation;
use super::scale::finite_loss;
use super::time_points::{POINT_NAMES, POINTS, interpolate};
use super::{Observation, state};
use crate::{RestoreError, SettingsError};

/// Readings of the job itself.
pub const OF_THE_JOB: usize = 9;
/// All readings: those of the job, then those of how it goes.
pub const READINGS: usize = 15;
/// Products of two readings of the job, a reading with itself included.
const PRODUCTS: usize = OF_THE_JOB * (OF_THE_JOB + 1) / 2;
/// Features at a point of time: its weight, and the weight times each reading and each product.
pub const AT_A_POINT: usize = 1 + READINGS + PRODUCTS;
/// The names of the readings, as they end the names of features.
pub const READING_NAMES: [&str; READINGS] = [
    "steps",
    "batch",
    "examples",
    "parameters",
    "input_scale",
    "classes",
    "numbers",
    "layers",
    "fan_in",
    "loss_fall",
    "loss_trend",
    "probe_gap",
    "probe_trend",
    "probe_rise",
    "probe_fall",
];
/// No reading is further from its centre than this many spreads.
const FARTHEST: f32 = 2.5;
/// Share of the newest in the running mean of the loss, and of the probe.
const LOSS_SHARE: f32 = 0.2;
const PROBE_SHARE: f32 = 0.3;

/// At each of six points of time: 1, nine readings of the job, six of how it goes, and the products of two readings of
/// the job.
///
/// The weight of a point is 1 at its percentage of the job's steps, 0 at its neighbours and beyond, and linear between.
/// A feature is the weight alone, times a reading, or times a product. The products let a linear policy bend: what a
/// large scale of the inputs asks for depends on how deep the network is. ℓ is the mean batch loss since the decision
/// before, p the mean loss of a few selection examples.
///
/// | reading | the logarithm of | unknown if |
/// |---|---|---|
/// | `steps`, `batch`, `examples`, `parameters`, `input_scale` | steps of the job, examples of a batch, training examples, parameters of the network, root mean square of the inputs | the job doesn't say |
/// | `classes` | number of classes; 1 for numbers | the job doesn't say |
/// | `numbers` | no logarithm: 1 if numbers are predicted, 0 for classes | the job doesn't say |
/// | `layers`, `fan_in` | number of weight arrays, geometric mean of the inputs of their units | the job doesn't say |
/// | `loss_fall`, `loss_trend` | ℓ / its first value, ℓ / its running mean | nothing is recorded yet |
/// | `probe_gap` | p / ℓ | there is no probe |
/// | `probe_trend`, `probe_rise`, `probe_fall` | p / its running mean, its least and its first value | there is no probe |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobObservationSettings {
    /// The job that is steered. Default: 200 steps, the rest unknown.
    pub job: Job,
    /// The usual value of each reading. Default: 0.
    pub centre: [f32; READINGS],
    /// How much it usually differs from that, above 0. Default: 1.
    pub spread: [f32; READINGS],
    /// The least value of each reading of the job in training; less is read as this. Default: −∞, as a very small number.
    pub least: [f32; OF_THE_JOB],
    /// The greatest value; more is read as this. Default: ∞, as a very large number.
    pub most: [f32; OF_THE_JOB],
    /// P, the inverse covariance of the readings of the job in training, on their scale. Default: 0.
    pub precision: [[f32; OF_THE_JOB]; OF_THE_JOB],
    /// The greatest distance √(rᵀ·P·r) of the readings r of a job from the usual ones, above 0. Where they are further, all are
    /// taken towards the usual on a straight line. Default: ∞, as a very large number.
    pub reach: f32,
    /// Decisions from one probe to the next; 0: none is wanted. Default 5.
    pub probe_every: u32,
    /// Examples of a probe, 1 or more; at most two batches are looked at. Default 32.
    pub probe_examples: u32,
}

impl Default for JobObservationSettings {
    fn default() -> Self {
        JobObservationSettings {
            job: Job {
                steps: 200,
                ..Job::default()
            },
            centre: [0.0; READINGS],
            spread: [1.0; READINGS],
            least: [f32::MIN; OF_THE_JOB],
            most: [f32::MAX; OF_THE_JOB],
            precision: [[0.0; OF_THE_JOB]; OF_THE_JOB],
            reach: f32::MAX,
            probe_every: 5,
            probe_examples: 32,
        }
    }
}

/// The readings of a job; `None` where it is not known.
#[must_use]
pub fn readings_of(job: &Job) -> [Option<f32>; OF_THE_JOB] {
    let logarithm = |number: u64| (number.max(1) as f32).ln();
    [
        (job.steps > 0).then(|| logarithm(job.steps)),
        job.batch_size.map(logarithm),
        job.examples.map(logarithm),
        job.parameters.map(logarithm),
        (job.input_scale)
            .filter(|scale| scale.is_finite() && *scale > 0.0)
            .map(f32::ln),
        job.targets.map(|targets| match targets {
            Targets::Classes(count) => logarithm(count),
            _ => 0.0,
        }),
        job.targets.map(|targets| match targets {
            Targets::Classes(_) => 0.0,
            _ => 1.0,
        }),
        job.layers.map(logarithm),
        (job.fan_in)
            .filter(|inputs| inputs.is_finite() && *inputs > 0.0)
            .map(f32::ln),
    ]
}

/// The products of two readings of the job, each with itself and those after it, as features have them.
///
/// `readings` begins with the readings of the job.
pub fn products_of<T: Copy + Mul<Output = T>>(readings: &[T]) -> impl Iterator<Item = T> {
    product_pairs().map(|(first, second)| readings[first] * readings[second])
}

/// The readings of each product.
pub fn product_pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..OF_THE_JOB).flat_map(|first| (first..OF_THE_JOB).map(move |second| (first, second)))
}

impl JobObservationSettings {
    /// What a job has outside of the range of the training, a text each: "5000 steps (trained for 60 to 400)".
    #[must_use]
    pub fn outside(&self, job: &Job) -> Vec<String> {
        let readings = readings_of(job).into_iter().zip(READING_NAMES);
        let limits = self.least.into_iter().zip(self.most);
        // A thousandth is no difference.
        let beyond =
            |value: f32, least: f32, most: f32| value < least - 1e-3 || value > most + 1e-3;
        readings
            .zip(limits)
            .filter_map(|((value, name), (least, most))| {
                let value = value.filter(|value| beyond(*value, least, most))?;
                if name == "numbers" {
                    let kind = ["classes", "numbers"][usize::from(value > 0.5)];
                    return Some(format!(
                        "it predicts {kind}, which no job of the training did"
                    ));
                }
                let [value, least, most] = [value, least, most].map(|x| rounded(x.exp()));
                let name = name.replace('_', " ");
                Some(format!("{name} {value} (trained for {least} to {most})"))
            })
            .collect()
    }

    /// Examples that a probe looks at in this job: two batches at most, so that the share of its cost is that of larger
    /// batches.
    #[must_use]
    pub fn examples_of_a_probe(&self) -> u64 {
        let most = self
            .job
            .batch_size
            .map_or(u64::MAX, |batch| 2 * batch.max(1));
        u64::from(self.probe_examples).min(most)
    }

    /// A reading of the job on its scale, taken into the range of the training.
    fn of_the_job(&self, reading: usize, value: f32) -> f32 {
        let known = value.max(self.least[reading]).min(self.most[reading]);
        self.standard(reading, known)
    }

    /// Takes the readings of the job towards the usual ones, where together they are further from them than
    /// [`reach`](Self::reach).
    fn hold(&self, readings: &mut [f32]) {
        let (of_the_job, _) = readings.split_at_mut(OF_THE_JOB);
        let square: f32 = (self.precision.iter().zip(of_the_job.iter()))
            .map(|(row, reading)| {
                let product: f32 = row.iter().zip(of_the_job.iter()).map(|(p, r)| p * r).sum();
                reading * product
            })
            .sum();
        if square > self.reach * self.reach {
            let share = self.reach / square.sqrt();
            of_the_job.iter_mut().for_each(|reading| *reading *= share);
        }
    }

    fn standard(&self, reading: usize, value: f32) -> f32 {
        let standard = (value - self.centre[reading]) / self.spread[reading];
        match standard.is_nan() {
            true => 0.0,
            false => standard.clamp(-FARTHEST, FARTHEST),
        }
    }
}

/// A number for people: whole from 10 on, three digits below.
fn rounded(x: f32) -> f32 {
    match x {
        x if x >= 10.0 => x.round(),
        x => (x * 100.0).round() / 100.0,
    }
}

impl BuiltInObservation for JobObservationSettings {
    const NAME: &'static str = "job";
    const DESCRIPTION: &'static str = "366 unit-less features: six points of time, each alone and times nine readings of the job, their products and six readings of how it goes; for anchored actions";

    fn features() -> &'static [&'static str] {
        static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
            let products = product_pairs().map(|(first, second)| {
                format!(" × {} × {}", READING_NAMES[first], READING_NAMES[second])
            });
            let readings = READING_NAMES.iter().map(|name| format!(" × {name}"));
            let parts: Vec<String> = (std::iter::once(String::new()))
                .chain(readings)
                .chain(products)
                .collect();
            (POINT_NAMES.iter())
                .flat_map(|point| parts.iter().map(move |part| format!("{point}{part}")))
                .collect()
        });
        static FEATURES: LazyLock<Vec<&'static str>> =
            LazyLock::new(|| NAMES.iter().map(String::as_str).collect());
        &FEATURES
    }

    fn check(&self) -> Result<(), SettingsError> {
        SettingsError::check_steps("job.steps", self.job.steps as f32)?;
        for (reading, name) in READING_NAMES.into_iter().enumerate() {
            let (centre, spread) = (self.centre[reading], self.spread[reading]);
            if !centre.is_finite() {
                let field = format!("centre[{reading}] ({name})");
                return Err(SettingsError::field(field, centre, "a finite number"));
            }
            if !(spread.is_normal() && spread > 0.0) {
                let field = format!("spread[{reading}] ({name})");
                return Err(SettingsError::field(
                    field,
                    spread,
                    "a finite number above 0",
                ));
            }
        }
        for (reading, row) in self.precision.iter().enumerate() {
            if let Some(entry) = row.iter().find(|entry| !entry.is_finite()) {
                let field = format!("precision[{reading}] ({})", READING_NAMES[reading]);
                return Err(SettingsError::field(field, *entry, "finite numbers"));
            }
        }
        if !(self.reach.is_normal() && self.reach > 0.0) {
            return Err(SettingsError::field(
                "reach",
                self.reach,
                "a finite number above 0",
            ));
        }
        if self.probe_examples == 0 {
            return Err(SettingsError::field(
                "probe_examples",
                self.probe_examples,
                "1 example or more",
            ));
        }
        Ok(())
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.job.steps as f32)
    }

    fn pace(&mut self, total_steps: f32) {
        self.job.steps = total_steps as u64;
    }

    fn fit(&mut self, job: &Job) {
        self.job = *job;
    }

    fn start(&self) -> Box<dyn Observation> {
        Box::new(JobObservation::new(*self))
    }
}

/// What is known of a row of numbers: the first, the least, and the running mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct History {
    first: f32,
    least: f32,
    mean: f32,
}

impl History {
    /// The history with one more number; that of the first, where there is none yet.
    fn with(history: Option<Self>, value: f32, share: f32) -> Self {
        match history {
            None => Self {
                first: value,
                least: value,
                mean: value,
            },
            Some(Self { first, least, mean }) => Self {
                first,
                least: least.min(value),
                mean: (1.0 - share) * mean + share * value,
            },
        }
    }
}

/// What the features need to remember of a descent. All losses are logarithms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct JobObservation {
    settings: JobObservationSettings,
    steps: u64,
    decisions: u64,
    /// Sum and number of the batch losses since the last decision.
    sum: f64,
    count: u32,
    /// The probe since the last decision.
    probed: Option<f32>,
    losses: Option<History>,
    probes: Option<History>,
    /// All readings, as of the last decision.
    readings: [f32; READINGS],
}

impl JobObservation {
    fn new(settings: JobObservationSettings) -> Self {
        let mut readings = [0.0; READINGS];
        for (reading, value) in readings_of(&settings.job).into_iter().enumerate() {
            readings[reading] = value.map_or(0.0, |value| settings.of_the_job(reading, value));
        }
        settings.hold(&mut readings);
        JobObservation {
            settings,
            steps: 0,
            decisions: 0,
            sum: 0.0,
            count: 0,
            probed: None,
            losses: None,
            probes: None,
            readings,
        }
    }

    /// Takes the values of some readings, from the first on.
    fn read(&mut self, first: usize, values: &[f32]) {
        for (reading, &value) in (first..).zip(values) {
            self.readings[reading] = self.settings.standard(reading, value);
        }
    }
}

impl Observation for JobObservation {
    fn name(&self) -> &str {
        JobObservationSettings::NAME
    }

    fn feature_names(&self) -> Vec<&str> {
        JobObservationSettings::features().to_vec()
    }

    fn total_steps(&self) -> Option<f32> {
        Some(self.settings.job.steps as f32)
    }

    fn reset(&mut self, _mu: &HyperParameters) {
        *self = Self::new(self.settings);
    }

    fn record(&mut self, feedback: &Feedback, _mu: &HyperParameters) {
        self.sum += f64::from(finite_loss(feedback.loss));
        self.count = self.count.saturating_add(1);
        self.steps = self.steps.saturating_add(1);
    }

    fn wants_probe(&self) -> Option<usize> {
        let every = u64::from(self.settings.probe_every);
        let wanted = every > 0 && self.decisions.is_multiple_of(every);
        wanted.then_some(self.settings.examples_of_a_probe() as usize)
    }

    fn probe(&mut self, loss: f32) {
        // NaN: there are no examples.
        self.probed = (!loss.is_nan()).then(|| finite_loss(loss).ln());
    }

    fn note_action(&mut self, _before: &HyperParameters, _after: &HyperParameters) {
        self.decisions = self.decisions.saturating_add(1);
        if self.count == 0 {
            return;
        }
        let loss = (self.sum / f64::from(self.count)).ln() as f32;
        let known = self.losses.unwrap_or(History::with(None, loss, LOSS_SHARE));
        self.read(OF_THE_JOB, &[loss - known.first, loss - known.mean]);
        self.losses = Some(History::with(self.losses, loss, LOSS_SHARE));
        (self.sum, self.count) = (0.0, 0);
        if let Some(probe) = self.probed.take() {
            let known = self
                .probes
                .unwrap_or(History::with(None, probe, PROBE_SHARE));
            let rise = probe - known.least.min(probe);
            let readings = [probe - loss, probe - known.mean, rise, probe - known.first];
            self.read(OF_THE_JOB + 2, &readings);
            self.probes = Some(History::with(self.probes, probe, PROBE_SHARE));
        }
    }

    fn write(&self, out: &mut [f32]) {
        let mut weights = [0.0; POINTS.len()];
        interpolate(
            self.steps as f32 / self.settings.job.steps as f32,
            &mut weights,
        );
        for (weight, features) in weights.iter().zip(out.chunks_exact_mut(AT_A_POINT)) {
            features[0] = *weight;
            let values = self.readings.into_iter().chain(products_of(&self.readings));
            for (feature, value) in features[1..].iter_mut().zip(values) {
                *feature = weight * value;
            }
        }
    }

    fn save(&self, out: &mut Vec<u8>) {
        state::save(self, out);
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let state: Self = state::read(state)?;
        if state.settings != self.settings {
            return Err(RestoreError::Observation);
        }
        *self = state;
        Ok(())
    }

    fn rewind(&mut self, kept: &[u8]) -> Result<(), RestoreError> {
        let (steps, decisions) = (self.steps, self.decisions);
        self.restore(kept)?;
        (self.steps, self.decisions) = (steps, decisions);
        Ok(())
    }

    fn boxed_clone(&self) -> Box<dyn Observation> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
