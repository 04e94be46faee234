//! Tests of the resolver: round trips, precedence, completeness, warnings.

use super::*;

#[test]
fn a_budget_sets_every_length_and_single_settings_come_after_it() {
    let resolver = Resolver::new(Some("quick")).unwrap().budget(2000).unwrap();
    let settings = resolver.clone().finish().unwrap();
    let quick = Preset::by_name("quick").unwrap().configuration();
    assert_eq!(settings, quick.with_budget(2000));
    let changed = resolver
        .set("comparison.steps=300")
        .unwrap()
        .finish()
        .unwrap();
    assert_eq!(
        (changed.environment.steps, changed.comparison.steps),
        (2000, 300)
    );
}
use crate::configuration::PRESETS;

#[test]
fn every_preset_and_every_kind_comes_back_from_its_toml() {
    let mut configurations: Vec<Configuration> =
        PRESETS.iter().map(Preset::configuration).collect();
    let kinds = [
        (
            "optimizer",
            Method::names()
                .iter()
                .map(|known| known.name)
                .collect::<Vec<_>>(),
        ),
        (
            "agent",
            AgentSettings::names().iter().map(|known| known.0).collect(),
        ),
        (
            "environment.reward",
            RewardSettings::names()
                .iter()
                .map(|known| known.0)
                .collect(),
        ),
        (
            "environment.start_learning_rate",
            vec!["fixed", "log-uniform"],
        ),
        (
            "environment.control.observation",
            ObservationSettings::names()
                .iter()
                .map(|known| known.0)
                .collect(),
        ),
        (
            "environment.control.action",
            ActionSettings::names()
                .iter()
                .map(|known| known.0)
                .collect(),
        ),
    ];
    for (section, names) in kinds {
        for name in names {
            let resolver = Resolver::new(None).unwrap();
            let set = |resolver: Resolver, text: String| resolver.set(&text).unwrap();
            let resolver = set(resolver, "selection.measure=first-hit".to_owned());
            let resolver = set(resolver, "environment.control.bounds.upper=0.5".to_owned());
            configurations.push(
                set(resolver, format!("{section}.name={name}"))
                    .finish()
                    .unwrap(),
            );
        }
    }
    for configuration in configurations {
        assert_eq!(
            Resolver::complete(&configuration.to_toml()).unwrap(),
            configuration
        );
    }
}

#[test]
fn later_settings_win_and_whole_numbers_serve_as_floats() {
    let text =
        "episodes = 7\n[agent]\nlearning_rate = 1\n[environment.reward]\nname = \"log-loss\"\n";
    let configuration = Resolver::new(Some("dqn"))
        .unwrap()
        .text("test", text)
        .unwrap()
        .set("selection.measure=final-loss")
        .unwrap()
        .set("episodes=9")
        .unwrap()
        .finish()
        .unwrap();
    assert_eq!(configuration.episodes, 9);
    assert_eq!(configuration.environment.reward.name(), "log-loss");
    let AgentSettings::Dqn(agent) = configuration.agent else {
        panic!("another agent")
    };
    assert_eq!(agent.learning_rate, 1.0);
}

#[test]
fn a_run_s_settings_must_be_complete() {
    let text = Preset::by_name("quick").unwrap().configuration().to_toml();
    let line = text
        .lines()
        .find(|line| line.starts_with("interval"))
        .unwrap();
    let error = Resolver::complete(&text.replace(line, ""))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("environment.control.interval") && error.contains("missing"),
        "{error}"
    );
    assert!(Resolver::complete("").is_err());
}

#[test]
fn the_settings_of_committed_results_are_complete() {
    let results = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results");
    let mut found = 0;
    let mut folders = vec![std::path::PathBuf::from(results)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("config.toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                Resolver::complete(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                found += 1;
            }
        }
    }
    assert!(found >= 5, "{found} run folders");
}

