//! The on-policy agents: exact resume, refusals, and that they learn what a step of theirs should teach.

use descender_agent::a2c::A2cSettings;
use descender_agent::ppo::PpoSettings;
use descender_agent::{Agent, AgentSettings, LearnReport, Transition, build};
use descender_control::{Action, ActionSpace};

const ENVIRONMENTS: usize = 3;
const SPACES: [ActionSpace; 2] = [
    ActionSpace::Discrete(3),
    ActionSpace::Continuous { dimensions: 2 },
];

fn all() -> [AgentSettings; 2] {
    [
        AgentSettings::Ppo(PpoSettings {
            hidden: vec![8, 8],
            horizon: 13,
            epochs: 3,
            batch_size: 16,
            ..PpoSettings::default()
        }),
        AgentSettings::A2c(A2cSettings {
            hidden: vec![8, 8],
            horizon: 5,
            entropy: 0.01,
            ..A2cSettings::default()
        }),
    ]
}

fn agent(settings: &AgentSettings, space: ActionSpace, seed: u64) -> Box<dyn Agent> {
    build(settings, 2, space, ENVIRONMENTS, seed).expect("the settings are possible")
}

/// The reward of a made-up problem: the first action where the first number is positive, else the last; or numbers
/// that are the signs of what is seen.
fn reward(observation: [f32; 2], action: &Action) -> f32 {
    match action {
        Action::Discrete(number) => {
            let wanted = if observation[0] > 0.0 { 0 } else { 2 };
            f32::from(*number == wanted)
        }
        Action::Continuous(numbers) => (numbers.iter().zip(observation))
            .map(|(number, seen)| -(number - 0.5 * seen.signum()).powi(2))
            .sum(),
    }
}

/// Rounds `from` to `to` of a made-up training, and everything that came out.
fn run(
    agent: &mut dyn Agent,
    (from, to, of): (u64, u64, u64),
) -> (Vec<Action>, Vec<Option<LearnReport>>) {
    let (mut actions, mut reports) = (Vec::new(), Vec::new());
    let seen = |round: u64, environment: usize| {
        let x = round as f32 + environment as f32 * 0.3;
        [(x * 0.7).sin(), (x * 0.31).cos()]
    };
    for round in from..to {
        agent.set_progress(round as f64 / of as f64);
        for environment in 0..ENVIRONMENTS {
            let observation = seen(round, environment);
            let action = agent.act(environment, &observation);
            agent.observe(
                environment,
                Transition {
                    observation: &observation,
                    action: &action,
                    reward: reward(observation, &action),
                    next_observation: &seen(round + 1, environment),
                    terminated: (round + environment as u64) % 17 == 16,
                    truncated: (round + environment as u64) % 11 == 10,
                    continuation: 1.0,
                },
            );
            actions.push(action);
        }
        reports.push(agent.learn());
    }
    (actions, reports)
}

#[test]
fn a_restored_agent_goes_on_with_the_same_bits() {
    for settings in all() {
        for space in SPACES {
            for stop in [0, 3, 25, 97] {
                let mut whole = agent(&settings, space, 5);
                let mut first = agent(&settings, space, 5);
                run(&mut *whole, (0, stop, 120));
                run(&mut *first, (0, stop, 120));
                let state = first.save();
                // Into an agent with another seed and another past.
                let mut second = agent(&settings, space, 6);
                run(&mut *second, (40, 70, 120));
                second.restore(&state).unwrap();
                assert_eq!(second.save(), state);
                let rest = (stop, 120, 120);
                assert_eq!(run(&mut *whole, rest), run(&mut *second, rest));
                assert_eq!(whole.save(), second.save());
            }
        }
    }
}

#[test]
fn another_seed_gives_other_bits() {
    for settings in all() {
        let end = |seed| {
            let mut agent = agent(&settings, SPACES[0], seed);
            run(&mut *agent, (0, 120, 120));
            agent.save()
        };
        assert_eq!(end(1), end(1));
        assert_ne!(end(1), end(2));
    }
}

#[test]
fn states_that_are_not_its_own_are_refused_and_change_nothing() {
    for settings in all() {
        let mut own = agent(&settings, SPACES[0], 1);
        run(&mut *own, (0, 30, 120));
        let before = own.save();
        let mut cut = before.clone();
        cut.pop();
        assert!(own.restore(&cut).is_err());
        assert!(own.restore(&[before.clone(), vec![0]].concat()).is_err());
        let other_space = agent(&settings, SPACES[1], 1).save();
        assert!(own.restore(&other_space).is_err());
        for other in all() {
            if other != settings {
                assert!(own.restore(&agent(&other, SPACES[0], 1).save()).is_err());
            }
        }
        assert_eq!(own.save(), before);
    }
}

