//! The pass before the update: changes moments and sums terms over all parameters.

use crate::pass::{LANES, without_subnormals};

/// Adds up N terms of each parameter, in f64 and in a fixed order.
///
/// `read` holds S slices, `memory` K slices whose entries the term may change. The caller makes sure that all are equally
/// long. What is left in memory is never subnormal, as in the pass that updates the parameters.
#[inline(always)]
pub(crate) fn gather<const S: usize, const K: usize, const N: usize>(
    read: [&[f32]; S],
    memory: [&mut [f32]; K],
    term: impl Fn([f32; S], &mut [f32; K]) -> [f64; N],
) -> [f64; N] {
    let length = read.first().map_or(0, |slice| slice.len());
    let chunks = length / LANES;
    // Lengths that are known to be equal spare a check in each chunk.
    let read = read.map(|slice| {
        let (whole, rest) = slice[..length].as_chunks::<LANES>();
        (&whole[..chunks], rest)
    });
    let memory = memory.map(|slice| {
        let (whole, rest) = slice[..length].as_chunks_mut::<LANES>();
        (&mut whole[..chunks], rest)
    });
    let mut sums = [[0.0_f64; LANES]; N];
    for chunk in 0..chunks {
        let values: [[f32; LANES]; S] = std::array::from_fn(|s| read[s].0[chunk]);
        let mut cells: [[f32; LANES]; K] = std::array::from_fn(|k| memory[k].0[chunk]);
        for lane in 0..LANES {
            let mut cell: [f32; K] = std::array::from_fn(|k| cells[k][lane]);
            let terms = term(std::array::from_fn(|s| values[s][lane]), &mut cell);
            for (sum, term) in sums.iter_mut().zip(terms) {
                sum[lane] += term;
            }
            for k in 0..K {
                cells[k][lane] = without_subnormals(cell[k]);
            }
        }
        for k in 0..K {
            memory[k].0[chunk] = cells[k];
        }
    }
    for lane in 0..length % LANES {
        let mut cell: [f32; K] = std::array::from_fn(|k| memory[k].1[lane]);
        let terms = term(std::array::from_fn(|s| read[s].1[lane]), &mut cell);
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum[lane] += term;
        }
        for k in 0..K {
            memory[k].1[lane] = without_subnormals(cell[k]);
        }
    }
    sums.map(|lanes| lanes.iter().sum())
}
