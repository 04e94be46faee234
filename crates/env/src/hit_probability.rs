//! The probability that the next batch hits the threshold, from the losses of a few fixed examples.
//!
//! The first hit of a descent depends on the luck of one easy batch. Its probability measures the same thing with far
//! less noise. Take the losses ℓ_1..ℓ_m of m examples (the *probe*). A batch of n examples is drawn like n of them with
//! replacement, and
//!
//! ```text
//! h = P( ℓ_{i1} + … + ℓ_{in} ≤ n · threshold )
//! ```
//!
//! h is computed, not estimated from drawn batches: it has no noise, it can be far below what any number of draws would
//! show, and it is smooth in the losses. As losses are not negative, only the part of their distribution in
//! [0, n·threshold] matters. The losses are put on a grid of 256 cells over that range, each shared between its two
//! neighbours so that its mean stays exact. The distribution of the sum is the n-fold convolution of theirs, cut off at
//! the end of the range, by repeated squaring (five convolutions for n = 32). The grid adds at most n·cell²/4 to the
//! variance of the sum.

/// Cells of the grid over [0, n · threshold].
const CELLS: usize = 256;

/// Below this, a factor adds nothing to a probability that a `f64` can tell from 0.
const NEGLIGIBLE: f64 = 1e-150;

/// Computes [the probability of a hit](self), with its working memory.
///
/// ```
/// use descender_env::HitProbability;
/// let mut probability = HitProbability::new(0.02, 32);
/// assert!(probability.of(&[2.3; 256]) == 0.0);
/// assert!(probability.of(&[0.001; 256]) > 0.999);
/// // One example in 64 has a loss of 1: a batch hits if it has none of them.
/// let mut losses = [0.001; 256];
/// losses[..4].fill(1.0);
/// let exact = (63.0f64 / 64.0).powi(32);
/// assert!((probability.of(&losses) - exact).abs() < 1e-3);
/// ```
#[derive(Clone, Debug)]
pub struct HitProbability {
    /// Losses to cells: CELLS / (n · threshold).
    cells_per_loss: f64,
    batch_size: u32,
    /// The distribution of the sum over 2^k losses, at the cells 0..=CELLS.
    power: Vec<f64>,
    /// The product of the powers taken so far.
    product: Vec<f64>,
    scratch: Vec<f64>,
}

impl HitProbability {
    /// For batches of `batch_size` examples (at least 1) and a threshold above 0 on their mean loss.
    #[must_use]
    pub fn new(threshold: f32, batch_size: u32) -> Self {
        let batch_size = batch_size.max(1);
        Self {
            cells_per_loss: CELLS as f64 / (f64::from(batch_size) * f64::from(threshold)),
            batch_size,
            power: vec![0.0; CELLS + 1],
            product: vec![0.0; CELLS + 1],
            scratch: vec![0.0; CELLS + 1],
        }
    }

    /// h, from the loss of each example of the probe. A loss that is not a number never hits; 0 if there is no loss.
    pub fn of(&mut self, losses: &[f32]) -> f64 {
        if losses.is_empty() {
            return 0.0;
        }
        self.spread(losses);
        self.product.fill(0.0);
        self.product[0] = 1.0;
        let mut remaining = self.batch_size;
        loop {
            if remaining & 1 == 1 {
                convolve(&self.product, &self.power, &mut self.scratch);
                std::mem::swap(&mut self.product, &mut self.scratch);
            }
            remaining >>= 1;
            if remaining == 0 {
                break;
            }
            convolve(&self.power, &self.power, &mut self.scratch);
            std::mem::swap(&mut self.power, &mut self.scratch);
        }
        // The last cell stands for sums around the threshold, half of them above it.
        let below: f64 = self.product[..CELLS].iter().sum();
        (below + 0.5 * self.product[CELLS]).clamp(0.0, 1.0)
    }

    /// The distribution of one loss on the grid.
    fn spread(&mut self, losses: &[f32]) {
        self.power.fill(0.0);
        let weight = 1.0 / losses.len() as f64;
        for &loss in losses {
            let position = f64::from(loss).max(0.0) * self.cells_per_loss;
            // `f64::max` drops a NaN, so ask for it by name.
            if loss.is_nan() || position >= (CELLS + 1) as f64 {
                continue;
            }
            let cell = position as usize;
            let above = position - cell as f64;
            self.power[cell] += weight * (1.0 - above);
            if cell < CELLS {
                self.power[cell + 1] += weight * above;
            }
        }
    }
}

