//! A separable evolution strategy over the weights of a policy: the rival of the regression.
//!
//! CMA-ES whose covariance is diagonal (R. Ros and N. Hansen, "A simple modification in CMA-ES achieving linear time and
//! space complexity", 2008): a policy over many readings has more weights than a full covariance could learn. The
//! formulas and constants are those of N. Hansen, "The CMA evolution strategy: a tutorial" (arXiv 1604.00772), with the
//! learning rates of the covariance multiplied by (n + 2)/3.

use crate::draw::Draw;

/// The distribution that generations are drawn from: N(mean, spread²·diag(variances)).
pub(super) struct Separable {
    mean: Vec<f64>,
    spread: f64,
    variances: Vec<f64>,
    /// The path of the spread, and that of the covariance.
    paths: [Vec<f64>; 2],
    generations: i32,
}

impl Separable {
    pub(super) fn new(mean: Vec<f64>, spread: f64) -> Self {
        let n = mean.len();
        Self {
            mean,
            spread,
            variances: vec![1.0; n],
            paths: [vec![0.0; n], vec![0.0; n]],
            generations: 0,
        }
    }

    /// How many points a generation of this many weights has: 4 + ⌊3·ln n⌋.
    pub(super) fn population(weights: usize) -> usize {
        4 + (3.0 * (weights.max(1) as f64).ln()) as usize
    }

    pub(super) fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The points of a generation.
    pub(super) fn points(&self, draw: &mut Draw) -> Vec<Vec<f64>> {
        let mut point = || {
            (self.mean.iter().zip(&self.variances))
                .map(|(mean, variance)| mean + self.spread * variance.sqrt() * draw.normal())
                .collect()
        };
        (0..Self::population(self.mean.len()))
            .map(|_| point())
            .collect()
    }

    /// Follows the better half of `points`; less is better.
    pub(super) fn follow(&mut self, points: &[Vec<f64>], scores: &[f64]) {
        let n = self.mean.len() as f64;
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let half = points.len() / 2;
        let raw: Vec<f64> = (0..half)
            .map(|rank| (half as f64 + 0.5).ln() - (rank as f64 + 1.0).ln())
            .collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|weight| weight / sum).collect();
        let effective = 1.0 / weights.iter().map(|weight| weight * weight).sum::<f64>();

        let of_spread = (effective + 2.0) / (n + effective + 5.0);
        let damping =
            1.0 + of_spread + 2.0 * (((effective - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0);
        let of_path = (4.0 + effective / n) / (n + 4.0 + 2.0 * effective / n);
        let faster = (n + 2.0) / 3.0;
        let one = (faster * 2.0 / ((n + 1.3).powi(2) + effective)).min(1.0);
        let many =
            faster * 2.0 * (effective - 2.0 + 1.0 / effective) / ((n + 2.0).powi(2) + effective);
        let many = many.min(1.0 - one);
        let expected = n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));

        self.generations += 1;
        let [spreading, turning] = &mut self.paths;
        let steps: Vec<Vec<f64>> = (order[..half].iter())
            .map(|&place| {
                (points[place].iter().zip(&self.mean))
                    .map(|(x, mean)| (x - mean) / self.spread)
                    .collect()
            })
            .collect();
        let step: Vec<f64> = (0..self.mean.len())
            .map(|i| {
                steps
                    .iter()
                    .zip(&weights)
                    .map(|(step, weight)| weight * step[i])
                    .sum()
            })
            .collect();
        let grow = (of_spread * (2.0 - of_spread) * effective).sqrt();
        for ((path, step), variance) in spreading.iter_mut().zip(&step).zip(&self.variances) {
            *path = (1.0 - of_spread) * *path + grow * step / variance.sqrt();
        }
        let length = spreading.iter().map(|x| x * x).sum::<f64>().sqrt();
        let settled = (1.0 - (1.0 - of_spread).powi(2 * self.generations)).sqrt();
        let steady = length / settled < (1.4 + 2.0 / (n + 1.0)) * expected;
        let grow = (of_path * (2.0 - of_path) * effective).sqrt() * f64::from(u8::from(steady));
        let lost = if steady {
            0.0
        } else {
            of_path * (2.0 - of_path)
        };
        for (i, variance) in self.variances.iter_mut().enumerate() {
            turning[i] = (1.0 - of_path) * turning[i] + grow * step[i];
            let squares: f64 = (steps.iter().zip(&weights))
                .map(|(step, weight)| weight * step[i] * step[i])
                .sum();
            *variance = (1.0 - one - many) * *variance
                + one * (turning[i] * turning[i] + lost * *variance)
                + many * squares;
        }
        for (mean, step) in self.mean.iter_mut().zip(&step) {
            *mean += self.spread * step;
        }
        self.spread *= ((of_spread / damping) * (length / expected - 1.0))
            .min(1.0)
            .exp();
    }
}

#[cfg(test)]
mod tests {
    use descender_random::{Purpose, stream};

    use super::*;

    #[test]
    fn it_finds_the_least_of_a_stretched_bowl() {
        let mut draw = Draw::new(stream(1, Purpose::new(98, "test of the evolution"), 0));
        let mut strategy = Separable::new(vec![1.0; 12], 0.3);
        let height = |x: &[f64]| -> f64 {
            (x.iter().enumerate())
                .map(|(i, x)| 10_f64.powf(3.0 * i as f64 / 11.0) * (x + 0.5) * (x + 0.5))
                .sum()
        };
        for _ in 0..400 {
            let points = strategy.points(&mut draw);
            let scores: Vec<f64> = points.iter().map(|point| height(point)).collect();
            strategy.follow(&points, &scores);
        }
        assert!(
            height(strategy.mean()) < 1e-10,
            "{}",
            height(strategy.mean())
        );
    }
}
