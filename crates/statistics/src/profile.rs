//! Performance profiles: the share of results that are as good as a level, for every level.
//!
//! A profile shows the whole distribution where an aggregate shows one figure of it. Where larger is better it is
//! rliable's run-score distribution, the share of runs whose score is above τ; where smaller is better (losses, steps,
//! times) it is the share of runs at or below τ, one minus rliable's. Its bands are pointwise stratified-bootstrap
//! intervals: each holds for one τ, not for the whole curve at once.
//!
//! Source: R. Agarwal et al. (2021), section 4.2; E. D. Dolan and J. J. Moré, "Benchmarking Optimization Software with
//! Performance Profiles" (2002).

use super::aggregate::Better;
use super::stratified::draw_strata;
use super::{Bootstrap, sorted};
use serde::Serialize;

/// The share of results that are as good as each level, with 95 % intervals.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Profile {
    /// The levels τ, rising.
    pub levels: Vec<f64>,
    /// The share of the results at or below each level (above it where larger is better), in [0, 1].
    pub shares: Vec<f64>,
    /// The lower bound of each share's interval.
    pub lower: Vec<f64>,
    /// The upper bound of each share's interval.
    pub upper: Vec<f64>,
}

impl Bootstrap {
    /// The profile of the results of `strata` at `levels`, which are put in rising order (NaN is left out).
    ///
    /// A result that is NaN or the worst infinity is as good as no level. Runs are resampled within each stratum, in
    /// their order: two methods whose runs are from the same start points are resampled at the same starts under one
    /// `index`. Without results the shares are NaN.
    ///
    /// ```
    /// use descender_statistics::{Better, Bootstrap};
    /// let steps = [120.0, 300.0, f64::INFINITY, 180.0];
    /// let profile = Bootstrap::new(1).profile(&[steps], &[100.0, 200.0, 400.0], Better::Smaller, 0);
    /// assert_eq!(profile.shares, [0.0, 0.5, 0.75]);
    /// ```
    #[must_use]
    pub fn profile<S: AsRef<[f64]>>(
        &self,
        strata: &[S],
        levels: &[f64],
        better: Better,
        index: u64,
    ) -> Profile {
        let mut levels = sorted(levels);
        levels.retain(|level| !level.is_nan());
        let sizes: Vec<usize> = strata.iter().map(|values| values.as_ref().len()).collect();
        let passed: Vec<usize> = strata
            .iter()
            .flat_map(|values| values.as_ref())
            .map(|&value| levels_below(&levels, value, better))
            .collect();
        let mut counts = vec![1; passed.len()];
        let shares = shares(&passed, &counts, levels.len(), better);
        let bounds = self.percentile_intervals(index, levels.len(), |generator| {
            draw_strata(generator, &sizes, &mut counts);
            self::shares(&passed, &counts, levels.len(), better)
        });
        Profile {
            lower: bounds.iter().map(|bounds| bounds[0]).collect(),
            upper: bounds.iter().map(|bounds| bounds[1]).collect(),
            levels,
            shares,
        }
    }
}

/// How many of the rising `levels` lie below the value. A value that is as good as none has them all below it where
/// smaller is better, and none where larger is.
fn levels_below(levels: &[f64], value: f64, better: Better) -> usize {
    match better {
        Better::Smaller if value.is_nan() || value == f64::INFINITY => levels.len(),
        Better::Larger if value.is_nan() => 0,
        _ => levels.partition_point(|&level| level < value),
    }
}

/// The share of a resample that is as good as each level: value i came `counts[i]` times and has `passed[i]` levels
/// below it.
fn shares(passed: &[usize], counts: &[usize], levels: usize, better: Better) -> Vec<f64> {
    let mut values_with = vec![0_usize; levels + 1];
    for (&passed, &count) in passed.iter().zip(counts) {
        values_with[passed] += count;
    }
    let total: usize = values_with.iter().sum();
    let mut at_or_below = 0;
    values_with[..levels]
        .iter()
        .map(|&count| {
            at_or_below += count;
            let good = match better {
                Better::Smaller => at_or_below,
                Better::Larger => total - at_or_below,
            };
            good as f64 / total as f64
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOOTSTRAP: Bootstrap = Bootstrap {
        seed: 1,
        resamples: 100,
    };

    #[test]
    fn profiles_by_hand_with_ties() {
        let strata = [vec![1.0, 2.0, 2.0], vec![3.0, f64::NAN]];
        let levels = [3.0, 0.5, f64::NAN, 2.0, f64::INFINITY];
        let smaller = BOOTSTRAP.profile(&strata, &levels, Better::Smaller, 0);
        assert_eq!(smaller.levels, [0.5, 2.0, 3.0, f64::INFINITY]);
        assert_eq!(smaller.shares, [0.0, 0.6, 0.8, 0.8]);
        let larger = BOOTSTRAP.profile(&strata, &levels, Better::Larger, 0);
        assert_eq!(larger.shares, [0.8, 0.2, 0.0, 0.0]);
    }

    #[test]
    fn no_results_are_unknown_and_no_levels_are_no_profile() {
        let nothing = BOOTSTRAP.profile::<Vec<f64>>(&[], &[1.0], Better::Smaller, 0);
        assert!(nothing.shares[0].is_nan() && nothing.lower[0].is_nan());
        let profile = BOOTSTRAP.profile(&[[1.0]], &[], Better::Smaller, 0);
        assert_eq!(profile, Profile::default());
    }

    #[test]
    fn the_bands_are_binomial() {
        // Half of 100 results are good: the share's standard deviation is 0.05, its 95 % interval 0.4 to 0.6.
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let bootstrap = Bootstrap::new(3);
        let profile = bootstrap.profile(&[values], &[49.0], Better::Smaller, 0);
        assert_eq!(profile.shares, [0.5]);
        assert!((profile.lower[0] - 0.4).abs() <= 0.015, "{profile:?}");
        assert!((profile.upper[0] - 0.6).abs() <= 0.015, "{profile:?}");
    }

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            4 => -10.0..10.0_f64,
            2 => (-3..3_i32).prop_map(f64::from),
            1 => Just(f64::NAN),
            1 => Just(f64::INFINITY),
            1 => Just(f64::NEG_INFINITY),
        ]
    }

    proptest! {
        #[test]
        fn a_profile_is_monotone_within_0_and_1_and_equals_its_definition(
            strata in prop::collection::vec(prop::collection::vec(value(), 1..12), 1..4),
            levels in prop::collection::vec(value(), 0..8),
            smaller in any::<bool>(),
        ) {
            let better = if smaller { Better::Smaller } else { Better::Larger };
            let profile = BOOTSTRAP.profile(&strata, &levels, better, 0);
            for line in [&profile.shares, &profile.lower, &profile.upper] {
                prop_assert!(line.iter().all(|share| (0.0..=1.0).contains(share)));
                let monotone = line.windows(2).all(|pair| match better {
                    Better::Smaller => pair[0] <= pair[1],
                    Better::Larger => pair[0] >= pair[1],
                });
                prop_assert!(monotone, "{:?}", line);
            }
            let all = strata.concat();
            for (level, share) in profile.levels.iter().zip(&profile.shares) {
                let good = all.iter().filter(|value| match better {
                    Better::Smaller => *value <= level && **value != f64::INFINITY,
                    Better::Larger => *value > level,
                });
                prop_assert_eq!(*share, good.count() as f64 / all.len() as f64);
            }
        }
    }
}
