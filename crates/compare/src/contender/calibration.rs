//! Calibration: a controller is run on separate starts, so that negative controls can be made from what it does.

use std::ops::ControlFlow;

use descender_control::Controller;
use descender_optim::HyperParameter;
use descender_task::{DescentError, Job, Problem, StartPoint};
use serde::{Deserialize, Serialize};

use super::RecordedSchedule;
use descender_env::{Guarded, SteerEnd, Stepped, Stop, steer};

/// Number of starts on which a controller is calibrated
/// ([`StartPurpose::Calibration`](descender_task::StartPurpose::Calibration)).
pub const CALIBRATION_STARTS: u64 = 16;

/// What a controller did in one descent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watched {
    /// η of each step.
    learning_rates: Vec<f32>,
    /// The sum of each feature over the decisions.
    feature_sums: Vec<f64>,
    /// The number of decisions.
    decisions: u64,
    /// The other entries of μ that the controller sets, in the order of μ, each with its values step by step.
    others: Vec<(HyperParameter, Vec<f32>)>,
}

/// What a controller did in several descents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration(Vec<Watched>);

impl Watched {
    /// One descent of the controller, under the same rules as a trial; `None` after a stop.
    ///
    /// # Errors
    /// The controller's optimizer cannot run on the task.
    pub(crate) fn descend(
        problem: &dyn Problem,
        controller: &Controller,
        start: StartPoint,
        steps: u64,
        stop: &Stop,
    ) -> Result<Option<Self>, DescentError> {
        let mut descent = problem.descent(*controller.method())?;
        descent.reset(start);
        let job = Job {
            steps,
            ..problem.job()
        };
        let mut guarded = Guarded::new(controller.start_for(&job), &*descent)
            .map_err(|error| DescentError::Own(error.into()))?;
        let mut watched = Self {
            learning_rates: Vec::new(),
            feature_sums: vec![0.0; controller.policy().network().input_count()],
            decisions: 0,
            others: (controller.control().action.entries().into_iter())
                .filter(|entry| *entry != HyperParameter::LearningRate)
                .map(|entry| (entry, Vec::new()))
                .collect(),
        };
        let end = steer(&mut *descent, &mut guarded, steps, stop, |stepped| {
            watched.note(&stepped);
            ControlFlow::Continue(())
        });
        Ok((end != SteerEnd::Stopped).then_some(watched))
    }

    fn note(&mut self, stepped: &Stepped<'_, Guarded>) {
        let mu = &stepped.hyper_parameters[0];
        self.learning_rates.push(mu.learning_rate);
        for (entry, values) in &mut self.others {
            values.push(entry.get(mu));
        }
        let observed = stepped.steering.session().observed();
        if let Some(observation) = observed.filter(|_| stepped.goes_on) {
            for (sum, feature) in self.feature_sums.iter_mut().zip(observation) {
                *sum += f64::from(*feature);
            }
            self.decisions += 1;
        }
    }
}

impl Calibration {
    pub(crate) fn new(descents: Vec<Watched>) -> Self {
        Self(descents)
    }

    /// The mean of each feature over all decisions of all descents; 0 if there are no decisions.
    #[must_use]
    pub fn mean_features(&self) -> Vec<f32> {
        let decisions: u64 = self.0.iter().map(|watched| watched.decisions).sum();
        let features = self
            .0
            .first()
            .map_or(0, |watched| watched.feature_sums.len());
        (0..features)
            .map(|feature| {
                let sum: f64 = (self.0.iter())
                    .map(|watched| watched.feature_sums[feature])
                    .sum();
                (sum / decisions.max(1) as f64) as f32
            })
            .collect()
    }

    /// The mean over the descents of everything that the controller sets, step by step: η, and the other entries of μ
    /// that its actions set. Each step's mean is taken over the descents that reached the step, on the entry's natural
    /// scale:
    ///
    /// | entry | mean | why |
    /// |---|---|---|
    /// | η | exp(mean(ln η)) | its effect depends on ratios, and controllers change it by factors |
    /// | decays b1, a1 | 1 − exp(mean(ln(1 − x))) | its effect depends on the memory 1/(1 − x): 0, 0.9 and 0.99 are evenly spaced |
    /// | weights b2, a2, a3 and c | exp(mean(ln x)) | their effect depends on ratios |
    /// | b3 | mean(x) | it is added, and may be negative |
    ///
    /// If a value of the step is outside the scale (a decay above 1, a weight below 0), the step's mean is mean(x). A
    /// weight that was 1 − decay in all descents is also 1 − decay in the mean. It is then computed from the mean
    /// decay, so that this holds to the bit.
    #[must_use]
    pub fn schedule(&self) -> RecordedSchedule {
        let rates: Vec<&[f32]> = (self.0.iter())
            .map(|watched| watched.learning_rates.as_slice())
            .collect();
        let mut columns = vec![(
            HyperParameter::LearningRate,
            by_step(&rates, |rates| Scale::Logarithmic.mean(rates)),
        )];
        let entries = self.0.first().map_or(&[][..], |watched| &watched.others);
        let values = |place: usize| -> Vec<&[f32]> {
            let own = self.0.iter().map(|watched| &watched.others[place].1);
            own.map(Vec::as_slice).collect()
        };
        for (place, (entry, _)) in entries.iter().enumerate() {
            let own = values(place);
            let mut means = by_step(&own, |values| Scale::of(*entry).mean(values));
            let decay = decay_of(*entry)
                .and_then(|decay| entries.iter().position(|(other, _)| *other == decay));
            if let Some(decay) = decay {
                let decays = values(decay);
                for (step, mean) in means.iter_mut().enumerate() {
                    let mut pairs = own.iter().zip(&decays);
                    let coupled = |(weights, decays): (&&[f32], &&[f32])| {
                        let pair = weights.get(step).zip(decays.get(step));
                        pair.is_none_or(|(weight, decay)| *weight == 1.0 - decay)
                    };
                    if pairs.all(coupled) {
                        *mean = 1.0 - columns[1 + decay].1[step];
                    }
                }
            }
            columns.push((*entry, means));
        }
        RecordedSchedule::of_means(columns)
    }
}

