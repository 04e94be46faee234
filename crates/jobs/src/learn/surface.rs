//! What the perturbed descents of a learning say: which way each output should move, given the readings, and how far.
//!
//! With δ the offsets of a pair, φ the features at each point of time in the descent without offsets (1, readings, products
//! of readings), and L the losses,
//!
//! ```text
//! (ln L₊ − ln L₋)/2       = Σ_pd δ_pd·Σ_f B_pdf·φ_pf
//! (ln L₊ + ln L₋)/2 − ln L₀ = ½·Σ_d (c_d·(Σ_p s_p·δ_pd)² + e_d·Σ_p s_p·δ_pd²),   c_d ≥ 0, e_d ≥ 0.6
//! ```
//!
//! where s_p is the share of point p in a descent. The first is fitted by ridge regression, the second by least squares.
//! What is shrunk is not B but the step that follows from it: a slope at a point of a small share is small by itself, and
//! little noise in it would be a large step.
//! The output d at point p then moves by −Σ_q (H_d⁻¹)_pq·Σ_f B_qdf·φ_qf, with H_d = c_d·s·sᵀ + e_d·diag(s): the step of
//! Newton's method, of which a round goes a part.
//!
//! The slopes of earlier rounds, whose policy was another, are carried over to the present one by the curvature: to the left
//! side of the first equation comes Σ_d δ_d·H_d·(z_d − z'_d), with z the outputs of the present policy at the points, and z'
//! those of the policy then. A round counts less with each that follows.

use descender_agent::LinearSystem;
use descender_control::{AT_A_POINT, OF_THE_JOB, READINGS, products_of};

use super::round::{PastRound, Row};
use super::settings::LearnSettings;

/// Shares of the points of time in a descent: the integrals of their weights.
pub(super) const SHARES: [f64; 6] = [0.02, 0.06, 0.12, 0.24, 0.36, 0.2];
/// No half difference of log losses counts as more.
const OUTLIER: f64 = 0.4;
/// No curvature of ln η is believed to be less, and none of another output.
const FLATTEST: [f64; 2] = [1.0, 0.6];
/// How much the constants are shrunk, the products, and the readings of how a descent goes, as multiples of the readings
/// of the job. The latter two are many, and what the last do comes back to them.
const CONSTANT: f64 = 0.1;
const PRODUCT: f64 = 5.0;
const CAUTION: f64 = 10.0;
/// How much a feature is shrunk that is not used.
const UNUSED: f64 = 1e12;
/// The variance of what a weight is believed to move at one point alone, as a share of that at all points together.
const OWN: f64 = 0.25;

/// What the rounds so far say.
pub(super) struct Surface<'a> {
    settings: &'a LearnSettings,
    dimensions: usize,
    /// The features that may be used, the constant first, of those at a point of time.
    features: Vec<usize>,
    rounds: Vec<PastRound>,
    /// Left side of the slopes' equations: unknowns `[point][output][feature]`.
    slopes: LinearSystem,
    /// Equations of the curvatures: c and e of each output, with the sums of squares of their columns.
    curvatures: LinearSystem,
    squares: Vec<f64>,
}

impl<'a> Surface<'a> {
    pub(super) fn new(settings: &'a LearnSettings, dimensions: usize) -> Self {
        let features = settings.features();
        Self {
            settings,
            dimensions,
            slopes: LinearSystem::new(SHARES.len() * dimensions * features.len()),
            features,
            rounds: Vec::new(),
            curvatures: LinearSystem::new(2 * dimensions),
            squares: vec![0.0; 2 * dimensions],
        }
    }

    /// Takes a round in; those before count less.
    pub(super) fn add(&mut self, round: PastRound) {
        let (memory, dimensions) = (self.settings.memory, self.dimensions);
        self.slopes.scale(memory);
        self.curvatures.scale(memory);
        (self.squares.iter_mut()).for_each(|square| *square *= memory);
        let columns = self.features.len();
        let mut x = vec![0.0; SHARES.len() * dimensions * columns];
        for row in &round.rows {
            let values = self.values(row);
            for pair in &row.pairs {
                for (place, cell) in x.chunks_exact_mut(columns).enumerate() {
                    let of_point = &values[place / dimensions * columns..];
                    for (x, value) in cell.iter_mut().zip(of_point) {
                        *x = pair.offsets[place] * value;
                    }
                }
                self.slopes.add(&x, 0.0, 1.0);

                let curved: Vec<f64> = (0..dimensions)
                    .flat_map(|d| [(d, [1.0, 0.0]), (d, [0.0, 1.0])])
                    .map(|(d, kind)| 0.5 * bend(kind, d, &pair.offsets, &pair.offsets, dimensions))
                    .collect();
                let mean = (pair.plus.ln() + pair.minus.ln()) / 2.0 - row.base.ln();
                let mean = mean.clamp(-OUTLIER, 1.5 * OUTLIER);
                self.curvatures.add(&curved, mean, 1.0);
                for (square, x) in self.squares.iter_mut().zip(&curved) {
                    *square += x * x;
                }
            }
        }
        self.rounds.push(round);
    }

