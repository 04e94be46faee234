//! The kinds of layers: what they compute, in which order their parameters lie, and which shapes they make.

use serde::{Deserialize, Serialize};

use crate::dropout_rate::DropoutRate;
use crate::error::NetworkError;
use crate::shape::{LIMIT, Shape};

/// The largest number up to which f32 holds every whole number.
const EXACT: usize = 1 << 24;

/// One layer. Each is a function of the previous layer's output.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layer {
    /// Two-dimensional convolution (cross-correlation, as everywhere in the field) with a square kernel and a
    /// bias: out(y, x, o) = bias(o) + Σ weight(ky, kx, i, o) · in(y·stride + ky − padding, x·stride + kx − padding, i),
    /// with zeros outside the input. Parameters: weight `[kernel][kernel][in][out]`, bias `[out]`.
    Conv2d {
        /// Channels of the output.
        out_channels: usize,
        /// Rows and columns of the kernel.
        kernel: usize,
        /// Step between neighbouring outputs.
        stride: usize,
        /// Zeros on every side of the input.
        padding: usize,
    },
    /// Maximum over square windows, for each channel. Windows that would cross the border are left out. Among equal
    /// values, the first in reading order gets the gradient.
    MaxPool2d {
        /// Rows and columns of the window.
        size: usize,
        /// Step between neighbouring windows.
        stride: usize,
    },
    /// max(x, 0), with gradient 0 at 0.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(−x)).
    Sigmoid,
    /// out(o) = bias(o) + Σ in(i) · weight(i, o) over all values of the input, whatever its shape.
    /// Parameters: weight `[in][out]`, bias `[out]`.
    Linear {
        /// Number of outputs.
        outputs: usize,
    },
    /// Gated recurrent unit (Cho et al., 2014) in PyTorch's convention: the reset gate acts after the recurrent
    /// product. The input is a sequence. Its rows are the time steps, and the `width · channels` values of a row are
    /// the features x of that step, so an image is read row by row. From h₀ = 0:
    ///
    /// ```text
    /// r = σ(x·W_xr + h·W_hr + b_r)              reset gate
    /// z = σ(x·W_xz + h·W_hz + b_z)              update gate
    /// n = tanh(x·W_xn + b_xn + r ⊙ (h·W_hn + b_hn))
    /// h ← (1 − z) ⊙ n + z ⊙ h
    /// ```
    ///
    /// Parameters: weight `[features + hidden][3 · hidden]` (first the rows of W_x, then those of W_h; columns in the
    /// order r, z, n), bias `[4 · hidden]` (b_r, b_z, b_xn, b_hn). PyTorch's `weight_ih_l0` and `weight_hh_l0` are the
    /// transposes of W_x and W_h. PyTorch has two biases for r and two for z, but only their sums matter. Here
    /// the sum is the parameter. A step of SGD on PyTorch's two biases moves their sum twice as far.
    Gru {
        /// Length of the state h.
        hidden: usize,
        /// Which states are the output.
        output: SequenceOutput,
    },
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000) in
    /// PyTorch's convention. The input is a sequence as for [`Gru`](Self::Gru). From h₀ = c₀ = 0:
    ///
    /// ```text
    /// i = σ(x·W_xi + h·W_hi + b_i)              input gate
    /// f = σ(x·W_xf + h·W_hf + b_f)              forget gate
    /// g = tanh(x·W_xg + h·W_hg + b_g)
    /// o = σ(x·W_xo + h·W_ho + b_o)              output gate
    /// c ← f ⊙ c + i ⊙ g
    /// h ← o ⊙ tanh(c)
    /// ```
    ///
    /// Parameters: weight `[features + hidden][4 · hidden]` (first the rows of W_x, then those of W_h; columns in the
    /// order i, f, g, o), bias `[4 · hidden]`, each the sum of PyTorch's two biases, as for [`Gru`](Self::Gru).
    Lstm {
        /// Lengths of the state h and of the cell c.
        hidden: usize,
        /// Which states are the output.
        output: SequenceOutput,
    },
    /// Layer normalisation (Ba et al., 2016) over the channels of each position:
    /// out(c) = weight(c) · (in(c) − mean) / √(variance + 10⁻⁵) + bias(c), with the mean and the (biased) variance
    /// over the channels. This is PyTorch's `LayerNorm(channels)` on channels-last data.
    /// Parameters: weight `[channels]`, bias `[channels]`.
    ///
    /// There is no batch normalisation, and this is what takes its place. Batch normalisation evaluates with running
    /// statistics, which belong to the parameters that were trained. But evaluations here look where the optimizer says,
    /// and that is often elsewhere: at the averaged iterates of schedule-free methods, whose statistics nobody has seen.
    /// Nor would an example's output be its own any more, which probes, evaluations in chunks and small batches build on;
    /// here it does not depend on the rest of its batch, bit for bit.
    LayerNorm,
    /// Dropout (Srivastava et al., 2014), inverted: in training passes
    /// ([`Network::forward_training`](crate::Network::forward_training)) each value becomes 0 with probability `rate` and
    /// is otherwise divided by 1 − `rate`, so that its mean stays. Other passes leave the values alone. This is PyTorch's
    /// `Dropout(rate)`, with masks from the generator of the pass.
    Dropout {
        /// Probability of a zero, at least 0 and below 1.
        rate: DropoutRate,
    },
    /// The mean over all positions of each channel.
    GlobalAveragePool,
    /// A learned vector for each value of the input, which must be a whole number from 0 to `vocabulary` − 1:
    /// `channels` become `channels · features`. A sequence of T ids is an input of T × 1 × 1. Any other value gives a
    /// vector of NaN, so the mistake shows in the loss and there is no panic.
    /// Parameters: weight `[vocabulary][features]`. Ids have no gradient.
    Embedding {
        /// Number of vectors; at most 2²⁴, because f32 counts exactly up to there.
        vocabulary: usize,
        /// Length of each.
        features: usize,
    },
    /// out = in + f(in), where f is these layers one after the other (He et al., 2016). They must keep the shape.
    Residual(Vec<Layer>),
}

