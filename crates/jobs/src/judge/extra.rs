//! Everybody at one cost: the steps that a controller's probes are worth.

use descender_compare::contender::{Contender, Entry, Steering};
use descender_control::ControlSettings;
use descender_task::Job;

use crate::descended::probe_steps;

/// The steps that probes cost: everybody without a probe gets as many more.
pub(super) struct Extra(Option<ControlSettings>);

impl Extra {
    /// That of the first controller with a probe.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let probing = entries.iter().find_map(|entry| match entry {
            Entry::Ready(Contender {
                steering: Steering::Controller(controller),
                ..
            }) if looks(controller.control()) => Some(controller.control().clone()),
            _ => None,
        });
        Self(probing)
    }

    /// The steps of a contender on a job.
    pub(super) fn steps(&self, contender: &Contender, job: &Job) -> u64 {
        let pays = self.own(contender, job) > 0;
        job.steps + if pays { 0 } else { self.more(job) }
    }

    /// The steps that the contender's own probes cost.
    pub(super) fn own(&self, contender: &Contender, job: &Job) -> u64 {
        match &contender.steering {
            Steering::Controller(controller) => probe_steps(controller.control(), job),
            _ => 0,
        }
    }

    pub(super) fn more(&self, job: &Job) -> u64 {
        self.0
            .as_ref()
            .map_or(0, |control| probe_steps(control, job))
    }
}

/// Whether a controller looks at a probe.
fn looks(control: &ControlSettings) -> bool {
    let job = Job {
        steps: 100,
        ..Job::default()
    };
    probe_steps(control, &job) > 0
}
