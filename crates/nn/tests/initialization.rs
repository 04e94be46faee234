//! Initial parameters are PyTorch's default as a distribution, and the same for the same stream.

#![allow(clippy::unwrap_used)]

use descender_nn::random::{Purpose, stream};
use descender_nn::{Network, NetworkSpecification, ParameterKind};

#[test]
fn initial_parameters_are_uniform_in_one_over_root_fan_in() {
    let network = Network::new(NetworkSpecification::paper()).unwrap();
    let rounds = 200;
    let mut parameters = vec![0.0; network.parameter_count()];
    let mut sums = vec![(0.0_f64, 0.0_f64, 0.0_f64); network.tensors().len()];
    for round in 0..rounds {
        network.initialize(
            &mut stream(9, Purpose::TrainingStart, round),
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
            &mut stream(seed, Purpose::TrainingStart, index),
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
