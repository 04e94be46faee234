//! Gradients against central differences of the crate's own outputs.
//!
//! The reference in `naive` shares no code with the crate, but a common misunderstanding would pass; here the
//! only assumption is that a gradient is a slope. Outputs are f32, so steps are large and the objective is
//! linear in the outputs. Small networks with kinks start where none is near; in the paper's network, of which a
//! sample of the parameters is looked at, a few steps may cross one.

#![allow(clippy::unwrap_used)]

mod naive;

use descender_nn::{
    Activation, InstructionSet, Layer, Network, NetworkSpecification, SequenceOutput, Shape,
    Workspace,
};
use descender_random::{Purpose, stream};

fn wave(index: usize, speed: f64) -> f64 {
    (index as f64 * speed + 0.3).sin()
}

struct Objective {
    network: Network,
    workspace: Workspace,
    inputs: Vec<f32>,
    weights: Vec<f32>,
    batch: usize,
    /// The states that the sequences go on from; empty where they begin anew.
    states: Vec<f32>,
}

impl Objective {
    fn new(specification: NetworkSpecification, batch: usize, set: InstructionSet) -> Self {
        let network = Network::with_instruction_set(specification, set).unwrap();
        Self {
            workspace: Workspace::new(&network, batch),
            inputs: (0..batch * network.input_count())
                .map(|index| wave(index, 1.7) as f32)
                .collect(),
            weights: (0..batch * network.output_count())
                .map(|index| wave(index, 2.3) as f32)
                .collect(),
            network,
            batch,
            states: Vec::new(),
        }
    }

    /// From states that are not 0.
    fn going_on(mut self) -> Self {
        self.states = (0..self.batch * self.network.state_count())
            .map(|index| wave(index, 1.1) as f32)
            .collect();
        self
    }

    /// Σ weight · output, summed in f64.
    fn value(&mut self, parameters: &[f32]) -> f64 {
        let (network, workspace) = (&self.network, &mut self.workspace);
        let mut states = self.states.clone();
        let outputs = match states.is_empty() {
            true => network.forward(workspace, parameters, &self.inputs, self.batch),
            false => network.forward_carried(
                workspace,
                parameters,
                &self.inputs,
                self.batch,
                &mut states,
            ),
        };
        outputs
            .iter()
            .zip(&self.weights)
            .map(|(output, weight)| f64::from(*output) * f64::from(*weight))
            .sum()
    }

    fn gradient(&mut self, parameters: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0; parameters.len()];
        self.value(parameters);
        let (workspace, inputs) = (&mut self.workspace, &self.inputs);
        self.network
            .backward(workspace, parameters, inputs, &self.weights, &mut gradient);
        gradient
    }

    /// The central difference with steps h and h/2, extrapolated: the error is of fourth order in h.
    fn slope(&mut self, parameters: &mut [f32], index: usize, step: f32) -> f64 {
        let own = parameters[index];
        let mut difference = |step: f32| {
            parameters[index] = own + step;
            let (above, up) = (self.value(parameters), f64::from(parameters[index]));
            parameters[index] = own - step;
            let (below, down) = (self.value(parameters), f64::from(parameters[index]));
            parameters[index] = own;
            (above - below) / (up - down)
        };
        let (wide, narrow) = (difference(step), difference(step / 2.0));
        (4.0 * narrow - wide) / 3.0
    }
}

/// Initial parameters for which the network is at least `margin` away from any kink.
fn parameters_away_from_kinks(objective: &Objective, margin: f64) -> Vec<f32> {
    let Objective {
        network,
        inputs,
        weights,
        batch,
        ..
    } = objective;
    let mut parameters = vec![0.0; network.parameter_count()];
    for index in 0..2000 {
        network.initialize(
            &mut stream(3, Purpose::new(1, "training start"), index),
            &mut parameters,
        );
        if margin == 0.0
            || naive::run(
                network.specification(),
                &parameters,
                inputs,
                *batch,
                weights,
            )
            .margin
                >= margin
        {
            return parameters;
        }
    }
    panic!("no start is {margin} away from kinks");
}

/// Compares every `every`-th parameter; at most `kinks` of them may lie beside a kink.
fn check(
    specification: &NetworkSpecification,
    (batch, every): (usize, usize),
    step: f32,
    margin: f64,
    kinks: usize,
) {
    for set in InstructionSet::available() {
        let objective = Objective::new(specification.clone(), batch, set);
        check_objective(objective, every, step, margin, kinks);
    }
}

fn check_objective(mut objective: Objective, every: usize, step: f32, margin: f64, kinks: usize) {
    let set = objective.network.instruction_set();
    let mut parameters = parameters_away_from_kinks(&objective, margin);
    let gradient = objective.gradient(&parameters);
    let largest = gradient.iter().fold(0.0_f64, |largest, value| {
        largest.max(f64::from(value.abs()))
    });
    assert!(largest > 0.01, "{set}: the gradient vanishes");
    let mut wrong = Vec::new();
    for index in (0..parameters.len()).step_by(every) {
        let slope = objective.slope(&mut parameters, index, step);
        let off = (slope - f64::from(gradient[index])).abs() / largest;
        if off.is_nan() || off > 3e-4 {
            wrong.push((index, slope, gradient[index]));
        }
    }
    assert!(
        wrong.len() <= kinks,
        "{set}: {} wrong, such as {:?}",
        wrong.len(),
        wrong[0]
    );
}