    /// The step from the policy of the last round: by how much each of its weights moves, `[feature][output]`. `used`
    /// says which features may move.
    pub(super) fn step(&self, used: impl Fn(usize) -> bool) -> Option<Vec<f64>> {
        let (dimensions, columns) = (self.dimensions, self.features.len());
        let curvatures = self.curvatures();
        let slopes = self.slopes(used, &curvatures)?;
        let mut moved = vec![0.0; SHARES.len() * AT_A_POINT * dimensions];
        for (dimension, [common, each]) in curvatures.into_iter().enumerate() {
            for (column, feature) in self.features.iter().enumerate() {
                let mut system = LinearSystem::new(SHARES.len());
                // H is symmetric and positive: its rows are added as those of a product.
                let root: Vec<f64> = SHARES.iter().map(|share| share * common.sqrt()).collect();
                system.add(&root, 0.0, 1.0);
                for (point, share) in SHARES.into_iter().enumerate() {
                    system.believe(point, 0.0, (each * share).sqrt().recip());
                    let slope = slopes[(point * dimensions + dimension) * columns + column];
                    system.pull(point, -slope);
                }
                for (point, value) in system.solve()?.into_iter().enumerate() {
                    moved[(point * AT_A_POINT + feature) * dimensions + dimension] = value;
                }
            }
        }
        Some(moved)
    }

    /// B, `[point][output][feature]`.
    fn slopes(&self, used: impl Fn(usize) -> bool, curvatures: &[[f64; 2]]) -> Option<Vec<f64>> {
        let (dimensions, columns) = (self.dimensions, self.features.len());
        let mut system = self.slopes.clone();
        let mut right = vec![0.0; SHARES.len() * dimensions * columns];
        let now = &self.rounds.last()?.weights;
        for (age, round) in self.rounds.iter().rev().enumerate() {
            let weight = self.settings.memory.powi(age as i32);
            let moved: Vec<f64> = (now.iter().zip(&round.weights))
                .map(|(now, then)| f64::from(*now) - f64::from(*then))
                .collect();
            for row in &round.rows {
                let values = self.values(row);
                let moved = self.outputs(&moved, &values);
                for pair in &row.pairs {
                    let half = (pair.plus.ln() - pair.minus.ln()) / 2.0;
                    let carried: f64 = (curvatures.iter().enumerate())
                        .map(|(d, of)| bend(*of, d, &pair.offsets, &moved, dimensions))
                        .sum();
                    let y = weight * (half.clamp(-OUTLIER, OUTLIER) + carried);
                    for (place, cell) in right.chunks_exact_mut(columns).enumerate() {
                        let of_point = &values[place / dimensions * columns..];
                        let y = y * pair.offsets[place];
                        for (right, value) in cell.iter_mut().zip(of_point) {
                            *right += y * value;
                        }
                    }
                }
            }
        }
        for (place, right) in right.into_iter().enumerate() {
            system.pull(place, right);
        }
        let mut belief = vec![0.0; SHARES.len() * dimensions * columns];
        for (dimension, curvature) in curvatures.iter().enumerate() {
            let rows = beliefs(*curvature)?;
            for (column, &feature) in self.features.iter().enumerate() {
                let weight = match feature.checked_sub(1) {
                    _ if !used(feature) => UNUSED,
                    None => CONSTANT,
                    Some(reading) if reading >= READINGS => PRODUCT,
                    Some(reading) if reading < OF_THE_JOB => 1.0,
                    Some(_) => CAUTION,
                };
                let place = |point: usize| (point * dimensions + dimension) * columns + column;
                for row in &rows {
                    (0..SHARES.len()).for_each(|point| belief[place(point)] = row[point]);
                    system.add(&belief, 0.0, weight * self.settings.shrink);
                }
                (0..SHARES.len()).for_each(|point| belief[place(point)] = 0.0);
            }
        }
        system.solve()
    }

    /// The features of a row, `[point][feature]`.
    fn values(&self, row: &Row) -> Vec<f64> {
        let points = row.seen.chunks_exact(READINGS);
        points
            .flat_map(|readings| {
                let all: Vec<f64> = (std::iter::once(1.0))
                    .chain(readings.iter().copied())
                    .chain(products_of(readings))
                    .collect();
                self.features.iter().map(move |&feature| all[feature])
            })
            .collect()
    }

    /// What these weights, `[feature][output]`, put out at each point for these features, `[point][output]`.
    fn outputs(&self, weights: &[f64], values: &[f64]) -> Vec<f64> {
        let dimensions = self.dimensions;
        let mut outputs = vec![0.0; SHARES.len() * dimensions];
        let points = values.chunks_exact(self.features.len());
        for (point, values) in points.enumerate() {
            for (feature, value) in self.features.iter().zip(values) {
                let of = (point * AT_A_POINT + feature) * dimensions;
                for d in 0..dimensions {
                    outputs[point * dimensions + d] += weights[of + d] * value;
                }
            }
        }
        outputs
    }