#[test]
fn they_learn_what_is_rewarded_discrete_and_continuous() {
    let settings = [
        AgentSettings::Ppo(PpoSettings {
            hidden: vec![16],
            learning_rate: 3e-3,
            discount: 0.0,
            horizon: 64,
            ..PpoSettings::default()
        }),
        AgentSettings::A2c(A2cSettings {
            hidden: vec![16],
            learning_rate: 5e-3,
            discount: 0.0,
            ..A2cSettings::default()
        }),
    ];
    for settings in settings {
        for space in SPACES {
            let mut agent = agent(&settings, space, 1);
            run(&mut *agent, (0, 3_000, 3_000));
            let mut policy = agent.policy();
            let earned: f32 = (0..200)
                .map(|number| {
                    let x = number as f32;
                    let observation = [(x * 1.7).sin(), (x * 2.3).cos()];
                    reward(observation, &policy.act(&observation))
                })
                .sum::<f32>()
                / 200.0;
            let enough = match space {
                ActionSpace::Discrete(_) => 0.9,
                ActionSpace::Continuous { .. } => -0.1, // standing still earns −0.5
            };
            assert!(earned >= enough, "{}: {space}: {earned}", settings.name());
        }
    }
}

#[test]
fn a_transition_that_is_not_finite_is_left_out_and_counted() {
    for settings in all() {
        let mut agent = agent(&settings, SPACES[0], 1);
        run(&mut *agent, (0, 4, 120));
        let action = agent.act(0, &[0.0, 0.0]);
        let mut transition = Transition {
            observation: &[0.0, 0.0],
            action: &action,
            reward: f32::NAN,
            next_observation: &[0.0, 0.0],
            terminated: false,
            truncated: false,
            continuation: 1.0,
        };
        agent.observe(0, transition);
        transition.reward = 1.0;
        transition.next_observation = &[f32::INFINITY, 0.0];
        agent.observe(0, transition);
        let (_, reports) = run(&mut *agent, (4, 60, 120));
        let report = reports.into_iter().flatten().next().expect("it learns");
        assert_eq!(report.rejected_transitions, 2);
        assert!(report.loss.is_finite());
        let weights = agent.policy().parameters().to_vec();
        assert!(weights.iter().all(|weight| weight.is_finite()));
    }
}

#[test]
fn impossible_settings_are_refused_by_name() {
    let refused = |settings: AgentSettings| settings.check().unwrap_err().to_string();
    let ppo = |change: &dyn Fn(&mut PpoSettings)| {
        let mut settings = PpoSettings::default();
        change(&mut settings);
        refused(AgentSettings::Ppo(settings))
    };
    for (name, message) in [
        ("hidden", ppo(&|settings| settings.hidden = vec![0])),
        (
            "learning_rate",
            ppo(&|settings| settings.learning_rate = 0.0),
        ),
        (
            "learning_rate_decay",
            ppo(&|settings| settings.learning_rate_decay = 2.0),
        ),
        ("discount", ppo(&|settings| settings.discount = 1.1)),
        ("lambda", ppo(&|settings| settings.lambda = f32::NAN)),
        ("horizon", ppo(&|settings| settings.horizon = 0)),
        ("epochs", ppo(&|settings| settings.epochs = 0)),
        ("batch_size", ppo(&|settings| settings.batch_size = 0)),
        ("clip", ppo(&|settings| settings.clip = 0.0)),
        ("most_change", ppo(&|settings| settings.most_change = -1.0)),
        ("entropy", ppo(&|settings| settings.entropy = -0.1)),
        (
            "gradient_clip",
            ppo(&|settings| settings.gradient_clip = -1.0),
        ),
        (
            "log_deviation",
            ppo(&|settings| settings.log_deviation = 9.0),
        ),
    ] {
        assert!(message.starts_with(&format!("{name} = ")), "{message}");
    }
    let a2c = AgentSettings::A2c(A2cSettings {
        horizon: 0,
        ..A2cSettings::default()
    });
    assert!(refused(a2c).starts_with("horizon = 0"));
    for settings in all() {
        for space in [
            ActionSpace::Discrete(0),
            ActionSpace::Continuous { dimensions: 0 },
        ] {
            assert!(build(&settings, 2, space, 1, 1).is_err());
        }
        assert!(build(&settings, 0, SPACES[0], 1, 1).is_err());
        assert!(build(&settings, 2, SPACES[0], 0, 1).is_err());
    }
}
