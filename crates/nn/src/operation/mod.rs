//! Operations: the parts of a planned network, each for one or several layers.
//!
//! Every operation implements [`interface::Operation`]; the list of all of them stands in [`any`].

mod any;
mod average_pool;
mod chain;
mod convolution;
mod dropout;
mod element_wise;
mod embedding;
mod interface;
mod layer_norm;
mod linear;
mod max_pool;
mod plan;
mod planar;
mod recurrent;
mod residual;

pub(crate) use any::{AnyOperation, AnyScratch};
pub(crate) use chain::{Chain, ChainBackward, ChainForward, state_count};
pub(crate) use plan::plan;
