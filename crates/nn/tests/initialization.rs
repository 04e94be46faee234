//! Initial parameters are PyTorch's default as a distribution, and the same for the same stream.

#![allow(clippy::unwrap_used)]

use descender_nn::{Layer, Network, NetworkSpecification, ParameterKind, SequenceOutput, Shape};
use descender_random::{Purpose, stream};

#[test]
fn initial_parameters_are_uniform_in_one_over_root_fan_in() {
    let network = Network::new(NetworkSpecification::paper()).unwrap();
    let rounds = 200;
    let mut parameters = vec![0.0; network.parameter_count()];
    let mut sums = vec![(0.0_f64, 0.0_f64, 0.0_f64); network.tensors().len()];
    for round in 0..rounds {
        network.initialize(
            &mut stream(9, Purpose::new(1, "training start"), round),
            &mut parameters,
        );
        for (tensor, sums) in network.tensors().iter().zip(&mut sums) {
            let bound = 1.0 / (tensor.fan_in as f64).sqrt();
            for value in &parameters[tensor.range.clone()] {
                let value = f64::from(*value) / bound;
                assert!(value.abs() <= 1.0 + 1e-6, "{tensor:?}: {value}");
                *sums = (
                    sums.0 + value,
                    sums.1 + value * value,
                    sums.2.max(value.abs()),
                );
            }
        }
    }
    for (tensor, (sum, squares, largest)) in network.tensors().iter().zip(sums) {
        let count = (rounds as usize * tensor.range.len()) as f64;
        // Uniform in [-1, 1]: variance 1/3 of the value, 4/45 of its square; five standard errors.
        assert!(
            (sum / count).abs() < 5.0 * (1.0 / 3.0 / count).sqrt(),
            "{tensor:?}: mean {}",
            sum / count
        );
        let off = (squares / count - 1.0 / 3.0).abs();
        assert!(
            off < 5.0 * (4.0 / 45.0 / count).sqrt(),
            "{tensor:?}: variance off by {off}"
        );
        assert!(
            largest > 0.99,
            "{tensor:?}: the bounds are not reached, {largest}"
        );
    }
}

#[test]
fn fan_in_counts_the_inputs_of_one_output() {
    let network = Network::new(NetworkSpecification::paper()).unwrap();
    let fans: Vec<_> = network
        .tensors()
        .iter()
        .map(|tensor| (tensor.kind, tensor.fan_in))
        .collect();
    let pair = |fan_in| {
        [
            (ParameterKind::Weight, fan_in),
            (ParameterKind::Bias, fan_in),
        ]
    };
    assert_eq!(fans, [pair(25), pair(400), pair(1568)].concat());
}

#[test]
fn the_same_stream_gives_the_same_parameters_and_another_other_ones() {
    let network = Network::new(NetworkSpecification::paper()).unwrap();
    let draw = |seed, index| {
        let mut parameters = vec![0.0; network.parameter_count()];
        network.initialize(
            &mut stream(seed, Purpose::new(1, "training start"), index),
            &mut parameters,
        );
        parameters
    };
    assert_eq!(draw(1, 2), draw(1, 2));
    for other in [draw(1, 3), draw(2, 2)] {
        let same = draw(1, 2)
            .iter()
            .zip(&other)
            .filter(|(a, b)| a == b)
            .count();
        assert!(same < 20, "{same} parameters are the same");
    }
}

/// Many draws of each tensor.
fn draws(network: &Network, rounds: u64) -> Vec<Vec<f64>> {
    let mut values = vec![Vec::new(); network.tensors().len()];
    let mut parameters = vec![0.0; network.parameter_count()];
    for round in 0..rounds {
        network.initialize(
            &mut stream(4, Purpose::new(1, "training start"), round),
            &mut parameters,
        );
        for (tensor, values) in network.tensors().iter().zip(&mut values) {
            values.extend(
                parameters[tensor.range.clone()]
                    .iter()
                    .map(|value| f64::from(*value)),
            );
        }
    }
    values
}

