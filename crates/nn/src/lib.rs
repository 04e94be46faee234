//! Small neural networks, trained as fast as one core allows.
//!
//! A [`NetworkSpecification`] lists layers. A [`Network`] checks and plans it once and does not change after that.
//! Parameters are one flat vector that the caller owns. Activations live in a [`Workspace`] that is allocated once. A
//! training step (forward, [`loss`], backward) allocates nothing.
//!
//! **Speed.** There are kernels for AVX-512, for AVX2 and for any machine. The program chooses among them when it runs
//! ([`InstructionSet`]). Convolution, bias, ReLU and max-pooling are one pass. Convolutions use Toom and Cook's
//! transform along their rows, or with many channels along rows and columns in all passes. Backward passes skip the outputs that pooling and ReLU leave without a gradient. First
//! layers skip the pixels that are zero. Nothing is approximated: results differ from the plain sums by rounding alone.
//!
//! **Determinism.** A network computes in one thread and always in the same order. The same instruction set gives the
//! same bits, in any batch, workspace or thread. Two instruction sets differ by rounding. To compare runs of different
//! machines bit by bit, fix the set with [`Network::with_instruction_set`]. The loss uses the C library's exp and ln.
//!
//! ```
//! use descender_nn::{Network, NetworkSpecification, Workspace, loss};
//! use descender_random::{Purpose, stream};
//!
//! let network = Network::new(NetworkSpecification::paper())?;
//! assert_eq!(network.parameter_count(), 28_938);
//! let mut parameters = vec![0.0; network.parameter_count()];
//! network.initialize(&mut stream(1, Purpose::new(200, "initial weights"), 0), &mut parameters);
//!
//! let (batch, images, labels) = (2, vec![0.5; 2 * 784], [3, 7]);
//! let mut workspace = Workspace::new(&network, batch);
//! let mut logit_gradient = vec![0.0; batch * network.output_count()];
//! let mut gradient = vec![0.0; network.parameter_count()];
//!
//! let logits = network.forward(&mut workspace, &parameters, &images, batch);
//! let loss = loss::softmax_cross_entropy(logits, &labels, 10, &mut logit_gradient);
//! network.backward(&mut workspace, &parameters, &images, &logit_gradient, &mut gradient);
//! assert!(loss > 0.0 && gradient.iter().any(|g| *g != 0.0));
//! # Ok::<(), descender_nn::NetworkError>(())
//! ```

mod activation;
mod buffer;
mod dropout_rate;
mod error;
mod kernel;
mod layer;
pub mod loss;
mod network;
mod operation;
mod parameters;
mod passes;
mod placed_layer;
mod shape;
mod specification;
mod workspace;

pub use activation::Activation;
pub use dropout_rate::DropoutRate;
pub use error::NetworkError;
pub use kernel::InstructionSet;
pub use layer::{Layer, SequenceOutput};
pub use network::Network;
pub use parameters::{ParameterKind, ParameterTensor};
pub use shape::Shape;
pub use specification::NetworkSpecification;
pub use workspace::Workspace;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
