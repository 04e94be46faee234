//! Recurrent layers, layer normalisation, average pools, embeddings and residuals: every instruction set against
//! the plain reference, for random shapes.

#![allow(clippy::unwrap_used)]

mod naive;

use descender_nn::{
    InstructionSet, Layer, Network, NetworkSpecification, SequenceOutput, Shape, Workspace,
};
use descender_random::{Purpose, stream};
use proptest::prelude::*;

/// What results of different order of summation may differ by, as a share of the largest value. Nearly all networks
/// stay below 10⁻⁵; a few in ten thousand have so few values that most of each cancels out.
const TOLERANCE: f64 = 5e-5;

fn noises(seed: u64, count: usize) -> Vec<f32> {
    let value = |index: usize| {
        let mut state = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ (index as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95);
        state ^= state >> 29;
        state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state ^= state >> 32;
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    (0..count).map(value).collect()
}

/// Noise, or ids where the first layer wants them.
fn inputs(specification: &NetworkSpecification, seed: u64, batch: usize) -> Vec<f32> {
    let mut inputs = noises(seed, batch * specification.input.count());
    if let Some(&Layer::Embedding { vocabulary, .. }) = specification.layers.first() {
        for value in &mut inputs {
            let unit = f64::from(*value) / 2.0 + 0.5;
            *value = (unit * vocabulary as f64).floor() as f32;
        }
    }
    inputs
}

/// Largest difference as a share of the largest value, or of `floor` where all values are small.
fn difference(ours: &[f32], theirs: &[f64], floor: f64) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs
        .iter()
        .fold(floor, |most, value| value.abs().max(most));
    let gaps = ours
        .iter()
        .zip(theirs)
        .map(|(ours, theirs)| (f64::from(*ours) - theirs).abs());
    // Not `max`, which drops NaN.
    gaps.fold(0.0, |widest, gap| if gap <= widest { widest } else { gap }) / largest
}

/// A draw for every parameter, so that none is 0 or 1 by default.
fn parameters(network: &Network, seed: u64) -> Vec<f32> {
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(
        &mut stream(seed, Purpose::new(1, "training start"), 0),
        &mut parameters,
    );
    for (parameter, noise) in parameters
        .iter_mut()
        .zip(noises(seed + 5, network.parameter_count()))
    {
        *parameter += 0.3 * noise;
    }
    parameters
}

/// None if the network is too near a kink.
fn compare(
    specification: &NetworkSpecification,
    batch: usize,
    seed: u64,
) -> Option<Result<(), String>> {
    let network = Network::new(specification.clone()).unwrap();
    let parameters = parameters(&network, seed);
    let inputs = inputs(specification, seed, batch);
    let output_gradient = noises(seed + 2, batch * network.output_count());
    let theirs = naive::run(specification, &parameters, &inputs, batch, &output_gradient);
    if theirs.margin < 1e-5 {
        return None;
    }
    let most = theirs
        .gradient
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    for set in InstructionSet::available() {
        let network = Network::with_instruction_set(specification.clone(), set).unwrap();
        // Room for one example more, and leftovers of another pass, which must not matter.
        let mut workspace = Workspace::new(&network, batch + 1);
        let other = self::inputs(specification, seed + 9, batch + 1);
        network.forward(&mut workspace, &parameters, &other, batch + 1);
        let ones = vec![1.0; (batch + 1) * network.output_count()];
        let mut gradient = vec![f32::NAN; parameters.len()];
        network.backward(&mut workspace, &parameters, &other, &ones, &mut gradient);
        gradient.fill(f32::NAN);
        let outputs = network
            .forward(&mut workspace, &parameters, &inputs, batch)
            .to_vec();
        network.backward(
            &mut workspace,
            &parameters,
            &inputs,
            &output_gradient,
            &mut gradient,
        );
        let off = difference(&outputs, &theirs.outputs, 0.1);
        if off.is_nan() || off > TOLERANCE {
            return Some(Err(format!("{set}: outputs off by {off:e}")));
        }
        for tensor in network.tensors() {
            let range = tensor.range.clone();
            let floor = (0.05 * most).max(1e-6);
            let off = difference(&gradient[range.clone()], &theirs.gradient[range], floor);
            if off.is_nan() || off > TOLERANCE {
                return Some(Err(format!("{set}: gradient of {tensor:?} off by {off:e}")));
            }
        }
    }
    Some(Ok(()))
}