/// Mean 0, and the given variance, fourth moment and largest value; five standard errors.
fn assert_moments(name: &str, values: &[f64], variance: f64, fourth: f64, bound: f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    assert!(
        mean.abs() < 5.0 * (variance / count).sqrt(),
        "{name}: mean {mean}"
    );
    let off = values.iter().map(|x| x * x).sum::<f64>() / count - variance;
    let error = ((fourth - variance * variance) / count).sqrt();
    assert!(
        off.abs() < 5.0 * error,
        "{name}: variance off by {off}, standard error {error}"
    );
    let power = values.iter().map(|x| x.powi(4)).sum::<f64>() / count;
    assert!(
        (power / fourth - 1.0).abs() < 0.05,
        "{name}: fourth moment {power}, not {fourth}"
    );
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    assert!(largest <= bound, "{name}: {largest} is outside of {bound}");
}

/// u and v even in ±b: u has variance b²/3 and fourth moment b⁴/5, u + v has 2b²/3 and 2b⁴/5 + 6b⁴/9.
#[test]
fn recurrent_layers_draw_from_one_over_root_hidden_and_sums_where_pytorch_has_two_biases() {
    let (hidden, output) = (16, SequenceOutput::All);
    let network = Network::new(NetworkSpecification {
        input: Shape {
            height: 2,
            width: 1,
            channels: 20,
        },
        layers: vec![
            Layer::Gru { hidden, output },
            Layer::Lstm { hidden, output },
        ],
    })
    .unwrap();
    let values = draws(&network, 2000);
    let b: f64 = 0.25 * (1.0 + 1e-6);
    let uniform =
        |name, values: &[f64]| assert_moments(name, values, b * b / 3.0, b.powi(4) / 5.0, b);
    let sum = |name, values: &[f64]| {
        let fourth = b.powi(4) * (2.0 / 5.0 + 2.0 / 3.0);
        assert_moments(name, values, 2.0 * b * b / 3.0, fourth, 2.0 * b);
    };
    uniform("weight of the GRU", &values[0]);
    let part = |first: bool| -> Vec<f64> {
        let places = values[1].iter().enumerate();
        let own = places.filter(|(index, _)| (index % (4 * hidden) < 2 * hidden) == first);
        own.map(|(_, value)| *value).collect()
    };
    sum("bias of the GRU's gates", &part(true));
    uniform("biases of the GRU's candidate", &part(false));
    uniform("weight of the LSTM", &values[2]);
    sum("bias of the LSTM", &values[3]);
}

#[test]
fn layer_normalisation_starts_as_the_identity_and_embeddings_are_normal() {
    let network = Network::new(NetworkSpecification {
        input: Shape {
            height: 3,
            width: 1,
            channels: 1,
        },
        layers: vec![
            Layer::Embedding {
                vocabulary: 9,
                features: 7,
            },
            Layer::Residual(vec![Layer::LayerNorm, Layer::Tanh, Layer::LayerNorm]),
        ],
    })
    .unwrap();
    let values = draws(&network, 2000);
    assert_moments("embedding", &values[0], 1.0, 3.0, 7.0);
    let outside = values[0].iter().filter(|x| x.abs() > 1.959_964).count() as f64;
    let share = outside / values[0].len() as f64;
    assert!((share - 0.05).abs() < 0.004, "{share} lie outside of 95 %");
    for norm in [1, 3] {
        assert!(values[norm].iter().all(|weight| *weight == 1.0));
        assert!(values[norm + 1].iter().all(|bias| *bias == 0.0));
    }
    let layers: Vec<usize> = network
        .tensors()
        .iter()
        .map(|tensor| tensor.layer)
        .collect();
    assert_eq!(
        layers,
        [0, 2, 2, 4, 4],
        "layers inside of a residual are counted behind it"
    );
}
