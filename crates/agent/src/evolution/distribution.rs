//! The search distribution of CMA-ES: a normal distribution that follows what was good.
//!
//! Source: N. Hansen, "The CMA Evolution Strategy: A Tutorial" (2016, arXiv:1604.00772, version of 2023); numbers of
//! equations are the tutorial's. Points are sampled from N(m, σ²·C); of a generation of λ points the better of each pair
//! move the mean m, and the steps of all shape the covariance C and, through its path, the spread σ:
//!
//! ```text
//! x = m + σ·B·D·z,  z ~ N(0, I)                                               (38–40)
//! m ← m + σ·⟨y⟩,  ⟨y⟩ = Σ w_i·y_i over the better half, y = (x − m)/σ          (41, 42)
//! p_σ ← (1 − c_σ)·p_σ + sqrt(c_σ·(2 − c_σ)·μ_eff)·C^(−1/2)·⟨y⟩                 (43)
//! σ ← σ·exp(c_σ/d_σ·(‖p_σ‖/E‖N(0, I)‖ − 1))                                    (44)
//! p_c ← (1 − c_c)·p_c + h_σ·sqrt(c_c·(2 − c_c)·μ_eff)·⟨y⟩                       (45)
//! w°_i = w_i, and w_i·n/‖C^(−1/2)·y_i‖² where w_i < 0                          (46)
//! C ← (1 − c_1 − c_μ·Σ w_i)·C + c_1·(p_c·p_cᵀ + (1 − h_σ)·c_c·(2 − c_c)·C) + c_μ·Σ w°_i·y_i·y_iᵀ   (47)
//! ```
//!
//! The worse half has negative weights in C ("active" covariance, equations 49–53): C learns from bad directions, too.
//!
//! Points come in pairs m ± σ·y (D. Brockhoff, A. Auger, N. Hansen, D. Arnold, T. Hohm, "Mirrored Sampling and Sequential
//! Selection for Evolution Strategies", 2010): of two opposite steps one is good where the return has a slope, and
//! what noise does to one direction counts against its mirror image. If both of a pair moved the mean, their steps would cancel, and σ
//! would shrink even under random ranks. So only the better of each pair does (A. Auger, D. Brockhoff, N. Hansen,
//! "Mirrored Sampling in Evolution Strategies With Weighted Recombination", 2011): under random ranks the mean's step is
//! then distributed as without mirrors. The directions of a generation are orthogonal in the coordinates z, up to n of
//! them (H. Wang, M. Emmerich, T. Bäck, "Mirrored Orthogonal Sampling with Pairwise Selection in Evolution Strategies",
//! 2014); their lengths are those of independent normal vectors.

use descender_random::{ChaCha8Rng, normal_pair};
use serde::{Deserialize, Serialize};

use super::eigen;

/// σ never leaves this range: one that diverges stays finite, and one that has converged stays apart from 0.
const SPREAD: std::ops::RangeInclusive<f64> = 1e-8..=10.0;

/// The distribution and its memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Distribution {
    mean: Vec<f64>,
    spread: f64,
    /// C, row by row.
    covariance: Vec<f64>,
    spread_path: Vec<f64>,
    covariance_path: Vec<f64>,
    generations: u64,
    /// B, entry i of eigenvector j at `i * n + j`.
    basis: Vec<f64>,
    /// D, the roots of the eigenvalues.
    scales: Vec<f64>,
}

/// A point of a generation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked<'a> {
    pub(super) point: &'a [f64],
    /// Whether it is the better of its pair.
    pub(super) wins: bool,
}

/// What depends on the numbers of dimensions and of points alone.
struct Rates {
    /// w_i of all ranks; the negative ones are those of the worse half.
    weights: Vec<f64>,
    /// μ_eff.
    effective: f64,
    c_sigma: f64,
    d_sigma: f64,
    c_c: f64,
    c_1: f64,
    c_mu: f64,
    /// E‖N(0, I)‖.
    expected_norm: f64,
}

