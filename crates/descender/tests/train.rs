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

/// The seeds in the settings and in the manifest of a run.
fn seeds(run: &std::path::Path) -> [u64; 2] {
    let read = |name| std::fs::read_to_string(run.join(name)).expect("a run has this file");
    let settings = read("config.toml");
    let seed = settings
        .lines()
        .find_map(|line| line.strip_prefix("seed = "));
    let manifest: serde_json::Value =
        serde_json::from_str(&read("manifest.json")).expect("it is JSON");
    [
        seed.and_then(|seed| seed.parse().ok()),
        manifest["seed"].as_u64(),
    ]
    .map(|seed| seed.expect("a seed is a number"))
}

#[test]
fn two_trainings_that_begin_at_once_in_the_default_folder_stay_apart() {
    let place = tempfile::tempdir().unwrap();
    let start = |seed: &'static str| {
        let arguments = ["train", "--seed", seed]
            .into_iter()
            .chain(QUICK.iter().copied());
        descender(arguments)
            .current_dir(place.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children = [("1", start("1")), ("2", start("2"))];
    for (seed, child) in children {
        let output = child.wait_with_output().unwrap();
        let message = common::text(&output.stderr);
        assert!(output.status.success(), "{message}");
        let table = common::text(&output.stdout);
        assert!(table.contains(&format!("(seed {seed})")), "{table}");
        let run = (1..=2)
            .map(|number| format!("runs/dqn-{number}"))
            .find(|run| table.contains(&format!("{run}/")));
        let run = place.path().join(run.expect("one of the two folders"));
        let seed: u64 = seed.parse().unwrap();
        assert_eq!(seeds(&run), [seed, seed]);
    }
}

#[test]
fn event_files_are_not_forgotten_however_early_the_kill_was() {
    let place = tempfile::tempdir().unwrap();
    let run = place.path().join("run");
    let arguments = ["train", "--tensorboard", "--out", path(&run)];
    succeed(arguments.into_iter().chain(QUICK.iter().copied()));
    // As after a kill before the first event.
    std::fs::remove_dir_all(run.join("tensorboard")).unwrap();
    std::fs::remove_file(run.join("episodes.jsonl")).unwrap();
    std::fs::remove_dir_all(run.join("checkpoint")).unwrap();
    std::fs::create_dir(run.join("checkpoint")).unwrap();
    common::forget_the_end(&run);
    succeed(["train", "--resume", path(&run)]);
    assert_eq!(
        std::fs::read_dir(run.join("tensorboard")).unwrap().count(),
        1
    );
}

#[test]
fn one_setting_is_the_whole_budget() {
    let place = tempfile::tempdir().unwrap();
    let run = place.path().join("run");
    let arguments = [
        "train",
        "--steps",
        "90",
        "--out",
        path(&run),
        "--preset",
        "quick",
    ];
    let settings = [
        "task=mnist-small",
        "episodes=8",
        "agent.population=4",
        "agent.starts=1",
        "selection.starts=1",
        "selection.final_starts=1",
        "comparison.starts=2",
        "comparison.against=sgd:0.1",
    ];
    let settings = settings.into_iter().flat_map(|setting| ["--set", setting]);
    let output = common::run(arguments.into_iter().chain(settings));
    let message = common::text(&output.stderr);
    assert!(output.status.success(), "{message}");
    assert!(!message.contains("warning"), "{message}");
    let text = std::fs::read_to_string(run.join("config.toml")).unwrap();
    assert_eq!(text.matches("steps = 90").count(), 5, "{text}");
    assert!(
        std::fs::read_to_string(run.join("comparison.csv"))
            .unwrap()
            .starts_with("method,")
    );
}

#[test]
fn several_seeds_share_the_reported_starts_and_end_in_one_table_and_page() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("study");
    let quick: Vec<&str> = (QUICK.chunks(2))
        .filter(|pair| pair[0] != "--seed")
        .flatten()
        .copied()
        .collect();
    let all = |seeds: &'static str| {
        let words = ["train", "--out", path(&root), "--seeds", seeds];
        words.into_iter().chain(quick.iter().copied())
    };
    let table = succeed(all("3..4"));
    for part in [
        "2 runs",
        "controller",
        "sgd:0.1",
        "over seeds and starts",
        "report.html",
    ] {
        assert!(table.contains(part), "{part} is missing in:\n{table}");
    }
    let comparison = |seed: &str| {
        let text = std::fs::read_to_string(root.join(seed).join("comparison.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let (third, fourth) = (comparison("seed-3"), comparison("seed-4"));
    assert_eq!(third["seed"], 3);
    assert_eq!(fourth["seed"], 3, "the starts of the first seed");
    let starts = |comparison: &serde_json::Value, method: usize| {
        comparison["methods"][method]["by_start"].clone()
    };
    assert_eq!(starts(&third, 1), starts(&fourth, 1), "rivals do the same");
    assert_ne!(starts(&third, 0), starts(&fourth, 0), "controllers differ");
    // The same command goes on: what is complete stays, and a further seed joins.
    let before = std::fs::read(root.join("seed-3/manifest.json")).unwrap();
    let table = succeed(all("3..5"));
    assert!(table.contains("3 runs"), "{table}");
    assert_eq!(
        std::fs::read(root.join("seed-3/manifest.json")).unwrap(),
        before
    );
    // Alone, a seed has the same controller.
    let alone = folder.path().join("alone");
    let words = ["train", "--out", path(&alone), "--seed", "4"];
    succeed(words.into_iter().chain(quick.iter().copied()));
    let controller = |run: &std::path::Path| std::fs::read(run.join("controller.safetensors"));
    assert_eq!(
        controller(&alone).unwrap(),
        controller(&root.join("seed-4")).unwrap()
    );
    // Other settings are not mixed in.
    let message = common::fail(2, all("3..4").chain(["--set", "selection.starts=3"]));
    assert!(
        message.contains("seed-3") && message.contains("other settings"),
        "{message}"
    );
}
