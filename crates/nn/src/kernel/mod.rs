//! The loops in which a network spends its time, for every instruction set.
//!
//! Each kernel is written once, generic over a [`vector::Vector`], and compiled for AVX-512, for AVX2 with FMA,
//! and for any machine. [`Kernels`] is the table of one of them, chosen when a network is planned. Its methods
//! check their arguments once per call (bounds of whole operations, not of single accesses) and are safe.

pub(crate) mod accumulate;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod block;
mod element_wise;
pub(crate) mod entries;
pub(crate) mod gemm;
mod instruction_set;
pub(crate) mod layer_norm;
mod partial;
pub(crate) mod planar;
pub(crate) mod pool;
mod portable;
pub(crate) mod recurrent;
pub(crate) mod rows;
pub(crate) mod scatter;
mod table;
mod vector;
pub(crate) mod winograd;

pub use instruction_set::InstructionSet;
pub(crate) use table::Kernels;
