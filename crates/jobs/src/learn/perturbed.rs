//! A descent under a controller whose outputs are moved.

use descender_control::{AT_A_POINT, Action, Controller, Policy, READINGS};
use descender_env::{Guarded, Steer};
use descender_optim::{Feedback, HyperParameters};
use descender_task::{Descent, DescentError, Job};

/// A controller at work whose outputs are moved by offsets, and what it sees.
pub(super) struct Perturbed {
    guarded: Guarded,
    /// `[point][output]`, each times the weight of its point; nothing for none.
    offsets: Vec<f64>,
    seen: Seen,
}

/// What a policy saw at each point of time, by the weights of the points.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// `[point]`
    weights: Vec<f64>,
    /// `[point][reading]`
    readings: Vec<f64>,
}

impl Perturbed {
    pub(super) fn new(
        controller: &Controller,
        descent: &dyn Descent,
        job: &Job,
        offsets: &[f64],
    ) -> Result<Self, DescentError> {
        let guarded = Guarded::new(controller.start_for(job), descent)
            .map_err(|error| DescentError::Own(error.into()))?;
        let points = controller.policy().network().input_count() / AT_A_POINT;
        Ok(Self {
            guarded,
            offsets: offsets.to_vec(),
            seen: Seen {
                weights: vec![0.0; points],
                readings: vec![0.0; points * READINGS],
            },
        })
    }

    pub(super) fn seen(self) -> Seen {
        self.seen
    }
}

impl Seen {
    fn note(&mut self, features: &[f32]) {
        let points = features.chunks_exact(AT_A_POINT);
        for (point, features) in points.enumerate() {
            self.weights[point] += f64::from(features[0]);
            for (sum, feature) in self.readings[point * READINGS..]
                .iter_mut()
                .zip(&features[1..])
            {
                *sum += f64::from(*feature);
            }
        }
    }

    /// The mean of each reading at each point, `[point][reading]`; 0 at a point that was never reached.
    pub(super) fn means(&self) -> Vec<f64> {
        let weight = |place: usize| self.weights[place / READINGS];
        let mean = |(place, sum): (usize, &f64)| match weight(place) {
            0.0 => 0.0,
            weight => sum / weight,
        };
        self.readings.iter().enumerate().map(mean).collect()
    }
}

impl Steer for Perturbed {
    fn hyper_parameters(&mut self) -> &[HyperParameters] {
        self.guarded.hyper_parameters()
    }

    fn record(&mut self, feedback: &Feedback, descent: &mut dyn Descent) -> bool {
        let Self {
            guarded,
            offsets,
            seen,
        } = self;
        guarded.record_with(feedback, descent, |policy: &mut Policy, features| {
            seen.note(features);
            let outputs = policy.outputs(features);
            let dimensions = outputs.len();
            let moved = |(output, z): (usize, &f32)| {
                let offset: f64 = (features.chunks_exact(AT_A_POINT))
                    .zip(offsets.chunks_exact(dimensions))
                    .map(|(features, offsets)| f64::from(features[0]) * offsets[output])
                    .sum();
                (f64::from(*z) + offset).tanh() as f32
            };
            Action::Continuous(outputs.iter().enumerate().map(moved).collect())
        })
    }
}
