//! Recorded schedules: the hyper-parameters of each step, known before the descent begins.
//!
//! What a controller did on the average ([`Calibration::schedule`](super::Calibration::schedule)), or what stands in a
//! file ([`ScheduleFile`](super::ScheduleFile)), is a table with a column for each entry of μ that it sets. The other entries come from the
//! optimizer.

use descender_env::Steer;
use descender_optim::{Feedback, HyperParameter, HyperParameters, Method};
use descender_task::Descent;

/// The hyper-parameters of each step. η is always among them. After the last step, its values stay.
///
/// ```
/// use descender_optim::{HyperParameter, Method};
/// use descender_compare::contender::RecordedSchedule;
///
/// let schedule = RecordedSchedule::new(vec![
///     (HyperParameter::LearningRate, vec![0.1, 0.2]),
///     (HyperParameter::B1, vec![0.0, 0.5]),
/// ])?;
/// let mu = schedule.hyper_parameters(&Method::Sgd, 7);
/// assert_eq!((mu.learning_rate, mu.b1, mu.b2), (0.2, 0.5, 1.0));
/// # Ok::<(), descender_compare::contender::RecordedScheduleError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedSchedule {
    /// In the order of μ, each entry once, all of the same length.
    columns: Vec<(HyperParameter, Vec<f32>)>,
}

/// Why columns do not make a schedule.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordedScheduleError {
    /// η is missing, or there is no step.
    #[error("it has no learning rate; expected one for each step")]
    NoLearningRate,
    /// An entry has two columns.
    #[error("{0} stands there twice; expected one column for it")]
    Twice(HyperParameter),
    /// A column is shorter or longer than that of η.
    #[error("{entry} has {found} steps; expected {expected}, as many as learning_rate has")]
    Length {
        /// The column.
        entry: HyperParameter,
        /// Its length.
        found: usize,
        /// The length of η's.
        expected: usize,
    },
    /// A value that a step cannot use.
    #[error("{entry} of step {step} is {value}; expected {expected}")]
    Value {
        /// The column.
        entry: HyperParameter,
        /// The step, from 0.
        step: usize,
        /// The value.
        value: f32,
        /// The values that are allowed.
        expected: &'static str,
    },
}

impl RecordedSchedule {
    /// A schedule of these columns.
    ///
    /// # Errors
    /// A column is missing, duplicated or of another length; a value is not finite; or η is below 0.
    pub fn new(
        mut columns: Vec<(HyperParameter, Vec<f32>)>,
    ) -> Result<Self, RecordedScheduleError> {
        columns.sort_by_key(|(entry, _)| *entry);
        let expected = match columns.first() {
            Some((HyperParameter::LearningRate, rates)) if !rates.is_empty() => rates.len(),
            _ => return Err(RecordedScheduleError::NoLearningRate),
        };
        if let Some(pair) = columns.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(RecordedScheduleError::Twice(pair[0].0));
        }
        for (entry, values) in &columns {
            let (entry, found) = (*entry, values.len());
            if found != expected {
                return Err(RecordedScheduleError::Length {
                    entry,
                    found,
                    expected,
                });
            }
            if let Some(step) = values.iter().position(|value| !allowed(entry, *value)) {
                return Err(RecordedScheduleError::Value {
                    entry,
                    step,
                    value: values[step],
                    expected: expectation(entry),
                });
            }
        }
        Ok(Self { columns })
    }

    /// Like [`RecordedSchedule::new`], from means of values that were already used. There may be no steps; then η is 0.
    pub(super) fn of_means(columns: Vec<(HyperParameter, Vec<f32>)>) -> Self {
        Self { columns }
    }

    /// The columns in the order of μ, η first.
    #[must_use]
    pub fn columns(&self) -> &[(HyperParameter, Vec<f32>)] {
        &self.columns
    }

    /// The values of an entry, step by step; `None` if the optimizer determines it.
    #[must_use]
    pub fn column(&self, entry: HyperParameter) -> Option<&[f32]> {
        let found = self.columns.iter().find(|(known, _)| *known == entry);
        found.map(|(_, values)| values.as_slice())
    }

    /// The entries that it sets, in the order of μ.
    pub fn entries(&self) -> impl Iterator<Item = HyperParameter> {
        self.columns.iter().map(|(entry, _)| *entry)
    }

    /// The number of recorded steps.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    /// μ of step `step` (from 0) under `method`.
    #[must_use]
    pub fn hyper_parameters(&self, method: &Method, step: u64) -> HyperParameters {
        let mut mu = method.hyper_parameters(0.0);
        for (entry, values) in &self.columns {
            let step = usize::try_from(step).unwrap_or(usize::MAX);
            if let Some(value) = values.get(step).or(values.last()) {
                entry.set(&mut mu, *value);
            }
        }
        mu
    }
}

