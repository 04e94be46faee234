//! What a network is made of once it is planned: operations, each one or several layers.

mod any;
mod average_pool;
mod chain;
mod convolution;
mod element_wise;
mod embedding;
mod interface;
mod layer_norm;
mod linear;
mod max_pool;
mod plan;
mod recurrent;
mod residual;

pub(crate) use any::{AnyOperation, AnyScratch};
pub(crate) use chain::{Chain, ChainBackward};
pub(crate) use plan::plan;
