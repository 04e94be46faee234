//! States that are carried from one sequence to the next.

#![allow(clippy::unwrap_used)]

use descender_nn::{Layer, Network, NetworkSpecification, SequenceOutput, Shape, Workspace};
use descender_random::{Purpose, stream};

/// Features of a step, and examples side by side.
const FEATURES: usize = 3;
const BATCH: usize = 5;

/// Layers with states of 7, 2 · 4 and 4 values, two of them inside a residual, over sequences of so many steps.
fn network(steps: usize) -> Network {
    let output = SequenceOutput::All;
    Network::new(NetworkSpecification {
        input: Shape {
            height: steps,
            width: 1,
            channels: FEATURES,
        },
        layers: vec![
            Layer::Gru { hidden: 7, output },
            Layer::Tanh,
            Layer::Lstm { hidden: 4, output },
            Layer::Residual(vec![Layer::Gru { hidden: 4, output }, Layer::LayerNorm]),
        ],
    })
    .unwrap()
}

fn parameters(network: &Network) -> Vec<f32> {
    let mut parameters = vec![0.0; network.parameter_count()];
    let mut generator = stream(5, Purpose::new(140, "carried"), 0);
    network.initialize(&mut generator, &mut parameters);
    parameters
}

/// The steps `from` to `to` of all examples.
fn inputs(from: usize, to: usize) -> Vec<f32> {
    let value = |example: usize, step: usize, feature: usize| {
        ((example * 31 + step * FEATURES + feature) as f32 * 1.7).sin()
    };
    let steps = (0..BATCH).flat_map(|example| (from..to).map(move |step| (example, step)));
    let rows = steps.map(|(example, step)| (0..FEATURES).map(move |f| value(example, step, f)));
    rows.flatten().collect()
}

#[test]
fn pieces_of_a_sequence_make_the_whole() {
    let whole = network(9);
    let parameters = parameters(&whole);
    assert_eq!(whole.state_count(), 7 + 2 * 4 + 4);
    let mut workspace = Workspace::new(&whole, BATCH);
    let expected = whole
        .forward(&mut workspace, &parameters, &inputs(0, 9), BATCH)
        .to_vec();

    let mut states = vec![0.0; BATCH * whole.state_count()];
    for (from, to) in [(0, 4), (4, 5), (5, 9)] {
        let steps = to - from;
        let piece = network(steps);
        let mut workspace = Workspace::new(&piece, BATCH);
        let inputs = inputs(from, to);
        let outputs =
            piece.forward_carried(&mut workspace, &parameters, &inputs, BATCH, &mut states);
        for (place, output) in outputs.iter().enumerate() {
            let (example, rest) = (place / (steps * 4), place % (steps * 4));
            let expected = expected[(example * 9 + from) * 4 + rest];
            assert!((output - expected).abs() < 1e-5, "{output} {expected}");
        }
    }
}

#[test]
fn a_pass_without_states_forgets_those_before_and_zeros_begin_anew() {
    let network = network(4);
    let parameters = parameters(&network);
    let mut workspace = Workspace::new(&network, BATCH);
    let inputs = inputs(0, 4);
    let fresh = network
        .forward(&mut workspace, &parameters, &inputs, BATCH)
        .to_vec();
    let mut states = vec![0.0; BATCH * network.state_count()];
    let mut carried = || {
        network
            .forward_carried(&mut workspace, &parameters, &inputs, BATCH, &mut states)
            .to_vec()
    };
    let zeros = carried();
    let on = carried();
    assert_eq!(zeros, fresh);
    assert_ne!(on, fresh);
    let again = network.forward(&mut workspace, &parameters, &inputs, BATCH);
    assert_eq!(again, fresh);
}

#[test]
fn a_network_without_recurrent_layers_has_no_states() {
    let specification = NetworkSpecification {
        input: Shape::flat(3),
        layers: vec![Layer::Linear { outputs: 2 }, Layer::Relu],
    };
    let network = Network::new(specification).unwrap();
    let mut workspace = Workspace::new(&network, 1);
    assert_eq!(network.state_count(), 0);
    let parameters = parameters(&network);
    let outputs =
        network.forward_carried(&mut workspace, &parameters, &[1.0, 2.0, 3.0], 1, &mut []);
    assert_eq!(outputs.len(), 2);
}