/// Which states a recurrent layer outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SequenceOutput {
    /// The state after the last time step: 1 × 1 × hidden.
    #[default]
    Last,
    /// The states after all time steps: steps × 1 × hidden.
    All,
}

impl Layer {
    /// The layer's name as it is written in files.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Conv2d { .. } => "conv2d",
            Self::MaxPool2d { .. } => "max-pool2d",
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Linear { .. } => "linear",
            Self::Gru { .. } => "gru",
            Self::Lstm { .. } => "lstm",
            Self::LayerNorm => "layer-norm",
            Self::Dropout { .. } => "dropout",
            Self::GlobalAveragePool => "global-average-pool",
            Self::Embedding { .. } => "embedding",
            Self::Residual(_) => "residual",
        }
    }

    /// Number of layers: this one and those inside it.
    pub(crate) fn count(&self) -> usize {
        match self {
            Self::Residual(layers) => 1 + layers.iter().map(Self::count).sum::<usize>(),
            _ => 1,
        }
    }

    /// Shape of the output for an input of shape `input`; `layer` is its number in error messages. The layers
    /// inside a residual are not checked.
    pub(crate) fn output(&self, layer: usize, input: Shape) -> Result<Shape, NetworkError> {
        let name = self.name();
        let positive = |field, value: usize| match value {
            0 => Err(NetworkError::Zero { layer, name, field }),
            _ => Ok(()),
        };
        let slide = |field, extent: usize, size: usize, stride: usize, padding: usize| {
            let fits = padding
                .checked_mul(2)
                .and_then(|both| both.checked_add(extent))
                .filter(|padded| *padded <= LIMIT);
            let Some(padded) = fits else {
                return Err(NetworkError::TooLarge {
                    layer,
                    name,
                    limit: LIMIT,
                });
            };
            match padded.checked_sub(size) {
                Some(rest) => Ok(rest / stride + 1),
                None => Err(NetworkError::DoesNotFit {
                    layer,
                    name,
                    field,
                    size,
                    input,
                    padding,
                }),
            }
        };
        let output = match *self {
            Self::Conv2d {
                out_channels,
                kernel,
                stride,
                padding,
            } => {
                positive("out_channels", out_channels)?;
                positive("kernel", kernel)?;
                positive("stride", stride)?;
                Shape {
                    height: slide("kernel", input.height, kernel, stride, padding)?,
                    width: slide("kernel", input.width, kernel, stride, padding)?,
                    channels: out_channels,
                }
            }
            Self::MaxPool2d { size, stride } => {
                positive("size", size)?;
                positive("stride", stride)?;
                Shape {
                    height: slide("size", input.height, size, stride, 0)?,
                    width: slide("size", input.width, size, stride, 0)?,
                    channels: input.channels,
                }
            }
            Self::Relu | Self::Tanh | Self::Sigmoid => input,
            Self::Linear { outputs } => {
                positive("outputs", outputs)?;
                Shape::flat(outputs)
            }
            Self::Gru { hidden, output } | Self::Lstm { hidden, output } => {
                positive("hidden", hidden)?;
                let all = Shape {
                    height: input.height,
                    width: 1,
                    channels: hidden,
                };
                // The states of all steps are kept, whichever are the output.
                all.checked_count().ok_or(NetworkError::TooLarge {
                    layer,
                    name,
                    limit: LIMIT,
                })?;
                match output {
                    SequenceOutput::Last => Shape::flat(hidden),
                    SequenceOutput::All => all,
                }
            }
            Self::LayerNorm | Self::Dropout { .. } | Self::Residual(_) => input,
            Self::GlobalAveragePool => Shape::flat(input.channels),
            Self::Embedding {
                vocabulary,
                features,
            } => {
                positive("vocabulary", vocabulary)?;
                positive("features", features)?;
                if vocabulary > EXACT {
                    return Err(NetworkError::TooLarge {
                        layer,
                        name,
                        limit: EXACT,
                    });
                }
                let channels = input.channels.checked_mul(features);
                Shape {
                    channels: channels.unwrap_or(usize::MAX),
                    ..input
                }
            }
        };
        let too_large = NetworkError::TooLarge {
            layer,
            name,
            limit: LIMIT,
        };
        output.checked_count().ok_or(too_large.clone())?;
        if let Self::Conv2d { padding, .. } = *self {
            let padded = Shape {
                height: input.height + 2 * padding,
                width: input.width + 2 * padding,
                channels: input.channels,
            };
            padded.checked_count().ok_or(too_large)?;
        }
        Ok(output)
    }

    /// Numbers of weights and of biases, or `None` above the limit.
    pub(crate) fn parameter_counts(&self, input: Shape) -> Option<(usize, usize)> {
        let (fan_in, outputs) = match *self {
            Self::Conv2d {
                out_channels,
                kernel,
                ..
            } => (
                kernel.checked_mul(kernel)?.checked_mul(input.channels)?,
                out_channels,
            ),
            Self::Linear { outputs } => (input.count(), outputs),
            Self::Gru { hidden, .. } | Self::Lstm { hidden, .. } => {
                let gates = if matches!(self, Self::Gru { .. }) {
                    3
                } else {
                    4
                };
                let rows = (input.width * input.channels).checked_add(hidden)?;
                let columns = hidden.checked_mul(gates)?;
                let (weights, biases) = (rows.checked_mul(columns)?, hidden.checked_mul(4)?);
                return (weights <= LIMIT && biases <= LIMIT).then_some((weights, biases));
            }
            Self::LayerNorm => return Some((input.channels, input.channels)),
            Self::Embedding {
                vocabulary,
                features,
            } => {
                let weights = vocabulary.checked_mul(features)?;
                return (weights <= LIMIT).then_some((weights, 0));
            }
            _ => return Some((0, 0)),
        };
        let weights = fan_in.checked_mul(outputs)?;
        (weights <= LIMIT && outputs <= LIMIT).then_some((weights, outputs))
    }
}
