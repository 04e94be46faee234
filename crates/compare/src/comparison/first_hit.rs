//! The first hit: the first step at which a batch loss is at or below the threshold.
//!
//! A start that never hits within the budget would have hit later, or never: all that is known is that its first hit is
//! not below the budget. While fewer than a quarter of the starts never hit, the interquartile mean cuts them away and
//! is what a larger budget would give. From a quarter on it is a *bound*, "at least": no figure of the method, but of
//! the budget. The interval is honest in the same way. Its lower end counts a start that never hits as the budget, its
//! upper end as never, and may be infinite. Differences between two methods are bounded start by start ([`pair`]).

use descender_record::nullable_float;
use descender_statistics::number::{step_interval_text, tenths};
use descender_statistics::{Bootstrap, Estimate, PairedComparison};
use serde::{Deserialize, Serialize};

/// A first hit as it counts in scores: a descent that never hits counts as its length.
#[must_use]
pub fn counted_hit(first_hit: Option<u64>, steps: u64) -> u64 {
    first_hit.unwrap_or(steps)
}

/// The first step, counted from 0, at which the batch loss was at or below the threshold.
///
/// In JSON it has `bound` beside these fields: [`FirstHit::is_bound`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Written")]
pub struct FirstHit {
    /// The interquartile mean over the starts; a start that never hits counts as the length of the descent.
    #[serde(with = "nullable_float")]
    pub iqm: f64,
    /// The lower and the upper bound of its 95 % interval, the upper one infinite where too many starts never hit.
    #[serde(with = "nullable_float::pair")]
    pub ci95: [f64; 2],
    /// The number of starts that reached the threshold.
    pub reached: u64,
    /// The number of starts.
    pub starts: u64,
}

/// What is written of a first hit.
#[derive(Serialize)]
struct Written {
    #[serde(with = "nullable_float")]
    iqm: f64,
    #[serde(with = "nullable_float::pair")]
    ci95: [f64; 2],
    bound: bool,
    reached: u64,
    starts: u64,
}

impl From<FirstHit> for Written {
    fn from(first_hit: FirstHit) -> Self {
        let FirstHit {
            iqm,
            ci95,
            reached,
            starts,
        } = first_hit;
        Self {
            iqm,
            ci95,
            bound: first_hit.is_bound(),
            reached,
            starts,
        }
    }
}

/// Whether so many of all starts never hit that a mean first hit is only a lower bound: a quarter or more.
pub(super) const fn only_a_bound(never: u64, all: u64) -> bool {
    all > 0 && 4 * never >= all
}

impl FirstHit {
    /// The summary of the first hits of all starts; `None` is a start that did not reach the threshold within `steps`.
    ///
    /// `index` names the stream of the resampling; see [`Bootstrap::interquartile_mean`].
    #[must_use]
    pub fn of(hits: &[Option<u64>], steps: u64, bootstrap: &Bootstrap, index: u64) -> Self {
        let (least, most): (Vec<f64>, Vec<f64>) = hits.iter().map(|hit| range(*hit, steps)).unzip();
        let iqm = descender_statistics::interquartile_mean(&least);
        let Estimate { ci95, .. } = bootstrap.interquartile_mean_between(&least, &most, index);
        Self {
            iqm,
            ci95,
            reached: hits.iter().flatten().count() as u64,
            starts: hits.len() as u64,
        }
    }

    /// Whether a quarter of the starts or more never hit, so that [`iqm`](Self::iqm) is only a lower bound.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        only_a_bound(self.starts.saturating_sub(self.reached), self.starts)
    }

    /// The interquartile mean and its interval.
    #[must_use]
    pub const fn estimate(&self) -> Estimate {
        Estimate {
            iqm: self.iqm,
            ci95: self.ci95,
        }
    }

    /// The interquartile mean where it is a figure of the method; NaN where it is only a bound.
    #[must_use]
    pub const fn figure(&self) -> f64 {
        if self.is_bound() { f64::NAN } else { self.iqm }
    }

    /// The interquartile mean alone in words: `184.5`, `≥ 388.5` if it is a bound, `never` if no start hit.
    #[must_use]
    pub fn value_text(&self) -> String {
        let value = tenths(self.iqm);
        match self.reached {
            0 if self.starts > 0 => "never".to_owned(),
            _ if self.is_bound() => format!("≥ {value}"),
            _ => value,
        }
    }
}

/// The first hit with its interval, with `≥` in front if it is a bound, or `never`.
#[must_use]
pub fn first_hit_text(first_hit: &FirstHit) -> String {
    if first_hit.reached == 0 && first_hit.starts > 0 {
        return "never".to_owned();
    }
    let sign = if first_hit.is_bound() { "≥ " } else { "" };
    format!("{sign}{}", step_interval_text(&first_hit.estimate()))
}

