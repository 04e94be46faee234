//! The fitted surface: the return of a descent as a function of the policy's outputs in each segment.
//!
//! With u the outputs (before tanh) in segment k and dimension d, less those of the present policy at the segment's mean
//! features, l_k the share of the segment in the descent, and x the
//! features' distance from their mean in the segment, the model is
//!
//! ```text
//! return = constant + Σ u·(g_kd + l_k·Σ_f B_df·x_kf) − ½·Σ l_k·h_d·u²,   h_d > 0
//! ```
//!
//! g is what pays in a segment, h how sharply too much of it costs, B what pays where a feature is above its mean. A pair with
//! centres c (the policy's own outputs) and offsets δ, and the return R₀ without offsets, give two equations:
//!
//! ```text
//! (R₊ − R₋)/2 = Σ δ·(g_kd + l_k·Σ_f B_df·x_kf − l_k·h_d·c_kd)
//! (R₊ + R₋)/2 − R₀ = −½·Σ l_k·h_d·δ²
//! ```
//!
//! Beliefs (in units of the returns' response to the offsets) keep unknowns finite that the data say little about: half of
//! the response is believed to be of the model's making, and the rest chance.

use super::memory::{FinishedRun, Group, Segment};
use crate::linear_system::LinearSystem;

/// The least h_d, in units of the response.
const FLATTEST: f64 = 0.5;

/// Differences count up to this many typical ones, so that one broken descent does not rule.
const OUTLIER: f64 = 3.0;

/// The surface.
#[derive(Clone, Debug)]
pub(super) struct Surface {
    dimensions: usize,
    /// l_k.
    shares: Vec<f64>,
    /// Mean of each feature in each segment.
    means: Vec<Vec<f64>>,
    /// g_kd, segment by segment.
    slopes: Vec<f64>,
    /// h_d.
    curvatures: Vec<f64>,
    /// The outputs of the present policy at the segment's mean features, segment by segment.
    present: Vec<f64>,
    /// B_df, dimension by dimension.
    feedback: Vec<f64>,
    error: f64,
}

/// A pair as the regression sees it.
struct Row<'a> {
    offsets: &'a [f64],
    runs: [&'a FinishedRun; 2],
    half_difference: f64,
    /// What the mean of the pair lacks of the return without offsets, if that is known.
    gain: Option<f64>,
    /// For each segment the means of features and centres.
    segments: Vec<Option<(Vec<f64>, Vec<f64>)>>,
}

impl Surface {
    /// The surface of these groups around the policy `parameters`; `None` if no pair of theirs has ended well. Their
    /// offsets had about this spread.
    pub(super) fn fit(groups: &[Group], parameters: &[f64], spread: f64) -> Option<Self> {
        let used: Vec<(&[f64], [&FinishedRun; 2], Option<f64>)> = groups
            .iter()
            .flat_map(|group| {
                let base = group.base();
                group
                    .pairs()
                    .map(move |(offsets, runs)| (offsets, runs, base))
            })
            .collect();
        let (_, [first, _], _) = used.first()?;
        let features = first.segments.first()?.features.len();
        let dimensions = first.segments.first()?.outputs.len();
        let lengths = used.iter().flat_map(|(_, runs, _)| runs.iter());
        let count = lengths.map(|run| run.segments.len()).max()?;
        let rows: Vec<Row> = used
            .into_iter()
            .map(|(offsets, runs, base)| row(offsets, runs, base, count))
            .collect();

        let (shares, means) = shares_and_means(&rows, count, features);
        let present: Vec<f64> = means
            .iter()
            .flat_map(|seen| (0..dimensions).map(|d| output(parameters, seen, d, dimensions)))
            .collect();
        let typical = |values: &[f64]| {
            let sum: f64 = values.iter().map(|value| value * value).sum();
            (sum / values.len() as f64).sqrt().max(1e-9)
        };
        let differences = within(rows.iter().map(|row| row.half_difference).collect());
        let gains = within(rows.iter().map(|row| row.gain.unwrap_or(0.0)).collect());
        let response = typical(&differences) / spread;

        let slopes = count * dimensions;
        let total = slopes + dimensions + dimensions * features;
        let mut system = LinearSystem::new(total);
        for (k, share) in shares.iter().enumerate() {
            for d in 0..dimensions {
                let deviation = response * (0.5 * share.max(0.01) / dimensions as f64).sqrt();
                system.believe(k * dimensions + d, 0.0, deviation);
            }
        }
        for d in 0..dimensions {
            system.believe(slopes + d, 2.0 * response, 4.0 * response);
        }
        for index in 0..dimensions * features {
            let share = 0.25 / (dimensions * features) as f64;
            system.believe(slopes + dimensions + index, 0.0, response * share.sqrt());
        }
        let (odd, even) = (typical(&differences).powi(-2), typical(&gains).powi(-2));
        let mut kept = Vec::with_capacity(rows.len());
        for (row, (difference, gain)) in rows.iter().zip(differences.iter().zip(&gains)) {
            let (mut x, mut even_x) = (vec![0.0; total], vec![0.0; total]);
            for (k, segment) in row.segments.iter().enumerate() {
                let Some((seen, centres)) = segment else {
                    continue;
                };
                for d in 0..dimensions {
                    let offset = row.offsets[k * dimensions + d];
                    x[k * dimensions + d] = offset;
                    x[slopes + d] -=
                        offset * shares[k] * (centres[d] - present[k * dimensions + d]);
                    even_x[slopes + d] -= 0.5 * shares[k] * offset * offset;
                    for f in 0..features {
                        x[slopes + dimensions + d * features + f] +=
                            offset * shares[k] * (seen[f] - means[k][f]);
                    }
                }
            }
            system.add(&x, *difference, odd);
            if row.gain.is_some() {
                system.add(&even_x, *gain, even);
            }
            kept.push((x, *difference));
        }
        let solution = system.solve()?;
        let residuals: Vec<f64> = kept
            .iter()
            .map(|(x, y)| y - x.iter().zip(&solution).map(|(a, b)| a * b).sum::<f64>())
            .collect();
        Some(Self {
            dimensions,
            shares,
            means,
            present,
            slopes: solution[..slopes].to_vec(),
            curvatures: solution[slopes..slopes + dimensions]
                .iter()
                .map(|h| h.max(FLATTEST * response))
                .collect(),
            feedback: solution[slopes + dimensions..].to_vec(),
            error: typical(&residuals),
        })
    }

