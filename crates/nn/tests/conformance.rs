//! Every instruction set against the plain reference, for random networks.

#![allow(clippy::unwrap_used)]

mod naive;

use descender_nn::{InstructionSet, Layer, Network, NetworkSpecification, Shape, Workspace};
use descender_random::{Purpose, stream};
use proptest::prelude::*;

/// A deterministic value in [-1, 1).
fn noise(seed: u64, index: usize) -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (index as u64).wrapping_mul(0xD134_2543_DE82_EF95);
    state ^= state >> 29;
    state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state ^= state >> 32;
    (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
}

fn noises(seed: u64, count: usize) -> Vec<f32> {
    (0..count).map(|index| noise(seed, index)).collect()
}

/// Noise, or for every other seed mostly zeros, as in images of handwriting.
fn inputs(seed: u64, count: usize) -> Vec<f32> {
    let mut inputs = noises(seed, count);
    if seed.is_multiple_of(2) {
        let rare = |index: usize| noise(seed + 7, index).abs() < 0.3;
        inputs
            .iter_mut()
            .enumerate()
            .filter(|(index, _)| !rare(*index))
            .for_each(|(_, value)| *value = 0.0);
    }
    inputs
}

fn largest(values: &[f64]) -> f64 {
    values
        .iter()
        .fold(0.0, |largest, value| value.abs().max(largest))
}

/// Largest difference, as a share of the largest value or of `floor`, which stands for the size of the terms
/// where a few values that happen to cancel out are all there is.
fn difference(ours: &[f32], theirs: &[f64], floor: f64) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let gap = |(ours, theirs): (&f32, &f64)| (f64::from(*ours) - theirs).abs();
    let gaps = ours.iter().zip(theirs).map(gap);
    // Not `max`, which drops NaN.
    let widest = gaps.fold(0.0, |widest, gap| if gap <= widest { widest } else { gap });
    widest / largest(theirs).max(floor)
}

/// Every tensor of the gradient by itself.
fn gradient_difference(network: &Network, ours: &[f32], theirs: &[f64]) -> f64 {
    let floor = (0.05 * largest(theirs)).max(1e-6);
    let each =
        |range: std::ops::Range<usize>| difference(&ours[range.clone()], &theirs[range], floor);
    let each = network
        .tensors()
        .iter()
        .map(|tensor| each(tensor.range.clone()));
    each.fold(0.0, |widest, gap| if gap <= widest { widest } else { gap })
}

/// What results of different order of summation may differ by.
const TOLERANCE: f64 = 3e-5;

/// Computes outputs and gradient; a workspace for one example more, to see that sizes are not mixed up.
fn compute(
    network: &Network,
    parameters: &[f32],
    inputs: &[f32],
    batch: usize,
    output_gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let mut workspace = Workspace::new(network, batch + 1);
    // Leftovers of another pass must not matter.
    let other = noises(99, (batch + 1) * network.input_count());
    network.forward(&mut workspace, parameters, &other, batch + 1);
    let ones = vec![1.0; (batch + 1) * network.output_count()];
    let mut gradient = vec![f32::NAN; network.parameter_count()];
    network.backward(&mut workspace, parameters, &other, &ones, &mut gradient);
    let outputs = network
        .forward(&mut workspace, parameters, inputs, batch)
        .to_vec();
    gradient.fill(f32::NAN);
    network.backward(
        &mut workspace,
        parameters,
        inputs,
        output_gradient,
        &mut gradient,
    );
    (outputs, gradient)
}

/// None if the network is too near a kink for a comparison.
fn compare(
    specification: &NetworkSpecification,
    batch: usize,
    seed: u64,
) -> Option<Result<(), String>> {
    let network = Network::new(specification.clone()).unwrap();
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(
        &mut stream(seed, Purpose::new(1, "training start"), 0),
        &mut parameters,
    );
    let inputs = inputs(seed + 1, batch * network.input_count());
    let output_gradient = noises(seed + 2, batch * network.output_count());
    let theirs = naive::run(specification, &parameters, &inputs, batch, &output_gradient);
    if theirs.margin < 4e-6 {
        return None;
    }
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(specification.clone(), set).unwrap();
        let (outputs, gradient) = compute(&network, &parameters, &inputs, batch, &output_gradient);
        let outputs = difference(&outputs, &theirs.outputs, 0.2);
        let gradient = gradient_difference(&network, &gradient, &theirs.gradient);
        if outputs.is_nan() || gradient.is_nan() || outputs > TOLERANCE || gradient > TOLERANCE {
            return Some(Err(format!(
                "{set}: outputs off by {outputs:e}, gradient by {gradient:e}"
            )));
        }
    }
    Some(Ok(()))
}

fn activation() -> impl Strategy<Value = Option<Layer>> {
    prop_oneof![
        3 => Just(Some(Layer::Relu)),
        1 => Just(Some(Layer::Tanh)),
        1 => Just(Some(Layer::Sigmoid)),
        1 => Just(None),
    ]
}