#[test]
fn a_safety_net_s_settings_come_back_and_are_not_optional() {
    let resolver = Resolver::new(None).unwrap();
    let guarded = (resolver
        .set("environment.control.safety.enabled=true")
        .unwrap())
    .set("environment.control.safety.fallback.schedule.name=cosine")
    .unwrap()
    .finish()
    .unwrap();
    assert_eq!(
        Resolver::complete(&guarded.to_toml()).unwrap(),
        guarded,
        "the settings of today come back"
    );
    let mut table: Table = guarded.to_toml().parse().unwrap();
    let control = table["environment"]["control"].as_table_mut().unwrap();
    control.remove("safety");
    let error = Resolver::complete(&table.to_string()).unwrap_err();
    assert!(error.to_string().contains("safety"), "{error}");
}

#[test]
fn the_safety_net_takes_no_short_key_from_another_setting() {
    let resolver = || Resolver::new(Some("dqn")).unwrap();
    for short in ["total_steps", "fast_window", "slow_window", "interval"] {
        resolver().set(&format!("{short}=60")).unwrap();
    }
    resolver().set("learning_rate=0.001").unwrap();
}

#[test]
fn a_file_of_another_preset_than_was_asked_for_is_refused() {
    let text = "preset = \"paper-fixed\"\n";
    let episodes = |resolver: Resolver| {
        resolver
            .text("test", text)?
            .finish()
            .map(|settings| settings.episodes)
    };
    assert_eq!(episodes(Resolver::new(None).unwrap()).unwrap(), 50);
    assert_eq!(
        episodes(Resolver::new(Some("paper-fixed")).unwrap()).unwrap(),
        50
    );
    assert!(episodes(Resolver::new(Some("quick")).unwrap()).is_err());
    assert!(
        Resolver::new(None)
            .unwrap()
            .set("preset=paper-fixed")
            .is_err()
    );
}

#[test]
fn careless_rewards_are_warned_of() {
    let warnings = |preset, assignments: &[&str]| {
        let resolver = Resolver::new(Some(preset)).unwrap();
        let resolver = assignments
            .iter()
            .fold(resolver, |resolver, text| resolver.set(text).unwrap());
        resolver.finish().unwrap().warnings().join("; ")
    };
    for preset in PRESETS {
        assert_eq!(warnings(preset.name, &[]), "");
    }
    let careless = ["out_of_bounds=-10", "tier2=-1"];
    assert!(warnings("paper-random", &careless).contains("on purpose"));
    let hopeless = warnings("quick", &["episodes=100", "learners=2"]);
    assert!(
        hopeless.contains("each learner has 50 episodes"),
        "{hopeless}"
    );
    let shorter = warnings("quick", &["environment.steps=200"]);
    for key in [
        "action.total_steps",
        "observation.total_steps",
        "fallback.descent_steps",
    ] {
        assert!(shorter.contains(key), "{shorter}");
    }
    assert!(warnings("dqn", &["agent.discount=0.9"]).contains("agent.discount"));
}

#[test]
fn a_section_that_has_kinds_takes_the_name_of_one() {
    let resolved = |assignments: &[&str]| {
        let mut resolver = Resolver::new(Some("dqn"))?;
        for assignment in assignments {
            resolver = resolver.set(assignment)?;
        }
        resolver.finish()
    };
    let short = resolved(&["agent=ppo", "observation=paper"]);
    let long = resolved(&[
        "agent.name=ppo",
        "environment.control.observation.name=paper",
    ]);
    assert_eq!(short.as_ref().unwrap(), long.as_ref().unwrap());
    assert_eq!(short.unwrap().agent.name(), "ppo");
    let refused = |assignment| resolved(&[assignment]).unwrap_err().to_string();
    assert!(refused("agent=pop").contains("`pop`"));
    assert!(refused("agent=3").contains("is a section"));
    assert!(refused("bounds=low").contains("bounds"));
}
