//! The two rules by hand, the table as a network, exact resume, and refusals.

use super::*;
use crate::Exploration;

fn agent(rule: TabularRule) -> Tabular {
    let settings = TabularSettings {
        rule,
        features: vec![0],
        bins: 4,
        low: 0.0,
        high: 4.0,
        learning_rate: 0.5,
        discount: 0.9,
        exploration: Exploration::constant(0.0),
    };
    Tabular::new(&settings, 2, ActionSpace::Discrete(2), 1, 1).unwrap()
}

fn step(agent: &mut Tabular, [from, to]: [f32; 2], action: usize, reward: f32, ends: bool) {
    agent.observe(
        0,
        Transition {
            observation: &[from, 7.0],
            action: &Action::Discrete(action),
            reward,
            next_observation: &[to, 7.0],
            terminated: ends,
            truncated: false,
            continuation: 1.0,
        },
    );
}

#[test]
fn both_rules_by_hand() {
    // Cells 1 and 2; Q(2, ·) = (4, 1).
    for (rule, taken, expected) in [
        // 0.5 (1 + 0.9 · 4): the best one counts.
        (TabularRule::QLearning, 0, 2.3),
        // The one that is taken counts, and here the greedy one is.
        (TabularRule::Sarsa, 0, 2.3),
    ] {
        let mut agent = agent(rule);
        agent.memory.values[4] = 4.0;
        agent.memory.values[5] = 1.0;
        step(&mut agent, [1.5, 2.5], 1, 1.0, false);
        assert_eq!(agent.act(0, &[2.5, 0.0]), Action::Discrete(taken));
        assert!((agent.values(1)[1] - expected).abs() < 1e-6);
        assert_eq!(agent.values(1)[0], 0.0);
        let report = agent.learn().unwrap();
        assert_eq!(report.updates, 1);
        assert!((report.loss - 4.6 * 4.6).abs() < 1e-4);
    }
}

#[test]
fn sarsa_counts_the_action_that_explores() {
    let mut agent = agent(TabularRule::Sarsa);
    agent.settings.exploration = Exploration::constant(1.0);
    agent.memory.values[4] = 4.0;
    agent.memory.values[5] = 1.0;
    let mut found = Vec::new();
    for _ in 0..20 {
        agent.memory.values[3] = 0.0;
        step(&mut agent, [1.5, 2.5], 1, 1.0, false);
        let Action::Discrete(taken) = agent.act(0, &[2.5, 0.0]) else {
            panic!("it is discrete")
        };
        let next = [4.0, 1.0][taken];
        assert!((agent.values(1)[1] - 0.5 * (1.0 + 0.9 * next)).abs() < 1e-6);
        found.push(taken);
    }
    assert!(found.contains(&0) && found.contains(&1));
}

#[test]
fn nothing_follows_a_termination() {
    for rule in [TabularRule::QLearning, TabularRule::Sarsa] {
        let mut agent = agent(rule);
        agent.memory.values.fill(5.0);
        step(&mut agent, [0.5, f32::NAN], 0, 1.0, true);
        assert_eq!(agent.values(0), [3.0, 5.0]); // 5 + 0.5 (1 − 5)
    }
}

#[test]
fn the_policy_is_the_table_everywhere_but_at_its_edges() {
    let settings = TabularSettings {
        features: vec![2, 0],
        bins: 3,
        low: -1.0,
        high: 2.0,
        ..TabularSettings::default()
    };
    let mut agent = Tabular::new(&settings, 3, ActionSpace::Discrete(4), 1, 1).unwrap();
    for (place, value) in agent.memory.values.iter_mut().enumerate() {
        *value = (place as f32 * 2.7).sin();
    }
    let mut policy = agent.policy();
    for number in 0..400 {
        let x = number as f32;
        let observation = [
            1.9 * (x * 0.37).sin() + 0.4,
            9.0 * x.cos(),
            2.1 * (x * 0.73).cos() + 0.5,
        ];
        let beside = |x: f32| [0.0, 1.0].into_iter().any(|edge| (x - edge).abs() < 2e-3);
        if beside(observation[0]) || beside(observation[2]) {
            continue;
        }
        let cell = settings.cell(&agent.features, &observation);
        let outputs = policy.outputs(&observation);
        for (found, known) in outputs.iter().zip(agent.values(cell)) {
            assert!(
                (found - known).abs() < 1e-3,
                "{observation:?}: {found} and {known}"
            );
        }
    }
}

#[test]
fn a_restored_agent_goes_on_with_the_same_bits() {
    let mut first = agent(TabularRule::Sarsa);
    first.settings.exploration = Exploration::constant(0.3);
    let mut second = agent(TabularRule::Sarsa);
    second.settings.exploration = Exploration::constant(0.3);
    let play = |agent: &mut Tabular, from: usize| {
        (from..from + 50)
            .map(|round| {
                let seen = (round as f32 * 0.7).sin() * 2.0 + 2.0;
                let action = agent.act(0, &[seen, 0.0]);
                let Action::Discrete(taken) = action else {
                    panic!("it is discrete")
                };
                let next = ((round + 1) as f32 * 0.7).sin() * 2.0 + 2.0;
                step(
                    agent,
                    [seen, next],
                    taken,
                    seen - taken as f32,
                    round % 13 == 12,
                );
                taken
            })
            .collect::<Vec<_>>()
    };
    play(&mut first, 0);
    let state = first.save();
    play(&mut second, 7);
    second.restore(&state).unwrap();
    assert_eq!(play(&mut first, 50), play(&mut second, 50));
    assert_eq!(first.save(), second.save());
    assert!(second.restore(&state[1..]).is_err());
}

#[test]
fn impossible_settings_are_refused_by_name() {
    let refused = |change: &dyn Fn(&mut TabularSettings)| {
        let mut settings = TabularSettings::default();
        change(&mut settings);
        settings.check().unwrap_err().to_string()
    };
    for (name, message) in [
        (
            "features",
            refused(&|settings| settings.features = vec![1, 1]),
        ),
        ("bins", refused(&|settings| settings.bins = 1)),
        (
            "bins",
            refused(&|settings| settings.features = (0..9).collect()),
        ),
        ("high", refused(&|settings| settings.high = -3.0)),
        (
            "learning_rate",
            refused(&|settings| settings.learning_rate = 0.0),
        ),
        ("discount", refused(&|settings| settings.discount = 2.0)),
    ] {
        assert!(message.starts_with(&format!("{name} = ")), "{message}");
    }
    let beyond = TabularSettings {
        features: vec![3],
        ..TabularSettings::default()
    };
    assert!(Tabular::new(&beyond, 3, ActionSpace::Discrete(2), 1, 1).is_err());
    let continuous = ActionSpace::Continuous { dimensions: 1 };
    let settings = TabularSettings::default();
    assert!(Tabular::new(&settings, 3, continuous, 1, 1).is_err());
}
