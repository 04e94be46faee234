//! The first hit: the first step at which a batch loss is at or below the threshold.

use descender_record::nullable_float;
use descender_statistics::{Bootstrap, Estimate};
use serde::{Deserialize, Serialize};

/// A first hit as it counts in means: a descent that never hits counts as its length.
#[must_use]
pub fn counted_hit(first_hit: Option<u64>, steps: u64) -> u64 {
    first_hit.unwrap_or(steps)
}

/// The first step, counted from 0, at which the batch loss was at or below the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstHit {
    /// The interquartile mean over the starts; a start that never hits counts as the length of the descent.
    #[serde(with = "nullable_float")]
    pub iqm: f64,
    /// The lower and the upper bound of its 95 % interval.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
    /// The number of starts that reached the threshold.
    pub reached: u64,
    /// The number of starts.
    pub starts: u64,
}

impl FirstHit {
    /// The summary of the first hits of all starts; `None` is a start that did not reach the threshold within `steps`.
    ///
    /// `index` names the stream of the resampling; see [`Bootstrap::interquartile_mean`].
    #[must_use]
    pub fn of(hits: &[Option<u64>], steps: u64, bootstrap: &Bootstrap, index: u64) -> Self {
        let values: Vec<f64> = (hits.iter())
            .map(|hit| counted_hit(*hit, steps) as f64)
            .collect();
        let Estimate { iqm, ci95 } = bootstrap.interquartile_mean(&values, index);
        Self {
            iqm,
            ci95,
            reached: hits.iter().flatten().count() as u64,
            starts: hits.len() as u64,
        }
    }

    /// The interquartile mean and its interval.
    #[must_use]
    pub const fn estimate(&self) -> Estimate {
        Estimate {
            iqm: self.iqm,
            ci95: self.ci95,
        }
    }
}
