//! The search distribution of CMA-ES: a normal distribution that follows what was good.
//!
//! Source: N. Hansen, "The CMA Evolution Strategy: A Tutorial" (2016, arXiv:1604.00772); numbers of equations are the
//! tutorial's. Points are sampled from N(m, σ²·C); of a generation of λ points the better half moves the mean m, and
//! their steps shape the covariance C and, through its path, the spread σ:
//!
//! ```text
//! x = m + σ·B·D·z,  z ~ N(0, I)                                               (38–40)
//! m ← m + σ·⟨y⟩,  ⟨y⟩ = Σ w_i·y_i over the better half, y = (x − m)/σ          (41, 42)
//! p_σ ← (1 − c_σ)·p_σ + sqrt(c_σ·(2 − c_σ)·μ_eff)·C^(−1/2)·⟨y⟩                 (43)
//! σ ← σ·exp(c_σ/d_σ·(‖p_σ‖/E‖N(0, I)‖ − 1))                                    (44)
//! p_c ← (1 − c_c)·p_c + h_σ·sqrt(c_c·(2 − c_c)·μ_eff)·⟨y⟩                       (45)
//! C ← (1 − c_1 − c_μ)·C + c_1·(p_c·p_cᵀ + (1 − h_σ)·c_c·(2 − c_c)·C) + c_μ·Σ w_i·y_i·y_iᵀ   (47)
//! ```
//!
//! The weights are those of the better half alone (no negative ones), with the tutorial's default rates.

use descender_random::{ChaCha8Rng, normal_pair};
use serde::{Deserialize, Serialize};

use super::eigen;

/// σ never leaves this range: a search that has converged keeps looking, one that diverges stays finite.
const SPREAD: std::ops::RangeInclusive<f64> = 1e-4..=10.0;

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

