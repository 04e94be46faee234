//! Forward and backward pass of each kind of layer by itself, and of whole networks, on every instruction set.
//!
//! `cargo bench -p descender-nn -- paper` runs those whose name contains "paper".

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use descender_nn::{
    Activation, InstructionSet, Layer, Network, NetworkSpecification, SequenceOutput, Shape,
    Workspace, loss,
};
use descender_random::{Purpose, stream};

fn conv2d(out_channels: usize, kernel: usize, stride: usize, padding: usize) -> Layer {
    Layer::Conv2d {
        out_channels,
        kernel,
        stride,
        padding,
    }
}

fn network(height: usize, width: usize, channels: usize, layers: &[Layer]) -> NetworkSpecification {
    NetworkSpecification {
        input: Shape {
            height,
            width,
            channels,
        },
        layers: layers.to_vec(),
    }
}

/// Name, specification, batch, and the share of the inputs that is not zero.
fn cases() -> Vec<(&'static str, NetworkSpecification, usize, f32)> {
    let pool = Layer::MaxPool2d { size: 2, stride: 2 };
    // In front of a layer, so that the gradient of its input is wanted.
    let pass = Layer::MaxPool2d { size: 1, stride: 1 };
    let output = SequenceOutput::Last;
    let gru = Layer::Gru { hidden: 64, output };
    let lstm = Layer::Lstm { hidden: 64, output };
    let perceptron = NetworkSpecification::multi_layer_perceptron;
    let paper = NetworkSpecification::paper;
    vec![
        ("paper", paper(), 32, 0.2),
        ("paper, dense images", paper(), 32, 1.0),
        (
            "perceptron 784-128-64-10",
            perceptron(784, &[128, 64], 10, Activation::Relu),
            64,
            1.0,
        ),
        (
            "perceptron 18-50-3",
            perceptron(18, &[50], 3, Activation::Relu),
            32,
            1.0,
        ),
        (
            "perceptron 5-64-64-5",
            perceptron(5, &[64, 64], 5, Activation::Relu),
            64,
            1.0,
        ),
        (
            "perceptron 18-50-3, one example",
            perceptron(18, &[50], 3, Activation::Relu),
            1,
            1.0,
        ),
        (
            "first convolution, sparse",
            network(28, 28, 1, &[conv2d(16, 5, 1, 2), Layer::Relu, pool.clone()]),
            32,
            0.2,
        ),
        (
            "first convolution, dense",
            network(28, 28, 1, &[conv2d(16, 5, 1, 2), Layer::Relu, pool.clone()]),
            32,
            1.0,
        ),
        (
            "second convolution",
            network(
                14,
                14,
                16,
                &[pass.clone(), conv2d(32, 5, 1, 2), Layer::Relu, pool.clone()],
            ),
            32,
            0.8,
        ),
        (
            "convolution 3x3",
            network(
                16,
                16,
                32,
                &[pass.clone(), conv2d(32, 3, 1, 1), Layer::Relu],
            ),
            32,
            0.8,
        ),
        (
            "convolution 3x3, stride 2",
            network(
                16,
                16,
                32,
                &[pass.clone(), conv2d(32, 3, 2, 1), Layer::Relu],
            ),
            32,
            0.8,
        ),
        (
            "convolution 3x3, colour",
            network(32, 32, 3, &[conv2d(16, 3, 1, 1), Layer::Relu, pool.clone()]),
            32,
            1.0,
        ),
        (
            "convolution 3x3, 64 channels",
            network(
                14,
                14,
                64,
                &[pass.clone(), conv2d(64, 3, 1, 1), Layer::Relu],
            ),
            32,
            0.8,
        ),
        (
            "convolution 3x3, 256 channels",
            network(
                14,
                14,
                256,
                &[pass.clone(), conv2d(256, 3, 1, 1), Layer::Relu],
            ),
            32,
            0.8,
        ),
        (
            "residual block with norm, 64 channels",
            network(
                14,
                14,
                64,
                &[
                    pass.clone(),
                    Layer::Residual(vec![
                        conv2d(64, 3, 1, 1),
                        Layer::LayerNorm,
                        Layer::Relu,
                        conv2d(64, 3, 1, 1),
                        Layer::LayerNorm,
                    ]),
                ],
            ),
            32,
            1.0,
        ),
        ("max-pool", network(28, 28, 16, &[pool]), 32, 1.0),
        (
            "linear 1568-10",
            network(1, 1, 1568, &[pass.clone(), Layer::Linear { outputs: 10 }]),
            32,
            0.7,
        ),
        (
            "linear 256-256",
            network(1, 1, 256, &[pass, Layer::Linear { outputs: 256 }]),
            64,
            1.0,
        ),
        ("relu", network(1, 1, 4096, &[Layer::Relu]), 64, 1.0),
        ("tanh", network(1, 1, 4096, &[Layer::Tanh]), 64, 1.0),
        ("sigmoid", network(1, 1, 4096, &[Layer::Sigmoid]), 64, 1.0),
        ("gru 28 x 28, 64", network(28, 28, 1, &[gru]), 32, 1.0),
        ("lstm 28 x 28, 64", network(28, 28, 1, &[lstm]), 32, 1.0),
        (
            "layer norm",
            network(1, 64, 64, &[Layer::LayerNorm]),
            32,
            1.0,
        ),
        (
            "global average pool",
            network(14, 14, 32, &[Layer::GlobalAveragePool]),
            32,
            1.0,
        ),
        (
            "residual",
            network(1, 1, 4096, &[Layer::Residual(vec![Layer::Relu])]),
            64,
            1.0,
        ),
    ]
}

