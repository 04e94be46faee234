//! Settings of the agents of continuous actions: refused by name where they make no sense.

use descender_agent::ddpg::{ActionNoise, DdpgSettings};
use descender_agent::{AgentError, AgentSettings, build};
use descender_control::ActionSpace;

const NAMES: [&str; 3] = ["ddpg", "td3", "sac"];
const SPACE: ActionSpace = ActionSpace::Continuous { dimensions: 2 };

/// The settings of an agent with one that is given in the form of a file.
fn with(agent: &str, line: &str) -> AgentSettings {
    toml::from_str(&format!("name = \"{agent}\"\n{line}\n")).expect("it can be read")
}

#[test]
fn every_impossible_value_is_refused_by_name() {
    let shared = [
        "hidden = [50, 0]",
        "hidden = [1000000]",
        "learning_rate = 0.0",
        "learning_rate = nan",
        "policy_learning_rate = -1.0",
        "policy_learning_rate = inf",
        "discount = 1.01",
        "discount = nan",
        "target_rate = 0.0",
        "target_rate = 1.1",
        "batch_size = 0",
        "replay_capacity = 0",
        "replay_capacity = 1000000000000",
        "warm_up = 0",
        "warm_up = 100001",
        "updates_per_decision = 0.0",
        "updates_per_decision = inf",
    ];
    let own = [
        ("ddpg", "noise_deviation = -0.1"),
        ("ddpg", "noise_deviation = inf"),
        ("ddpg", "noise_return = 0.0"),
        ("ddpg", "noise_return = 1.5"),
        ("td3", "noise_deviation = nan"),
        ("td3", "smoothing_deviation = -1.0"),
        ("td3", "smoothing_limit = -1.0"),
        ("td3", "smoothing_limit = nan"),
        ("td3", "policy_interval = 0"),
        ("sac", "temperature = 0.0"),
        ("sac", "temperature = inf"),
        ("sac", "temperature_learning_rate = -1.0"),
        ("sac", "target_entropy = nan"),
    ];
    let of_all = NAMES
        .iter()
        .flat_map(|name| shared.map(|line| (*name, line)));
    for (agent, line) in of_all.chain(own) {
        let settings = with(agent, line);
        let message = settings.check().expect_err(line).to_string();
        let key = line.split(' ').next().unwrap();
        assert!(
            message.starts_with(key) && message.contains("expected"),
            "{agent}: {message}"
        );
        let built = build(&settings, 4, SPACE, 1, 1);
        assert!(matches!(built, Err(AgentError::Settings(_))));
    }
}

#[test]
fn what_the_agents_cannot_serve_is_refused() {
    for name in NAMES {
        let settings = AgentSettings::by_name(name).unwrap();
        settings.check().unwrap();
        for (observation_len, space, environments, word) in [
            (4, ActionSpace::Discrete(3), 1, "3 discrete actions"),
            (
                4,
                ActionSpace::Continuous { dimensions: 0 },
                1,
                "actions of 0",
            ),
            (0, SPACE, 1, "observation"),
            (4, SPACE, 0, "environments"),
        ] {
            let Err(error) = build(&settings, observation_len, space, environments, 1) else {
                panic!("{space:?} was accepted")
            };
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}

#[test]
fn settings_are_read_from_a_file_and_written_whole() {
    let settings = with("ddpg", "noise = \"ornstein-uhlenbeck\"\nhidden = [32, 16]");
    let expected = AgentSettings::Ddpg(DdpgSettings {
        noise: ActionNoise::OrnsteinUhlenbeck,
        hidden: vec![32, 16],
        ..DdpgSettings::default()
    });
    assert_eq!(settings, expected);
    for name in NAMES {
        let settings = AgentSettings::by_name(name).unwrap();
        let written = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<AgentSettings>(&written).unwrap(), settings);
        let wrong = format!("name = \"{name}\"\nhiden = [3]\n");
        let wrong = toml::from_str::<AgentSettings>(&wrong).unwrap_err();
        assert!(wrong.to_string().contains("hiden"), "{wrong}");
    }
}
