//! What makes a network, what is refused, and how a specification is written.

#![allow(clippy::unwrap_used)]

use descender_nn::{
    Activation, Layer, Network, NetworkError, NetworkSpecification, Shape, Workspace,
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