fn layers(criterion: &mut Criterion) {
    for (name, specification, batch, share) in cases() {
        let mut group = criterion.benchmark_group(name);
        for set in InstructionSet::available() {
            let network = Network::with_instruction_set(specification.clone(), set);
            let network = network.expect("the benchmark's networks are valid");
            let mut parameters = vec![0.0; network.parameter_count()];
            network.initialize(
                &mut stream(1, Purpose::new(1, "training start"), 0),
                &mut parameters,
            );
            let value = |index: usize| {
                let random = (index as f32 * 0.618_034).fract();
                if random < share { 0.1 + random } else { 0.0 }
            };
            let inputs: Vec<f32> = (0..batch * network.input_count()).map(value).collect();
            let slope = |index: usize| (index as f32 * 0.414_214).fract() - 0.5;
            let output_gradient: Vec<f32> =
                (0..batch * network.output_count()).map(slope).collect();
            let mut gradient = vec![0.0; parameters.len()];
            let mut workspace = Workspace::new(&network, batch);
            group.bench_function(BenchmarkId::new("forward", set), |bencher| {
                bencher.iter(|| network.forward(&mut workspace, &parameters, &inputs, batch)[0]);
            });
            group.bench_function(BenchmarkId::new("forward and backward", set), |bencher| {
                bencher.iter(|| {
                    network.forward(&mut workspace, &parameters, &inputs, batch);
                    network.backward(
                        &mut workspace,
                        &parameters,
                        &inputs,
                        &output_gradient,
                        &mut gradient,
                    );
                });
            });
        }
        group.finish();
    }
}

fn losses(criterion: &mut Criterion) {
    let (batch, classes) = (32, 10);
    let logits: Vec<f32> = (0..batch * classes)
        .map(|index| (index as f32).sin())
        .collect();
    let labels: Vec<u8> = (0..batch)
        .map(|example| (example % classes) as u8)
        .collect();
    let mut gradient = vec![0.0; logits.len()];
    criterion.bench_function("softmax cross-entropy 32 x 10", |bencher| {
        bencher.iter(|| loss::softmax_cross_entropy(&logits, &labels, classes, &mut gradient));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = layers, losses
}
criterion_main!(benches);