    /// The root mean square of what the surface does not explain of the half differences.
    pub(super) fn error(&self) -> f64 {
        self.error
    }

    /// The outputs at which the surface is highest in segment `k` with these features.
    fn best(&self, k: usize, features: &[f64], d: usize) -> f64 {
        let share = self.shares[k].max(1e-3);
        let seen = features.iter().zip(&self.means[k]);
        let own = &self.feedback[d * features.len()..(d + 1) * features.len()];
        let news: f64 = own
            .iter()
            .zip(seen)
            .map(|(b, (x, mean))| b * (x - mean))
            .sum();
        self.present[k * self.dimensions + d]
            + (self.slopes[k * self.dimensions + d] / share + news) / self.curvatures[d]
    }

    /// The parameters of a linear policy that comes near the best outputs, each at most `trust` from what the policy
    /// `parameters` puts out, and at most `farthest` from 0.
    pub(super) fn move_policy(
        &self,
        groups: &[Group],
        parameters: &[f64],
        trust: f64,
        farthest: f64,
    ) -> Vec<f64> {
        let features = self.means.first().map_or(0, Vec::len);
        let mut moved = parameters.to_vec();
        let samples: Vec<(usize, Vec<f64>)> = groups
            .iter()
            .flat_map(|group| group.runs.iter().flatten())
            .flat_map(|run| run.segments.iter().enumerate())
            .filter(|(k, segment)| *k < self.shares.len() && segment.decisions > 0)
            .map(|(k, segment)| (k, segment.means().0))
            .collect();
        for d in 0..self.dimensions {
            let mut system = LinearSystem::new(features + 1);
            for unknown in 0..=features {
                // A millionth of the data's weight: only to settle what no data settle.
                system.believe(unknown, 0.0, 1e3 / (samples.len() as f64).sqrt());
            }
            for (k, seen) in &samples {
                let now = output(parameters, seen, d, self.dimensions);
                let best = self.best(*k, seen, d).clamp(-farthest, farthest);
                let step = (best - now).clamp(-trust, trust);
                let mut x = seen.clone();
                x.push(1.0);
                system.add(&x, step, self.shares[*k].max(1e-3));
            }
            if let Some(change) = system.solve() {
                for (f, step) in change[..features].iter().enumerate() {
                    moved[d * features + f] += step;
                }
                moved[features * self.dimensions + d] += change[features];
            }
        }
        moved
    }
}

/// The output `d` of the linear policy with these parameters: weights row by row, then biases.
fn output(parameters: &[f64], seen: &[f64], d: usize, dimensions: usize) -> f64 {
    let weights = &parameters[d * seen.len()..(d + 1) * seen.len()];
    let sum: f64 = weights.iter().zip(seen).map(|(w, x)| w * x).sum();
    sum + parameters[dimensions * seen.len() + d]
}

/// The values, none further from 0 than a few typical ones.
fn within(values: Vec<f64>) -> Vec<f64> {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    // The median of |N(0, s²)| is 0.674·s.
    let most = OUTLIER * (sizes.get(sizes.len() / 2).copied().unwrap_or(0.0) / 0.674).max(1e-9);
    values
        .into_iter()
        .map(|value| value.clamp(-most, most))
        .collect()
}

fn row<'a>(
    offsets: &'a [f64],
    runs: [&'a FinishedRun; 2],
    base: Option<f64>,
    count: usize,
) -> Row<'a> {
    let of = |run: &'a FinishedRun, k: usize| -> Option<&'a Segment> {
        run.segments.get(k).filter(|segment| segment.decisions > 0)
    };
    let segments = (0..count)
        .map(|k| match (of(runs[0], k), of(runs[1], k)) {
            (Some(a), Some(b)) => {
                let ((xa, za), (xb, zb)) = (a.means(), b.means());
                let half = |a: Vec<f64>, b: Vec<f64>| {
                    a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect()
                };
                Some((half(xa, xb), half(za, zb)))
            }
            (Some(one), None) | (None, Some(one)) => Some(one.means()),
            (None, None) => None,
        })
        .collect();
    let [up, down] = [runs[0].value, runs[1].value];
    Row {
        offsets,
        runs,
        half_difference: (up - down) / 2.0,
        gain: base.map(|base| (up + down) / 2.0 - base),
        segments,
    }
}

/// l_k, and the mean of each feature in each segment.
fn shares_and_means(rows: &[Row], count: usize, features: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut decisions = vec![0.0; count];
    let mut sums = vec![vec![0.0; features]; count];
    for run in rows.iter().flat_map(|row| row.runs) {
        for (k, segment) in run.segments.iter().enumerate() {
            decisions[k] += segment.decisions as f64;
            for (sum, x) in sums[k].iter_mut().zip(&segment.features) {
                *sum += x;
            }
        }
    }
    let all: f64 = decisions.iter().sum();
    let shares = decisions.iter().map(|own| own / all.max(1.0)).collect();
    for (sums, own) in sums.iter_mut().zip(&decisions) {
        for sum in sums {
            *sum /= f64::max(*own, 1.0);
        }
    }
    (shares, sums)
}
