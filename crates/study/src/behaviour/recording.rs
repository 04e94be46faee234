//! The decisions of one descent under a controller, and what several descents decided on the average.

use std::sync::Arc;

use descender_control::{Action, Controller};
use descender_task::{Descent, DescentError, NetworkDescent, StartPoint, Task};

use super::Decision;
use crate::guard::Guard;

/// The decisions of one descent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recording {
    /// What the policy saw, decision by decision.
    pub(super) observations: Vec<Vec<f32>>,
    /// What it put out.
    pub(super) outputs: Vec<Vec<f32>>,
    /// What it chose.
    pub(super) actions: Vec<Action>,
    /// The step before which it chose.
    pub(super) steps: Vec<u64>,
}

impl Recording {
    /// Lets the controller steer `steps` steps from `start`; a loss that is not finite ends the descent, unless a
    /// safety net goes back.
    pub(super) fn make(
        task: &Arc<Task>,
        controller: &Controller,
        start: StartPoint,
        steps: u64,
    ) -> Result<Self, DescentError> {
        let mut descent = NetworkDescent::new(Arc::clone(task), *controller.method())?;
        descent.reset(start);
        let mut session = controller.start();
        let mut guard = Guard::new(&session, &descent);
        let head = controller.policy().head();
        let mut policy = controller.policy().clone();
        let mut recording = Self::default();
        // What is decided after the last step does nothing.
        for step in 1..steps {
            let feedback = descent.step(session.hyper_parameters());
            session.record(&feedback);
            if !guard.obey(&session, &mut descent, feedback.loss) {
                break;
            }
            if let Some(observation) = session.observed() {
                let outputs = policy.outputs(observation);
                recording.outputs.push(outputs.to_vec());
                recording.actions.push(head.decide(outputs));
                recording.observations.push(observation.to_vec());
                recording.steps.push(step);
            }
        }
        Ok(recording)
    }
}

/// The n-th decisions of all descents that came so far, for each n. Every descent decides at the same steps.
pub(super) fn decisions(recordings: &[Recording], actions: usize) -> Vec<Decision> {
    let longest = recordings.iter().map(|one| one.steps.len()).max();
    let chosen = recordings
        .iter()
        .flat_map(|one| one.actions.first())
        .any(|action| matches!(action, Action::Discrete(_)));
    (0..longest.unwrap_or(0))
        .map(|number| {
            let under_way = || recordings.iter().filter(|one| number < one.steps.len());
            let count = under_way().count() as f64;
            let mean = |value: &dyn Fn(&Recording) -> f64| -> f32 {
                (under_way().map(value).sum::<f64>() / count) as f32
            };
            Decision {
                step: under_way().next().map_or(0, |one| one.steps[number]),
                shares: if chosen {
                    (0..actions)
                        .map(|action| {
                            let action = Action::Discrete(action);
                            mean(&|one| f64::from(u8::from(one.actions[number] == action)))
                        })
                        .collect()
                } else {
                    Vec::new()
                },
                outputs: (0..actions)
                    .map(|action| {
                        mean(&|one| {
                            let outputs = match &one.actions[number] {
                                Action::Discrete(_) => &one.outputs[number],
                                Action::Continuous(places) => places,
                            };
                            outputs.get(action).copied().unwrap_or(f32::NAN).into()
                        })
                    })
                    .collect(),
            }
        })
        .collect()
}
