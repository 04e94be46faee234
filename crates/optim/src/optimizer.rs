//! An optimizer at work: the moments of a descent, and the step that updates its parameters.

use serde::{Deserialize, Serialize};

use crate::algorithm::Now;
use crate::optimizers::{AnyState, Method};
use crate::{HyperParameters, OptimizerError, StepStatistics};

/// The state of a [`Method`] over a flat vector of parameters: P, Q and what the method needs beyond them.
///
/// Every step reads all of μ, so a controller may change any of the nine hyper-parameters at any step:
///
/// ```text
/// P ← a1·P + a2·(g ⊙ g) + a3
/// Q ← b1·Q + b2·g + b3
/// θ ← θ − η / (sqrt(P) + ε) · Q
/// ```
///
/// P and Q start at 0. ε is 0 unless the method puts it outside the root. Where the denominator is exactly 0 (no
/// gradient yet), θ does not move.
///
/// Memory and time are spent only on what μ uses. While a1 = a2 = 0, P is the same number a3 everywhere and is kept as
/// that number. While b1 = 0, Q needs no memory. A method that begins with b1 = 0 (SGD, Adagrad, RMSprop) keeps Q from the
/// first step with another b1 on, and takes it to be 0 before that step. [`crate::Family`] and the methods that begin with
/// b1 > 0 always keep Q. The first step that keeps a moment allocates it. No other step allocates.
///
/// The methods that set their own step size or average their iterates (schedule-free, Prodigy, D-Adaptation, DoG and
/// hypergradient descent) keep more than P and Q. Some take a pass for sums over all parameters before the pass that
/// updates. Where a method averages, the network is evaluated at the average:
/// [`Optimizer::evaluation_parameters`].
///
/// The state serializes to any format, binary formats included. A restored optimizer continues with the same bits.
///
/// ```
/// use descender_optim::{Method, Optimizer};
///
/// let method = Method::Sgd;
/// let mut optimizer = Optimizer::new(method, 2)?;
/// let mut parameters = [1.0, -1.0];
/// let statistics = optimizer.step(&method.hyper_parameters(0.5), &mut parameters, &[1.0, 0.0]);
/// assert_eq!(parameters, [0.5, -1.0]);
/// assert_eq!(statistics.parameters_decreased, 1);
/// # Ok::<(), descender_optim::OptimizerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Optimizer {
    parameter_count: usize,
    steps: u64,
    /// Sum of the weights of all squared gradients in P: 1 − β₂^t for Adam.
    second_weight: f64,
    /// Sum of the weights of all gradients in Q: 1 − β₁^t for Adam.
    first_weight: f64,
    state: AnyState,
}

/// An optimizer as it is read, before its lengths are checked.
#[derive(Deserialize)]
struct Stored {
    parameter_count: usize,
    steps: u64,
    second_weight: f64,
    first_weight: f64,
    state: AnyState,
}

impl TryFrom<Stored> for Optimizer {
    type Error = OptimizerError;

    fn try_from(stored: Stored) -> Result<Self, OptimizerError> {
        let parameters = stored.parameter_count;
        if let Some(moment) = stored.state.get().misfit(parameters) {
            return Err(OptimizerError::StoredMoment { parameters, moment });
        }
        Ok(Optimizer {
            parameter_count: stored.parameter_count,
            steps: stored.steps,
            second_weight: stored.second_weight,
            first_weight: stored.first_weight,
            state: stored.state,
        })
    }
}

impl Optimizer {
    /// An optimizer of `parameter_count` parameters before its first step.
    ///
    /// # Errors
    /// A setting of the method that [`Method::check`] refuses.
    pub fn new(method: Method, parameter_count: usize) -> Result<Optimizer, OptimizerError> {
        method.check()?;
        Ok(Optimizer {
            parameter_count,
            steps: 0,
            second_weight: 0.0,
            first_weight: 0.0,
            state: method.start(),
        })
    }

    /// Number of parameters that a step updates.
    pub fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// Number of steps since the start or the last [`Optimizer::reset`].
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes back to the state after [`Optimizer::new`]. Memory stays allocated.
    pub fn reset(&mut self) {
        self.steps = 0;
        self.second_weight = 0.0;
        self.first_weight = 0.0;
        self.state.get_mut().reset();
    }

    /// Whether the network is to be evaluated with other parameters than those that the steps update.
    pub fn evaluates_elsewhere(&self) -> bool {
        self.state.get().average().is_some()
    }

    /// The parameters that the network is to be evaluated with.
    ///
    /// For most methods they are `parameters`, which the steps update. For schedule-free methods and DoG they are an
    /// average of them.
    ///
    /// Before the first step they are `parameters` for every method.
    pub fn evaluation_parameters<'a>(&'a self, parameters: &'a [f32]) -> &'a [f32] {
        self.state
            .get()
            .average()
            .filter(|average| average.len() == parameters.len())
            .unwrap_or(parameters)
    }

    /// Updates the parameters by one step of the method under μ, and reports its statistics.
    ///
    /// It takes one pass over the parameters, and two for the methods that need sums over all parameters first. A gradient
    /// that is not finite makes parameters and statistics that are not finite. It never makes a panic.
    ///
    /// # Panics
    /// If `parameters` or `gradient` do not have [`Optimizer::parameter_count`] entries.
    pub fn step(
        &mut self,
        mu: &HyperParameters,
        parameters: &mut [f32],
        gradient: &[f32],
    ) -> StepStatistics {
        assert_eq!(
            parameters.len(),
            self.parameter_count,
            "number of parameters"
        );
        assert_eq!(
            gradient.len(),
            self.parameter_count,
            "number of gradient entries"
        );
        self.steps += 1;
        self.second_weight = f64::from(mu.a1) * self.second_weight + f64::from(mu.a2);
        self.first_weight = f64::from(mu.b1) * self.first_weight + f64::from(mu.b2);
        let now = Now {
            mu,
            step: self.steps,
            first_weight: self.first_weight,
            second_weight: self.second_weight,
        };
        self.state.get_mut().step(&now, parameters, gradient)
    }
}
