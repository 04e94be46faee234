//! One descent under one controller: what it is told, and all that it does.

use std::collections::BTreeMap;

use descender_control::{Action, Advice};
use descender_optim::{HyperParameter, HyperParameters, Job};
use serde::{Deserialize, Serialize};

use crate::recording::Recording;
use crate::settings::Plan;

/// Features are written for this many decisions, evenly over the descent.
const SHOWN: usize = 3;

/// A descent under a controller.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Case {
    /// What is looked at.
    pub(crate) name: String,
    /// The controller's file in `reference/controllers/`, or the name of one that ships.
    controller: String,
    /// The job, unless the controller is started without one.
    job: Option<Job>,
    /// The recording that it is told.
    recording: String,
    /// Steps of it.
    steps: usize,
    /// Probes that were asked for: after how many steps, and of how many examples. Each gets 1.25 times the loss of its
    /// step.
    probes: Vec<(usize, usize)>,
    /// μ before the first step.
    first: HyperParameters,
    /// The entries of μ that change: their values before each step, and after the last.
    changing: BTreeMap<String, Vec<f32>>,
    /// The decisions: after how many steps, and the action.
    decisions: Vec<(usize, Action)>,
    /// Some of the features that were seen: after how many steps, and all of them.
    observed: Vec<(usize, Vec<f32>)>,
    /// What the safety net advised other than to proceed: after how many steps.
    advice: Vec<(usize, Advice)>,
    /// What the safety net did.
    interventions: Vec<String>,
    /// Losses that were not finite, without a safety net.
    fallbacks: u64,
}

impl Case {
    /// Makes the descent.
    pub(crate) fn of(plan: &Plan, recording: &Recording) -> Self {
        let mut session = match &plan.job {
            Some(job) => plan.controller.start_for(job),
            None => plan.controller.start(),
        };
        let steps = plan.steps.min(recording.losses.len());
        let first = *session.hyper_parameters();
        let mut rows = vec![first];
        let (mut probes, mut decisions, mut advice) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = Vec::new();
        for step in 0..steps {
            let feedback = recording.feedback(step);
            if let Some(examples) = session.wants_probe() {
                probes.push((step + 1, examples));
                session.probe(feedback.loss * 1.25);
            }
            let mut taken = None;
            session.record_with(&feedback, |policy, observation| {
                let action = policy.act(observation);
                taken = Some(action.clone());
                action
            });
            rows.push(*session.hyper_parameters());
            if let Some(action) = taken {
                decisions.push((step + 1, action));
                let observed = session.observed().expect("it decided");
                seen.push((step + 1, observed.to_vec()));
            }
            if session.advice() != Advice::Proceed {
                advice.push((step + 1, session.advice()));
            }
        }
        let changing = HyperParameter::ALL.into_iter().filter_map(|entry| {
            let values: Vec<f32> = rows.iter().map(|mu| entry.get(mu)).collect();
            let changes = values.iter().any(|value| *value != entry.get(&first));
            changes.then(|| (entry.name().to_owned(), values))
        });
        let last = seen.len().saturating_sub(1);
        let observed = (0..SHOWN.min(seen.len()))
            .map(|number| seen[number * last / (SHOWN - 1)].clone())
            .collect();
        Self {
            name: plan.name.to_owned(),
            controller: plan.file().to_owned(),
            job: plan.job,
            recording: plan.recording.to_owned(),
            steps,
            probes,
            first,
            changing: changing.collect(),
            decisions,
            observed,
            advice,
            interventions: (session.interventions().iter())
                .map(ToString::to_string)
                .collect(),
            fallbacks: session.fallbacks(),
        }
    }

    /// Fails if nothing is decided or changed: such a case would hold whatever the program did.
    pub(crate) fn assert_moves(&self) {
        let rates = self.changing.get("learning_rate");
        let places_it = !self.name.ends_with("alone");
        assert!(places_it == rates.is_some(), "{}: η", self.name);
        assert!(
            !self.changing.is_empty() && !self.decisions.is_empty(),
            "{}",
            self.name
        );
        let (_, first) = &self.decisions[0];
        let differs = self.decisions.iter().any(|(_, action)| action != first);
        assert!(
            differs || self.decisions.len() == 1,
            "{}: one action",
            self.name
        );
    }

    /// Fails where the two differ by more than the order of a sum does: kernels of other machines add up in another one.
    pub(crate) fn assert_close(&self, other: &Self) {
        let name = &self.name;
        let plain = |case: &Self| {
            let Self {
                controller,
                recording,
                steps,
                probes,
                advice,
                interventions,
                fallbacks,
                ..
            } = case;
            let (names, texts) = ((controller.clone(), recording.clone()), interventions);
            (
                names,
                case.job,
                *steps,
                probes.clone(),
                advice.clone(),
                texts.clone(),
                *fallbacks,
            )
        };
        assert_eq!(plain(self), plain(other), "{name}");
        assert_eq!(self.first, other.first, "{name}");
        let numbers = |case: &Self| -> Vec<f32> {
            let changing = case.changing.values().flatten();
            let actions = case
                .decisions
                .iter()
                .flat_map(|(step, action)| match action {
                    Action::Discrete(index) => vec![*step as f32, *index as f32],
                    Action::Continuous(values) => values.clone(),
                });
            let observed = case.observed.iter().flat_map(|(_, features)| features);
            (changing.copied())
                .chain(actions)
                .chain(observed.copied())
                .collect()
        };
        let (mine, others) = (numbers(self), numbers(other));
        assert_eq!(mine.len(), others.len(), "{name}");
        for (place, (a, b)) in mine.into_iter().zip(others).enumerate() {
            let close = (a - b).abs() <= 2e-6 * a.abs().max(b.abs()).max(0.01);
            assert!(close, "{name}, number {place}: {a} and {b}");
        }
    }
}
