//! Statistics over start points.
//!
//! A method is judged by what it does from many start points, and a few lucky or unlucky starts must not decide the
//! verdict. So the centre is the interquartile mean, every figure carries a 95 % bootstrap interval over the start
//! points ([`bootstrap`], stratified where there are several tasks), and two methods are compared on the same starts,
//! pair by pair ([`paired`]). If the runs of two methods are not paired, [`all_pairs`] compares every run with every
//! other. Where there are several trainings, the interval is over their seeds, too ([`seeds_and_starts`]). A
//! [`profile`] shows the whole distribution, and [`time_to_target`] has AlgoPerf's score. But for the seeds, these methods
//! are those of R. Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice" (2021), whose
//! library is *rliable*; the figures agree with it (test `rliable`, values in `reference/rliable_statistics.json`).
//!
//! **Values that are not numbers.** A diverged descent has no loss. NaN is ordered as the largest value, like
//! +∞, because for a loss or a number of steps larger is worse: as long as less than a quarter of the starts
//! diverged, they are cut away with the other bad starts; from then on the result is not finite and says so.
//! For a measure where larger is better (an accuracy), give a diverged start the worst value, 0.

#![forbid(unsafe_code)]

pub mod aggregate;
pub mod all_pairs;
pub mod bootstrap;
mod moving_average;
pub mod number;
mod order_statistics;
pub mod paired;
pub mod profile;
pub mod seeds_and_starts;
mod stratified;
pub mod time_to_target;

pub use aggregate::{Aggregate, Better, median};
pub use bootstrap::{Bootstrap, Estimate, Interval};
pub use moving_average::moving_average;
pub use order_statistics::{interquartile_mean, mean, order, quantile, quantile_of_sorted, sorted};
pub use paired::PairedComparison;
pub use profile::Profile;
pub use time_to_target::performance_ratios;
