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
    let message = fail(2, ["data", "check", "--data", path(folder.path())]);
    assert!(message.contains("train-images"), "{message}");
}

#[test]
fn what_is_not_there_is_a_wrong_usage_whoever_asks_for_it() {
    let missing = "no/where";
    for arguments in [
        &["train", "--config", missing][..],
        &["train", "--resume", missing],
        &["train", "--data", missing],
        &["compare", "--controller", missing],
        &["compare", "--against", "schedule:no/where"],
        &["compare", "--against", "controller:no/where"],
        &["compare", "--resume", missing],
        &["compare", "--data", missing],
        &["reproduce", "--resume", missing],
        &["report", missing],
        &["inspect", missing],
        &["export", "schedule", missing],
        &["bench", "--data", missing],
        &["data", "check", "--data", missing],
    ] {
        let message = fail(2, arguments.iter().copied());
        assert!(message.contains(missing), "{arguments:?}: {message}");
    }
}

/// A link to itself: it is there, but nobody can read it, not even the superuser.
#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_not_called_missing() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "config.toml",
        "compare.json",
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ] {
        let link = folder.path().join(name);
        std::os::unix::fs::symlink(&link, &link).unwrap();
    }
    let place = path(folder.path());
    for arguments in [
        ["train", "--resume", place],
        ["compare", "--resume", place],
        ["train", "--data", place],
    ] {
        let message = fail(1, arguments);
        assert!(message.contains("cannot read"), "{arguments:?}: {message}");
    }
}

#[test]
fn a_value_of_no_kind_names_its_own_key_and_its_file() {
    for (key, value) in [
        ("training_starts", "often"),
        ("selection.measure", "luck"),
        ("environment.bounds_mode", "bounce"),
        ("environment.control.action.schedule", "zigzag"),
        ("optimizer.epsilon_place", "middle"),
        ("seed", "-1"),
    ] {
        let message = fail(2, ["train", "--set", &format!("{key}={value}")]);
        assert!(message.contains(&format!("setting `{key}`")), "{message}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    for text in [
        "episodes = 0",
        "training_starts = \"often\"",
        "[agent]\ngama = 0.5",
        "[selection]\nstarts = 0",
        "[environment.control]\ninterval = 0",
    ] {
        std::fs::write(&file, text).unwrap();
        let message = fail(2, ["train", "--config", path(&file)]);
        assert!(
            message.contains("mine.toml: setting")
                || message.contains("mine.toml: unknown setting"),
            "{message}"
        );
    }
    // The command line is at fault.
    std::fs::write(&file, "episodes = 100").unwrap();
    let message = fail(2, ["train", "--config", path(&file), "--set", "episodes=0"]);
    assert!(
        message.contains("setting `episodes`") && !message.contains("mine.toml"),
        "{message}"
    );
}

#[test]
fn only_what_is_similar_is_suggested() {
    for unknown in ["network", "foo", "agent.zzz", "hidden_layers_of_my_net"] {
        let message = fail(2, ["train", "--set", &format!("{unknown}=3")]);
        assert!(!message.contains("did you mean"), "{message}");
    }
}

#[test]
fn files_of_settings_and_names_have_a_size() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, format!("task = \"{}\"", "x".repeat(1 << 21))).unwrap();
    let message = fail(2, ["train", "--config", path(&file)]);
    assert!(
        message.contains("mine.toml") && message.contains("more than 1048576 bytes"),
        "{message}"
    );
    std::fs::write(
        &file,
        format!("task = \"\\u001b[2J{}\"", "x".repeat(1 << 19)),
    )
    .unwrap();
    let message = fail(2, ["train", "--config", path(&file)]);
    assert!(
        message.len() < 10_000 && message.contains(r"\u{1b}[2J"),
        "{message}"
    );
}

/// Where a shell can limit the memory.
#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_is_told_before_the_work_begins() {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -v 30000; exec \"$@\"", "sh"]);
    command.args([
        env!("CARGO_BIN_EXE_descender"),
        "compare",
        "--task",
        "mnist-small",
    ]);
    let output = command.output().unwrap();
    let message = common::text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("not enough memory"), "{message}");
}

/// On systems where names of files are bytes.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_name_is_no_text_is_refused_and_keeps_no_stub() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&odd).unwrap();
    common::write_images(&odd.join("data"), |label| label);
    for arguments in [
        &[
            "compare",
            "--task",
            "mnist-small",
            "--starts",
            "2",
            "--steps",
            "5",
            "--out",
            "here",
        ][..],
        &["train", "--data", "data", "--out", "here"],
        &["reproduce", "fig1", "--data", "data", "--out", "here"],
    ] {
        let mut command = common::descender(arguments.iter().copied());
        let output = command.current_dir(&odd).output().unwrap();
        let message = common::text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("no UTF-8"), "{message}");
        assert!(!odd.join("here").exists(), "{arguments:?}");
    }
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
