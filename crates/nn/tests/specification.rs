//! What makes a network, what is refused, and how a specification is written.

#![allow(clippy::unwrap_used)]

use descender_nn::{
    Activation, Layer, Network, NetworkError, NetworkSpecification, SequenceOutput, Shape,
    Workspace,
};

fn specification(input: Shape, layers: Vec<Layer>) -> NetworkSpecification {
    NetworkSpecification { input, layers }
}

fn conv2d(out_channels: usize, kernel: usize, stride: usize, padding: usize) -> Layer {
    Layer::Conv2d {
        out_channels,
        kernel,
        stride,
        padding,
    }
}

const IMAGE: Shape = Shape {
    height: 6,
    width: 5,
    channels: 2,
};

#[test]
fn the_papers_network_has_its_28_938_parameters() {
    let network = Network::new(NetworkSpecification::paper()).unwrap();
    assert_eq!(network.parameter_count(), 28_938);
    let layers: Vec<usize> = [0, 3, 6]
        .map(|layer| {
            let own = network
                .tensors()
                .iter()
                .filter(|tensor| tensor.layer == layer);
            own.map(|tensor| tensor.range.len()).sum()
        })
        .to_vec();
    assert_eq!(layers, [416, 12_832, 15_690]);
    assert_eq!((network.input_count(), network.output_count()), (784, 10));
}

#[test]
fn shapes_follow_the_usual_rules() {
    let layers = vec![
        conv2d(7, 3, 2, 1),
        Layer::Relu,
        Layer::MaxPool2d { size: 2, stride: 1 },
    ];
    let shapes = specification(IMAGE, layers).shapes().unwrap();
    let shape = |height, width, channels| Shape {
        height,
        width,
        channels,
    };
    assert_eq!(
        shapes,
        [IMAGE, shape(3, 3, 7), shape(3, 3, 7), shape(2, 2, 7)]
    );
}

#[test]
fn what_makes_no_network_is_refused_by_name() {
    let refused = |input, layers| {
        Network::new(specification(input, layers))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        Network::new(specification(IMAGE, Vec::new())).unwrap_err(),
        NetworkError::NoLayers
    );
    let empty = Shape {
        height: 0,
        width: 3,
        channels: 1,
    };
    assert!(refused(empty, vec![Layer::Relu]).contains("input 0 × 3 × 1 is empty"));
    assert!(
        refused(IMAGE, vec![Layer::Relu, conv2d(0, 3, 1, 1)])
            .contains("layer 2 (conv2d): out_channels is 0")
    );
    assert!(refused(IMAGE, vec![conv2d(1, 0, 1, 1)]).contains("kernel is 0"));
    assert!(refused(IMAGE, vec![conv2d(1, 1, 0, 1)]).contains("stride is 0"));
    assert!(refused(IMAGE, vec![Layer::Linear { outputs: 0 }]).contains("outputs is 0"));
    assert!(refused(IMAGE, vec![Layer::MaxPool2d { size: 0, stride: 1 }]).contains("size is 0"));
    assert!(refused(IMAGE, vec![Layer::MaxPool2d { size: 1, stride: 0 }]).contains("stride is 0"));
    let message = refused(IMAGE, vec![conv2d(1, 8, 1, 1)]);
    assert!(
        message.contains("kernel 8 does not fit into its input 6 × 5 × 2 with padding 1"),
        "{message}"
    );
    let message = refused(IMAGE, vec![Layer::MaxPool2d { size: 6, stride: 1 }]);
    assert!(message.contains("size 6 does not fit"), "{message}");
    for huge in [
        specification(Shape::flat(usize::MAX), vec![Layer::Relu]),
        specification(
            Shape {
                height: usize::MAX,
                width: 2,
                channels: 2,
            },
            vec![Layer::Relu],
        ),
        specification(IMAGE, vec![conv2d(usize::MAX, 3, 1, 1)]),
        specification(IMAGE, vec![conv2d(1, 3, 1, usize::MAX / 2)]),
        specification(IMAGE, vec![conv2d(1, 1 << 20, 1, 1 << 20)]),
        specification(
            IMAGE,
            vec![Layer::Linear {
                outputs: usize::MAX,
            }],
        ),
        specification(
            Shape::flat(1 << 20),
            vec![Layer::Linear { outputs: 1 << 20 }],
        ),
    ] {
        let error = Network::new(huge).unwrap_err();
        assert!(matches!(error, NetworkError::TooLarge { .. }), "{error}");
    }
}

