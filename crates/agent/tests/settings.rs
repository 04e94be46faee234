//! Settings: read from a file, and refused by name where they make no sense.

use descender_agent::dqn::{DqnLoss, DqnSettings};
use descender_agent::rainbow::RainbowSettings;
use descender_agent::{AgentError, AgentSettings, Exploration, build};
use descender_control::ActionSpace;

fn refusal(settings: DqnSettings) -> String {
    let by_check = AgentSettings::Dqn(settings.clone())
        .check()
        .expect_err("an impossible value");
    let built = build(
        &AgentSettings::Dqn(settings),
        4,
        ActionSpace::Discrete(3),
        1,
        1,
    );
    assert!(matches!(built, Err(AgentError::Settings(_))));
    by_check.to_string()
}

#[test]
fn the_default_is_the_papers_agent() {
    let AgentSettings::Dqn(settings) = AgentSettings::default() else {
        panic!("the default agent is a DQN")
    };
    assert_eq!(settings.hidden, [50]);
    assert_eq!(settings.replay_capacity, 2_000);
    assert_eq!((settings.target_interval, settings.target_rate), (100, 1.0));
    assert_eq!(settings.exploration.epsilon(0.0), 0.1);
    assert_eq!(settings.exploration.epsilon(1.0), 0.1);
    assert!(DqnSettings::paper().check().is_ok());
    assert!(DqnSettings::quick().check().is_ok());
    for settings in [DqnSettings::paper(), DqnSettings::quick()] {
        assert!(!settings.dueling && !settings.scale_rewards && settings.atoms == 0);
        assert_eq!((settings.noise, settings.priority_exponent), (0.0, 0.0));
    }
}

#[test]
fn rainbow_is_a_deep_q_network_with_everything_on() {
    let AgentSettings::Rainbow(rainbow) = AgentSettings::by_name("rainbow").unwrap() else {
        panic!("Rainbow was asked for")
    };
    assert_eq!(rainbow.0, DqnSettings::rainbow());
    assert!(rainbow.check().is_ok());
    assert!(rainbow.0.dueling && rainbow.0.double && rainbow.0.scale_rewards);
    assert!(rainbow.0.noise > 0.0 && rainbow.0.priority_exponent > 0.0);
    assert!(rainbow.0.atoms > 1 && rainbow.0.return_steps > 1);
    // What a file leaves out is Rainbow's; what it has is taken, and refused by name.
    let text = "name = \"rainbow\"\natoms = 0\nlearning_rate = 1\ngradient_clip = inf\n";
    let read: AgentSettings = toml::from_str(text).unwrap();
    let expected = DqnSettings {
        atoms: 0,
        learning_rate: 1.0,
        gradient_clip: f32::INFINITY,
        ..DqnSettings::rainbow()
    };
    assert_eq!(read, AgentSettings::Rainbow(RainbowSettings(expected)));
    let written = toml::to_string(&read).unwrap();
    assert_eq!(toml::from_str::<AgentSettings>(&written).unwrap(), read);
    let wrong = toml::from_str::<AgentSettings>("name = \"rainbow\"\natons = 3\n").unwrap_err();
    assert!(wrong.to_string().contains("atons"), "{wrong}");
    let one = RainbowSettings(DqnSettings {
        atoms: 1,
        ..DqnSettings::rainbow()
    });
    assert!(AgentSettings::Rainbow(one).check().is_err());
    let built = build(
        &AgentSettings::Rainbow(rainbow),
        4,
        ActionSpace::Discrete(3),
        1,
        1,
    );
    assert!(built.is_ok());
}

