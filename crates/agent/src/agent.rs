//! The trait that every agent has, whatever and however it learns.
//!
//! Training talks to an agent in rounds. In each round every environment asks for an action ([`Agent::act`]), all
//! environments step side by side, their transitions are told in the order of the environments
//! ([`Agent::observe`]), and the agent may learn ([`Agent::learn`]):
//!
//! ```text
//! for each round:
//!     for e in environments where an episode begins: begin(e, number of the episode)
//!     set_progress(fraction of the training that is done)
//!     for e in environments: a[e] = act(e, x[e])
//!     step all environments with a
//!     for e in environments: observe(e, (x[e], a[e], r[e], x'[e], terminated, truncated))
//!     learn()
//! after the last episode: set_progress(1), learn()
//! ```
//!
//! An agent may have to remember something between `act` and `observe`: a recurrent state, or the probability of the
//! action that was taken. It keeps this for each environment, and forgets it when an episode of that environment ends.
//! An agent that learns from replay does a few updates in each round. One that learns on-policy returns `None` until
//! its rollout is full. Actions are discrete or continuous, as the agent's action space says.

use descender_control::{Action, Policy};
use serde::{Deserialize, Serialize};

use crate::AgentStateError;

/// One step of an environment, as an agent is told of it. Borrowed: the agent copies what it keeps.
#[derive(Clone, Copy, Debug)]
pub struct Transition<'a> {
    /// What the agent saw when it chose the action.
    pub observation: &'a [f32],
    /// The action taken.
    pub action: &'a Action,
    /// The reward for it.
    pub reward: f32,
    /// What there is to see afterwards; the last observation of the episode if that ended here, never the first
    /// of the next one.
    pub next_observation: &'a [f32],
    /// The episode ended because of what happened: nothing comes after, so nothing is bootstrapped.
    pub terminated: bool,
    /// The episode was cut off because time was up: the return goes on, and is bootstrapped from
    /// `next_observation`. Where `terminated` is set too, the episode counts as terminated.
    pub truncated: bool,
    /// A factor beside the agent's discount for all that comes after this step, in [0, 1]: the probability that the
    /// return goes on, where an environment knows it. 1 in an ordinary environment; `terminated` counts as 0.
    pub continuation: f32,
}

impl Transition<'_> {
    /// Whether an agent can learn from it: all numbers are finite, and the continuation is a probability. Nothing is asked of
    /// what is seen after a termination.
    pub(crate) fn is_usable(&self) -> bool {
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        self.reward.is_finite()
            && (0.0..=1.0).contains(&self.continuation)
            && finite(self.observation)
            && (self.terminated || finite(self.next_observation))
    }
}

/// What one call of [`Agent::learn`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LearnReport {
    /// Updates of the network in this call.
    pub updates: u64,
    /// Mean loss over these updates; NaN if all of them were skipped.
    pub loss: f32,
    /// Mean value, over these updates, that the network gave to the sampled observations and actions (for an
    /// agent without action values: its mean state value); NaN if all updates were skipped.
    pub mean_q: f32,
    /// How much the agent explores at the moment: ε, the scale of its noise, or its temperature.
    pub exploration: f64,
    /// Updates left out in this call, because their loss or gradient wasn't finite.
    pub skipped_updates: u64,
    /// Transitions refused since the agent was built, because an observation or a reward wasn't finite.
    pub rejected_transitions: u64,
}

