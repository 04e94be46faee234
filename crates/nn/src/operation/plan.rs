//! From layers to operations: a convolution takes the ReLU and the max-pool behind it into itself, a linear
//! layer the function behind it.

use super::Operation;
use super::convolution::{Convolution, Sliding};
use super::element_wise::ElementWise;
use super::linear::Linear;
use super::max_pool::MaxPool;
use crate::{Activation, Layer, ParameterTensor, Shape};

/// Sorts checked layers into operations. `shapes` are the input's and every layer's output's.
pub(crate) fn plan(
    layers: &[Layer],
    shapes: &[Shape],
    tensors: &[ParameterTensor],
) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut index = 0;
    while index < layers.len() {
        let first = index;
        let input = shapes[index];
        let offset = || {
            let own = tensors.iter().find(|tensor| tensor.layer == first);
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
                                shapes[index + 1],
                                shapes[index + 2],
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
                let convolved = shapes[first + 1];
                Operation::Convolution(Box::new(Convolution::new(
                    input,
                    convolved,
                    sliding,
                    offset(),
                    relu,
                    pool,
                )))
            }
            Layer::MaxPool2d { size, stride } => {
                Operation::MaxPool(MaxPool::new(input, shapes[index + 1], size, stride))
            }
            Layer::Linear { outputs } => {
                let activation = layers.get(index + 1).and_then(element_wise);
                index += usize::from(activation.is_some());
                Operation::Linear(Linear {
                    inputs: input.count(),
                    outputs,
                    offset: offset(),
                    activation,
                })
            }
            ref other => Operation::ElementWise(ElementWise {
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
