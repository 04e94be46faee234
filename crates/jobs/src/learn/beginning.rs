//! The controller that a learning begins with: one that goes on, or one that does what is usual, with every reading on the
//! scale that it has in the jobs of the set.

use descender_agent::LinearSystem;
use descender_control::{
    AT_A_POINT, ActionSettings, Anchored, BaseSchedule, Bounds, ControlSettings, Controller,
    JobObservationSettings, OF_THE_JOB, ObservationSettings, Policy, PolicyHead, READINGS,
    readings_of,
};
use descender_nn::{Activation, NetworkSpecification};
use descender_task::StartPurpose;

use super::error::LearnError;
use super::learner::{LearnStage, Learner};
use super::surface::SHARES;

/// Jobs whose readings tell what is usual.
pub(super) const CALIBRATION: u64 = 200;
/// The distance of a job's readings from the usual ones within which they are believed: √9 is that of a usual job.
const REACH: f32 = 3.0;
/// What is added to each variance of the readings, of which most are near 1.
const RIDGE: f64 = 0.01;

impl Learner<'_> {
    /// The controller that the learning begins with.
    pub(super) fn first(&self) -> Result<Option<Controller>, LearnError> {
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
        for (reading, values) in self.known().iter().enumerate() {
            if !values.is_empty() {
                (observation.centre[reading], observation.spread[reading]) = usual(values);
            }
        }
        let still = self.controller(observation)?;
        let watch = |index| {
            let instance = self.jobs.instance(StartPurpose::Training, index);
            let (_, seen) = self.descent(&still, &instance, &[])?;
            Ok(seen)
        };
        let stage = LearnStage::Calibrating;
        let Some(seen) = self.results("calibration", 0..CALIBRATION, stage, watch)? else {
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

    /// What the readings of the job are in the first jobs.
    fn known(&self) -> [Vec<f64>; OF_THE_JOB] {
        let mut known = [const { Vec::new() }; OF_THE_JOB];
        for index in 0..CALIBRATION {
            let job = self.jobs.instance(StartPurpose::Training, index).job();
            for (reading, value) in readings_of(&job).into_iter().enumerate() {
                known[reading].extend(value.map(f64::from));
            }
        }
        known
    }

    /// The controller with the range that the readings had in training, into which they are taken in use. Learning itself has
    /// none: jobs beyond those of the calibration are read as they are.
    pub(super) fn with_range(&self, controller: &Controller) -> Result<Controller, LearnError> {
        let mut control = controller.control().clone();
        if let ObservationSettings::Job(observation) = &mut control.observation {
            for (reading, values) in self.known().iter().enumerate() {
                let range = (values.iter()).fold(None, |range: Option<(f64, f64)>, value| {
                    let (least, most) = range.unwrap_or((*value, *value));
                    Some((least.min(*value), most.max(*value)))
                });
                if let Some((least, most)) = range {
                    observation.least[reading] = least as f32;
                    observation.most[reading] = most as f32;
                }
            }
            observation.precision = self.precision(observation);
            observation.reach = REACH;
        }
        Ok(Controller::new(
            controller.policy().clone(),
            control,
            *controller.method(),
            controller.provenance().clone(),
        )?)
    }

    /// The inverse covariance of the readings of the first jobs, on their scale.
    fn precision(&self, scale: &JobObservationSettings) -> [[f32; OF_THE_JOB]; OF_THE_JOB] {
        let mut covariance = LinearSystem::new(OF_THE_JOB);
        for index in 0..CALIBRATION {
            let job = self.jobs.instance(StartPurpose::Training, index).job();
            let mut readings = [0.0; OF_THE_JOB];
            for (reading, value) in readings_of(&job).into_iter().enumerate() {
                let (centre, spread) = (scale.centre[reading], scale.spread[reading]);
                readings[reading] = value.map_or(0.0, |value| f64::from((value - centre) / spread));
            }
            covariance.add(&readings, 0.0, 1.0 / CALIBRATION as f64);
        }
        // Classes and numbers nearly say the same.
        (0..OF_THE_JOB).for_each(|reading| covariance.believe(reading, 0.0, RIDGE.sqrt().recip()));
        let mut precision = [[0.0; OF_THE_JOB]; OF_THE_JOB];
        for (column, row) in precision.iter_mut().enumerate() {
            let mut system = covariance.clone();
            system.pull(column, 1.0);
            for (entry, value) in row.iter_mut().zip(system.solve().unwrap_or_default()) {
                *entry = value as f32;
            }
        }
        precision
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
}

/// Mean and standard deviation, the latter at least 0.05, so that what hardly varies doesn't rule.
fn usual(values: &[f64]) -> (f32, f32) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance.sqrt().max(0.05) as f32)
}