/// Something that learns to act from rewards, serving several environments side by side.
///
/// `environment` is an index below the number of environments that the agent was built for. Results depend on the
/// seed, the settings and the calls alone.
///
/// A bandit: it looks at no observation, tries the actions in turn at first, and then takes the one with the best mean
/// reward.
///
/// ```
/// use descender_agent::{Agent, AgentStateError, LearnReport, Transition};
/// use descender_control::{Action, Policy};
/// use descender_nn::{Activation, NetworkSpecification};
///
/// struct Bandit {
///     observation_len: usize,
///     turns: usize,
///     /// For each action, how often it was taken and what it earned.
///     arms: Vec<(u32, f32)>,
/// }
///
/// impl Bandit {
///     fn means(&self) -> Vec<f32> {
///         self.arms.iter().map(|&(count, sum)| sum / count.max(1) as f32).collect()
///     }
/// }
///
/// impl Agent for Bandit {
///     fn act(&mut self, _environment: usize, observation: &[f32]) -> Action {
///         self.turns += 1;
///         if self.turns <= 10 * self.arms.len() {
///             Action::Discrete(self.turns % self.arms.len())
///         } else {
///             self.policy().act(observation)
///         }
///     }
///
///     fn observe(&mut self, _environment: usize, transition: Transition<'_>) {
///         if let Action::Discrete(action) = *transition.action
///             && transition.reward.is_finite()
///         {
///             self.arms[action].0 += 1;
///             self.arms[action].1 += transition.reward;
///         }
///     }
///
///     fn learn(&mut self) -> Option<LearnReport> {
///         None // it has learned already, from each transition
///     }
///
///     /// A linear network: its weights are 0, its biases the mean rewards.
///     fn policy(&self) -> Policy {
///         let network = NetworkSpecification::multi_layer_perceptron(
///             self.observation_len,
///             &[],
///             self.arms.len(),
///             Activation::Tanh,
///         );
///         let mut parameters = vec![0.0; self.observation_len * self.arms.len()];
///         parameters.extend(self.means());
///         Policy::new(network, parameters).expect("weights and biases of one layer")
///     }
///
///     fn set_progress(&mut self, _fraction: f64) {}
///
///     fn save(&self) -> Vec<u8> {
///         postcard::to_stdvec(&(self.turns, &self.arms)).expect("plain numbers")
///     }
///
///     fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
///         let unreadable = |reason| AgentStateError::Unreadable { agent: "bandit", reason };
///         let (turns, arms): (usize, Vec<(u32, f32)>) =
///             postcard::from_bytes(state).map_err(|error| unreadable(error.to_string()))?;
///         if arms.len() != self.arms.len() {
///             return Err(unreadable(format!("{} actions", arms.len())));
///         }
///         (self.turns, self.arms) = (turns, arms);
///         Ok(())
///     }
/// }
///
/// let mut bandit = Bandit { observation_len: 2, turns: 0, arms: vec![(0, 0.0); 3] };
/// let seen = [0.5, 0.5];
/// for _ in 0..100 {
///     let action = bandit.act(0, &seen);
///     bandit.observe(0, Transition {
///         observation: &seen,
///         reward: if action == Action::Discrete(2) { 1.0 } else { -1.0 },
///         action: &action,
///         next_observation: &seen,
///         terminated: false,
///         truncated: false,
///         continuation: 1.0,
///     });
/// }
/// assert_eq!(bandit.policy().act(&seen), Action::Discrete(2));
/// ```
pub trait Agent: Send {
    /// Which of the training starts `episode` uses, where these are random: one of its own, unless the agent wants to
    /// compare episodes from the same start. It is asked once, right before the episode begins ([`Agent::begin`]): the
    /// answer may depend on what has happened until then.
    fn start_of(&self, episode: u64) -> u64 {
        episode
    }

    /// Tells that `episode` begins in `environment`, for agents that act by another policy in each episode.
    /// Episodes are numbered from 0 in the order in which they begin.
    fn begin(&mut self, environment: usize, episode: u64) {
        let _ = (environment, episode);
    }

    /// The action to take on `observation` in `environment`, explored as the agent sees fit.
    ///
    /// # Panics
    /// If the index or the length of the observation isn't what the agent was built for.
    fn act(&mut self, environment: usize, observation: &[f32]) -> Action;

    /// Takes in one transition of `environment`.
    ///
    /// Numbers that aren't finite never reach the agent's memory: such a transition is left out and counted in
    /// [`LearnReport::rejected_transitions`], and the return of the steps before it is closed as by a truncation.
    /// The `next_observation` of a terminated transition is not looked at.
    ///
    /// # Panics
    /// If the index, a length or the kind of action isn't what the agent was built for.
    fn observe(&mut self, environment: usize, transition: Transition<'_>);

    /// Learns, as much as the settings say for the transitions told since the last call. `None` if it was not the
    /// time to learn.
    fn learn(&mut self) -> Option<LearnReport>;

    /// Numbers of this kind of agent at the moment that are worth watching, with their names; none by default.
    fn figures(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    /// The policy as it stands: frozen, and without exploration.
    fn policy(&self) -> Policy;

    /// Tells how much of the training is done, from 0 to 1, for all that changes over a training (exploration).
    /// Values outside are taken as the nearest end, NaN as 0. 1 comes when all episodes have ended; a last call of
    /// [`Agent::learn`] follows, so that an agent can use what it has kept for later.
    fn set_progress(&mut self, fraction: f64);

    /// All that an exact continuation needs. An agent built with the same settings that is given these bytes goes
    /// on with the same bits.
    fn save(&self) -> Vec<u8>;

    /// Goes back to a saved state.
    ///
    /// # Errors
    /// If the bytes are not a state of this kind of agent, or one with other settings; the agent stays as it was.
    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError>;
}
