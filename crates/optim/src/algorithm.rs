//! What an optimizer's file must say: the traits between one optimizer and the code that runs all of them.
//!
//! The settings of an optimizer implement [`Algorithm`], its memory between steps implements [`State`]. The optimizers
//! themselves are in [`crate::optimizers`].

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::coefficients::Coefficients;
use crate::setting::Setting;
use crate::{HyperParameters, StepStatistics};

/// The settings of an optimizer, and all that follows from them.
pub(crate) trait Algorithm: Copy + Default {
    /// One line on what the optimizer does, for lists.
    const DESCRIPTION: &'static str;

    /// The η that people usually start from: the default of PyTorch or of the authors' program, where it is not a
    /// placeholder.
    const USUAL_LEARNING_RATE: f32;

    /// What the optimizer remembers between steps.
    type State: State + Clone + PartialEq + Serialize + DeserializeOwned;

    /// Every setting with its name and what it allows, in the order of lists.
    fn settings(&mut self) -> Vec<Setting<'_>>;

    /// (a1, a2, a3) of μ. Without a denominator, P is 1.
    fn second_moment(&self) -> Coefficients {
        Coefficients::ONE
    }

    /// (b1, b2, b3) of μ. Without momentum, Q is the gradient.
    fn first_moment(&self) -> Coefficients {
        Coefficients::GRADIENT
    }

    /// The state before the first step.
    fn start(&self) -> Self::State;
}

/// What a step knows besides parameters and gradient.
pub(crate) struct Now<'a> {
    pub(crate) mu: &'a HyperParameters,
    /// Number of the step, from 1.
    pub(crate) step: u64,
    /// Sum of the weights of all gradients in Q: 1 − β₁^t for Adam.
    pub(crate) first_weight: f64,
    /// Sum of the weights of all squared gradients in P: 1 − β₂^t for Adam.
    pub(crate) second_weight: f64,
}

/// What an optimizer remembers between steps, with the step itself.
pub(crate) trait State {
    /// Goes back to the state before the first step. Memory stays allocated.
    fn reset(&mut self);

    /// Every slice that is either empty or as long as the parameters.
    fn memory(&self) -> Vec<&[f32]>;

    /// The average that stands for the parameters in evaluations. It is empty before the first step.
    fn average(&self) -> Option<&[f32]> {
        None
    }

    /// The length of a slice that does not fit this number of parameters, if there is one.
    ///
    /// Either all slices are empty or all are full.
    fn misfit(&self, parameters: usize) -> Option<usize> {
        let memory = self.memory();
        let expected = if memory.iter().all(|slice| slice.is_empty()) {
            0
        } else {
            parameters
        };
        memory
            .into_iter()
            .map(<[f32]>::len)
            .find(|&length| length != expected)
    }

    /// Updates the parameters and gathers the statistics. `gradient` is as long as `parameters`.
    ///
    /// The first step may allocate memory, later steps do not.
    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics;
}
