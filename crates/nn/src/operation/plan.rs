//! From layers to operations.
//!
//! A convolution is fused with the ReLU and the max-pool that follow it, a linear layer or a layer normalisation with the
//! element-wise function that follows it.

use super::any::AnyOperation;
use super::average_pool::AveragePool;
use super::convolution::{Convolution, Sliding};
use super::dropout::Dropout;
use super::element_wise::ElementWise;
use super::embedding::Embedding;
use super::layer_norm::LayerNorm;
use super::linear::Linear;
use super::max_pool::MaxPool;
use super::planar::PlanarConvolution;
use super::recurrent::{Cell, Recurrent};
use super::residual::Residual;
use crate::activation::Activation;
use crate::layer::Layer;
use crate::parameters::ParameterTensor;
use crate::placed_layer::PlacedLayers;
use crate::shape::Shape;

/// Makes operations from checked layers. The first layer has index `base` among all layers of the network and
/// the input shape `input`.
pub(crate) fn plan(
    layers: &[Layer],
    input: Shape,
    base: usize,
    tensors: &[ParameterTensor],
) -> Vec<AnyOperation> {
    let parts: Vec<_> = PlacedLayers::new(layers, input, base).collect();
    let mut operations = Vec::new();
    let mut index = 0;
    while index < layers.len() {
        let (place, input, output) = (parts[index].index, parts[index].input, parts[index].output);
        let offset = || {
            let own = tensors.iter().find(|tensor| tensor.layer == place);
            own.map_or(0, |tensor| tensor.range.start)
        };
        let operation = match layers[index] {
            Layer::Conv2d {
                kernel,
                stride,
                padding,
                ..
            } => {
                let mut relu = false;
                let mut pool = None;
                // ReLU and maximum commute, so both orders are one operation.
                loop {
                    match layers.get(index + 1) {
                        Some(Layer::Relu) => relu = true,
                        Some(&Layer::MaxPool2d { size, stride }) if pool.is_none() => {
                            pool = Some(MaxPool::new(
                                parts[index + 1].input,
                                parts[index + 1].output,
                                size,
                                stride,
                            ));
                        }
                        _ => break,
                    }
                    index += 1;
                }
                let sliding = Sliding {
                    kernel,
                    stride,
                    padding,
                };
                if PlanarConvolution::suits(input, output, sliding, pool.as_ref()) {
                    AnyOperation::PlanarConvolution(PlanarConvolution::new(
                        input,
                        output,
                        padding,
                        offset(),
                        relu,
                        pool,
                    ))
                } else {
                    AnyOperation::Convolution(Convolution::new(
                        input,
                        output,
                        sliding,
                        offset(),
                        relu,
                        pool,
                    ))
                }
            }
            Layer::MaxPool2d { size, stride } => {
                AnyOperation::MaxPool(MaxPool::new(input, output, size, stride))
            }
            Layer::Linear { outputs } => {
                let activation = layers.get(index + 1).and_then(element_wise);
                index += usize::from(activation.is_some());
                AnyOperation::Linear(Linear {
                    inputs: input.count(),
                    outputs,
                    offset: offset(),
                    activation,
                })
            }
            Layer::Gru { hidden, output } => {
                AnyOperation::Recurrent(Recurrent::new(Cell::Gru, input, hidden, output, offset()))
            }
            Layer::Lstm { hidden, output } => {
                AnyOperation::Recurrent(Recurrent::new(Cell::Lstm, input, hidden, output, offset()))
            }
            Layer::LayerNorm => {
                let activation = layers.get(index + 1).and_then(element_wise);
                index += usize::from(activation.is_some());
                AnyOperation::LayerNorm(LayerNorm {
                    positions: input.height * input.width,
                    channels: input.channels,
                    offset: offset(),
                    activation,
                })
            }
            Layer::Dropout { rate } => AnyOperation::Dropout(Dropout {
                count: input.count(),
                rate,
            }),
            Layer::GlobalAveragePool => AnyOperation::AveragePool(AveragePool {
                positions: input.height * input.width,
                channels: input.channels,
            }),
            Layer::Embedding {
                vocabulary,
                features,
            } => AnyOperation::Embedding(Embedding {
                ids: input.count(),
                vocabulary,
                features,
                offset: offset(),
            }),
            Layer::Residual(ref inner) => AnyOperation::Residual(Residual {
                count: input.count(),
                operations: plan(inner, input, place + 1, tensors),
            }),
            ref other => AnyOperation::ElementWise(ElementWise {
                count: input.count(),
                function: element_wise(other).unwrap_or_default(),
            }),
        };
        operations.push(operation);
        index += 1;
    }
    operations
}

fn element_wise(layer: &Layer) -> Option<Activation> {
    match layer {
        Layer::Relu => Some(Activation::Relu),
        Layer::Tanh => Some(Activation::Tanh),
        Layer::Sigmoid => Some(Activation::Sigmoid),
        _ => None,
    }
}
