//! Times one training step (forward, loss, backward) of the paper's network, of perceptrons, of recurrent networks and of
//! convolutions with many channels.
//!
//! `step_time [ROUNDS] [NETWORK] [SET]` prints, for each round, network and instruction set, microseconds: the
//! median, and the fastest tenth, which other programs on the machine disturb less. It is processor time where the
//! system tells it (Unix), which does not run on while another program has the core. NETWORK is the beginning of a
//! name, such as `gru` or `mlp`; SET is `portable`, `AVX2` or `AVX-512`.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use descender_nn::{
    Activation, InstructionSet, Layer, Network, NetworkSpecification, SequenceOutput, Shape,
    Workspace, loss,
};
use descender_random::{Purpose, stream};

/// Seconds of processor time of this thread.
#[cfg(unix)]
fn now() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Seconds of the clock on the wall.
#[cfg(not(unix))]
fn now() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Dark images with a bright stroke, about as sparse as handwritten digits.
fn images(count: usize, batch: usize) -> Vec<f32> {
    let side = (count as f64).sqrt();
    let value = |index: usize| {
        let (example, pixel) = (index / count, index % count);
        let (y, x) = (pixel as f64 / side, pixel as f64 % side);
        let angle = example as f64 * 0.7;
        let away = ((x - side / 2.0) * angle.cos() + (y - side / 2.0) * angle.sin()).abs();
        let along = ((x - side / 2.0) * angle.sin() - (y - side / 2.0) * angle.cos()).abs();
        if along < side * 0.36 {
            (1.0 - (away - 1.0).max(0.0) * 0.6).max(0.0) as f32
        } else {
            0.0
        }
    };
    (0..batch * count).map(value).collect()
}

/// Median, and the upper end of the fastest tenth.
fn quantiles(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() / 10])
}

/// An image of 28 × 28 read row by row, and ten classes.
fn by_rows(recurrent: Layer) -> NetworkSpecification {
    NetworkSpecification {
        input: Shape {
            height: 28,
            width: 28,
            channels: 1,
        },
        layers: vec![recurrent, Layer::Linear { outputs: 10 }],
    }
}

/// A 3 × 3 convolution that keeps the image's size.
fn conv(out_channels: usize) -> Layer {
    Layer::Conv2d {
        out_channels,
        kernel: 3,
        stride: 1,
        padding: 1,
    }
}

/// Two convolutions with ReLU on images of 14 × 14 with as many channels.
fn convolutions(channels: usize) -> NetworkSpecification {
    NetworkSpecification {
        input: Shape {
            height: 14,
            width: 14,
            channels,
        },
        layers: vec![
            conv(channels),
            Layer::Relu,
            conv(channels),
            Layer::Relu,
            Layer::GlobalAveragePool,
            Layer::Linear { outputs: 10 },
        ],
    }
}

/// The same with a max-pool behind each of them.
fn pooled(channels: usize) -> NetworkSpecification {
    let pool = Layer::MaxPool2d { size: 2, stride: 2 };
    let mut specification = convolutions(channels);
    specification.layers.insert(4, pool.clone());
    specification.layers.insert(2, pool);
    specification
}

/// Two residual blocks with normalisation, so that no gradient of a convolution has zeros, on images of 28 × 28.
fn residual(channels: usize) -> NetworkSpecification {
    let block = || {
        Layer::Residual(vec![
            conv(channels),
            Layer::LayerNorm,
            Layer::Relu,
            conv(channels),
            Layer::LayerNorm,
        ])
    };
    NetworkSpecification {
        input: Shape {
            height: 28,
            width: 28,
            channels: 1,
        },
        layers: vec![
            conv(channels),
            Layer::LayerNorm,
            Layer::Relu,
            Layer::MaxPool2d { size: 2, stride: 2 },
            block(),
            Layer::Relu,
            block(),
            Layer::Relu,
            Layer::GlobalAveragePool,
            Layer::Linear { outputs: 10 },
        ],
    }
}

