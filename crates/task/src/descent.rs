//! The trait of a descent: one training run of a network, steered step by step from outside.

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::StartPoint;

/// How good a network is on data that it isn't trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean loss of an example.
    pub loss: f32,
    /// Share of examples whose class has the largest output, in [0, 1].
    pub accuracy: f32,
}

/// One training run of a network whose hyper-parameters come from outside, step by step.
///
/// The same start and the same sequence of μ give the same bits, whatever ran before and whatever runs beside.
pub trait Descent: Send {
    /// Begins anew from a start point: initial parameters, batch order, an optimizer without memory, step 0.
    fn reset(&mut self, start: StartPoint);

    /// Number of parameters of the network.
    fn parameter_count(&self) -> usize;

    /// The loss at chance: that of a network whose outputs say nothing about the inputs, near which a descent stays
    /// for good if its network died. ln(classes) for a softmax cross-entropy; infinity where there is no such loss.
    fn chance_loss(&self) -> f32;

    /// Takes the next batch, updates the parameters once with h(μ), and reports.
    ///
    /// The loss is that of the batch before the update. A descent that has diverged reports losses that aren't
    /// finite until it is reset; no μ makes it panic.
    fn step(&mut self, mu: &HyperParameters) -> Feedback;

    /// Loss and accuracy on the validation data, at the average of the iterates where the optimizer keeps one for that
    /// purpose ([`Optimizer::evaluation_parameters`](descender_optim::Optimizer::evaluation_parameters)). Doesn't change
    /// the descent.
    fn evaluate(&mut self) -> Evaluation;

    /// As [`evaluate`](Descent::evaluate), on the data for the rewards and the choice of controllers, where there are
    /// such.
    fn evaluate_for_selection(&mut self) -> Evaluation {
        self.evaluate()
    }

    /// Writes the present loss of each of a few fixed training examples (the same ones for every start point)
    /// into `losses`, whatever it held, where [`evaluate`](Descent::evaluate) looks. Doesn't change the descent.
    fn probe(&mut self, losses: &mut Vec<f32>);

    /// As [`probe`](Descent::probe), of the data for the rewards and the choice of controllers, where there are such.
    fn probe_for_selection(&mut self, losses: &mut Vec<f32>) {
        self.probe(losses);
    }

    /// Everything that an exact continuation needs.
    fn save(&self) -> Vec<u8>;

    /// Continues with the same bits where `state` was saved, by a descent of the same kind.
    ///
    /// # Errors
    /// If the state can't be read or was saved by another kind of descent; the descent is then as it was.
    fn restore(&mut self, state: &[u8]) -> Result<(), StateError>;
}

/// Why a saved state was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The bytes are not a state: cut short, damaged, or something else.
    #[error("the saved state of {what} can't be read: {reason}")]
    Unreadable {
        /// Whose state it should be.
        what: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// The state belongs to something else than what it should be restored to.
    #[error("the saved state doesn't fit: its {what} is {found}, expected {expected}")]
    Mismatch {
        /// The part that doesn't fit.
        what: &'static str,
        /// What the state has.
        found: String,
        /// What would have fitted.
        expected: String,
    },
}

impl StateError {
    /// A state of `what` that can't be read, because of `reason`.
    #[must_use]
    pub fn unreadable(what: &'static str, reason: impl ToString) -> StateError {
        StateError::Unreadable {
            what,
            reason: reason.to_string(),
        }
    }

    /// A state whose `what` is `found` where `expected` would have fitted.
    #[must_use]
    pub fn mismatch(
        what: &'static str,
        found: impl ToString,
        expected: impl ToString,
    ) -> StateError {
        StateError::Mismatch {
            what,
            found: found.to_string(),
            expected: expected.to_string(),
        }
    }
}