fn convolution() -> impl Strategy<Value = Vec<Layer>> {
    let pool = prop_oneof![
        1 => Just(None),
        3 => (1_usize..5, 1_usize..4).prop_map(|(size, stride)| Some(Layer::MaxPool2d { size, stride })),
    ];
    let channels = prop_oneof![2 => 1_usize..20, 1 => 8_usize..40];
    (
        channels,
        1_usize..8,
        1_usize..3,
        0_usize..4,
        activation(),
        pool,
        any::<bool>(),
    )
        .prop_map(
            |(out_channels, kernel, stride, padding, activation, pool, swap)| {
                let mut tail: Vec<Layer> = [activation, pool].into_iter().flatten().collect();
                if swap {
                    tail.reverse();
                }
                tail.insert(
                    0,
                    Layer::Conv2d {
                        out_channels,
                        kernel,
                        stride,
                        padding,
                    },
                );
                tail
            },
        )
}

fn dense() -> impl Strategy<Value = Vec<Layer>> {
    (1_usize..70, activation()).prop_map(|(outputs, activation)| {
        [Some(Layer::Linear { outputs }), activation]
            .into_iter()
            .flatten()
            .collect()
    })
}

fn specification() -> impl Strategy<Value = NetworkSpecification> {
    let layers = (
        prop::collection::vec(convolution(), 0..3),
        prop::option::of((1_usize..4, 1_usize..4)),
        activation(),
        prop::collection::vec(dense(), 0..3),
    );
    let shape = (
        1_usize..18,
        1_usize..24,
        prop_oneof![1 => Just(1), 2 => 1_usize..12],
    );
    (shape, layers).prop_map(
        |((height, width, channels), (convolutions, pool, activation, dense))| {
            let mut layers = convolutions.concat();
            layers.extend(pool.map(|(size, stride)| Layer::MaxPool2d { size, stride }));
            layers.extend(activation);
            layers.extend(dense.concat());
            if layers.is_empty() {
                layers.push(Layer::Relu);
            }
            NetworkSpecification {
                input: Shape {
                    height,
                    width,
                    channels,
                },
                layers,
            }
        },
    )
}

fn affordable(specification: &NetworkSpecification) -> bool {
    specification.shapes().is_ok_and(|shapes| {
        let work = |(layer, pair): (&Layer, &[Shape])| match *layer {
            Layer::Conv2d { kernel, .. } => pair[1].count() * kernel * kernel * pair[0].channels,
            Layer::Linear { outputs } => pair[0].count() * outputs,
            _ => 0,
        };
        specification
            .layers
            .iter()
            .zip(shapes.windows(2))
            .map(work)
            .sum::<usize>()
            < 2_000_000
    })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn random_networks_agree_with_the_reference_on_every_instruction_set(
        specification in specification(),
        batch in 1_usize..4,
        seed in 0_u64..1000,
    ) {
        prop_assume!(affordable(&specification));
        let result = compare(&specification, batch, seed);
        prop_assume!(result.is_some());
        if let Some(Err(message)) = result {
            return Err(TestCaseError::fail(message));
        }
    }
}

/// Convolutions that go through the transform, whatever the random networks hit.
#[test]
fn transformed_convolutions_agree_with_the_reference() {
    let mut compared = 0;
    for (kernel, padding, width) in [
        (3, 1, 18),
        (3, 0, 20),
        (4, 1, 16),
        (5, 2, 14),
        (5, 0, 17),
        (6, 3, 15),
    ] {
        for (channels, out_channels) in [(8, 8), (11, 19), (16, 32)] {
            for pool in [false, true] {
                let mut layers = vec![
                    Layer::Conv2d {
                        out_channels,
                        kernel,
                        stride: 1,
                        padding,
                    },
                    Layer::Relu,
                ];
                if pool {
                    layers.push(Layer::MaxPool2d { size: 2, stride: 2 });
                }
                layers.insert(0, Layer::Tanh);
                let input = Shape {
                    height: 7,
                    width,
                    channels,
                };
                let specification = NetworkSpecification { input, layers };
                for seed in 0..3 {
                    match compare(&specification, 2, seed) {
                        Some(result) => result.unwrap(),
                        None => continue,
                    }
                    compared += 1;
                    break;
                }
            }
        }
    }
    assert!(
        compared >= 24,
        "only {compared} comparisons away from kinks"
    );
}

#[test]
fn the_papers_network_agrees_with_the_reference() {
    let specification = NetworkSpecification::paper();
    let compared = (0..40)
        .filter_map(|seed| compare(&specification, 1, seed))
        .take(2);
    assert_eq!(compared.map(|result| result.unwrap()).count(), 2);
}

