//! `descender train` from start to report, on a task that takes a second.

mod common;

use common::{QUICK, descender, path, succeed};

#[test]
fn a_run_without_its_manifest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    succeed(
        ["train", "--out", path(&run)]
            .into_iter()
            .chain(QUICK.iter().copied()),
    );
    let before = common::results(&run);
    std::fs::remove_file(run.join("manifest.json")).unwrap();
    std::fs::write(run.join("checkpoint/.descender-killed"), "half").unwrap();
    succeed(["inspect", path(&run)]);
    succeed(["train", "--resume", path(&run)]);
    assert_eq!(common::results(&run), before);
    assert!(run.join("manifest.json").exists());
    assert!(!run.join("checkpoint/.descender-killed").exists());
}

#[test]
fn a_run_ends_with_a_table_and_a_complete_folder() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let table = succeed(
        ["train", "--out", path(&run)]
            .into_iter()
            .chain(QUICK.iter().copied()),
    );
    for part in ["controller", "sgd:0.1", "adam:0.001", "report.html"] {
        assert!(table.contains(part), "{part} is missing in:\n{table}");
    }
    for name in [
        "config.toml",
        "manifest.json",
        "episodes.jsonl",
        "checkpoint/state",
        "controller.safetensors",
        "selection.json",
        "behaviour.json",
        "comparison.json",
        "report.html",
    ] {
        assert!(run.join(name).is_file(), "{name} is missing");
    }
    let report = std::fs::read_to_string(run.join("report.html")).unwrap();
    assert!(report.contains("<svg") && report.contains("adam:0.001"));
    // The resolved settings are complete: a new run with them alone is the same run.
    let again = folder.path().join("again");
    succeed([
        "train",
        "--config",
        path(&run.join("config.toml")),
        "--out",
        path(&again),
    ]);
    assert_eq!(common::results(&run), common::results(&again));
    // A resume of a complete run shows its result and changes nothing.
    assert!(succeed(["train", "--resume", path(&run)]).contains("adam:0.001"));
}

#[test]
fn both_presets_of_the_paper_run() {
    let folder = tempfile::tempdir().unwrap();
    for preset in ["paper-fixed", "paper-random"] {
        let run = folder.path().join(preset);
        let settings = [
            "--set",
            "task=mnist-small",
            "--set",
            "episodes=2",
            "--set",
            "environment.steps=120",
            "--set",
            "selection.starts=1",
            "--set",
            "selection.final_starts=1",
            "--set",
            "comparison.starts=2",
        ];
        succeed(
            ["train", "--preset", preset, "--out", path(&run)]
                .into_iter()
                .chain(settings),
        );
        let settings = std::fs::read_to_string(run.join("config.toml")).unwrap();
        // The paper's own numbers.
        for line in [
            "hidden = [50]",
            "replay_capacity = 2000",
            "target_interval = 100",
            "lower = 0.001",
            "upper = 0.5",
        ] {
            assert!(settings.contains(line), "{line} is missing in:\n{settings}");
        }
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_at_a_safe_point_and_prints_the_command_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let arguments = ["train", "--out", path(&run)]
        .into_iter()
        .chain(QUICK.iter().copied());
    let child =
        descender(arguments.chain(["--set", "episodes=100000", "--set", "selection.every=0"]))
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !run.join("episodes.jsonl").exists() {
        assert!(
            std::time::Instant::now() < patience,
            "the run did not begin"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let interrupt = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    let message = common::text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("--resume") && message.contains(path(&run)),
        "{message}"
    );
    assert!(run.join("checkpoint/state").is_file());
}
