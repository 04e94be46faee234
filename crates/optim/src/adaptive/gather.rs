//! The pass before the pass: updates moments and sums terms over all parameters.

use crate::pass::{LANES, without_subnormals};

/// Adds up N terms of each parameter, in f64 and in a fixed order.
///
/// `read` holds S slices, `memory` K slices whose entries the term may change; all are equally long, which the caller has
/// made sure of. What is left in memory is never subnormal, as in the pass that updates the parameters.
#[inline(always)]
pub(super) fn gather<const S: usize, const K: usize, const N: usize>(
    read: [&[f32]; S],
    memory: [&mut [f32]; K],
    term: impl Fn([f32; S], &mut [f32; K]) -> [f64; N],
) -> [f64; N] {
    let length = read.first().map_or(0, |slice| slice.len());
    let read = read.map(|slice| slice[..length].as_chunks::<LANES>());
    let memory = memory.map(|slice| slice[..length].as_chunks_mut::<LANES>());
    let mut sums = [[0.0_f64; N]; LANES];
    let chunks = length / LANES;
    for chunk in 0..chunks {
        for (lane, sums) in sums.iter_mut().enumerate() {
            let values = std::array::from_fn(|s| read[s].0[chunk][lane]);
            let mut cells: [f32; K] = std::array::from_fn(|k| memory[k].0[chunk][lane]);
            let terms = term(values, &mut cells);
            for n in 0..N {
                sums[n] += terms[n];
            }
            for k in 0..K {
                memory[k].0[chunk][lane] = without_subnormals(cells[k]);
            }
        }
    }
    for (lane, sums) in sums.iter_mut().enumerate().take(length % LANES) {
        let values = std::array::from_fn(|s| read[s].1[lane]);
        let mut cells: [f32; K] = std::array::from_fn(|k| memory[k].1[lane]);
        let terms = term(values, &mut cells);
        for n in 0..N {
            sums[n] += terms[n];
        }
        for k in 0..K {
            memory[k].1[lane] = without_subnormals(cells[k]);
        }
    }
    std::array::from_fn(|n| sums.iter().map(|sums| sums[n]).sum())
}

/// a · b in f64, where the product of two f32 is exact.
#[inline(always)]
pub(super) fn product(a: f32, b: f32) -> f64 {
    f64::from(a) * f64::from(b)
}