/// The least and the most that a first hit may be, in steps.
fn range(hit: Option<u64>, steps: u64) -> (f64, f64) {
    hit.map_or((steps as f64, f64::INFINITY), |step| {
        (step as f64, step as f64)
    })
}

/// The first hits of two methods, start by start, first − second: where one of them never hit within `steps`, the
/// difference is only known to be beyond what is left of the budget, and where neither did, nothing is known of it.
pub(crate) fn pair(
    first: &[Option<u64>],
    second: &[Option<u64>],
    steps: u64,
    bootstrap: &Bootstrap,
) -> PairedComparison {
    let difference = |(first, second): (&Option<u64>, &Option<u64>)| match (first, second) {
        (None, None) => (f64::NEG_INFINITY, f64::INFINITY),
        (first, second) => {
            let (first, second) = (range(*first, steps), range(*second, steps));
            (first.0 - second.1, first.1 - second.0)
        }
    };
    let (least, most): (Vec<f64>, Vec<f64>) = first.iter().zip(second).map(difference).unzip();
    PairedComparison::between(&least, &most, bootstrap, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOTSTRAP: Bootstrap = Bootstrap::new(1);

    /// The first hits that are within a budget.
    fn within(hits: &[u64], budget: u64) -> Vec<Option<u64>> {
        let within = |hit: &u64| (*hit < budget).then_some(*hit);
        hits.iter().map(within).collect()
    }

    #[test]
    fn a_larger_budget_gives_the_same_figure_or_one_that_the_bound_allows() {
        let hits = [350, 364, 460, 500, 560, 590, 610, 900, 380, 300, 320, 410];
        let whole = FirstHit::of(&within(&hits, 10_000), 10_000, &BOOTSTRAP, 0);
        assert!(!whole.is_bound());
        for budget in [310, 400, 480, 600, 620, 905] {
            let found = FirstHit::of(&within(&hits, budget), budget, &BOOTSTRAP, 0);
            let misses = found.starts - found.reached;
            assert_eq!(found.is_bound(), 4 * misses >= 12, "{budget}");
            if found.is_bound() {
                assert!(found.iqm <= whole.iqm, "{budget}: {found:?}");
                assert!(found.figure().is_nan() && first_hit_text(&found).starts_with("≥ "));
            } else {
                assert_eq!(found.figure(), whole.iqm, "{budget}");
            }
            assert!(found.ci95[0] <= whole.ci95[0], "{budget}: {found:?}");
            assert!(found.ci95[1] >= whole.ci95[1], "{budget}: {found:?}");
        }
    }

    #[test]
    fn the_json_says_that_a_figure_is_a_bound() {
        let hits = within(&[10, 20, 30, 99, 99, 99], 50);
        let json = serde_json::to_value(FirstHit::of(&hits, 50, &BOOTSTRAP, 0)).unwrap();
        assert_eq!(json["bound"], true);
        assert_eq!(json["iqm"], (20.0 + 30.0 + 50.0 + 50.0) / 4.0);
        assert!(json["ci95"][1].is_null());
        let whole: FirstHit = serde_json::from_value(json).unwrap();
        assert_eq!(
            (whole.reached, whole.value_text()),
            (3, "≥ 37.5".to_owned())
        );
        let figure = FirstHit::of(&within(&[10, 20, 30, 40], 50), 50, &BOOTSTRAP, 0);
        assert_eq!(serde_json::to_value(figure).unwrap()["bound"], false);
        assert_eq!(
            first_hit_text(&FirstHit::of(&[None; 6], 50, &BOOTSTRAP, 0)),
            "never"
        );
    }

    #[test]
    fn a_difference_counts_as_far_as_it_holds_under_any_budget() {
        let always: Vec<Option<u64>> = (0..12).map(|start| Some(100 + start)).collect();
        let never = vec![None; 12];
        let better = pair(&always, &never, 500, &BOOTSTRAP).difference;
        assert!(better.iqm.is_nan() && better.ci95[1] < -390.0, "{better:?}");
        let worse = pair(&never, &always, 500, &BOOTSTRAP).difference;
        assert!(worse.ci95[0] > 390.0, "{worse:?}");
        let [low, high] = pair(&never, &never, 500, &BOOTSTRAP).difference.ci95;
        assert!(low == f64::NEG_INFINITY && high == f64::INFINITY);
        // Neither gets there from half of the starts: what happens there may turn it round.
        let half: Vec<Option<u64>> = (0..12).map(|start| (start < 6).then_some(100)).collect();
        let later: Vec<Option<u64>> = (0..12).map(|start| (start < 6).then_some(150)).collect();
        let [low, high] = pair(&half, &later, 500, &BOOTSTRAP).difference.ci95;
        assert!(low < 0.0 && high > 0.0, "{low} {high}");
    }
}