    /// c and e of each output.
    fn curvatures(&self) -> Vec<[f64; 2]> {
        let mut system = self.curvatures.clone();
        for (place, square) in self.squares.iter().enumerate() {
            // A little of each column's own weight keeps what is not determined small.
            system.believe(place, 0.0, (1e-4 * square + 1e-12).sqrt().recip());
        }
        let fitted = system.solve().unwrap_or(vec![0.0; 2 * self.dimensions]);
        (fitted.chunks_exact(2).enumerate())
            .map(|(d, pair)| [pair[0].max(0.0), pair[1].max(FLATTEST[d.min(1)])])
            .collect()
    }
}

/// The rows R of what is believed of the slopes B of one feature and output: a step −H⁻¹·B is as likely as |R·B|² is
/// small. The steps at the points are believed to be alike: their covariance is 1·1ᵀ + [`OWN`]·I.
fn beliefs([common, each]: [f64; 2]) -> Option<Vec<Vec<f64>>> {
    let points = SHARES.len();
    // The inverse root of the covariance: (I − k·1·1ᵀ)/√OWN, with (1 − k·n)² = OWN/(OWN + n).
    let n = points as f64;
    let k = (1.0 - (OWN / (OWN + n)).sqrt()) / n;
    let rows = (0..points).map(|row| {
        let mut system = LinearSystem::new(points);
        let root: Vec<f64> = SHARES.iter().map(|share| share * common.sqrt()).collect();
        system.add(&root, 0.0, 1.0);
        for (point, share) in SHARES.into_iter().enumerate() {
            system.believe(point, 0.0, (each * share).sqrt().recip());
            system.pull(point, (f64::from(u8::from(row == point)) - k) / OWN.sqrt());
        }
        system.solve()
    });
    rows.collect()
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

#[cfg(test)]
mod tests {
    use descender_control::product_pairs;
    use descender_random::{Purpose, stream};

    use super::super::round::Pair;
    use super::*;
    use crate::draw::Draw;

    /// Where the outputs of a job with these readings should be, at all points alike.
    fn best(readings: &[f64]) -> [f64; 2] {
        [
            0.4 + 0.5 * readings[0] + 0.3 * readings[1] * readings[2],
            -0.2 * readings[3],
        ]
    }

    /// ln L of outputs `[point][output]` in such a job.
    fn log_loss(outputs: &[f64], readings: &[f64]) -> f64 {
        let away: Vec<f64> = (outputs.iter().enumerate())
            .map(|(place, z)| z - best(readings)[place % 2])
            .collect();
        0.5 * (bend([0.4, 1.0], 0, &away, &away, 2) + bend([0.2, 0.8], 1, &away, &away, 2))
    }

    #[test]
    fn a_step_leads_from_a_policy_to_the_best_one() {
        let settings = LearnSettings {
            readings: ["steps", "batch", "examples", "parameters"]
                .map(str::to_owned)
                .into(),
            ..LearnSettings::default()
        };
        let mut draw = Draw::new(stream(1, Purpose::new(97, "test of the surface"), 0));
        let points = SHARES.len();
        // The policy that was: 0.1 more of the constant in the first output.
        let mut weights = vec![0.0; points * AT_A_POINT * 2];
        (0..points).for_each(|point| weights[point * AT_A_POINT * 2] = 0.1);
        let mut surface = Surface::new(&settings, 2);
        let rows = (0..600).map(|_| {
            let mut readings = [0.0; READINGS];
            readings[..4].fill_with(|| draw.normal());
            let at = |offsets: &[f64], sign: f64| {
                let outputs: Vec<f64> = (offsets.iter().enumerate())
                    .map(|(place, offset)| f64::from(weights[place % 2]) + sign * offset)
                    .collect();
                log_loss(&outputs, &readings)
            };
            let pairs = (0..3)
                .map(|_| {
                    let offsets: Vec<f64> = (0..2 * points).map(|_| 0.2 * draw.normal()).collect();
                    let mut noisy = |sign| (at(&offsets, sign) + 0.05 * draw.normal()).exp();
                    Pair {
                        plus: noisy(1.0),
                        minus: noisy(-1.0),
                        offsets,
                    }
                })
                .collect();
            Row {
                seen: readings.repeat(points),
                base: at(&vec![0.0; 2 * points], 1.0).exp(),
                pairs,
            }
        });
        let rows = rows.collect();
        surface.add(PastRound { rows, weights });
        let step = surface.step(|_| true).unwrap();
        let product = product_pairs().position(|pair| pair == (1, 2)).unwrap();
        for point in 1..points {
            let moved = |feature: usize, d: usize| step[(point * AT_A_POINT + feature) * 2 + d];
            for (name, moved, expected) in [
                ("the constant", moved(0, 0), 0.3),
                ("a reading", moved(1, 0), 0.5),
                ("a product", moved(1 + READINGS + product, 0), 0.3),
                ("a reading of the other output", moved(4, 1), -0.2),
                ("what has no effect", moved(2, 0), 0.0),
                ("a reading that is not used", moved(6, 0), 0.0),
            ] {
                assert!(
                    (moved - expected).abs() < 0.12,
                    "{name} at {point}: {moved}"
                );
            }
        }
        let still = surface.step(|feature| feature == 0).unwrap();
        assert!(still[2].abs() < 1e-6, "{}", still[2]);
    }
}