/// What depends on the numbers of dimensions and of points alone.
struct Rates {
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
    fn new(dimensions: usize, population: usize) -> Self {
        let n = dimensions as f64;
        let parents = (population / 2).max(1);
        let raw: Vec<f64> = (1..=parents)
            .map(|rank| ((population as f64 + 1.0) / 2.0).ln() - (rank as f64).ln())
            .collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|weight| weight / sum).collect();
        let effective = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();
        let c_sigma = (effective + 2.0) / (n + effective + 5.0);
        let c_1 = 2.0 / ((n + 1.3).powi(2) + effective);
        Self {
            effective,
            c_sigma,
            d_sigma: 1.0 + 2.0 * (((effective - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0) + c_sigma,
            c_c: (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n),
            c_1,
            c_mu: (1.0 - c_1)
                .min(2.0 * (effective - 2.0 + 1.0 / effective) / ((n + 2.0).powi(2) + effective)),
            expected_norm: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            weights,
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

    /// A point.
    pub(super) fn sample(&self, generator: &mut ChaCha8Rng) -> Vec<f64> {
        let n = self.mean.len();
        let mut normal = Vec::with_capacity(n + 1);
        while normal.len() < n {
            normal.extend(normal_pair(generator));
        }
        let scaled: Vec<f64> = self
            .scales
            .iter()
            .zip(&normal)
            .map(|(scale, z)| scale * z)
            .collect();
        (0..n)
            .map(|i| self.mean[i] + self.spread * dot(&self.basis[i * n..(i + 1) * n], &scaled))
            .collect()
    }

    /// Follows a generation of points, the best first.
    ///
    /// A point may come from an earlier state of the distribution: what counts is where it lies from the present one.
    pub(super) fn follow(&mut self, ranked: &[&[f64]]) {
        let n = self.mean.len();
        let rates = Rates::new(n, ranked.len());
        let steps: Vec<Vec<f64>> = ranked
            .iter()
            .take(rates.weights.len())
            .map(|point| {
                point
                    .iter()
                    .zip(&self.mean)
                    .map(|(x, m)| (x - m) / self.spread)
                    .collect()
            })
            .collect();
        let weighted = |value: &dyn Fn(&[f64]) -> f64| -> f64 {
            rates
                .weights
                .iter()
                .zip(&steps)
                .map(|(weight, step)| weight * value(step))
                .sum()
        };
        let mean_step: Vec<f64> = (0..n).map(|i| weighted(&|step| step[i])).collect();

        // C^(−1/2)·⟨y⟩ = B·D⁻¹·Bᵀ·⟨y⟩
        let along: Vec<f64> = (0..n)
            .map(|j| {
                (0..n)
                    .map(|i| self.basis[i * n + j] * mean_step[i])
                    .sum::<f64>()
                    / self.scales[j]
            })
            .collect();
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
        let old =
            1.0 - rates.c_1 - rates.c_mu + rates.c_1 * (1.0 - h) * rates.c_c * (2.0 - rates.c_c);
        for i in 0..n {
            for j in 0..=i {
                let value = old * self.covariance[i * n + j]
                    + rates.c_1 * self.covariance_path[i] * self.covariance_path[j]
                    + rates.c_mu * weighted(&|step| step[i] * step[j]);
                (self.covariance[i * n + j], self.covariance[j * n + i]) = (value, value);
            }
        }
        for (mean, step) in self.mean.iter_mut().zip(&mean_step) {
            *mean += self.spread * step;
        }
        let change = rates.c_sigma / rates.d_sigma * (norm / rates.expected_norm - 1.0);
        self.spread = (self.spread * change.min(1.0).exp()).clamp(*SPREAD.start(), *SPREAD.end());
        let (values, basis) = eigen::symmetric(self.covariance.clone(), n);
        self.basis = basis;
        self.scales = values.iter().map(|value| value.max(1e-20).sqrt()).collect();
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_random::stream;

    /// Minimises `cost` from (1, …, 1); returns the cost of the mean.
    fn minimise(cost: impl Fn(&[f64]) -> f64, n: usize, generations: usize) -> f64 {
        let mut generator = stream(5, purpose::EXPLORATION, 0);
        let mut distribution = Distribution::new(vec![1.0; n], 0.3);
        for _ in 0..generations {
            let mut points: Vec<Vec<f64>> = (0..12)
                .map(|_| distribution.sample(&mut generator))
                .collect();
            points.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
            let ranked: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
            distribution.follow(&ranked);
        }
        assert!(distribution.fits(n));
        cost(distribution.mean())
    }

    #[test]
    fn a_sphere_and_a_stretched_ellipse_are_minimised() {
        let sphere = |x: &[f64]| dot(x, x);
        assert!(minimise(sphere, 8, 120) < 1e-5);
        // A condition number of 10⁴: without the covariance this would take some thousand generations.
        let ellipse = |x: &[f64]| -> f64 {
            x.iter()
                .enumerate()
                .map(|(i, x)| 10_f64.powf(4.0 * i as f64 / 5.0) * x * x)
                .sum()
        };
        assert!(minimise(ellipse, 6, 250) < 1e-5);
    }

    #[test]
    fn the_first_points_have_the_spread_that_was_asked_for() {
        let distribution = Distribution::new(vec![2.0, -1.0], 0.5);
        let mut generator = stream(1, purpose::EXPLORATION, 0);
        let points: Vec<Vec<f64>> = (0..4000)
            .map(|_| distribution.sample(&mut generator))
            .collect();
        for (i, centre) in [2.0, -1.0].into_iter().enumerate() {
            let mean = points.iter().map(|point| point[i]).sum::<f64>() / 4000.0;
            let variance = points
                .iter()
                .map(|point| (point[i] - mean).powi(2))
                .sum::<f64>()
                / 4000.0;
            // Standard errors: 0.5/√4000 = 0.008 and 0.25·√(2/4000) = 0.006.
            assert!((mean - centre).abs() < 0.04 && (variance - 0.25).abs() < 0.03);
        }
    }

    #[test]
    fn equal_points_don_t_break_it() {
        let mut distribution = Distribution::new(vec![0.0; 3], 0.4);
        let point = [0.1, 0.2, 0.3];
        for _ in 0..200 {
            distribution.follow(&[&point[..]; 6]);
        }
        assert!(distribution.fits(3), "{distribution:?}");
    }
}