/// `out[k] = Σ a[i] · b[k − i]` for the cells 0..=CELLS.
fn convolve(a: &[f64], b: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for (shift, &factor) in a.iter().enumerate() {
        if factor > NEGLIGIBLE {
            for (out, &b) in out[shift..].iter_mut().zip(b) {
                *out += factor * b;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_random::{Purpose, below, stream, unit};

    /// h by drawing `draws` batches, and its standard error.
    fn drawn(losses: &[f32], threshold: f32, batch: u32, draws: u32) -> (f64, f64) {
        let mut generator = stream(7, Purpose::new(200, "test"), 0);
        let hits = (0..draws)
            .filter(|_| {
                let sum: f64 = (0..batch)
                    .map(|_| {
                        let index = below(&mut generator, losses.len());
                        f64::from(losses[index])
                    })
                    .sum();
                sum <= f64::from(batch) * f64::from(threshold)
            })
            .count();
        let h = hits as f64 / f64::from(draws);
        (h, (h * (1.0 - h) / f64::from(draws)).sqrt())
    }

    /// 256 losses like those of a partly trained classifier: most are small, a few are large (log-normal).
    fn probe(seed: u64, median: f64, spread: f64) -> Vec<f32> {
        let mut generator = stream(seed, Purpose::new(200, "test"), 1);
        (0..256)
            .map(|_| {
                // A sum of 12 uniforms has variance 1.
                let normal: f64 = (0..12).map(|_| unit(&mut generator)).sum::<f64>() - 6.0;
                (median * (spread * normal).exp()) as f32
            })
            .collect()
    }

    #[test]
    fn agrees_with_drawn_batches_from_hopeless_to_certain() {
        let draws = 40_000;
        let mut seen = [false; 3];
        for (seed, median, spread) in [
            (1, 0.02, 2.0),
            (2, 0.005, 2.5),
            (3, 0.003, 2.0),
            (4, 0.002, 1.5),
            (5, 0.01, 1.0),
            (6, 0.012, 0.8),
        ] {
            let losses = probe(seed, median, spread);
            let computed = HitProbability::new(0.02, 32).of(&losses);
            let (drawn, error) = drawn(&losses, 0.02, 32, draws);
            assert!(
                (computed - drawn).abs() < 4.0 * error + 0.01,
                "median {median}, spread {spread}: computed {computed}, drawn {drawn} ± {error}"
            );
            seen[if drawn < 0.1 {
                0
            } else if drawn < 0.9 {
                1
            } else {
                2
            }] = true;
        }
        assert_eq!(
            seen, [true; 3],
            "the cases must cover small, middling and large probabilities"
        );
    }

    #[test]
    fn is_exact_where_the_probability_is_known() {
        // Losses 0 and 10 × the threshold: the batch of 8 hits with none of them (8 × 0.02 = 0.16 < 0.2).
        let losses: Vec<f32> = (0..100).map(|i| if i < 30 { 0.2 } else { 0.0 }).collect();
        let h = HitProbability::new(0.02, 8).of(&losses);
        assert!((h - 0.7f64.powi(8)).abs() < 1e-9, "{h}");
        // A batch of one hits as often as its losses are below.
        let losses: Vec<f32> = (0..100).map(|i| i as f32 / 100.0).collect();
        let h = HitProbability::new(0.255, 1).of(&losses);
        assert!((h - 0.26).abs() < 0.005, "{h}");
    }

    #[test]
    fn sees_what_no_drawing_would_and_falls_with_the_losses() {
        let mut before = 1.0;
        for level in [0.005, 0.01, 0.02, 0.03, 0.05, 0.1] {
            let h = HitProbability::new(0.02, 32).of(&probe(9, level, 1.0));
            assert!(h < before, "at {level}: {h}, before {before}");
            assert!(h > 0.0);
            before = h;
        }
        assert!(before < 1e-6, "{before}");
    }

    #[test]
    fn broken_losses_never_hit_and_never_panic() {
        let mut probability = HitProbability::new(0.02, 32);
        assert_eq!(probability.of(&[]), 0.0);
        for broken in [f32::NAN, f32::INFINITY, f32::MAX] {
            assert_eq!(probability.of(&[broken; 16]), 0.0);
        }
        assert!(probability.of(&[f32::NEG_INFINITY, -1.0, 0.0]) > 0.999);
    }
}