#[test]
fn every_impossible_value_is_refused_by_name() {
    let paper = DqnSettings::paper;
    let exploration = |start, end, fraction| Exploration {
        start,
        end,
        fraction,
    };
    let nan = f32::NAN;
    let cases: Vec<(&str, DqnSettings)> = vec![
        (
            "hidden",
            DqnSettings {
                hidden: vec![50, 0],
                ..paper()
            },
        ),
        (
            "hidden",
            DqnSettings {
                hidden: vec![1_000_000],
                ..paper()
            },
        ),
        (
            "learning_rate",
            DqnSettings {
                learning_rate: 0.0,
                ..paper()
            },
        ),
        (
            "learning_rate",
            DqnSettings {
                learning_rate: nan,
                ..paper()
            },
        ),
        (
            "discount",
            DqnSettings {
                discount: 1.01,
                ..paper()
            },
        ),
        (
            "discount",
            DqnSettings {
                discount: nan,
                ..paper()
            },
        ),
        (
            "exploration.start",
            DqnSettings {
                exploration: exploration(1.5, 0.1, 0.5),
                ..paper()
            },
        ),
        (
            "exploration.end",
            DqnSettings {
                exploration: exploration(0.5, -0.1, 0.5),
                ..paper()
            },
        ),
        (
            "exploration.fraction",
            DqnSettings {
                exploration: exploration(0.5, 0.1, f64::NAN),
                ..paper()
            },
        ),
        (
            "batch_size",
            DqnSettings {
                batch_size: 0,
                ..paper()
            },
        ),
        (
            "replay_capacity",
            DqnSettings {
                replay_capacity: 0,
                ..paper()
            },
        ),
        (
            "replay_capacity",
            DqnSettings {
                replay_capacity: usize::MAX,
                ..paper()
            },
        ),
        (
            "warm_up",
            DqnSettings {
                warm_up: 0,
                ..paper()
            },
        ),
        (
            "warm_up",
            DqnSettings {
                warm_up: 2_001,
                ..paper()
            },
        ),
        (
            "updates_per_decision",
            DqnSettings {
                updates_per_decision: 0.0,
                ..paper()
            },
        ),
        (
            "updates_per_decision",
            DqnSettings {
                updates_per_decision: f64::INFINITY,
                ..paper()
            },
        ),
        (
            "target_interval",
            DqnSettings {
                target_interval: 0,
                ..paper()
            },
        ),
        (
            "target_rate",
            DqnSettings {
                target_rate: 0.0,
                ..paper()
            },
        ),
        (
            "target_rate",
            DqnSettings {
                target_rate: 1.1,
                ..paper()
            },
        ),
        (
            "return_steps",
            DqnSettings {
                return_steps: 0,
                ..paper()
            },
        ),
        (
            "gradient_clip",
            DqnSettings {
                gradient_clip: -1.0,
                ..paper()
            },
        ),
        (
            "averaging_rate",
            DqnSettings {
                averaging_rate: 1.0,
                ..paper()
            },
        ),
        (
            "averaging_rate",
            DqnSettings {
                averaging_rate: 1e-20,
                ..paper()
            },
        ),
        (
            "noise",
            DqnSettings {
                noise: -0.5,
                ..paper()
            },
        ),
        (
            "noise",
            DqnSettings {
                noise: nan,
                ..paper()
            },
        ),
        (
            "priority_exponent",
            DqnSettings {
                priority_exponent: 1.5,
                ..paper()
            },
        ),
        (
            "importance_exponent",
            DqnSettings {
                importance_exponent: -0.1,
                ..paper()
            },
        ),
        (
            "atoms",
            DqnSettings {
                atoms: 1,
                ..paper()
            },
        ),
        (
            "atoms",
            DqnSettings {
                atoms: 100_000,
                ..paper()
            },
        ),
        (
            "least_value",
            DqnSettings {
                least_value: nan,
                ..paper()
            },
        ),
        (
            "most_value",
            DqnSettings {
                most_value: -10.0,
                ..paper()
            },
        ),
    ];
    for (name, settings) in cases {
        let message = refusal(settings);
        assert!(
            message.starts_with(name) && message.contains("expected"),
            "{message}"
        );
    }
}

#[test]
fn an_agent_that_cannot_act_is_refused() {
    let settings = AgentSettings::default();
    for (observation_len, space, environments, word) in [
        (
            4,
            ActionSpace::Continuous { dimensions: 2 },
            1,
            "continuous actions of 2",
        ),
        (4, ActionSpace::Discrete(0), 1, "0 discrete actions"),
        (0, ActionSpace::Discrete(3), 1, "observation"),
        (4, ActionSpace::Discrete(3), 0, "environments"),
    ] {
        let Err(error) = build(&settings, observation_len, space, environments, 1) else {
            panic!("{space:?} was accepted")
        };
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn settings_are_read_from_a_file_and_written_whole() {
    let text = "name = \"dqn\"\nhidden = [32, 16]\nloss = \"huber\"\nupdates_per_decision = 8\n\
                exploration = { start = 0.5, end = 0.1, fraction = 0.3 }\n";
    let settings: AgentSettings = toml::from_str(text).unwrap();
    let AgentSettings::Dqn(dqn) = &settings else {
        panic!("a DQN was asked for")
    };
    assert_eq!(dqn.hidden, [32, 16]);
    assert_eq!(dqn.loss, DqnLoss::Huber);
    assert_eq!(dqn.updates_per_decision, 8.0);
    assert_eq!(dqn.batch_size, 32);
    let written = toml::to_string(&settings).unwrap();
    assert_eq!(toml::from_str::<AgentSettings>(&written).unwrap(), settings);
    assert!(written.contains("target_interval"));

    let wrong = toml::from_str::<AgentSettings>("name = \"dqn\"\nhiden = [3]\n").unwrap_err();
    assert!(wrong.to_string().contains("hiden"), "{wrong}");
    assert!(toml::from_str::<AgentSettings>("name = \"sarsa\"\n").is_err());
    assert!(AgentSettings::by_name("dqn").is_some() && AgentSettings::by_name("DQN").is_none());
    assert!(
        AgentSettings::names()
            .iter()
            .any(|(name, _)| *name == settings.name())
    );
}

#[test]
fn an_agent_of_the_program_s_own_is_a_name_in_a_file_and_then_refused() {
    let own = AgentSettings::own(DqnSettings::quick());
    own.check().unwrap();
    assert!(build(&own, 4, ActionSpace::Discrete(3), 1, 1).is_ok());
    let text = toml::to_string(&own).unwrap();
    assert_eq!(text, "name = \"own\"\nown = \"dqn\"\n");
    let read: AgentSettings = toml::from_str(&text).unwrap();
    assert_eq!(read, own);
    let message = read.check().unwrap_err().to_string();
    assert!(
        message.starts_with("own = \"dqn\": expected an agent"),
        "{message}"
    );
    assert!(matches!(
        build(&read, 4, ActionSpace::Discrete(3), 1, 1),
        Err(AgentError::Settings(_))
    ));
}

#[test]
fn every_built_in_agent_goes_by_its_name_in_files() {
    for (name, description) in AgentSettings::names() {
        let settings = AgentSettings::by_name(name).unwrap();
        assert_eq!(settings.name(), *name);
        assert!(!description.is_empty() && !settings.words().is_empty());
        let text = format!("name = \"{name}\"\n");
        assert_eq!(toml::from_str::<AgentSettings>(&text).unwrap(), settings);
    }
}
