//! The pass over the parameters: applies an update and gathers its statistics.
//!
//! Works on chunks of [`LANES`] entries with one accumulator for each lane, which compilers turn into vector
//! instructions without `unsafe`. The f32 accumulators of a block are folded into f64 totals in a fixed order, so the
//! result is accurate for any number of parameters and the same everywhere.

use crate::StepStatistics;

/// Entries that are worked on side by side. With more, the six sums do not fit into the registers of SSE2.
pub(crate) const LANES: usize = 8;

/// Chunks between two foldings: 512 · 8 = 4,096 entries.
const BLOCK: usize = 512;

/// Sums of one block, one for each lane.
struct Lanes {
    positive: [f32; LANES],
    negative: [f32; LANES],
    change: [f32; LANES],
    size: [f32; LANES],
    increased: [u32; LANES],
    decreased: [u32; LANES],
}

impl Lanes {
    const ZERO: Lanes = Lanes {
        positive: [0.0; LANES],
        negative: [0.0; LANES],
        change: [0.0; LANES],
        size: [0.0; LANES],
        increased: [0; LANES],
        decreased: [0; LANES],
    };

    #[inline(always)]
    fn record(&mut self, lane: usize, old: f32, new: f32, g: f32) {
        // Comparisons written such that a NaN goes into the sum: statistics must not hide it.
        self.positive[lane] += if 0.0 > g { 0.0 } else { g };
        self.negative[lane] += if 0.0 < g { 0.0 } else { g };
        self.change[lane] += (new - old).abs();
        self.size[lane] += old.abs();
        self.increased[lane] += u32::from(new > old);
        self.decreased[lane] += u32::from(new < old);
    }
}

/// A moment, or 0 where it is too small for a normal number (a NaN stays).
///
/// The moment of a parameter whose gradient stays 0 decays for ever, and arithmetic on subnormal numbers is slow. Beside
/// any ε they are nothing.
#[inline(always)]
pub(crate) fn without_subnormals(moment: f32) -> f32 {
    if moment.abs() < f32::MIN_POSITIVE {
        0.0
    } else {
        moment
    }
}

/// Sums over all parameters.
#[derive(Default)]
struct Totals {
    positive: f64,
    negative: f64,
    change: f64,
    size: f64,
    increased: u32,
    decreased: u32,
}

impl Totals {
    fn fold(&mut self, lanes: &Lanes) {
        let sum = |values: &[f32; LANES]| values.iter().map(|&x| f64::from(x)).sum::<f64>();
        self.positive += sum(&lanes.positive);
        self.negative += sum(&lanes.negative);
        self.change += sum(&lanes.change);
        self.size += sum(&lanes.size);
        self.increased += lanes.increased.iter().sum::<u32>();
        self.decreased += lanes.decreased.iter().sum::<u32>();
    }

    fn statistics(&self, count: usize) -> StepStatistics {
        let count = count.max(1) as f64;
        StepStatistics {
            gradient_mean: ((self.positive + self.negative) / count) as f32,
            gradient_mean_absolute: ((self.positive - self.negative) / count) as f32,
            gradient_sum_positive: self.positive as f32,
            gradient_sum_negative: self.negative as f32,
            parameters_increased: self.increased,
            parameters_decreased: self.decreased,
            relative_change: if self.size == 0.0 {
                0.0
            } else {
                (self.change / self.size) as f32
            },
        }
    }
}

/// Replaces each θ by `update(θ, g, cells)` and gathers the statistics.
///
/// `memory` holds K slices as long as the parameters (moments and the like). `cells` are the K entries that belong to θ;
/// the update may change them. The caller makes sure that all slices are equally long.
#[inline(always)]
pub(crate) fn pass<const K: usize>(
    parameters: &mut [f32],
    gradient: &[f32],
    memory: [&mut [f32]; K],
    update: impl Fn(f32, f32, &mut [f32; K]) -> f32,
) -> StepStatistics {
    let count = parameters.len();
    let (theta, theta_rest) = parameters.as_chunks_mut::<LANES>();
    let (g, g_rest) = gradient.as_chunks::<LANES>();
    // Lengths that are known to be equal spare a check in each chunk, which costs more than the arithmetic.
    let memory = memory.map(|slice| {
        let (chunks, rest) = slice.as_chunks_mut::<LANES>();
        (&mut chunks[..theta.len()], rest)
    });
    let g = &g[..theta.len()];
    let mut totals = Totals::default();

    for start in (0..theta.len()).step_by(BLOCK) {
        let mut lanes = Lanes::ZERO;
        for chunk in start..theta.len().min(start + BLOCK) {
            let theta = &mut theta[chunk];
            let g = &g[chunk];
            let mut cells: [[f32; LANES]; K] = std::array::from_fn(|k| memory[k].0[chunk]);
            for lane in 0..LANES {
                let mut cell: [f32; K] = std::array::from_fn(|k| cells[k][lane]);
                let old = theta[lane];
                let new = update(old, g[lane], &mut cell);
                lanes.record(lane, old, new, g[lane]);
                theta[lane] = new;
                for k in 0..K {
                    cells[k][lane] = without_subnormals(cell[k]);
                }
            }
            for k in 0..K {
                memory[k].0[chunk] = cells[k];
            }
        }
        totals.fold(&lanes);
    }

    let mut lanes = Lanes::ZERO;
    for (lane, (theta, &g)) in theta_rest.iter_mut().zip(g_rest).enumerate() {
        let mut cell: [f32; K] = std::array::from_fn(|k| memory[k].1[lane]);
        let new = update(*theta, g, &mut cell);
        lanes.record(lane, *theta, new, g);
        *theta = new;
        for k in 0..K {
            memory[k].1[lane] = without_subnormals(cell[k]);
        }
    }
    totals.fold(&lanes);
    totals.statistics(count)
}

/// The statistics of a step that changes nothing.
pub(crate) fn unchanged(parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
    pass(parameters, gradient, [], |theta, _, _| theta)
}
