//! The decisions of one descent under a controller, and their averages over several descents.

use std::ops::ControlFlow;

use descender_control::{Action, Controller};
use descender_env::{Guarded, Stop, steer};
use descender_task::{DescentError, Job, Problem, StartPoint};

use super::decision::Decision;

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
    /// Lets the controller steer `steps` steps from `start`. A loss that is not finite ends the descent, unless a
    /// safety net goes back.
    pub(super) fn make(
        problem: &dyn Problem,
        controller: &Controller,
        start: StartPoint,
        steps: u64,
    ) -> Result<Self, DescentError> {
        let mut descent = problem.descent(*controller.method())?;
        descent.reset(start);
        let job = Job {
            steps,
            ..problem.job()
        };
        let mut guarded = Guarded::new(controller.start_for(&job), &*descent)
            .map_err(|error| DescentError::Own(error.into()))?;
        let mut policy = controller.policy().clone();
        let mut recording = Self::default();
        // A decision after the last step has no effect.
        let (steps, never) = (steps.saturating_sub(1), Stop::default());
        let mut made = 0;
        steer(&mut *descent, &mut guarded, steps, &never, |stepped| {
            made += 1;
            let observed = stepped.steering.session().observed();
            if let Some(observation) = observed.filter(|_| stepped.goes_on) {
                recording.outputs.push(policy.values(observation));
                recording.actions.push(policy.act(observation));
                recording.observations.push(observation.to_vec());
                recording.steps.push(made);
            }
            ControlFlow::Continue(())
        });
        Ok(recording)
    }
}

/// For each n, the n-th decisions of all descents that got that far. Every descent decides at the same steps.
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