#[test]
fn perceptrons_agree_with_the_reference() {
    use descender_nn::Activation::{Relu, Sigmoid, Tanh};
    let perceptron = NetworkSpecification::multi_layer_perceptron;
    for (specification, batch) in [
        (perceptron(18, &[50], 3, Relu), 32),
        (perceptron(5, &[64, 64], 5, Tanh), 64),
        (perceptron(784, &[128, 64], 10, Sigmoid), 5),
        (perceptron(1, &[1], 1, Relu), 1),
        (perceptron(33, &[17, 15, 16, 31], 48, Relu), 29),
        // So wide that matrices are copied and gradients turned; with more examples and fewer than go into one copy.
        (perceptron(40, &[512, 530], 7, Relu), 28),
        (perceptron(40, &[512, 530], 7, Tanh), 70),
        (perceptron(40, &[512, 530], 7, Tanh), 200),
    ] {
        let result = (0..40).find_map(|seed| compare(&specification, batch, seed));
        result.expect("some seed stays away from kinks").unwrap();
    }
}

/// The statement in the documentation of `InstructionSet`: the same set, the same bits.
#[test]
fn the_same_instruction_set_gives_the_same_bits_in_any_workspace() {
    let specification = NetworkSpecification::paper();
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(specification.clone(), set).unwrap();
        let mut parameters = vec![0.0; network.parameter_count()];
        network.initialize(
            &mut stream(5, Purpose::new(1, "training start"), 0),
            &mut parameters,
        );
        let inputs = noises(1, 8 * network.input_count());
        let output_gradient = noises(2, 8 * network.output_count());
        let first = compute(&network, &parameters, &inputs, 8, &output_gradient);
        let again = std::thread::scope(|scope| {
            let compute = || compute(&network, &parameters, &inputs, 8, &output_gradient);
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(compute)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect::<Vec<_>>()
        });
        for other in again {
            assert!(
                first
                    .0
                    .iter()
                    .zip(&other.0)
                    .all(|(a, b)| a.to_bits() == b.to_bits()),
                "{set}"
            );
            assert!(
                first
                    .1
                    .iter()
                    .zip(&other.1)
                    .all(|(a, b)| a.to_bits() == b.to_bits()),
                "{set}"
            );
        }
    }
}

/// A batch's outputs are those of its examples alone, bit for bit.
#[test]
fn an_example_is_computed_alike_in_every_batch() {
    let network = Network::new(NetworkSpecification::paper()).unwrap();
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(
        &mut stream(6, Purpose::new(1, "training start"), 0),
        &mut parameters,
    );
    let inputs = noises(3, 17 * network.input_count());
    let mut workspace = Workspace::new(&network, 17);
    let together = network
        .forward(&mut workspace, &parameters, &inputs, 17)
        .to_vec();
    for example in [0, 5, 16] {
        let input = &inputs[example * 784..][..784];
        let alone = network.forward(&mut workspace, &parameters, input, 1);
        assert_eq!(alone, &together[example * 10..][..10]);
    }
}

#[test]
fn what_is_not_a_number_is_not_hidden() {
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(NetworkSpecification::paper(), set).unwrap();
        let mut parameters = vec![0.01; network.parameter_count()];
        parameters[3] = f32::NAN;
        let inputs = noises(4, network.input_count());
        let mut workspace = Workspace::new(&network, 1);
        let outputs = network.forward(&mut workspace, &parameters, &inputs, 1);
        assert!(
            outputs.iter().all(|value| value.is_nan()),
            "{set}: {outputs:?}"
        );
        let gradient = &mut vec![0.0; network.parameter_count()];
        network.backward(
            &mut workspace,
            &parameters,
            &inputs,
            &[f32::NAN; 10],
            gradient,
        );
        assert!(gradient.iter().any(|value| value.is_nan()), "{set}");
    }
}

/// With zero weights all cells of a window are equal; the weight's gradient tells which input won.
#[test]
fn the_first_of_equal_values_gets_the_gradient() {
    let specification = NetworkSpecification {
        input: Shape {
            height: 4,
            width: 4,
            channels: 2,
        },
        layers: vec![
            Layer::Conv2d {
                out_channels: 3,
                kernel: 1,
                stride: 1,
                padding: 0,
            },
            Layer::MaxPool2d { size: 2, stride: 2 },
        ],
    };
    let inputs: Vec<f32> = (0..32).map(|index| index as f32).collect();
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(specification.clone(), set).unwrap();
        let parameters = vec![0.0; network.parameter_count()];
        // Only the last window has a gradient; its first cell is row 2, column 2.
        let mut output_gradient = vec![0.0; 12];
        output_gradient[9..].fill(1.0);
        let (_, gradient) = compute(&network, &parameters, &inputs, 1, &output_gradient);
        assert_eq!(
            gradient,
            [20.0, 20.0, 20.0, 21.0, 21.0, 21.0, 1.0, 1.0, 1.0],
            "{set}"
        );
    }
}

#[test]
fn an_empty_batch_has_no_outputs_and_no_gradient() {
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(NetworkSpecification::paper(), set).unwrap();
        let parameters = vec![0.1; network.parameter_count()];
        let mut workspace = Workspace::new(&network, 0);
        assert!(
            network
                .forward(&mut workspace, &parameters, &[], 0)
                .is_empty()
        );
        let mut gradient = vec![f32::NAN; network.parameter_count()];
        network.backward(&mut workspace, &parameters, &[], &[], &mut gradient);
        assert!(gradient.iter().all(|value| *value == 0.0), "{set}");
    }
}