const SEQUENCE: Shape = Shape {
    height: 7,
    width: 2,
    channels: 3,
};

fn gru(hidden: usize, output: SequenceOutput) -> Layer {
    Layer::Gru { hidden, output }
}

fn lstm(hidden: usize, output: SequenceOutput) -> Layer {
    Layer::Lstm { hidden, output }
}

fn embedding(vocabulary: usize, features: usize) -> Layer {
    Layer::Embedding {
        vocabulary,
        features,
    }
}

/// One of each, nested once.
fn all_kinds() -> NetworkSpecification {
    specification(
        Shape {
            height: 7,
            width: 1,
            channels: 2,
        },
        vec![
            embedding(9, 3),
            gru(5, SequenceOutput::All),
            Layer::Residual(vec![
                Layer::LayerNorm,
                conv2d(5, 3, 1, 1),
                Layer::Residual(vec![Layer::Relu]),
            ]),
            Layer::GlobalAveragePool,
            lstm(4, SequenceOutput::Last),
            Layer::Linear { outputs: 2 },
        ],
    )
}

#[test]
fn rows_are_time_steps_and_their_values_features() {
    let layers = vec![
        gru(5, SequenceOutput::All),
        lstm(4, SequenceOutput::All),
        Layer::LayerNorm,
        Layer::GlobalAveragePool,
        lstm(3, SequenceOutput::Last),
    ];
    let network = Network::new(specification(SEQUENCE, layers)).unwrap();
    let shapes = network.specification().shapes().unwrap();
    let steps = |channels| Shape {
        height: 7,
        width: 1,
        channels,
    };
    let flat = Shape::flat;
    assert_eq!(
        shapes,
        [SEQUENCE, steps(5), steps(4), steps(4), flat(4), flat(3)]
    );
    // (features + hidden) · gates · hidden + 4 · hidden, for features 6, 5 and 4.
    let parameters = (11 * 15 + 20) + (9 * 16 + 16) + 8 + (7 * 12 + 12);
    assert_eq!(network.parameter_count(), parameters);
}

#[test]
fn an_embedding_makes_features_of_each_channel() {
    let shapes = specification(SEQUENCE, vec![embedding(10, 4)])
        .shapes()
        .unwrap();
    assert_eq!(
        shapes[1],
        Shape {
            height: 7,
            width: 2,
            channels: 12
        }
    );
}

#[test]
fn tensors_lie_one_behind_the_other_and_have_a_name_each() {
    let network = Network::new(all_kinds()).unwrap();
    let mut end = 0;
    let mut names = Vec::new();
    for tensor in network.tensors() {
        assert_eq!(tensor.range.start, end);
        assert_eq!(tensor.range.len(), tensor.shape.iter().product::<usize>());
        end = tensor.range.end;
        names.push((tensor.layer, tensor.kind));
    }
    assert_eq!(end, network.parameter_count());
    let layers: Vec<usize> = names.iter().map(|(layer, _)| *layer).collect();
    assert_eq!(layers, [0, 1, 1, 3, 3, 4, 4, 8, 8, 9, 9]);
    names.dedup();
    assert_eq!(names.len(), network.tensors().len());
}

#[test]
fn further_layers_that_make_no_network_are_refused_by_name() {
    let last = SequenceOutput::Last;
    let refused = |layers| {
        Network::new(specification(SEQUENCE, layers))
            .unwrap_err()
            .to_string()
    };
    for (layers, message) in [
        (vec![gru(0, last)], "layer 1 (gru): hidden is 0"),
        (
            vec![Layer::Tanh, lstm(0, last)],
            "layer 2 (lstm): hidden is 0",
        ),
        (
            vec![embedding(0, 3)],
            "layer 1 (embedding): vocabulary is 0",
        ),
        (vec![embedding(3, 0)], "layer 1 (embedding): features is 0"),
        (
            vec![Layer::Residual(Vec::new())],
            "layer 1 (residual): its list of layers is empty",
        ),
        (
            vec![
                Layer::Residual(vec![Layer::Relu]),
                Layer::Residual(vec![Layer::Tanh, Layer::Linear { outputs: 42 }]),
            ],
            "layer 3 (residual): its layers turn 7 × 2 × 3 into 1 × 1 × 42; expected the same shape",
        ),
        (
            vec![Layer::Residual(vec![conv2d(3, 3, 1, 1), gru(0, last)])],
            "layer 3 (gru): hidden is 0",
        ),
        (
            vec![embedding((1 << 24) + 1, 1)],
            "layer 1 (embedding): its values or parameters number more than 16777216",
        ),
    ] {
        let told = refused(layers);
        assert!(told.contains(message), "{told}");
    }
    let nested = |depth| {
        let layer = (0..depth).fold(Layer::Relu, |inner, _| Layer::Residual(vec![inner]));
        Network::new(specification(SEQUENCE, vec![layer]))
    };
    assert!(nested(16).is_ok());
    let told = nested(17).unwrap_err().to_string();
    assert!(
        told.contains("layer 17 (residual): nested more than 16 deep"),
        "{told}"
    );
    for huge in [
        vec![gru(usize::MAX, last)],
        vec![lstm(1 << 27, last)],
        vec![gru(1 << 20, last)],
        vec![embedding(usize::MAX, 1)],
        vec![embedding(1, usize::MAX)],
        vec![embedding(1 << 20, 1 << 20)],
    ] {
        let error = Network::new(specification(SEQUENCE, huge)).unwrap_err();
        assert!(
            matches!(error, NetworkError::TooLarge { layer: 1, .. }),
            "{error}"
        );
    }
}

