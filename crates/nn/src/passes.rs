//! The forward and the backward pass of a network.

use std::sync::Arc;

use descender_random::ChaCha8Rng;

use crate::network::Network;
use crate::operation::{ChainBackward, ChainForward};
use crate::workspace::Workspace;

impl Network {
    /// Computes the outputs (`[batch, outputs]`) of `batch` examples (`[batch, height, width, channels]`).
    ///
    /// `workspace` keeps what [`backward`](Self::backward) needs. Allocates nothing.
    ///
    /// # Panics
    /// If `workspace` belongs to another network or holds fewer than `batch` examples, or if a slice has a wrong length.
    pub fn forward<'w>(
        &self,
        workspace: &'w mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        batch: usize,
    ) -> &'w [f32] {
        self.pass(workspace, parameters, inputs, batch, &mut [], None)
    }

    /// Like [`forward`](Self::forward), but each sequence goes on where another one ended: the recurrent layers begin with
    /// `states`, which are replaced by those behind the last step. Zeros begin anew.
    ///
    /// Layer after layer, `states` holds h as `[batch][hidden]` and, of a long short-term memory, then c likewise:
    /// `batch` · [`state_count`](Self::state_count) values. [`backward`](Self::backward) takes the states before as
    /// constants, which is truncated back-propagation through time (Williams and Peng, 1990).
    ///
    /// # Panics
    /// As [`forward`](Self::forward), and if `states` has a wrong length.
    pub fn forward_carried<'w>(
        &self,
        workspace: &'w mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        batch: usize,
        states: &mut [f32],
    ) -> &'w [f32] {
        self.check_states(states, batch);
        self.pass(workspace, parameters, inputs, batch, states, None)
    }

    /// Like [`forward`](Self::forward), but as a training pass: dropout layers draw their masks from `noise`, layer by layer
    /// and example by example. Where there are none, nothing is drawn, and the outputs are those of `forward`.
    ///
    /// `states` are those of [`forward_carried`](Self::forward_carried), or empty where all sequences begin anew.
    ///
    /// # Panics
    /// As `forward`, and if `states` has a wrong length.
    pub fn forward_training<'w>(
        &self,
        workspace: &'w mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        batch: usize,
        states: &mut [f32],
        noise: &mut ChaCha8Rng,
    ) -> &'w [f32] {
        if !states.is_empty() {
            self.check_states(states, batch);
        }
        self.pass(workspace, parameters, inputs, batch, states, Some(noise))
    }

    fn pass<'w>(
        &self,
        workspace: &'w mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        batch: usize,
        carried: &mut [f32],
        noise: Option<&mut ChaCha8Rng>,
    ) -> &'w [f32] {
        self.check(workspace, parameters, inputs, batch);
        workspace.batch = batch;
        let arguments = ChainForward {
            kernels: self.kernels,
            parameters,
            inputs,
            noise,
            batch,
            carried,
        };
        workspace.chain.forward(&self.plan.operations, arguments)
    }

    /// Computes the gradient of a scalar function of the outputs with respect to the parameters.
    ///
    /// `output_gradient` (`[batch, outputs]`) is the function's gradient with respect to the outputs of the last
    /// [`forward`](Self::forward) or [`forward_training`](Self::forward_training), which must have had the same
    /// `parameters` and `inputs`. Overwrites `gradient`.
    /// Allocates nothing. May be called once for each forward pass.
    ///
    /// # Panics
    /// If `workspace` belongs to another network, or if a slice has a wrong length.
    pub fn backward(
        &self,
        workspace: &mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        output_gradient: &[f32],
        gradient: &mut [f32],
    ) {
        self.pass_back(
            workspace,
            parameters,
            inputs,
            output_gradient,
            gradient,
            None,
        );
    }

    /// Like [`backward`](Self::backward), and computes the gradient with respect to the inputs as well
    /// (`[batch, height, width, channels]`), into `input_gradient`, which is overwritten: what a network that is trained through
    /// this one needs. An embedding's inputs are symbols, and have a gradient of 0.
    ///
    /// # Panics
    /// As `backward`, and if `input_gradient` has a wrong length, or the workspace is none
    /// [with this gradient](Workspace::with_input_gradient).
    pub fn backward_to_inputs(
        &self,
        workspace: &mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        output_gradient: &[f32],
        gradient: &mut [f32],
        input_gradient: &mut [f32],
    ) {
        assert!(workspace.to_inputs, "a workspace for the inputs' gradient");
        assert_eq!(
            input_gradient.len(),
            inputs.len(),
            "length of the inputs' gradient"
        );
        let to = Some(input_gradient);
        self.pass_back(workspace, parameters, inputs, output_gradient, gradient, to);
    }

    fn pass_back(
        &self,
        workspace: &mut Workspace,
        parameters: &[f32],
        inputs: &[f32],
        output_gradient: &[f32],
        gradient: &mut [f32],
        input_gradient: Option<&mut [f32]>,
    ) {
        let batch = workspace.batch;
        self.check(workspace, parameters, inputs, batch);
        assert_eq!(
            output_gradient.len(),
            batch * self.output_count(),
            "length of the output gradient"
        );
        assert_eq!(
            gradient.len(),
            self.parameter_count(),
            "length of the gradient"
        );
        workspace.chain.backward(
            &self.plan.operations,
            ChainBackward {
                kernels: self.kernels,
                parameters,
                inputs,
                output_gradient,
                input_gradient,
                gradient,
                batch,
            },
        );
    }

    fn check_states(&self, states: &[f32], batch: usize) {
        assert_eq!(
            states.len(),
            batch * self.state_count(),
            "length of the states"
        );
    }

    fn check(&self, workspace: &Workspace, parameters: &[f32], inputs: &[f32], batch: usize) {
        assert!(
            Arc::ptr_eq(&self.plan, &workspace.plan) || self.plan == workspace.plan,
            "the workspace was made for another network"
        );
        assert!(
            batch <= workspace.max_batch(),
            "a batch of {batch} in a workspace for at most {}",
            workspace.max_batch()
        );
        assert_eq!(
            parameters.len(),
            self.parameter_count(),
            "length of the parameter vector"
        );
        assert_eq!(
            inputs.len(),
            batch * self.input_count(),
            "length of the inputs"
        );
    }
}
