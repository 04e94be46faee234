//! What the perturbed descents of a round say: which way each output should move, given the readings, and how far.
//!
//! With δ the offsets of a pair, φ the readings at each point of time in the descent without offsets, and L the losses,
//!
//! ```text
//! (ln L₊ − ln L₋)/2       = Σ_pd δ_pd·(B_pd0 + Σ_r B_pdr·φ_pr)
//! (ln L₊ + ln L₋)/2 − ln L₀ = ½·Σ_d (c_d·(Σ_p s_p·δ_pd)² + e_d·Σ_p s_p·δ_pd²),   c_d ≥ 0, e_d ≥ 0.6
//! ```
//!
//! The slopes of earlier rounds, whose policy was another, are carried over to the present one by the curvature: to the left
//! side of the first equation comes Σ_d δ_d·H_d·(z_d − z'_d), with z the outputs of the present policy at the points, and z'
//! those of the policy then. A round counts less with each that follows.
//!
//! where s_p is the share of point p in a descent. The first is fitted by ridge regression, the second by least squares.
//! The output d at point p then moves by −Σ_q (H_d⁻¹)_pq·(B_qd0 + Σ_r B_qdr·φ_qr), with H_d = c_d·s·sᵀ + e_d·diag(s): the
//! step of Newton's method, of which a round goes a part.

use descender_agent::LinearSystem;
use descender_control::{READINGS, is_of_the_job};

use super::perturbed::AT_A_POINT;
use super::round::{PastRound, Row};
use super::settings::LearnSettings;

/// Shares of the points of time in a descent: the integrals of their weights.
pub(super) const SHARES: [f64; 6] = [0.02, 0.06, 0.12, 0.24, 0.36, 0.2];
/// No half difference of log losses counts as more.
const OUTLIER: f64 = 0.4;
/// No curvature of ln η is believed to be less, and none of another output.
const FLATTEST: [f64; 2] = [1.0, 0.6];
/// How much the constants are shrunk, and how much the readings of how a descent goes, as multiples of the others. The
/// latter are many, noisy, and what they do comes back to them.
const CONSTANT: f64 = 0.1;
const CAUTION: f64 = 10.0;

/// The step that the rounds suggest from the policy of the last: by how much each of its weights moves, `[feature][output]`.
pub(super) fn step(
    rounds: &[PastRound],
    settings: &LearnSettings,
    readings: &[usize],
    dimensions: usize,
) -> Option<Vec<f64>> {
    let (shrink, memory) = (settings.shrink, settings.memory);
    let points = SHARES.len();
    let curvatures = curvatures(rounds, memory, dimensions);
    let slopes = slopes(rounds, readings, shrink, memory, &curvatures)?;
    let columns = 1 + readings.len();
    let mut moved = vec![0.0; points * AT_A_POINT * dimensions];
    for dimension in 0..dimensions {
        let [common, each] = curvatures[dimension];
        for column in 0..columns {
            let mut system = LinearSystem::new(points);
            // H is symmetric and positive: its rows are added as those of a product.
            let root: Vec<f64> = SHARES.iter().map(|share| share * common.sqrt()).collect();
            system.add(&root, 0.0, 1.0);
            for (point, share) in SHARES.into_iter().enumerate() {
                system.believe(point, 0.0, (each * share).sqrt().recip());
                let slope = slopes[(point * dimensions + dimension) * columns + column];
                system.pull(point, -slope);
            }
            let feature = column.checked_sub(1).map_or(0, |place| 1 + readings[place]);
            for (point, value) in system.solve()?.into_iter().enumerate() {
                moved[(point * AT_A_POINT + feature) * dimensions + dimension] = value;
            }
        }
    }
    Some(moved)
}

