//! Wrong settings end with exit code 2 and one line that names the nearest known key; what fails while running, with 1.

mod common;

use common::{fail, path, succeed};

#[test]
fn wrong_settings_name_the_nearest_known_key() {
    for (setting, nearest) in [
        ("episode=5", "episodes"),
        ("agent.gama=0.5", "agent."),
        ("environment.reward.nam=log-loss", "environment.reward.name"),
        ("intervall=3", "environment.control.interval"),
        ("selction.every=3", "selection.every"),
    ] {
        let message = fail(2, ["train", "--set", setting]);
        assert!(
            message.contains("did you mean") && message.contains(nearest),
            "{setting}: {message}"
        );
    }
    let message = fail(2, ["train", "--preset", "paper-fixd"]);
    assert!(message.contains("did you mean `paper-fixed`"), "{message}");
    let message = fail(2, ["compare", "--against", "sgdd:0.1"]);
    assert!(message.contains("did you mean `sgd`"), "{message}");
    let message = fail(2, ["compare", "--task", "mnist-small;batch=0"]);
    assert!(
        message.contains("`batch=0`") && message.contains("expected a batch from 1"),
        "{message}"
    );
}

#[test]
fn wrong_values_name_the_setting_and_what_was_expected() {
    for (setting, parts) in [
        ("episodes=0", ["episodes", "at least 1"]),
        ("episodes=many", ["episodes", "a whole number"]),
        ("episodes=-3", ["episodes", "expected"]),
        ("agent.spread=-1", ["spread", "from 0.001"]),
        (
            "environment.reward.name=fortune",
            ["environment.reward.name", "three-tier"],
        ),
        (
            "environment.control.bounds.lower=0.9",
            ["bounds", "expected"],
        ),
        ("environment.control.interval=0", ["interval", "1 step"]),
        (
            "comparison.against=sgd:fast",
            ["comparison.against", "not a number above 0"],
        ),
        ("optimizer.name=adem", ["optimizer.name", "adam"]),
        ("no-assignment", ["no-assignment", "KEY=VALUE"]),
    ] {
        let message = fail(2, ["train", "--set", setting]);
        for part in parts {
            assert!(message.contains(part), "{setting}: {message}");
        }
    }
}

#[test]
fn a_changed_kind_brings_its_own_settings() {
    // `slow_window` belongs to the compact observation alone, and the reward's settings to the reward alone.
    let message = fail(
        2,
        [
            "train",
            "--set",
            "environment.control.observation.name=paper",
            "--set",
            "environment.control.observation.slow_window=9",
        ],
    );
    assert!(message.contains("unknown setting"), "{message}");
}

#[test]
fn files_that_cannot_be_used_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.toml");
    let message = fail(2, ["train", "--config", path(&missing)]);
    assert!(message.contains("missing.toml"), "{message}");
    let broken = folder.path().join("broken.toml");
    std::fs::write(&broken, "episodes = = 3").unwrap();
    let message = fail(2, ["train", "--config", path(&broken)]);
    assert!(message.contains("broken.toml"), "{message}");
    let message = fail(2, ["train", "--resume", path(folder.path())]);
    assert!(message.contains("no config.toml"), "{message}");
    let message = fail(1, ["compare", "--controller", path(&missing)]);
    assert!(message.contains("missing.toml"), "{message}");
    let message = fail(1, ["data", "check", "--data", path(folder.path())]);
    assert!(message.contains("train-images"), "{message}");
    let message = fail(1, ["compare", "--against", "schedule:nowhere.txt"]);
    assert!(message.contains("nowhere.txt"), "{message}");
}

#[test]
fn a_folder_that_holds_a_run_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let arguments = ["train", "--out", path(&out)];
    succeed(arguments.into_iter().chain(common::QUICK.iter().copied()));
    let message = fail(2, arguments);
    assert!(
        message.contains("already holds a run") && message.contains("--resume"),
        "{message}"
    );
}

#[test]
fn lists_are_lists_of_names() {
    for (subject, expected) in [
        ("tasks", "mnist-cnn"),
        ("optimizers", "amsgrad"),
        ("agents", "dqn"),
        ("rewards", "three-tier"),
        ("observations", "paper"),
        ("actions", "factors"),
        ("presets", "paper-random"),
    ] {
        let table = succeed(["list", subject]);
        assert!(table.contains(expected), "{table}");
        let json: serde_json::Value =
            serde_json::from_str(&succeed(["list", subject, "--json"])).unwrap();
        let names: Vec<&str> = json
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["name"].as_str().unwrap())
            .collect();
        assert!(names.contains(&expected), "{names:?}");
    }
    let rewards: serde_json::Value =
        serde_json::from_str(&succeed(["list", "rewards", "--json"])).unwrap();
    assert!(rewards.as_array().unwrap().len() >= 3);
}
