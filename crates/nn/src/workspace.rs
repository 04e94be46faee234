//! The memory that a network computes in.

use std::sync::Arc;

use crate::Network;
use crate::buffer::Buffer;
use crate::network::Plan;
use crate::operation::Scratch;

/// Activations and intermediate gradients of one network for up to `max_batch` examples at a time.
///
/// Made once; [`Network::forward`] and [`Network::backward`] allocate nothing. It carries no state from one
/// forward pass to the next, so a checkpoint need not hold it.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(crate) plan: Arc<Plan>,
    max_batch: usize,
    /// Number of examples in the last forward pass.
    pub(crate) batch: usize,
    /// Output of each operation.
    pub(crate) activations: Vec<Buffer>,
    /// Gradient with respect to the output of each operation.
    pub(crate) gradients: Vec<Buffer>,
    /// What an operation keeps for itself.
    pub(crate) scratch: Vec<Scratch>,
}

impl Workspace {
    /// Memory for `network` with at most `max_batch` examples at a time.
    #[must_use]
    pub fn new(network: &Network, max_batch: usize) -> Self {
        let operations = &network.plan.operations;
        let buffers = || -> Vec<Buffer> {
            operations
                .iter()
                .map(|operation| Buffer::new(max_batch * operation.output_count()))
                .collect()
        };
        Self {
            plan: Arc::clone(&network.plan),
            max_batch,
            batch: 0,
            activations: buffers(),
            gradients: buffers(),
            scratch: operations
                .iter()
                .enumerate()
                .map(|(index, operation)| operation.scratch(max_batch, index == 0))
                .collect(),
        }
    }

    /// The largest batch that fits.
    #[must_use]
    pub fn max_batch(&self) -> usize {
        self.max_batch
    }
}
