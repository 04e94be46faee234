//! An agent of your own: a hill climber that changes its best linear policy a little and keeps what earns more.
//!
//! `cargo run --release --example own_agent`

#![allow(clippy::print_stdout, reason = "an example shows what came of it")]

use descender::Training;
use descender::agent::{
    Agent, AgentBuilder, AgentError, AgentSettings, AgentStateError, LearnReport, Transition,
};
use descender::compare::comparison::table;
use descender::control::{Action, ActionSpace, Policy, PolicyHead};
use descender::nn::{Activation, NetworkSpecification};
use descender::random::{ChaCha8Rng, Purpose, normal_pair, stream};
use descender::task::Task;
use serde::{Deserialize, Serialize};

/// Purposes of random numbers that are one's own have numbers of 128 and above.
const CHANGES: Purpose = Purpose::new(200, "changes of the hill climber");
/// Standard deviation of a change.
const CHANGE: f64 = 0.3;

struct HillClimber {
    network: NetworkSpecification,
    memory: Memory,
}

/// All that an exact continuation needs.
#[derive(Serialize, Deserialize)]
struct Memory {
    random: ChaCha8Rng,
    best: Vec<f32>,
    best_return: f32,
    /// For each environment the policy that is tried there, and what it has earned so far.
    tried: Vec<(Vec<f32>, f32)>,
}

impl HillClimber {
    fn policy_of(&self, parameters: &[f32]) -> Policy {
        Policy::with_head(
            PolicyHead::Squashed,
            self.network.clone(),
            parameters.to_vec(),
        )
        .expect("the parameters are the network's")
    }
}

impl Agent for HillClimber {
    fn act(&mut self, environment: usize, observation: &[f32]) -> Action {
        self.policy_of(&self.memory.tried[environment].0)
            .act(observation)
    }
    fn observe(&mut self, environment: usize, transition: Transition<'_>) {
        let Memory {
            random,
            best,
            best_return,
            tried,
        } = &mut self.memory;
        let (parameters, earned) = &mut tried[environment];
        *earned += transition.reward;
        if transition.terminated || transition.truncated {
            if *earned > *best_return {
                (*best_return, *best) = (*earned, parameters.clone());
            }
            let change = |value: &f32| value + (CHANGE * normal_pair(random)[0]) as f32;
            (*parameters, *earned) = (best.iter().map(change).collect(), 0.0);
        }
    }
    fn learn(&mut self) -> Option<LearnReport> {
        None // it learns when an episode ends
    }
    fn policy(&self) -> Policy {
        self.policy_of(&self.memory.best)
    }
    fn set_progress(&mut self, _fraction: f64) {}
    fn save(&self) -> Vec<u8> {
        serde_json::to_vec(&self.memory).expect("numbers have a JSON form")
    }
    fn restore(&mut self, state: &[u8]) -> Result<(), AgentStateError> {
        self.memory =
            serde_json::from_slice(state).map_err(|error| AgentStateError::Unreadable {
                agent: "hill-climber",
                reason: error.to_string(),
            })?;
        Ok(())
    }
}

/// Builds hill climbers.
#[derive(Debug)]
struct HillClimbing;

impl AgentBuilder for HillClimbing {
    fn name(&self) -> &str {
        "hill-climber"
    }
    fn build(
        &self,
        observation_len: usize,
        space: ActionSpace,
        environments: usize,
        seed: u64,
    ) -> Result<Box<dyn Agent>, AgentError> {
        let ActionSpace::Continuous { dimensions } = space else {
            return Err(AgentError::ActionSpace {
                agent: "hill-climber",
                space: space.to_string(),
                expected: "a continuous one",
            });
        };
        let network = NetworkSpecification::multi_layer_perceptron(
            observation_len,
            &[],
            dimensions,
            Activation::Relu,
        );
        let zero = vec![0.0; (observation_len + 1) * dimensions];
        let memory = Memory {
            random: stream(seed, CHANGES, 0),
            tried: vec![(zero.clone(), 0.0); environments],
            best: zero,
            best_return: f32::NEG_INFINITY,
        };
        Ok(Box::new(HillClimber { network, memory }))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let trained = Training::on(Task::small())
        .steps(150)
        .episodes(320)
        .threshold(0.5)
        .agent(AgentSettings::own(HillClimbing))
        .against("sgd:0.1,adam:0.001,tuned:adam,untrained", 32)
        .run()?;
    print!("{}", table(trained.comparison()));
    Ok(())
}