#[test]
fn every_kind_of_layer_is_written_and_read_back_in_every_format() {
    let specification = all_kinds();
    let text = serde_json::to_string(&specification).unwrap();
    for part in [
        r#"{"embedding":{"vocabulary":9,"features":3}},{"gru":{"hidden":5,"output":"all"}}"#,
        r#"{"residual":["layer-norm",{"conv2d":"#,
        r#"{"residual":["relu"]}"#,
        r#""global-average-pool",{"lstm":{"hidden":4,"output":"last"}}"#,
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(
        serde_json::from_str::<NetworkSpecification>(&text).unwrap(),
        specification
    );
    let text = toml::to_string(&specification).unwrap();
    assert_eq!(
        toml::from_str::<NetworkSpecification>(&text).unwrap(),
        specification
    );
    let bytes = postcard::to_allocvec(&specification).unwrap();
    assert_eq!(
        postcard::from_bytes::<NetworkSpecification>(&bytes).unwrap(),
        specification
    );
}

#[test]
fn a_specification_is_written_and_read_back() {
    let specification = NetworkSpecification::paper();
    let text = serde_json::to_string(&specification).unwrap();
    assert!(
        text.contains(r#"{"conv2d":{"out_channels":16,"kernel":5,"stride":1,"padding":2}},"relu""#)
    );
    assert_eq!(
        serde_json::from_str::<NetworkSpecification>(&text).unwrap(),
        specification
    );
    assert!(serde_json::from_str::<NetworkSpecification>(r#"{"input":{"height":1}}"#).is_err());
}

#[test]
fn a_perceptron_alternates_linear_layers_and_functions() {
    let perceptron = NetworkSpecification::multi_layer_perceptron(4, &[3, 2], 1, Activation::Tanh);
    let linear = |outputs| Layer::Linear { outputs };
    assert_eq!(
        perceptron.layers,
        [linear(3), Layer::Tanh, linear(2), Layer::Tanh, linear(1)]
    );
    assert_eq!(
        Network::new(perceptron).unwrap().parameter_count(),
        15 + 8 + 3
    );
}

#[test]
#[should_panic(expected = "made for another network")]
fn a_workspace_of_another_network_is_refused() {
    let network = |outputs| {
        Network::new(NetworkSpecification::multi_layer_perceptron(
            4,
            &[],
            outputs,
            Activation::Relu,
        ))
        .unwrap()
    };
    let mut workspace = Workspace::new(&network(2), 1);
    network(3).forward(&mut workspace, &[0.0; 15], &[0.0; 4], 1);
}

#[test]
#[should_panic(expected = "at most 2")]
fn a_batch_larger_than_the_workspace_is_refused() {
    let network = Network::new(NetworkSpecification::multi_layer_perceptron(
        4,
        &[],
        2,
        Activation::Relu,
    ))
    .unwrap();
    let mut workspace = Workspace::new(&network, 2);
    network.forward(&mut workspace, &[0.0; 10], &[0.0; 12], 3);
}

#[test]
fn an_equal_network_may_use_the_workspace() {
    let network = || Network::new(NetworkSpecification::paper()).unwrap();
    let mut workspace = Workspace::new(&network(), 1);
    let parameters = vec![0.0; 28_938];
    assert_eq!(
        network().forward(&mut workspace, &parameters, &[0.0; 784], 1),
        [0.0; 10]
    );
}
