//! A training step allocates nothing: counted by the allocator.

#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use descender_nn::{
    Activation, InstructionSet, Layer, Network, NetworkSpecification, SequenceOutput, Shape,
    Workspace, loss,
};
use descender_random::{Purpose, stream};

/// Passes everything on to the system, and counts what the current thread asks for.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // Ignored while the thread is being torn down.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_step_allocates_nothing() {
    let odd = NetworkSpecification {
        input: Shape {
            height: 12,
            width: 13,
            channels: 3,
        },
        layers: vec![
            Layer::Conv2d {
                out_channels: 5,
                kernel: 3,
                stride: 2,
                padding: 1,
            },
            Layer::Tanh,
            Layer::MaxPool2d { size: 3, stride: 2 },
            Layer::Sigmoid,
            Layer::Linear { outputs: 4 },
        ],
    };
    let perceptron = NetworkSpecification::multi_layer_perceptron(18, &[50], 3, Activation::Relu);
    let all = SequenceOutput::All;
    let words = NetworkSpecification {
        input: Shape {
            height: 6,
            width: 1,
            channels: 1,
        },
        layers: vec![
            Layer::Embedding {
                vocabulary: 3,
                features: 5,
            },
            Layer::Gru {
                hidden: 17,
                output: all,
            },
            Layer::Residual(vec![
                Layer::LayerNorm,
                Layer::Lstm {
                    hidden: 17,
                    output: all,
                },
            ]),
            Layer::GlobalAveragePool,
            Layer::Linear { outputs: 4 },
        ],
    };
    for specification in [NetworkSpecification::paper(), odd, perceptron, words] {
        for set in InstructionSet::available() {
            let network = Network::with_instruction_set(specification.clone(), set).unwrap();
            let (batch, classes) = (8, network.output_count());
            let mut parameters = vec![0.0; network.parameter_count()];
            network.initialize(
                &mut stream(1, Purpose::new(1, "training start"), 0),
                &mut parameters,
            );
            let mut inputs = vec![0.0; batch * network.input_count()];
            // Half of the examples are mostly zeros, the others are not.
            let half = inputs.len() / 2;
            inputs[..half].fill(0.5);
            let labels = vec![1; batch];
            let mut losses = vec![0.0; batch];
            let mut logit_gradient = vec![0.0; batch * classes];
            let mut gradient = vec![0.0; parameters.len()];
            let mut workspace = Workspace::new(&network, batch);

            let before = ALLOCATIONS.get();
            for _ in 0..2 {
                let logits = network.forward(&mut workspace, &parameters, &inputs, batch);
                loss::cross_entropy_per_example(logits, &labels, classes, &mut losses);
                loss::softmax_cross_entropy(logits, &labels, classes, &mut logit_gradient);
                network.backward(
                    &mut workspace,
                    &parameters,
                    &inputs,
                    &logit_gradient,
                    &mut gradient,
                );
            }
            assert_eq!(ALLOCATIONS.get(), before, "{set}");
            let boxed = Box::new(set);
            assert_eq!(ALLOCATIONS.get(), before + 1, "the counter counts");
            drop(boxed);
        }
    }
}
