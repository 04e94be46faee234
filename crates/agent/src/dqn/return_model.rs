//! What the outputs of an action say about the return, and how they learn from a batch.
//!
//! A Deep Q-Network has one output for each action, the [expected return](super::expected_return); a categorical one has a
//! [distribution over returns](super::distribution). The learner is the same for both.

use std::fmt::Debug;

use descender_control::PolicyHead;

/// The outcome of comparing one example's outputs with its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Compared {
    /// Its loss.
    pub(crate) loss: f32,
    /// Q(s, a).
    pub(crate) value: f32,
    /// How far the outputs are from the target, for the priority of the experience.
    pub(crate) error: f32,
}

/// The meaning of an action's outputs. Examples of a batch are numbered from 0.
pub(crate) trait ReturnModel: Debug + Send {
    /// Outputs of each action.
    fn width(&self) -> usize;

    /// The head of a policy with these outputs.
    fn head(&self) -> PolicyHead;

    /// The action with the highest expected return, from the outputs of all actions.
    fn best_action(&self, outputs: &[f32]) -> usize;

    /// Sets the target of an example: `reward`, and then `discount` times the return that `next` (the outputs of the next
    /// action) tells of.
    fn set_target(&mut self, example: usize, reward: f32, discount: f32, next: &[f32]);

    /// Compares the outputs of the action that was taken with the example's target, and writes the gradient of the loss.
    fn compare(&self, example: usize, outputs: &[f32], gradient: &mut [f32]) -> Compared;
}
