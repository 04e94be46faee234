//! What every operation can do, and what it is given to do it.

use descender_random::ChaCha8Rng;

use crate::kernel::Kernels;

/// One step of the computation. Activations between operations are `[batch, height, width, channels]`.
pub(crate) trait Operation {
    /// Memory of the operation beside its output and the gradient of it.
    type Scratch;

    /// Values of one example's input.
    fn input_count(&self) -> usize;

    /// Values of one example's output.
    fn output_count(&self) -> usize;

    /// Values of one example's state, which can be carried from one sequence to the next: 0 unless it is recurrent.
    fn state_count(&self) -> usize {
        0
    }

    /// Memory for up to `max_batch` examples; `first` if nobody wants the gradient of the input.
    fn scratch(&self, max_batch: usize, first: bool) -> Self::Scratch;

    /// Writes the output of `batch` examples.
    fn forward(&self, scratch: &mut Self::Scratch, arguments: Forward<'_>);

    /// Writes the gradients of the operation's parameters and of its input. The last forward pass had the same
    /// parameters and input.
    fn backward(&self, scratch: &mut Self::Scratch, arguments: Backward<'_>);
}

/// Arguments of a forward pass.
pub(crate) struct Forward<'a> {
    pub(crate) kernels: &'static Kernels,
    /// All parameters of the network; an operation reads its own part.
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) output: &'a mut [f32],
    /// Where masks are drawn from; none if this is no training pass.
    pub(crate) noise: Option<&'a mut ChaCha8Rng>,
    pub(crate) batch: usize,
    /// The states of the operation before the sequences, to be replaced by those behind them; empty where all begin at 0
    /// and nobody wants to know where they end.
    pub(crate) carried: &'a mut [f32],
}

/// Arguments of a backward pass.
pub(crate) struct Backward<'a> {
    pub(crate) kernels: &'static Kernels,
    /// All parameters of the network; an operation reads its own part.
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) output: &'a [f32],
    /// Gradient of the output; may be overwritten.
    pub(crate) output_gradient: &'a mut [f32],
    /// Where the gradient of the input goes, if anyone wants it.
    pub(crate) input_gradient: Option<&'a mut [f32]>,
    /// Gradient of all parameters; an operation writes its own part.
    pub(crate) gradient: &'a mut [f32],
    pub(crate) batch: usize,
}