fn sequence() -> impl Strategy<Value = Layer> {
    let output = prop_oneof![Just(SequenceOutput::Last), Just(SequenceOutput::All)];
    (any::<bool>(), 1_usize..40, output).prop_map(|(gru, hidden, output)| match gru {
        true => Layer::Gru { hidden, output },
        false => Layer::Lstm { hidden, output },
    })
}

/// Layers that keep a shape of `channels` channels.
fn same_shape(channels: usize) -> impl Strategy<Value = Layer> {
    let convolution = Layer::Conv2d {
        out_channels: channels,
        kernel: 3,
        stride: 1,
        padding: 1,
    };
    let leaf = prop_oneof![
        Just(Layer::LayerNorm),
        Just(Layer::Tanh),
        Just(Layer::Relu),
        Just(convolution),
    ];
    leaf.prop_recursive(2, 5, 3, |inner| {
        prop::collection::vec(inner, 1..4).prop_map(Layer::Residual)
    })
}

fn tail() -> impl Strategy<Value = Option<Layer>> {
    prop_oneof![
        Just(None),
        Just(Some(Layer::GlobalAveragePool)),
        (1_usize..6).prop_map(|outputs| Some(Layer::Linear { outputs })),
    ]
}

fn network() -> impl Strategy<Value = NetworkSpecification> {
    let shape = (1_usize..7, 1_usize..4, 1_usize..36);
    let recurrent = (
        shape.clone(),
        prop::collection::vec(sequence(), 1..3),
        any::<bool>(),
    )
        .prop_map(|((height, width, channels), mut layers, norm)| {
            if norm {
                layers.insert(1, Layer::LayerNorm);
            }
            (
                Shape {
                    height,
                    width,
                    channels,
                },
                layers,
            )
        });
    let embedded = (1_usize..7, 1_usize..50, 1_usize..20, sequence()).prop_map(
        |(height, vocabulary, features, sequence)| {
            let shape = Shape {
                height,
                width: 1,
                channels: 1,
            };
            (
                shape,
                vec![
                    Layer::Embedding {
                        vocabulary,
                        features,
                    },
                    sequence,
                ],
            )
        },
    );
    let residual = shape.prop_flat_map(|(height, width, channels)| {
        prop::collection::vec(same_shape(channels), 1..4).prop_map(move |layers| {
            (
                Shape {
                    height,
                    width,
                    channels,
                },
                layers,
            )
        })
    });
    (
        prop_oneof![2 => recurrent, 1 => embedded, 2 => residual],
        tail(),
    )
        .prop_map(|((input, mut layers), tail)| {
            layers.extend(tail);
            NetworkSpecification { input, layers }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn random_networks_agree_with_the_reference_on_every_instruction_set(
        specification in network(),
        batch in 1_usize..5,
        seed in 0_u64..1000,
    ) {
        let result = compare(&specification, batch, seed);
        prop_assume!(result.is_some());
        if let Some(Err(message)) = result {
            return Err(TestCaseError::fail(message));
        }
    }
}

fn recurrent(gru: bool, hidden: usize, output: SequenceOutput) -> Layer {
    match gru {
        true => Layer::Gru { hidden, output },
        false => Layer::Lstm { hidden, output },
    }
}

/// Rows of an image as time steps, as in the benchmark; two layers, so that gradients go through the inputs, too.
#[test]
fn images_read_row_by_row_agree_with_the_reference() {
    for gru in [true, false] {
        for layers in [
            vec![recurrent(gru, 64, SequenceOutput::Last)],
            vec![
                recurrent(gru, 33, SequenceOutput::All),
                recurrent(gru, 16, SequenceOutput::Last),
            ],
        ] {
            let specification = NetworkSpecification {
                input: Shape {
                    height: 28,
                    width: 28,
                    channels: 1,
                },
                layers: [layers, vec![Layer::Linear { outputs: 10 }]].concat(),
            };
            compare(&specification, 3, 1).unwrap().unwrap();
        }
    }
}

/// Each example by itself or in a batch: the same bits, because nothing is shared between examples.
#[test]
fn an_example_is_computed_alike_in_every_batch() {
    for set in InstructionSet::available() {
        for layer in [
            recurrent(true, 21, SequenceOutput::Last),
            recurrent(false, 21, SequenceOutput::Last),
            Layer::LayerNorm,
            Layer::GlobalAveragePool,
        ] {
            let specification = NetworkSpecification {
                input: Shape {
                    height: 5,
                    width: 1,
                    channels: 11,
                },
                layers: vec![layer, Layer::Linear { outputs: 3 }],
            };
            let network = Network::with_instruction_set(specification, set).unwrap();
            let parameters = parameters(&network, 4);
            let inputs = noises(3, 17 * 55);
            let mut workspace = Workspace::new(&network, 17);
            let together = network
                .forward(&mut workspace, &parameters, &inputs, 17)
                .to_vec();
            for example in [0, 7, 16] {
                let input = &inputs[example * 55..][..55];
                let alone = network.forward(&mut workspace, &parameters, input, 1);
                assert_eq!(alone, &together[example * 3..][..3], "{set}");
            }
        }
    }
}

#[test]
fn an_id_outside_of_the_vocabulary_gives_nan_and_never_a_panic() {
    let network = Network::new(NetworkSpecification {
        input: Shape {
            height: 3,
            width: 1,
            channels: 1,
        },
        layers: vec![Layer::Embedding {
            vocabulary: 4,
            features: 2,
        }],
    })
    .unwrap();
    let parameters: Vec<f32> = (0..8).map(|index| index as f32).collect();
    let mut workspace = Workspace::new(&network, 1);
    for wrong in [
        4.0,
        -1.0,
        0.5,
        1e30,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
    ] {
        let ids = [3.0, wrong, -0.0];
        let outputs = network
            .forward(&mut workspace, &parameters, &ids, 1)
            .to_vec();
        assert_eq!(outputs[..2], [6.0, 7.0]);
        assert!(outputs[2].is_nan() && outputs[3].is_nan(), "{wrong}");
        assert_eq!(outputs[4..], [0.0, 1.0]);
        let mut gradient = vec![f32::NAN; 8];
        network.backward(
            &mut workspace,
            &parameters,
            &ids,
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            &mut gradient,
        );
        assert_eq!(
            gradient,
            [5.0, 6.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0],
            "{wrong}"
        );
    }
}

#[test]
fn what_is_not_a_number_is_not_hidden() {
    let layers = [
        recurrent(true, 5, SequenceOutput::Last),
        recurrent(false, 5, SequenceOutput::All),
        Layer::LayerNorm,
        Layer::GlobalAveragePool,
        Layer::Residual(vec![Layer::Tanh]),
    ];
    for set in InstructionSet::available() {
        for layer in &layers {
            let specification = NetworkSpecification {
                input: Shape {
                    height: 2,
                    width: 1,
                    channels: 3,
                },
                layers: vec![layer.clone()],
            };
            let network = Network::with_instruction_set(specification, set).unwrap();
            let parameters = vec![0.1; network.parameter_count()];
            let mut workspace = Workspace::new(&network, 1);
            let mut inputs = [0.5; 6];
            inputs[1] = f32::NAN;
            let outputs = network.forward(&mut workspace, &parameters, &inputs, 1);
            assert!(
                outputs.iter().any(|value| value.is_nan()),
                "{set} {layer:?}"
            );
        }
    }
}

#[test]
fn an_empty_batch_has_no_outputs_and_no_gradient() {
    let all = SequenceOutput::All;
    let network = Network::new(NetworkSpecification {
        input: Shape {
            height: 3,
            width: 1,
            channels: 1,
        },
        layers: vec![
            Layer::Embedding {
                vocabulary: 3,
                features: 2,
            },
            recurrent(true, 5, all),
            recurrent(false, 5, all),
            Layer::Residual(vec![Layer::LayerNorm]),
            Layer::GlobalAveragePool,
        ],
    })
    .unwrap();
    let parameters = vec![0.1; network.parameter_count()];
    let mut workspace = Workspace::new(&network, 0);
    let outputs = network.forward(&mut workspace, &parameters, &[], 0);
    assert!(outputs.is_empty());
    let mut gradient = vec![f32::NAN; network.parameter_count()];
    network.backward(&mut workspace, &parameters, &[], &[], &mut gradient);
    assert!(gradient.iter().all(|value| *value == 0.0));
}

#[test]
fn normalising_a_single_channel_leaves_the_bias_alone() {
    for set in InstructionSet::available() {
        let layers = vec![Layer::LayerNorm, Layer::LayerNorm];
        let network = Network::with_instruction_set(
            NetworkSpecification {
                input: Shape::flat(1),
                layers,
            },
            set,
        )
        .unwrap();
        let mut workspace = Workspace::new(&network, 1);
        let parameters = [0.7, 0.3, 0.9, 0.2];
        let outputs = network.forward(&mut workspace, &parameters, &[5.0], 1);
        assert_eq!(outputs, [0.2]);
        let mut gradient = [f32::NAN; 4];
        network.backward(&mut workspace, &parameters, &[5.0], &[0.1], &mut gradient);
        assert_eq!(gradient, [0.0, 0.0, 0.0, 0.1], "{set}");
    }
}
