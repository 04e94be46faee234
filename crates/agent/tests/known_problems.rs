//! Agents on problems whose best scores are published; and that our versions of these have Gymnasium's dynamics.

mod known;

use std::collections::BTreeMap;
use std::path::Path;

use descender_control::Action;
use known::cases::{Case, Scores, all};
use known::{Acrobot, CartPole, Known, Outcome, Pendulum};
use serde::Deserialize;

/// A trajectory as `reference/classic_control.py` wrote it.
#[derive(Deserialize)]
struct Trajectory {
    start: Vec<f64>,
    actions: Vec<f64>,
    states: Vec<Vec<f64>>,
    rewards: Vec<f64>,
    terminated: bool,
}

fn trajectories(name: &str) -> Vec<Trajectory> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/classic_control.json");
    let text = std::fs::read_to_string(path).expect("the reference is there");
    let mut document: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&text).expect("it is a document");
    let trajectories = document.remove(name).expect("it has the problem");
    serde_json::from_value(trajectories).expect("they are trajectories")
}

/// Follows each trajectory, with the problem made of its start.
fn follow<P>(
    name: &str,
    make: impl Fn(&[f64]) -> P,
    state: impl Fn(&P) -> Vec<f64>,
    step: impl Fn(&mut P, f64) -> Outcome,
) {
    for trajectory in trajectories(name) {
        let mut problem = make(&trajectory.start);
        let mut terminated = false;
        for (place, action) in trajectory.actions.iter().enumerate() {
            assert!(!terminated, "{name}: it goes on after its end");
            let outcome = step(&mut problem, *action);
            terminated = outcome.terminated;
            let close =
                |ours: f64, theirs: f64| (ours - theirs).abs() <= 1e-9 * (1.0 + theirs.abs());
            assert!(
                close(outcome.reward, trajectory.rewards[place]),
                "{name}, step {place}"
            );
            for (ours, theirs) in state(&problem).into_iter().zip(&trajectory.states[place]) {
                assert!(
                    close(ours, *theirs),
                    "{name}, step {place}: {ours} and {theirs}"
                );
            }
        }
        assert_eq!(terminated, trajectory.terminated, "{name}");
    }
}

#[test]
fn the_dynamics_are_gymnasium_s() {
    let four = |start: &[f64]| <[f64; 4]>::try_from(start).expect("four numbers");
    let discrete = |number: f64| Action::Discrete(number as usize);
    follow(
        CartPole::NAME,
        |start| CartPole(four(start)),
        |problem| problem.0.to_vec(),
        |problem, action| problem.step(&discrete(action)),
    );
    follow(
        Acrobot::NAME,
        |start| Acrobot(four(start)),
        |problem| problem.0.to_vec(),
        |problem, action| problem.step(&discrete(action)),
    );
    follow(
        Pendulum::NAME,
        |start| Pendulum([start[0], start[1]]),
        |problem| problem.0.to_vec(),
        Pendulum::turn,
    );
}

/// A tenth to a half of the steps that `results/known` is made with, and bars that an agent which learns nothing is far below:
/// it earns about 10 on the pole, −500 on the acrobot and −1200 on the pendulum.
#[test]
fn agents_learn_with_small_budgets() {
    let bars = [
        ("dqn:CartPole-v1", 25_000, 195.0),
        ("ppo:CartPole-v1", 30_000, 400.0),
        ("a2c:CartPole-v1", 60_000, 300.0),
        ("ddpg:Pendulum-v1", 6_000, -250.0),
        ("sac:Pendulum-v1", 4_000, -250.0),
    ];
    for (name, steps, bar) in bars {
        let case = all().into_iter().find(|case| case.name() == name);
        let case = Case {
            steps,
            ..case.expect("it is a case")
        };
        let score = Scores::mean(&case.run(1).chosen);
        assert!(score >= bar, "{name}: {score}");
    }
}
