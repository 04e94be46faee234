//! Convolutions with 3 × 3 kernels and many channels, which go through the transform in two dimensions, against the
//! plain reference: outputs, gradients of the parameters, and through the layer in front also that of the input.

#![allow(clippy::unwrap_used)]

mod naive;

use descender_nn::{InstructionSet, Layer, Network, NetworkSpecification, Shape, Workspace};
use descender_random::{Purpose, stream};

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

fn convolution(out_channels: usize, padding: usize) -> Layer {
    Layer::Conv2d {
        out_channels,
        kernel: 3,
        stride: 1,
        padding,
    }
}

/// Outputs and gradient of the last of two passes, the first of which leaves something else behind.
fn compute(
    network: &Network,
    max_batch: usize,
    parameters: &[f32],
    inputs: &[f32],
    output_gradient: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let batch = inputs.len() / network.input_count();
    let mut workspace = Workspace::new(network, max_batch);
    let mut gradient = vec![f32::NAN; parameters.len()];
    let other = noises(3, max_batch * network.input_count());
    network.forward(&mut workspace, parameters, &other, max_batch);
    let ones = vec![1.0; max_batch * network.output_count()];
    network.backward(&mut workspace, parameters, &other, &ones, &mut gradient);
    let outputs = network.forward(&mut workspace, parameters, inputs, batch);
    let outputs = outputs.to_vec();
    network.backward(
        &mut workspace,
        parameters,
        inputs,
        output_gradient,
        &mut gradient,
    );
    (outputs, gradient)
}

/// The largest difference as a share of the largest value.
fn difference(ours: &[f32], theirs: &[f64]) -> f64 {
    let largest = theirs
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let gaps = ours.iter().zip(theirs);
    let gaps = gaps.map(|(ours, theirs)| (f64::from(*ours) - theirs).abs());
    // Not `max`, which drops NaN.
    gaps.fold(0.0, |widest, gap| if gap <= widest { widest } else { gap }) / largest
}

/// Compares on every instruction set, from the first start that is away from kinks.
fn compare(height: usize, width: usize, channels: usize, batch: usize, layers: &[Layer]) {
    let specification = NetworkSpecification {
        input: Shape {
            height,
            width,
            channels,
        },
        layers: layers.to_vec(),
    };
    let network = Network::new(specification.clone()).unwrap();
    let inputs = noises(1, batch * network.input_count());
    let output_gradient = noises(2, batch * network.output_count());
    let mut parameters = vec![0.0; network.parameter_count()];
    let theirs = (0..200).find_map(|seed| {
        network.initialize(
            &mut stream(seed, Purpose::new(1, "training start"), 0),
            &mut parameters,
        );
        let theirs = naive::run(
            &specification,
            &parameters,
            &inputs,
            batch,
            &output_gradient,
        );
        (theirs.margin > 4e-6).then_some(theirs)
    });
    let theirs = theirs.expect("some start is away from kinks");
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(specification.clone(), set).unwrap();
        let (outputs, gradient) =
            compute(&network, batch + 1, &parameters, &inputs, &output_gradient);
        let off = difference(&outputs, &theirs.outputs);
        assert!(
            off < 1e-5,
            "{specification:?} {set}: outputs off by {off:e}"
        );
        for tensor in network.tensors() {
            let range = tensor.range.clone();
            let off = difference(&gradient[range.clone()], &theirs.gradient[range]);
            assert!(
                off < 1e-5,
                "{specification:?} {set}: gradient of layer {} off by {off:e}",
                tensor.layer
            );
        }
    }
}

#[test]
fn outputs_and_gradients_agree_with_the_reference() {
    // Every padding; whole and partial tiles; whole and partial vectors.
    for (height, width, padding) in [(8, 8, 1), (7, 6, 1), (10, 9, 0), (6, 9, 2)] {
        for (channels, out_channels) in [(16, 16), (19, 33)] {
            let first = convolution(channels, 1);
            let second = convolution(out_channels, padding);
            compare(height, width, channels, 2, &[first, Layer::Tanh, second]);
        }
    }
}

#[test]
fn behind_them_relu_and_pool_are_fused() {
    let pool = |size, stride| Layer::MaxPool2d { size, stride };
    let first = convolution(16, 1);
    compare(
        8,
        8,
        16,
        2,
        &[first, Layer::Relu, convolution(16, 1), Layer::Relu],
    );
    // Windows that leave cells out, between them and at the border.
    for (pool, size) in [(pool(2, 2), 8), (pool(2, 3), 7), (pool(3, 3), 7)] {
        let layers = [Layer::Tanh, convolution(64, 1), Layer::Relu, pool];
        compare(size, size, 64, 1, &layers);
    }
}

#[test]
fn several_blocks_of_examples_give_the_sum() {
    let layers = [Layer::Tanh, convolution(16, 1)];
    compare(4, 4, 16, 231, &layers);
}

#[test]
fn results_depend_neither_on_the_workspace_nor_on_the_thread() {
    let specification = NetworkSpecification {
        input: Shape {
            height: 8,
            width: 8,
            channels: 16,
        },
        layers: vec![Layer::Tanh, convolution(24, 1), Layer::Relu],
    };
    let network = Network::new(specification).unwrap();
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(
        &mut stream(5, Purpose::new(1, "training start"), 0),
        &mut parameters,
    );
    let batch = 70;
    let inputs = noises(1, batch * network.input_count());
    let output_gradient = noises(2, batch * network.output_count());
    let run = |most| compute(&network, most, &parameters, &inputs, &output_gradient);
    let first = run(batch);
    let again = std::thread::scope(|scope| scope.spawn(|| run(batch + 40)).join().unwrap());
    let bits = |values: &[f32]| {
        values
            .iter()
            .map(|value| value.to_bits())
            .collect::<Vec<_>>()
    };
    assert_eq!(bits(&first.0), bits(&again.0));
    assert_eq!(bits(&first.1), bits(&again.1));
    // An example's outputs are the same alone.
    let last = &inputs[69 * network.input_count()..];
    let outputs = &first.0[69 * network.output_count()..];
    let mut workspace = Workspace::new(&network, 1);
    let alone = network.forward(&mut workspace, &parameters, last, 1);
    assert_eq!(bits(alone), bits(outputs));
}