impl Rates {
    /// The tutorial's default parameters (table 1, equations 49–58).
    fn new(dimensions: usize, population: usize) -> Self {
        let n = dimensions as f64;
        let raw: Vec<f64> = (1..=population)
            .map(|rank| ((population as f64 + 1.0) / 2.0).ln() - (rank as f64).ln())
            .collect();
        let (better, worse) = raw.split_at((population / 2).max(1));
        let sum = |weights: &[f64]| weights.iter().sum::<f64>();
        let mass = |weights: &[f64]| {
            sum(weights).powi(2) / weights.iter().map(|weight| weight * weight).sum::<f64>()
        };
        let effective = mass(better);
        let c_1 = 2.0 / ((n + 1.3).powi(2) + effective);
        let c_mu = (1.0 - c_1).min(
            2.0 * (0.25 + effective - 2.0 + 1.0 / effective) / ((n + 2.0).powi(2) + effective),
        );
        // How much the worse half weighs: the learning stays balanced, and C positive.
        let negative = (1.0 + c_1 / c_mu)
            .min(1.0 + 2.0 * mass(worse) / (effective + 2.0))
            .min((1.0 - c_1 - c_mu) / (n * c_mu));
        let weights = better.iter().map(|weight| weight / sum(better));
        let weights = weights.chain(worse.iter().map(|weight| -negative * weight / sum(worse)));
        let c_sigma = (effective + 2.0) / (n + effective + 5.0);
        Self {
            weights: weights.collect(),
            effective,
            c_sigma,
            d_sigma: 1.0 + 2.0 * (((effective - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0) + c_sigma,
            c_c: (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n),
            c_1,
            c_mu,
            expected_norm: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }
}

impl Distribution {
    /// N(`mean`, `spread`²·I).
    pub(super) fn new(mean: Vec<f64>, spread: f64) -> Self {
        let n = mean.len();
        let mut identity = vec![0.0; n * n];
        for i in 0..n {
            identity[i * n + i] = 1.0;
        }
        Self {
            spread,
            covariance: identity.clone(),
            spread_path: vec![0.0; n],
            covariance_path: vec![0.0; n],
            generations: 0,
            basis: identity,
            scales: vec![1.0; n],
            mean,
        }
    }

    pub(super) fn mean(&self) -> &[f64] {
        &self.mean
    }

    pub(super) fn spread(&self) -> f64 {
        self.spread
    }

    /// Whether `self`, read from a saved state, can be a distribution of `dimensions` dimensions.
    pub(super) fn fits(&self, dimensions: usize) -> bool {
        let vectors = [
            &self.mean,
            &self.spread_path,
            &self.covariance_path,
            &self.scales,
        ];
        let matrices = [&self.covariance, &self.basis];
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        vectors
            .iter()
            .all(|vector| vector.len() == dimensions && finite(vector))
            && matrices
                .iter()
                .all(|matrix| matrix.len() == dimensions * dimensions && finite(matrix))
            && SPREAD.contains(&self.spread)
    }

    /// Another direction z of a generation that has those `before`: a normal vector, turned to be orthogonal to them. After n
    /// of them the next n begin anew.
    pub(super) fn direction(&self, before: &[Vec<f64>], generator: &mut ChaCha8Rng) -> Vec<f64> {
        let n = self.mean.len();
        let mut normal = Vec::with_capacity(n + 1);
        while normal.len() < n {
            normal.extend(normal_pair(generator));
        }
        normal.truncate(n);
        let length = dot(&normal, &normal);
        let mut turned = normal.clone();
        for other in &before[before.len() / n * n..] {
            let share = dot(&turned, other) / dot(other, other);
            turned
                .iter_mut()
                .zip(other)
                .for_each(|(x, y)| *x -= share * y);
        }
        let rest = dot(&turned, &turned);
        // A vector that lies in the space of the others, but for rounding, stays as it is.
        if rest <= length * 1e-12 {
            return normal;
        }
        let factor = (length / rest).sqrt();
        turned.iter().map(|x| x * factor).collect()
    }

    /// The pair of points m ± σ·B·D·z.
    pub(super) fn pair(&self, direction: &[f64]) -> [Vec<f64>; 2] {
        let n = self.mean.len();
        let scaled: Vec<f64> = self
            .scales
            .iter()
            .zip(direction)
            .map(|(scale, z)| scale * z)
            .collect();
        let step: Vec<f64> = (0..n)
            .map(|i| self.spread * dot(&self.basis[i * n..(i + 1) * n], &scaled))
            .collect();
        [1.0, -1.0].map(|sign| {
            let moved = self.mean.iter().zip(&step);
            moved.map(|(mean, step)| mean + sign * step).collect()
        })
    }

    /// Bᵀ·y, divided by D: a step in the coordinates z.
    fn coordinates(&self, step: &[f64]) -> Vec<f64> {
        let n = step.len();
        (0..n)
            .map(|j| {
                let along: f64 = (0..n).map(|i| self.basis[i * n + j] * step[i]).sum();
                along / self.scales[j]
            })
            .collect()
    }

    /// Follows a generation of points, the best first. Where the ranks can't be relied on, σ is left as it is.
    ///
    /// A point may come from an earlier state of the distribution: what counts is where it lies from the present one.
    pub(super) fn follow(&mut self, ranked: &[Ranked<'_>], reliable: bool) {
        let n = self.mean.len();
        let rates = Rates::new(n, ranked.len());
        let steps: Vec<Vec<f64>> = ranked
            .iter()
            .map(|ranked| {
                let from_mean = ranked.point.iter().zip(&self.mean);
                from_mean.map(|(x, m)| (x - m) / self.spread).collect()
            })
            .collect();
        let winners = || {
            let pairs = ranked.iter().zip(&steps);
            pairs.filter(|(ranked, _)| ranked.wins).map(|pair| pair.1)
        };
        let mean_step: Vec<f64> = (0..n)
            .map(|i| {
                let weighted = rates.weights.iter().zip(winners());
                weighted.map(|(weight, step)| weight * step[i]).sum()
            })
            .collect();

        let along = self.coordinates(&mean_step);
        let keep = 1.0 - rates.c_sigma;
        let gain = (rates.c_sigma * (2.0 - rates.c_sigma) * rates.effective).sqrt();
        for i in 0..n {
            self.spread_path[i] =
                keep * self.spread_path[i] + gain * dot(&self.basis[i * n..(i + 1) * n], &along);
        }
        let norm = dot(&self.spread_path, &self.spread_path).sqrt();
        self.generations += 1;
        let warm = (1.0 - keep.powf(2.0 * self.generations as f64)).sqrt();
        let stalls = norm / warm / rates.expected_norm < 1.4 + 2.0 / (n as f64 + 1.0);
        let h = if stalls { 1.0 } else { 0.0 };

        let gain = h * (rates.c_c * (2.0 - rates.c_c) * rates.effective).sqrt();
        for (path, step) in self.covariance_path.iter_mut().zip(&mean_step) {
            *path = (1.0 - rates.c_c) * *path + gain * step;
        }
        let weights: Vec<f64> = rates
            .weights
            .iter()
            .zip(&steps)
            .map(|(&weight, step)| {
                if weight >= 0.0 {
                    return weight;
                }
                let z = self.coordinates(step);
                weight * n as f64 / dot(&z, &z).max(f64::MIN_POSITIVE)
            })
            .collect();
        let old = 1.0 - rates.c_1 - rates.c_mu * rates.weights.iter().sum::<f64>()
            + rates.c_1 * (1.0 - h) * rates.c_c * (2.0 - rates.c_c);
        for i in 0..n {
            for j in 0..=i {
                let weighted = weights.iter().zip(&steps);
                let steps: f64 = weighted.map(|(w, step)| w * step[i] * step[j]).sum();
                let value = old * self.covariance[i * n + j]
                    + rates.c_1 * self.covariance_path[i] * self.covariance_path[j]
                    + rates.c_mu * steps;
                (self.covariance[i * n + j], self.covariance[j * n + i]) = (value, value);
            }
        }
        for (mean, step) in self.mean.iter_mut().zip(&mean_step) {
            *mean += self.spread * step;
        }
        if reliable {
            let change = rates.c_sigma / rates.d_sigma * (norm / rates.expected_norm - 1.0);
            let spread = self.spread * change.min(1.0).exp();
            self.spread = spread.clamp(*SPREAD.start(), *SPREAD.end());
        }
        let (values, basis) = eigen::symmetric(self.covariance.clone(), n);
        self.basis = basis;
        self.scales = values.iter().map(|value| value.max(1e-20).sqrt()).collect();
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests;