/// B, `[point][output][constant, then readings]`.
fn slopes(
    rounds: &[PastRound],
    readings: &[usize],
    shrink: f64,
    memory: f64,
    curvatures: &[[f64; 2]],
) -> Option<Vec<f64>> {
    let dimensions = curvatures.len();
    let columns = 1 + readings.len();
    let mut system = LinearSystem::new(SHARES.len() * dimensions * columns);
    let mut x = vec![0.0; SHARES.len() * dimensions * columns];
    let now = &rounds.last()?.weights;
    for (round, weight) in weighted(rounds, memory) {
        let moved: Vec<f64> = (now.iter().zip(&round.weights))
            .map(|(now, then)| f64::from(*now) - f64::from(*then))
            .collect();
        for row in &round.rows {
            let moved = outputs(&moved, row, dimensions);
            for pair in &row.pairs {
                let cells = x.chunks_exact_mut(columns).zip(&pair.offsets);
                for (place, (cell, offset)) in cells.enumerate() {
                    let point = place / dimensions;
                    cell[0] = *offset;
                    for (value, reading) in cell[1..].iter_mut().zip(readings) {
                        *value = offset * row.seen[point * READINGS + reading];
                    }
                }
                let half = (pair.plus.ln() - pair.minus.ln()) / 2.0;
                let carried: f64 = (curvatures.iter().enumerate())
                    .map(|(d, curvature)| bend(*curvature, d, &pair.offsets, &moved, dimensions))
                    .sum();
                system.add(&x, half.clamp(-OUTLIER, OUTLIER) + carried, weight);
            }
        }
    }
    for place in 0..x.len() {
        let weight = match place % columns {
            0 => shrink * CONSTANT,
            column if is_of_the_job(readings[column - 1]) => shrink,
            _ => shrink * CAUTION,
        };
        system.believe(place, 0.0, weight.sqrt().recip());
    }
    system.solve()
}

/// The rounds with what each counts.
fn weighted(rounds: &[PastRound], memory: f64) -> impl Iterator<Item = (&PastRound, f64)> {
    let last = rounds.len().saturating_sub(1);
    (rounds.iter().enumerate())
        .map(move |(place, round)| (round, memory.powi((last - place) as i32)))
}

/// What these weights, `[feature][output]`, put out at each point for what a row saw, `[point][output]`.
fn outputs(weights: &[f64], row: &Row, dimensions: usize) -> Vec<f64> {
    let mut outputs = vec![0.0; SHARES.len() * dimensions];
    for point in 0..SHARES.len() {
        let seen = row.seen[point * READINGS..].iter().take(READINGS);
        for (feature, value) in std::iter::once(&1.0).chain(seen).enumerate() {
            let of = (point * AT_A_POINT + feature) * dimensions;
            for d in 0..dimensions {
                outputs[point * dimensions + d] += weights[of + d] * value;
            }
        }
    }
    outputs
}

/// aᵀ·H_d·b of the entries of output d in two lists, `[point][output]`.
fn bend([common, each]: [f64; 2], d: usize, a: &[f64], b: &[f64], dimensions: usize) -> f64 {
    let of = |list: &[f64], point: usize| list[point * dimensions + d];
    let (mut sum_a, mut sum_b, mut squares) = (0.0, 0.0, 0.0);
    for (point, share) in SHARES.into_iter().enumerate() {
        sum_a += share * of(a, point);
        sum_b += share * of(b, point);
        squares += share * of(a, point) * of(b, point);
    }
    common * sum_a * sum_b + each * squares
}

/// c and e of each output.
fn curvatures(rounds: &[PastRound], memory: f64, dimensions: usize) -> Vec<[f64; 2]> {
    let mut system = LinearSystem::new(2 * dimensions);
    let mut squares = vec![0.0; 2 * dimensions];
    for (round, weight) in weighted(rounds, memory) {
        for row in &round.rows {
            for pair in &row.pairs {
                let mut x = vec![0.0; 2 * dimensions];
                for d in 0..dimensions {
                    let half = |curvature| {
                        0.5 * bend(curvature, d, &pair.offsets, &pair.offsets, dimensions)
                    };
                    (x[2 * d], x[2 * d + 1]) = (half([1.0, 0.0]), half([0.0, 1.0]));
                }
                let mean = (pair.plus.ln() + pair.minus.ln()) / 2.0 - row.base.ln();
                system.add(&x, mean.clamp(-OUTLIER, 1.5 * OUTLIER), weight);
                for (square, x) in squares.iter_mut().zip(&x) {
                    *square += weight * x * x;
                }
            }
        }
    }
    for (place, square) in squares.iter().enumerate() {
        // A little of each column's own weight keeps what is not determined small.
        system.believe(place, 0.0, (1e-4 * square + 1e-12).sqrt().recip());
    }
    let fitted = system.solve().unwrap_or(vec![0.0; 2 * dimensions]);
    (fitted.chunks_exact(2).enumerate())
        .map(|(d, pair)| [pair[0].max(0.0), pair[1].max(FLATTEST[d.min(1)])])
        .collect()
}
