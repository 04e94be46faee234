//! The trait of a reward: what an agent is paid for steering a descent.
//!
//! Every reward sees the same things: the batch loss of every step (taken before that step's update, so that an action
//! shows in the loss one step later), and what it [needs](RewardNeeds) beside: the losses of a probe at each decision,
//! the loss on the selection data after the last step. All that is paid between two decisions adds up.
//!
//! An episode that ends badly earns a fixed reward at that step, in place of the step's own ([`Ending`]).
//!
//! In each episode an environment calls
//!
//! ```text
//! reset(shape)
//! step(loss)                        the first update; what it earns does not count
//! begin(probe)
//! for each decision:
//!     step(loss)                    for each of its k steps
//!     decide(k, probe)
//! finish(loss on selection data)    after the last step of a whole descent
//! ```

use std::fmt::Debug;

use descender_task::StateError;

use crate::Ending;

/// What a reward is told of the episodes that it pays.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpisodeShape {
    /// The batch loss that is to be reached, above 0.
    pub threshold: f32,
    /// Steps of a whole episode.
    pub steps: u64,
    /// Examples in a batch, where the descent tells ([`Descent::batch_size`](descender_task::Descent::batch_size)).
    pub batch_size: Option<usize>,
}

impl EpisodeShape {
    /// Episodes of at most `steps` steps that are to reach a batch loss of `threshold`, with batches of unknown size.
    #[must_use]
    pub fn new(threshold: f32, steps: u64) -> Self {
        Self {
            threshold,
            steps,
            batch_size: None,
        }
    }
}

/// Which examples the probe of a reward is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProbeExamples {
    /// There is no probe.
    #[default]
    None,
    /// Training examples ([`Descent::probe`](descender_task::Descent::probe)).
    Training,
    /// Examples of the selection data, which are not trained on.
    Selection,
}

/// What a reward needs beside the batch losses. Default: nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RewardNeeds {
    /// The examples whose losses [`Reward::begin`] and [`Reward::decide`] get.
    pub probe: ProbeExamples,
    /// Whether [`Reward::finish`] is called, with the loss on the selection data.
    pub final_loss: bool,
}

/// What one step of the descent earned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReward {
    /// The reward.
    pub value: f64,
    /// The reward asks for the episode to end here: its goal is reached.
    pub ends: bool,
}

impl StepReward {
    /// No reward, and the episode goes on.
    pub const NOTHING: Self = Self {
        value: 0.0,
        ends: false,
    };
}

/// What the steps of a decision earned as a whole, beside the rewards of each of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecisionReward {
    /// The reward.
    pub value: f64,
    /// Probability that the episode goes on, as far as the reward is concerned, in [0, 1].
    pub continuation: f64,
    /// The reward asks for the episode to end here: what comes after hardly counts.
    pub ends: bool,
}

impl DecisionReward {
    /// No reward, and the episode goes on.
    pub const NOTHING: Self = Self {
        value: 0.0,
        continuation: 1.0,
        ends: false,
    };
}

