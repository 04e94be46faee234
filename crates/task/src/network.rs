//! The network that is fitted to a data set of images.

use descender_nn::{Activation, Layer, NetworkSpecification, Shape};

/// The largest side of the last feature map.
const LARGEST_FEATURE_MAP: usize = 8;
/// Hidden units of the perceptron that takes the place of convolutions on inputs that are too flat for them.
const HIDDEN: usize = 64;

/// A convolutional network in the manner of the paper's, for inputs of `shape` and `classes` classes.
///
/// Stages of a 5 × 5 convolution (padding 2; 16 channels, then 32 in each further stage), ReLU and 2 × 2
/// max-pooling follow each other until no side is longer than 8; a linear layer ends the network. For 28 × 28 grey
/// images and ten classes this is the paper's network exactly. Inputs with fewer than two rows or columns get a
/// perceptron with one hidden layer of 64 ReLU instead.
#[must_use]
pub fn fitted(shape: Shape, classes: usize) -> NetworkSpecification {
    let Shape {
        mut height,
        mut width,
        ..
    } = shape;
    if height.min(width) < 2 {
        let inputs = height.saturating_mul(width).saturating_mul(shape.channels);
        return NetworkSpecification::multi_layer_perceptron(
            inputs,
            &[HIDDEN],
            classes,
            Activation::Relu,
        );
    }
    let mut layers = Vec::new();
    let mut channels = 16;
    loop {
        layers.push(Layer::Conv2d {
            out_channels: channels,
            kernel: 5,
            stride: 1,
            padding: 2,
        });
        layers.push(Layer::Relu);
        layers.push(Layer::MaxPool2d { size: 2, stride: 2 });
        (height, width, channels) = (height / 2, width / 2, 32);
        if height.max(width) <= LARGEST_FEATURE_MAP || height.min(width) < 2 {
            break;
        }
    }
    layers.push(Layer::Linear { outputs: classes });
    NetworkSpecification {
        input: shape,
        layers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use descender_nn::Network;

    #[test]
    fn mnist_gets_the_papers_network() {
        let shape = Shape {
            height: 28,
            width: 28,
            channels: 1,
        };
        assert_eq!(fitted(shape, 10), NetworkSpecification::paper());
    }

    #[test]
    fn every_shape_gets_a_network_with_small_feature_maps() {
        for (height, width, channels) in [
            (1, 1, 1),
            (1, 20, 1),
            (2, 2, 1),
            (8, 8, 1),
            (9, 3, 1),
            (32, 32, 3),
            (64, 48, 1),
            (2, 300, 1),
            (224, 224, 1),
        ] {
            let shape = Shape {
                height,
                width,
                channels,
            };
            let network = Network::new(fitted(shape, 7)).unwrap();
            assert_eq!(
                (network.input_count(), network.output_count()),
                (shape.count(), 7)
            );
            assert!(
                network.parameter_count() < 200_000,
                "{shape}: {}",
                network.parameter_count()
            );
        }
    }
}