#[test]
fn smooth_layers() {
    let conv2d = |out_channels, kernel, stride, padding| Layer::Conv2d {
        out_channels,
        kernel,
        stride,
        padding,
    };
    let input = Shape {
        height: 9,
        width: 10,
        channels: 3,
    };
    check(
        &NetworkSpecification {
            input,
            layers: vec![
                conv2d(4, 3, 2, 1),
                Layer::Tanh,
                conv2d(3, 2, 1, 0),
                Layer::Sigmoid,
                Layer::Linear { outputs: 4 },
            ],
        },
        (2, 1),
        0.05,
        0.0,
        0,
    );
    // Two convolutions through the transform, so that the second one's input gradient counts.
    let input = Shape {
        height: 6,
        width: 12,
        channels: 8,
    };
    check(
        &NetworkSpecification {
            input,
            layers: vec![conv2d(8, 5, 1, 2), Layer::Tanh, conv2d(8, 3, 1, 1)],
        },
        (2, 7),
        0.05,
        0.0,
        0,
    );
    let perceptron = NetworkSpecification::multi_layer_perceptron(7, &[20, 9], 4, Activation::Tanh);
    check(&perceptron, (5, 1), 0.05, 0.0, 0);
    let perceptron = NetworkSpecification::multi_layer_perceptron(7, &[20], 4, Activation::Sigmoid);
    check(&perceptron, (5, 1), 0.05, 0.0, 0);
}

#[test]
fn sequences() {
    let all = SequenceOutput::All;
    let input = Shape {
        height: 5,
        width: 1,
        channels: 4,
    };
    let gru = |hidden, output| Layer::Gru { hidden, output };
    let lstm = |hidden, output| Layer::Lstm { hidden, output };
    for layers in [
        vec![gru(6, SequenceOutput::Last)],
        vec![lstm(6, SequenceOutput::Last)],
        vec![gru(9, all), lstm(5, all), Layer::LayerNorm, gru(4, all)],
        vec![
            Layer::Residual(vec![Layer::LayerNorm, gru(4, all)]),
            Layer::LayerNorm,
            Layer::GlobalAveragePool,
        ],
    ] {
        check(
            &NetworkSpecification { input, layers },
            (3, 1),
            0.02,
            0.0,
            0,
        );
    }
    // From states that are carried, which count as constants.
    for layers in [
        vec![gru(6, SequenceOutput::Last)],
        vec![lstm(6, SequenceOutput::Last)],
        vec![
            gru(9, all),
            Layer::LayerNorm,
            Layer::Residual(vec![lstm(9, all)]),
        ],
    ] {
        let specification = NetworkSpecification { input, layers };
        for set in InstructionSet::available() {
            let objective = Objective::new(specification.clone(), 3, set).going_on();
            check_objective(objective, 1, 0.02, 0.0, 0);
        }
    }
}

#[test]
fn max_pool_and_relu_away_from_kinks() {
    let input = Shape {
        height: 8,
        width: 8,
        channels: 2,
    };
    let convolution = Layer::Conv2d {
        out_channels: 3,
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    for (size, stride) in [(2, 2), (3, 2), (2, 3)] {
        let layers = vec![
            convolution.clone(),
            Layer::Relu,
            Layer::MaxPool2d { size, stride },
            Layer::Linear { outputs: 3 },
        ];
        check(
            &NetworkSpecification { input, layers },
            (1, 1),
            1e-3,
            3e-3,
            0,
        );
    }
    let layers = vec![
        convolution,
        Layer::Tanh,
        Layer::MaxPool2d { size: 2, stride: 2 },
        Layer::MaxPool2d { size: 2, stride: 1 },
    ];
    check(
        &NetworkSpecification { input, layers },
        (1, 1),
        1e-3,
        3e-3,
        0,
    );
}

#[test]
fn the_papers_network() {
    check(&NetworkSpecification::paper(), (1, 211), 2e-3, 0.0, 14);
}

#[test]
fn the_inputs_gradient_is_the_slope_of_the_outputs() {
    for activation in [Activation::Tanh, Activation::Relu] {
        let specification = NetworkSpecification::multi_layer_perceptron(5, &[8, 6], 3, activation);
        for set in InstructionSet::available() {
            let mut objective = Objective::new(specification.clone(), 4, set);
            let parameters = parameters_away_from_kinks(&objective, 0.02);
            let plain = objective.gradient(&parameters);
            objective.workspace = Workspace::with_input_gradient(&objective.network, 4);
            objective.value(&parameters);
            let mut gradient = vec![0.0; parameters.len()];
            let mut found = vec![f32::NAN; objective.inputs.len()];
            objective.network.backward_to_inputs(
                &mut objective.workspace,
                &parameters,
                &objective.inputs,
                &objective.weights,
                &mut gradient,
                &mut found,
            );
            assert_eq!(gradient, plain, "the parameters' gradient is the same");
            for (index, found) in found.into_iter().enumerate() {
                const STEP: f32 = 1.0 / 512.0;
                let own = objective.inputs[index];
                let mut at = |value: f32| {
                    objective.inputs[index] = value;
                    objective.value(&parameters)
                };
                let slope = (at(own + STEP) - at(own - STEP)) / f64::from(2.0 * STEP);
                objective.inputs[index] = own;
                let error = (slope - f64::from(found)).abs();
                assert!(
                    error <= 2e-3 * (1.0 + slope.abs()),
                    "{activation:?}, input {index}: {found} and {slope}"
                );
            }
        }
    }
}