/// The decay whose complement a weight may be.
const fn decay_of(weight: HyperParameter) -> Option<HyperParameter> {
    match weight {
        HyperParameter::A2 => Some(HyperParameter::A1),
        HyperParameter::B2 => Some(HyperParameter::B1),
        _ => None,
    }
}

/// The scale on which an entry of μ is averaged.
#[derive(Clone, Copy)]
enum Scale {
    Linear,
    Logarithmic,
    /// ln(1 − x).
    Complement,
}

impl Scale {
    const fn of(entry: HyperParameter) -> Self {
        use HyperParameter::{A1, A2, A3, B1, B2, B3, C, LearningRate, W};
        match entry {
            LearningRate | A2 | A3 | B2 | C | W => Self::Logarithmic,
            A1 | B1 => Self::Complement,
            B3 => Self::Linear,
        }
    }

    /// The mean of the values of one step.
    fn mean(self, values: &[f64]) -> f32 {
        let holds = |value: &f64| match self {
            Self::Linear => true,
            Self::Logarithmic => *value >= 0.0,
            Self::Complement => *value <= 1.0,
        };
        let scale = if values.iter().all(holds) {
            self
        } else {
            Self::Linear
        };
        let mean = |onto: fn(f64) -> f64| {
            values.iter().map(|value| onto(*value)).sum::<f64>() / values.len() as f64
        };
        let mean = match scale {
            Self::Linear => mean(|value| value),
            Self::Logarithmic => mean(f64::ln).exp(),
            Self::Complement => 1.0 - mean(|value| (1.0 - value).ln()).exp(),
        };
        mean as f32
    }
}

/// `mean` of each step's values, over the descents that reached the step.
fn by_step(descents: &[&[f32]], mean: impl Fn(&[f64]) -> f32) -> Vec<f32> {
    let steps = descents.iter().map(|values| values.len()).max();
    let of_step = |step: usize| {
        let values: Vec<f64> = (descents.iter())
            .filter_map(|values| values.get(step))
            .map(|value| f64::from(*value))
            .collect();
        mean(&values)
    };
    (0..steps.unwrap_or(0)).map(of_step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use HyperParameter::{B1, B2, B3, LearningRate};

    fn watched(rates: &[f32], others: &[(HyperParameter, &[f32])]) -> Watched {
        Watched {
            learning_rates: rates.to_vec(),
            others: (others.iter())
                .map(|(entry, values)| (*entry, values.to_vec()))
                .collect(),
            ..Watched::default()
        }
    }

    #[test]
    fn means_are_over_decisions_and_over_the_descents_that_are_still_there() {
        let watched = |rates: &[f32], sums: [f64; 2], decisions| Watched {
            feature_sums: sums.to_vec(),
            decisions,
            ..watched(rates, &[])
        };
        let calibration = Calibration::new(vec![
            watched(&[0.1, 0.1, 0.3], [2.0, -3.0], 3),
            watched(&[0.1, 0.4], [1.0, 1.0], 1),
        ]);
        assert_eq!(calibration.mean_features(), [0.75, -0.5]);
        let schedule = calibration.schedule();
        assert_eq!(schedule.columns(), [(LearningRate, vec![0.1, 0.2, 0.3])]);
        assert_eq!(Calibration::default().schedule().steps(), 0);
    }

    #[test]
    fn each_entry_has_its_own_mean_and_a_coupled_weight_stays_so() {
        // Momentum SGD before the first decision (b2 = 1), then averages of the gradient.
        let (first, second) = ([0.9_f32, 0.0, 0.5], [0.9_f32, 0.99]);
        let weights = |decays: &[f32]| -> Vec<f32> {
            let mut weights: Vec<f32> = decays.iter().map(|decay| 1.0 - decay).collect();
            weights[0] = 1.0;
            weights
        };
        let (first_weights, second_weights) = (weights(&first), weights(&second));
        let calibration = Calibration::new(vec![
            watched(
                &[0.1; 3],
                &[(B1, &first), (B2, &first_weights), (B3, &[0.0, -1.0, 0.0])],
            ),
            watched(
                &[0.1; 2],
                &[(B1, &second), (B2, &second_weights), (B3, &[0.0, 2.0])],
            ),
        ]);
        let schedule = calibration.schedule();
        assert!(schedule.entries().eq([LearningRate, B1, B2, B3]));
        let (decays, weights) = (schedule.column(B1).unwrap(), schedule.column(B2).unwrap());
        // Memories of 1 and 100 steps: 10, their geometric mean.
        for (found, expected) in decays.iter().zip([0.9, 0.9, 0.5]) {
            assert!((found - expected).abs() < 1e-6, "{decays:?}");
        }
        assert_eq!(weights, [1.0, 1.0 - decays[1], 0.5]);
        assert_eq!(schedule.column(B3).unwrap(), [0.0, 0.5, 0.0]);
    }

    #[test]
    fn outside_its_scale_a_mean_is_the_plain_one() {
        assert_eq!(Scale::Complement.mean(&[0.5, 1.5]), 1.0);
        assert_eq!(Scale::Logarithmic.mean(&[-1.0, 4.0]), 1.5);
        assert_eq!(Scale::Complement.mean(&[1.0, 0.0]), 1.0);
        assert_eq!(Scale::Logarithmic.mean(&[0.0, 4.0]), 0.0);
    }
}
