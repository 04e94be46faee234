//! The trait of a descent: one training run, steered step by step from outside.

use descender_optim::{Feedback, HyperParameters};
use serde::{Deserialize, Serialize};

use crate::start::StartPoint;
use crate::state_error::StateError;

/// How good a network is on data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Mean loss of an example.
    pub loss: f32,
    /// Share of examples (of their positions, where each has a class of its own) whose class has the largest output, in
    /// [0, 1]; NaN where the problem's [metrics](crate::Problem::metrics) have no accuracy.
    pub accuracy: f32,
    /// How well numbers are predicted; `None` where none are.
    pub fit: Option<Fit>,
}

/// How well numbers are predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// [`Metric::RootMeanSquareError`](crate::Metric::RootMeanSquareError).
    pub root_mean_square_error: f32,
    /// [`Metric::RSquared`](crate::Metric::RSquared); NaN where all numbers are equal.
    pub r_squared: f32,
}

impl Evaluation {
    /// An evaluation that has a loss alone.
    #[must_use]
    pub const fn of_loss(loss: f32) -> Self {
        Evaluation {
            loss,
            accuracy: f32::NAN,
            fit: None,
        }
    }

    /// The worst possible values, for a descent that diverged.
    #[must_use]
    pub const fn worst() -> Self {
        Evaluation {
            loss: f32::INFINITY,
            accuracy: 0.0,
            fit: Some(Fit {
                root_mean_square_error: f32::INFINITY,
                r_squared: f32::NEG_INFINITY,
            }),
        }
    }
}

/// The parts of a problem's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// What is learned.
    Training,
    /// What rewards and the choice of controllers look at: neither learned nor reported.
    Selection,
    /// What is reported.
    Validation,
}

impl Split {
    /// The name in words: training, selection or validation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Split::Training => "training",
            Split::Selection => "selection",
            Split::Validation => "validation",
        }
    }
}

/// What a descent can do beside stepping and being evaluated on validation data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// It can be [saved](Descent::save) and restored: needed for checkpoints in the middle of an episode and for the
    /// safety net.
    pub save: bool,
    /// It tells the losses of a [probe](Descent::probe).
    pub probe: bool,
    /// It has selection data.
    pub selection: bool,
}

/// One training run whose hyper-parameters come from outside, step by step.
///
/// The same start and the same sequence of μ give the same bits, whatever ran before and whatever runs beside. What a
/// descent can't do it says by its [`capabilities`](Descent::capabilities): whoever needs one of them asks first and
/// refuses, so nothing takes the place of what is missing. [`Problem`](crate::Problem) has a complete example.
pub trait Descent: Send {
    /// Begins anew from a start point: initial parameters, batch order, an optimizer without memory, step 0.
    fn reset(&mut self, start: StartPoint);

    /// Number of parameters of the network.
    fn parameter_count(&self) -> usize;

    /// Number of parameter groups, each of which can have a μ of its own; at least 1.
    fn group_count(&self) -> usize {
        1
    }

    /// Examples in each batch; `None`, the default, where batches have no fixed size.
    fn batch_size(&self) -> Option<usize> {
        None
    }

    /// The loss at chance: that of a network whose outputs say nothing about the inputs, near which a descent stays
    /// for good if its network died. ln(classes) for a softmax cross-entropy; infinity, the default, where there is no
    /// such loss.
    fn chance_loss(&self) -> f32 {
        f32::INFINITY
    }

    /// What it can do. Default: nothing but what it must.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// Takes the next batch, updates the parameters once, and reports.
    ///
    /// `mu` is never empty. Group i is updated with h(μ) of entry i, or of the last entry where there are fewer: one
    /// entry steers all groups alike. The loss is that of the batch before the update. A descent that has diverged
    /// reports losses that aren't finite until it is reset; no μ makes it panic.
    fn step(&mut self, mu: &[HyperParameters]) -> Feedback;

    /// How good the network is on a part of the data, at the average of the iterates where the optimizer keeps one for
    /// that purpose ([`Optimizer::evaluation_parameters`](descender_optim::Optimizer::evaluation_parameters)). Doesn't
    /// change the descent. `None` if there are no such data; there are always validation data.
    fn evaluate(&mut self, split: Split) -> Option<Evaluation>;

    /// Writes the present loss of each of `examples` fixed examples of a part of the data (all, if there are fewer; the
    /// same ones for every start point) into `losses`, whatever it held, where [`evaluate`](Descent::evaluate) looks.
    /// Doesn't change the descent. Whether there is such a probe; if not, `losses` is empty.
    #[must_use]
    fn probe(&mut self, split: Split, examples: usize, losses: &mut Vec<f32>) -> bool {
        let _ = (split, examples);
        losses.clear();
        false
    }

    /// Everything that an exact continuation needs; `None` if it can't be saved.
    fn save(&self) -> Option<Vec<u8>> {
        None
    }

    /// Continues with the same bits where `state` was saved, by a descent of the same kind.
    ///
    /// # Errors
    /// If the state can't be read or was saved by another kind of descent, or such descents can't be saved; the descent
    /// is then as it was.
    fn restore(&mut self, state: &[u8]) -> Result<(), StateError> {
        let _ = state;
        Err(StateError::Unsupported {
            what: "this problem".to_owned(),
        })
    }
}
