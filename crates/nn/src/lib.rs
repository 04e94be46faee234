//! Small neural networks, trained as fast as one core allows.
//!
//! Parameters are one flat vector, a workspace is allocated once, and a step allocates nothing.

pub mod random;