/// A reward: its settings, and its memory within an episode.
///
/// A value is a prototype. Each environment works with a [clone](Reward::boxed_clone) of its own. The same calls must
/// give the same bits.
///
/// A reward that pays for every step whose loss is below that of the step before:
///
/// ```
/// use descender_control::Action;
/// use descender_env::{
///     Ending, Environment, EnvironmentSettings, EpisodeShape, Reward, RewardSettings, StepReward,
/// };
/// use descender_optim::Method;
/// use descender_task::{NetworkDescent, StartPoint, StateError, Task};
///
/// #[derive(Clone, Debug)]
/// struct Downhill {
///     pay: f64,
///     before: f32,
/// }
///
/// impl Reward for Downhill {
///     fn name(&self) -> &str {
///         "downhill"
///     }
///
///     fn ending(&self) -> Ending {
///         Ending { out_of_bounds: -10.0, divergence: -10.0 }
///     }
///
///     fn reset(&mut self, _shape: &EpisodeShape) {
///         self.before = f32::INFINITY;
///     }
///
///     fn step(&mut self, loss: f32) -> StepReward {
///         let value = if loss < self.before { self.pay } else { 0.0 };
///         self.before = loss;
///         StepReward { value, ends: false }
///     }
///
///     fn save(&self) -> Vec<u8> {
///         self.before.to_le_bytes().to_vec()
///     }
///
///     fn restore(&mut self, memory: &[u8]) -> Result<(), StateError> {
///         let bytes = memory
///             .try_into()
///             .map_err(|_| StateError::unreadable("the reward `downhill`", "expected 4 bytes"))?;
///         self.before = f32::from_le_bytes(bytes);
///         Ok(())
///     }
///
///     fn boxed_clone(&self) -> Box<dyn Reward> {
///         Box::new(self.clone())
///     }
/// }
///
/// let settings = EnvironmentSettings {
///     steps: 20,
///     reward: RewardSettings::own(Downhill { pay: 1.0, before: 0.0 }),
///     ..EnvironmentSettings::default()
/// };
/// let descent = NetworkDescent::new(std::sync::Arc::new(Task::small()), Method::Sgd)?;
/// let mut environment = Environment::new(Box::new(descent), Method::Sgd, settings)?;
/// environment.reset(StartPoint::default());
/// while environment.is_running() {
///     environment.step(&Action::Discrete(1));
/// }
/// let score = environment.summary().score;
/// assert!(score > 0.0 && score <= 19.0 && score.fract() == 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Reward: Send + Sync + Debug {
    /// The name, which a saved state holds.
    fn name(&self) -> &str;

    /// What the bad ends of an episode earn. Both numbers lie between −10⁶ and 0.
    fn ending(&self) -> Ending;

    /// What the reward needs beside the batch losses. Always the same.
    fn needs(&self) -> RewardNeeds {
        RewardNeeds::default()
    }

    /// The least that a step of living on can earn; `None` if there is no such least.
    fn worst_step(&self) -> Option<f64> {
        None
    }

    /// Forgets everything, and begins an episode of this shape. Called once before any other call but
    /// [`boxed_clone`](Reward::boxed_clone) and the four above.
    fn reset(&mut self, shape: &EpisodeShape);

    /// Takes in the batch loss of one more step, a finite number.
    fn step(&mut self, loss: f32) -> StepReward;

    /// After the first step of an episode, which earns nothing: what the first decision will be measured against.
    ///
    /// `probe` holds the loss of each example of the probe; it is empty if there is none. The losses can be infinite
    /// or NaN.
    fn begin(&mut self, probe: &[f32]) {
        let _ = probe;
    }

    /// After the `steps` steps that followed a decision, with the probe as in [`begin`](Reward::begin).
    fn decide(&mut self, steps: u64, probe: &[f32]) -> DecisionReward {
        let _ = (steps, probe);
        DecisionReward::NOTHING
    }

    /// After the last step of a whole descent, with the mean loss on the selection data, if the reward
    /// [needs](RewardNeeds::final_loss) it. The loss can be infinite or NaN.
    fn finish(&mut self, loss: f32) -> f64 {
        let _ = loss;
        0.0
    }

    /// The expected first step at or below the threshold, in the episode so far (its number of steps, if none is
    /// expected); `None` if the reward does not know it.
    fn expected_hit(&self) -> Option<f64> {
        None
    }

    /// The memory, complete for an exact continuation.
    fn save(&self) -> Vec<u8>;

    /// Continues with a memory that was saved by a reward with the same settings, in an episode of the same shape.
    ///
    /// # Errors
    /// If the bytes are no memory of this reward. The reward may then be in any state.
    fn restore(&mut self, memory: &[u8]) -> Result<(), StateError>;

    /// A copy, with its memory.
    fn boxed_clone(&self) -> Box<dyn Reward>;
}
