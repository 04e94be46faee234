//! A portfolio: a few methods begin each job, and the one that is ahead after a while goes on, all at the cost of one.
//!
//! With N steps to spend and k members, each member begins a descent of T = N − (k − 1)·⌈N·share⌉ − p steps, p the cost of
//! all looks. After ⌈N·share⌉ steps of it the loss of a few selection examples says who goes on to T. The others' steps are
//! lost.

use descender_compare::contender::{Contender, Steering};

use super::error::JobsError;
use super::extra::Extra;
use crate::descended::{JobOutcome, beginning, descend};
use crate::instance::JobInstance;

/// The share of the steps that every member gets.
const SHARE: f64 = 0.1;
/// Parts of names of the rivals that are members.
const MEMBERS: [&str; 3] = ["schedule-free-adamw", "one-cycle", "prodigy"];
/// A look costs as many steps as two batches without a gradient.
const BATCHES: u64 = 2;

/// The methods that begin a job.
pub(super) struct Portfolio<'a> {
    members: Vec<&'a Contender>,
}

impl<'a> Portfolio<'a> {
    /// The controllers among `contenders` that come first, and the first of each of [`MEMBERS`]; `None` if they are less
    /// than two.
    pub(super) fn of(contenders: &'a [Contender]) -> Option<Self> {
        let controller = (contenders.iter())
            .find(|contender| matches!(contender.steering, Steering::Controller(_)));
        let rivals = MEMBERS
            .iter()
            .filter_map(|part| (contenders.iter()).find(|contender| contender.name.contains(part)));
        let members: Vec<&Contender> = controller.into_iter().chain(rivals).collect();
        (members.len() > 1).then_some(Self { members })
    }

    /// Who begins, for people.
    pub(super) fn names(&self) -> Vec<String> {
        (self.members.iter())
            .map(|member| member.name.clone())
            .collect()
    }

    /// The outcome of a job, at the cost of one descent.
    pub(super) fn descend(
        &self,
        instance: &JobInstance,
        extra: &Extra,
    ) -> Result<JobOutcome, JobsError> {
        let job = instance.job();
        let batch = job.batch_size.unwrap_or(1).max(1);
        let count = self.members.len() as u64;
        let spent = job.steps + extra.more(&job);
        let begun = (spent as f64 * SHARE).ceil() as u64;
        // Without a gradient a step costs a third.
        let looks = (count * BATCHES).div_ceil(3);
        let left = spent.saturating_sub((count - 1) * begun + looks).max(1);
        let mut best: Option<(f64, &Contender)> = None;
        for member in &self.members {
            let examples = (BATCHES * batch) as usize;
            let loss = beginning(instance, member, left, begun.min(left), examples);
            let loss = loss.map_err(|source| refused(member, source))?;
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, member));
            }
        }
        let chosen = best.map_or(self.members[0], |(_, member)| member);
        let steps = left.saturating_sub(extra.own(chosen, &job)).max(1);
        descend(instance, chosen, steps, true).map_err(|source| refused(chosen, source))
    }
}

fn refused(member: &Contender, source: descender_task::DescentError) -> JobsError {
    JobsError::Method {
        method: member.name.clone(),
        source,
    }
}
