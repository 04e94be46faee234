//! The memory in which a network computes.

use std::sync::Arc;

use crate::network::{Network, Plan};
use crate::operation::{AnyScratch, Chain};

/// Activations and intermediate gradients of one network for up to `max_batch` examples at a time.
///
/// It is allocated once; [`Network::forward`] and [`Network::backward`] allocate nothing. It carries no state from one
/// forward pass to the next ([`Network::forward_carried`] takes and returns it), so a checkpoint does not need it.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub(crate) plan: Arc<Plan>,
    max_batch: usize,
    /// Number of examples in the last forward pass.
    pub(crate) batch: usize,
    /// Activations, their gradients and what operations keep for themselves.
    pub(crate) chain: Chain<AnyScratch>,
    /// Whether the gradient with respect to the inputs can be computed.
    pub(crate) to_inputs: bool,
}

impl Workspace {
    /// Memory for `network` with at most `max_batch` examples at a time.
    #[must_use]
    pub fn new(network: &Network, max_batch: usize) -> Self {
        Self::made(network, max_batch, false)
    }

    /// Likewise, with the memory that [`Network::backward_to_inputs`] needs.
    #[must_use]
    pub fn with_input_gradient(network: &Network, max_batch: usize) -> Self {
        Self::made(network, max_batch, true)
    }

    fn made(network: &Network, max_batch: usize, to_inputs: bool) -> Self {
        Self {
            plan: Arc::clone(&network.plan),
            max_batch,
            batch: 0,
            chain: Chain::new(&network.plan.operations, max_batch, !to_inputs),
            to_inputs,
        }
    }

    /// The largest batch that fits.
    #[must_use]
    pub fn max_batch(&self) -> usize {
        self.max_batch
    }
}
