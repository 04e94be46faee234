//! Which states of a descent are kept to go back to.

use serde::{Deserialize, Serialize};

/// The kept states of a descent: what [`Advice`](crate::Advice) asks of a caller.
///
/// A state that is saved is a candidate, and becomes the good state only when the next one is saved. A saved state
/// contains an update whose loss has not been seen yet. If the descent is still healthy at the next save, the update
/// was harmless.
///
/// `S` is whatever the caller can go back to: bytes, a copy of parameters and optimizer, the name of a file.
///
/// ```
/// let mut keeper = descender_control::Keeper::new("start");
/// keeper.save("step 10");
/// assert_eq!(*keeper.restore(), "start"); // and the candidate is forgotten
/// keeper.save("step 30");
/// keeper.save("step 40");
/// assert_eq!(*keeper.restore(), "step 30");
/// assert_eq!(*keeper.restart(), "start");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keeper<S> {
    start: S,
    good: Option<S>,
    candidate: Option<S>,
}

impl<S> Keeper<S> {
    /// Begins with the state before the first step.
    #[must_use]
    pub fn new(start: S) -> Self {
        Keeper {
            start,
            good: None,
            candidate: None,
        }
    }

    /// The state before the first step.
    pub(super) fn start(&self) -> &S {
        &self.start
    }

    /// Keeps the present state ([`Advice::Save`](crate::Advice::Save)); the candidate before it becomes the good one.
    pub fn save(&mut self, state: S) {
        self.exchange(state);
    }

    /// Like [`Keeper::save`], but returns the replaced good state, so that its memory can be reused.
    pub fn exchange(&mut self, state: S) -> Option<S> {
        let proven = self.candidate.replace(state)?;
        self.good.replace(proven)
    }

    /// Forgets the candidate, as [`Keeper::restore`] does, and returns it.
    pub(super) fn take_candidate(&mut self) -> Option<S> {
        self.candidate.take()
    }

    /// The state to go back to ([`Advice::Restore`](crate::Advice::Restore)).
    pub fn restore(&mut self) -> &S {
        self.candidate = None;
        self.good.as_ref().unwrap_or(&self.start)
    }

    /// The state to begin with anew ([`Advice::Restart`](crate::Advice::Restart)).
    pub fn restart(&mut self) -> &S {
        (self.good, self.candidate) = (None, None);
        &self.start
    }
}
