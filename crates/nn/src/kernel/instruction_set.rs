//! Which instructions the kernels use, and which this machine has.

use std::fmt;

use super::portable;
use super::table::Kernels;
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};

/// A set of machine instructions that the kernels are compiled for.
///
/// The same set gives the same bits on every machine that has it, for any number of threads. Two sets
/// differ by rounding alone: vectors of another length add in another order, and a fused multiply-add rounds once.
/// Outputs and gradients agree within 2·10⁻⁵ of the largest value of their tensor, unless rounding decides a tie of a
/// max-pool or the sign of a ReLU's input. The tests hold every set to half of that against f64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum InstructionSet {
    /// Plain Rust, on any machine.
    Portable,
    /// AVX2 and FMA (x86-64 since about 2013).
    Avx2,
    /// AVX-512 F.
    Avx512,
}

impl InstructionSet {
    /// The sets that this machine has, slowest first. Never empty.
    #[must_use]
    pub fn available() -> Vec<Self> {
        [Self::Portable, Self::Avx2, Self::Avx512]
            .into_iter()
            .filter(|set| set.is_available())
            .collect()
    }

    /// The fastest set that this machine has.
    #[must_use]
    pub fn best() -> Self {
        let candidates = [Self::Avx512, Self::Avx2];
        candidates
            .into_iter()
            .find(|set| set.is_available())
            .unwrap_or(Self::Portable)
    }

    /// Whether this machine has the instructions.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f"),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The set's kernels, if the machine has the set.
    pub(crate) fn kernels(self) -> Option<&'static Kernels> {
        if !self.is_available() {
            return None;
        }
        match self {
            Self::Portable => Some(&portable::KERNELS),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Some(&avx2::KERNELS),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Some(&avx512::KERNELS),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        }
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Portable => "portable",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        })
    }
}