fn time(
    specification: &NetworkSpecification,
    set: InstructionSet,
    batch: usize,
) -> [(f64, f64); 2] {
    let network = Network::with_instruction_set(specification.clone(), set).unwrap();
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(
        &mut stream(1, Purpose::new(1, "training start"), 0),
        &mut parameters,
    );
    let classes = network.output_count();
    let inputs = images(network.input_count(), batch);
    let labels: Vec<u8> = (0..batch)
        .map(|example| (example % classes) as u8)
        .collect();
    let mut workspace = Workspace::new(&network, batch);
    let mut gradient = vec![0.0; parameters.len()];
    let mut logit_gradient = vec![0.0; batch * classes];
    let (mut steps, mut forwards) = (Vec::new(), Vec::new());
    let start = Instant::now();
    let mut step = 0;
    while start.elapsed().as_secs_f64() < 0.7 {
        let begin = now();
        let logits = network.forward(&mut workspace, &parameters, &inputs, batch);
        let forward = now() - begin;
        loss::softmax_cross_entropy(logits, &labels, classes, &mut logit_gradient);
        network.backward(
            &mut workspace,
            &parameters,
            &inputs,
            &logit_gradient,
            &mut gradient,
        );
        steps.push((now() - begin) * 1e6);
        forwards.push(forward * 1e6);
        step += 1;
        if step < 50 {
            parameters
                .iter_mut()
                .zip(&gradient)
                .for_each(|(p, g)| *p -= 0.05 * g);
        }
    }
    [quantiles(steps), quantiles(forwards)]
}

fn main() {
    let mut rounds = 1;
    let (mut sets, mut network) = (InstructionSet::available(), String::new());
    for argument in std::env::args().skip(1) {
        let named = |set: &&InstructionSet| set.to_string() == argument;
        if let Ok(number) = argument.parse() {
            rounds = number;
        } else if let Some(set) = sets.iter().find(named) {
            sets = vec![*set];
        } else {
            network = argument;
        }
    }
    let perceptron = NetworkSpecification::multi_layer_perceptron;
    let output = SequenceOutput::Last;
    let gru = |hidden| Layer::Gru { hidden, output };
    let lstm = |hidden| Layer::Lstm { hidden, output };
    for round in 0..rounds {
        for (name, specification, batch) in [
            ("paper", NetworkSpecification::paper(), 32),
            (
                "mlp-784-128-64-10",
                perceptron(784, &[128, 64], 10, Activation::Relu),
                64,
            ),
            (
                "mlp-18-50-3",
                perceptron(18, &[50], 3, Activation::Relu),
                32,
            ),
            (
                "mlp-5-64-64-5",
                perceptron(5, &[64, 64], 5, Activation::Relu),
                64,
            ),
            (
                "policy-18-50-3",
                perceptron(18, &[50], 3, Activation::Relu),
                1,
            ),
            (
                "mlp-784-1024-1024-10",
                perceptron(784, &[1024, 1024], 10, Activation::Relu),
                64,
            ),
            ("gru-28-64-10", by_rows(gru(64)), 32),
            ("gru-28-256-10", by_rows(gru(256)), 32),
            ("lstm-28-64-10", by_rows(lstm(64)), 32),
            ("lstm-28-256-10", by_rows(lstm(256)), 32),
            ("convolutions-64", convolutions(64), 32),
            ("convolutions-128", convolutions(128), 32),
            ("convolutions-256", convolutions(256), 32),
            ("pooled-64", pooled(64), 32),
            ("pooled-256", pooled(256), 32),
            ("residual-16", residual(16), 32),
            ("residual-32", residual(32), 32),
            ("residual-64", residual(64), 32),
        ] {
            if !name.starts_with(&network) {
                continue;
            }
            for &set in &sets {
                let [step, forward] = time(&specification, set, batch);
                println!(
                    "{round} {name} {set} step {:.2} {:.2} forward {:.2} {:.2}",
                    step.0, step.1, forward.0, forward.1
                );
            }
        }
    }
}
