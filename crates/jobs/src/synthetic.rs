//! Made-up data: mixtures, and what random networks say.

use descender_nn::Shape;
use descender_task::{Answers, Dataset};

use crate::draw::Draw;
use crate::set::DataSource;

/// Centres of a class in a mixture.
const CENTRES: usize = 2;
/// Share of the worlds whose inputs are correlated.
const CORRELATED: f64 = 0.5;
/// Hidden units of a teacher.
const HIDDEN: usize = 16;

/// What examples are drawn from.
enum World {
    /// The centres, `[class][centre][input]`.
    Mixture(Vec<f64>),
    /// A network of one hidden layer.
    Teacher {
        /// `[hidden][input]`.
        inner: Vec<f64>,
        /// `[output][hidden]`.
        outer: Vec<f64>,
        /// Standard deviation of the noise on numbers; none on classes, which are drawn.
        noise: Option<f64>,
    },
}

/// Data sets of one made-up world, of so many examples each.
pub(crate) fn data_sets(draw: &mut Draw, source: DataSource, counts: [usize; 3]) -> [Dataset; 3] {
    let inputs = draw.log_between(4.0, 64.0).round() as usize;
    let numbers = source == DataSource::TeacherNumbers;
    let outputs = if numbers { 1 } else { 2 + draw.below(9) };
    let world = if source == DataSource::Mixture {
        let spread = draw.log_between(1.5, 10.0) / (inputs as f64).sqrt();
        let centres = (0..outputs * CENTRES * inputs).map(|_| draw.normal() * spread);
        World::Mixture(centres.collect())
    } else {
        let (inner, outer) = (2.0 / (inputs as f64).sqrt(), 6.0 / (HIDDEN as f64).sqrt());
        World::Teacher {
            inner: (0..HIDDEN * inputs)
                .map(|_| draw.normal() * inner)
                .collect(),
            outer: (0..outputs * HIDDEN)
                .map(|_| draw.normal() * outer)
                .collect(),
            noise: numbers.then(|| draw.between(0.1, 0.6)),
        }
    };
    let mut sets = counts.map(|count| world.examples(draw, source, inputs, outputs, count));
    if draw.unit() < CORRELATED {
        correlate(draw, &mut sets);
    }
    sets
}

/// Mixes the inputs, so that they say the same things in different words, as the columns of a table do: x becomes
/// M·x with random directions, the k-th with a weight of exp(−c·k), and every input is then put on a scale of its own.
fn correlate(draw: &mut Draw, sets: &mut [Dataset; 3]) {
    let inputs = sets[0].input_len();
    let decay = draw.log_between(0.3, 6.0) / inputs as f64;
    let mixing: Vec<f64> = (0..inputs * inputs)
        .map(|place| draw.normal() * (-decay * (place % inputs) as f64).exp())
        .collect();
    for set in sets.iter_mut() {
        let mixed = set.inputs.chunks_exact(inputs).flat_map(|point| {
            mixing.chunks_exact(inputs).map(move |row| {
                let sum: f64 = row.iter().zip(point).map(|(m, x)| m * f64::from(*x)).sum();
                sum as f32
            })
        });
        set.inputs = mixed.collect();
    }
    for input in 0..inputs {
        let values = || sets[0].inputs.iter().skip(input).step_by(inputs);
        let count = values().count() as f64;
        let mean = values().map(|x| f64::from(*x)).sum::<f64>() / count;
        let square = values()
            .map(|x| (f64::from(*x) - mean).powi(2))
            .sum::<f64>()
            / count;
        let (mean, scale) = (mean as f32, square.sqrt().max(1e-9) as f32);
        for set in sets.iter_mut() {
            for x in set.inputs.iter_mut().skip(input).step_by(inputs) {
                *x = (*x - mean) / scale;
            }
        }
    }
}

impl World {
    fn examples(
        &self,
        draw: &mut Draw,
        source: DataSource,
        inputs: usize,
        outputs: usize,
        count: usize,
    ) -> Dataset {
        let mut values = Vec::with_capacity(count * inputs);
        let (mut labels, mut numbers) = (Vec::new(), Vec::new());
        for _ in 0..count {
            match self {
                World::Mixture(centres) => {
                    let class = draw.below(outputs);
                    let centre = class * CENTRES + draw.below(CENTRES);
                    for place in &centres[centre * inputs..(centre + 1) * inputs] {
                        values.push((place + draw.normal()) as f32);
                    }
                    labels.push(class as u8);
                }
                World::Teacher {
                    inner,
                    outer,
                    noise,
                } => {
                    let point: Vec<f64> = (0..inputs).map(|_| draw.normal()).collect();
                    let product = |weights: &[f64], values: &[f64]| -> f64 {
                        weights.iter().zip(values).map(|(w, x)| w * x).sum()
                    };
                    let hidden: Vec<f64> = inner
                        .chunks_exact(inputs)
                        .map(|weights| product(weights, &point).tanh())
                        .collect();
                    let said: Vec<f64> = outer
                        .chunks_exact(HIDDEN)
                        .map(|weights| product(weights, &hidden))
                        .collect();
                    values.extend(point.iter().map(|x| *x as f32));
                    match noise {
                        Some(noise) => numbers.push((said[0] / 4.0 + noise * draw.normal()) as f32),
                        None => labels.push(drawn(draw, &said)),
                    }
                }
            }
        }
        Dataset {
            name: crate::set::name_of(&source),
            shape: Shape::flat(inputs),
            inputs: values,
            answers: match source {
                DataSource::TeacherNumbers => Answers::Numbers {
                    width: 1,
                    values: numbers,
                },
                _ => Answers::classes(outputs, labels),
            },
        }
    }
}

/// A class drawn with the probabilities softmax(`said`), by Gumbel's noise.
fn drawn(draw: &mut Draw, said: &[f64]) -> u8 {
    let mut best = (0, f64::NEG_INFINITY);
    for (class, value) in said.iter().enumerate() {
        let noisy = value - (-(1.0 - draw.unit()).ln()).ln();
        if noisy > best.1 {
            best = (class, noisy);
        }
    }
    best.0 as u8
}