/// A recorded schedule in use, with the other hyper-parameters from an optimizer.
#[derive(Clone, Debug)]
pub struct Replayed<'a> {
    schedule: &'a RecordedSchedule,
    method: &'a Method,
    /// Number of the next step.
    step: u64,
    mu: HyperParameters,
}

impl<'a> Replayed<'a> {
    /// `schedule` under `method`, before the first step.
    #[must_use]
    pub fn new(schedule: &'a RecordedSchedule, method: &'a Method) -> Self {
        Self {
            schedule,
            method,
            step: 0,
            mu: schedule.hyper_parameters(method, 0),
        }
    }
}

impl Steer for Replayed<'_> {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        self.mu = self.schedule.hyper_parameters(self.method, self.step);
        std::slice::from_ref(&self.mu)
    }

    fn record(&mut self, feedback: &Feedback, _: &mut dyn Descent) -> bool {
        self.step += 1;
        feedback.loss.is_finite()
    }
}

/// Whether a step can use `value`. h(μ) allows any finite number; a negative η goes uphill.
pub(super) fn allowed(entry: HyperParameter, value: f32) -> bool {
    value.is_finite() && (entry != HyperParameter::LearningRate || value >= 0.0)
}

/// What [`allowed`] allows, in words.
pub(super) const fn expectation(entry: HyperParameter) -> &'static str {
    match entry {
        HyperParameter::LearningRate => "a finite number, 0 or more",
        _ => "a finite number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HyperParameter::{B1, LearningRate};

    #[test]
    fn the_last_values_hold_and_the_rest_is_the_optimizer_s() {
        let columns = vec![(B1, vec![0.5, 0.75]), (LearningRate, vec![0.1, 0.2])];
        let schedule = RecordedSchedule::new(columns).unwrap();
        assert!(schedule.entries().eq([LearningRate, B1]));
        assert_eq!(schedule.steps(), 2);
        let adam = Method::by_name("adam").unwrap();
        for (step, rate, b1) in [(0, 0.1, 0.5), (1, 0.2, 0.75), (u64::MAX, 0.2, 0.75)] {
            let mu = schedule.hyper_parameters(&adam, step);
            let expected = HyperParameters {
                b1,
                ..adam.hyper_parameters(rate)
            };
            assert_eq!(mu, expected, "step {step}");
        }
        assert_eq!(schedule.column(HyperParameter::A1), None);
    }

    #[test]
    fn what_is_no_schedule_is_refused_by_name() {
        let refused = |columns: &[(HyperParameter, &[f32])]| {
            let columns = columns
                .iter()
                .map(|(entry, values)| (*entry, values.to_vec()));
            RecordedSchedule::new(columns.collect())
                .unwrap_err()
                .to_string()
        };
        assert!(refused(&[]).contains("no learning rate"));
        assert!(refused(&[(LearningRate, &[])]).contains("no learning rate"));
        assert!(refused(&[(B1, &[0.5])]).contains("no learning rate"));
        let twice = refused(&[(LearningRate, &[0.1]), (B1, &[0.5]), (B1, &[0.5])]);
        assert!(twice.contains("b1 stands there twice"), "{twice}");
        let short = refused(&[(LearningRate, &[0.1, 0.1]), (B1, &[0.5])]);
        assert!(short.contains("b1 has 1 steps; expected 2"), "{short}");
        for value in [-0.1, f32::NAN, f32::INFINITY] {
            let message = refused(&[(LearningRate, &[0.1, value])]);
            assert!(message.contains("learning_rate of step 1 is"), "{message}");
        }
        let message = refused(&[(LearningRate, &[0.1]), (B1, &[f32::NAN])]);
        assert!(message.contains("b1 of step 0 is NaN"), "{message}");
    }
}
