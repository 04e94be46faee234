//! The same seed gives the same bits: whatever the number of threads, and after kills and resumes.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{EVOLUTION, QUICK, descender, path, results, succeed};

fn train(folder: &Path, settings: &[&str], more: &[&str]) {
    succeed(
        ["train", "--out", path(folder)]
            .into_iter()
            .chain(settings.iter().copied())
            .chain(more.iter().copied()),
    );
}

#[test]
fn one_thread_and_two_threads_give_the_same_bits() {
    threads_change_nothing(QUICK);
    threads_change_nothing(EVOLUTION);
}

fn threads_change_nothing(settings: &[&str]) {
    let folder = tempfile::tempdir().expect("temporary files can be made");
    let (one, two, other) = (
        folder.path().join("one"),
        folder.path().join("two"),
        folder.path().join("other"),
    );
    train(&one, settings, &["--threads", "1"]);
    train(&two, settings, &["--threads", "2"]);
    train(&other, settings, &["--threads", "2", "--seed", "2"]);
    assert_eq!(results(&one), results(&two));
    assert_ne!(
        results(&one)[0],
        results(&other)[0],
        "another seed must change the episodes"
    );
}

#[test]
fn a_run_that_was_killed_three_times_gives_the_same_bits() {
    kills_change_nothing(QUICK);
}

/// With a second learner, which begins in the middle of the episodes.
#[test]
fn an_evolution_that_was_killed_three_times_gives_the_same_bits() {
    kills_change_nothing(EVOLUTION);
}

/// The states of a recurrent network that go from batch to batch are saved, too.
#[test]
fn a_run_over_a_text_with_carried_states_that_was_killed_three_times_gives_the_same_bits() {
    let folder = tempfile::tempdir().expect("temporary files can be made");
    let file = folder.path().join("text.toml");
    let text = "batch = 8\n[data]\npath = \"alice\"\nwindow = 8\ncarry = true\n\
                [network]\nlayers = [\"embedding 4\", \"gru 8\", \"linear\"]\n";
    std::fs::write(&file, text).expect("a temporary folder can be written to");
    let task = format!("task={}", path(&file));
    let settings: Vec<&str> = (QUICK.iter())
        .map(|&word| match word {
            "task=mnist-small" => task.as_str(),
            word => word,
        })
        .collect();
    kills_change_nothing(&settings);
}

fn kills_change_nothing(settings: &[&str]) {
    // Longer episodes, so that there is time to kill in the middle of them, and frequent checkpoints.
    let longer = [
        "--set",
        "environment.steps=1500",
        "--set",
        "checkpoint_seconds=0.02",
        "--set",
        "episodes=40",
    ];
    let folder = tempfile::tempdir().expect("temporary files can be made");
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    train(&whole, settings, &longer);

    let lines = |folder: &Path| {
        std::fs::read_to_string(folder.join("episodes.jsonl"))
            .map_or(0, |text| text.lines().count())
    };
    let mut kills = 0;
    for (wanted_lines, later) in [(3, 0), (11, 17), (25, 5)] {
        let mut arguments = vec!["train"];
        if kills == 0 {
            arguments.extend(["--out", path(&killed)]);
            arguments.extend(settings);
            arguments.extend(longer);
        } else {
            arguments.extend(["--resume", path(&killed)]);
        }
        let mut child = descender(arguments)
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary was built with the tests");
        let patience = Instant::now() + Duration::from_secs(120);
        while lines(&killed) < wanted_lines && Instant::now() < patience {
            assert!(
                child.try_wait().expect("a child can be asked").is_none(),
                "the run ended before it could be killed"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(later));
        child.kill().expect("it has not ended");
        child.wait().expect("it was killed");
        assert!(
            !killed.join("comparison.json").exists(),
            "the run was complete before it was killed"
        );
        kills += 1;
    }
    // A line that was half written when the program died must not survive.
    let episodes = killed.join("episodes.jsonl");
    let mut text =
        std::fs::read_to_string(&episodes).expect("it was killed after its first episodes");
    text.push_str("{\"episode\": 7, \"sco");
    std::fs::write(&episodes, text).expect("a temporary folder can be written to");

    succeed(["train", "--resume", path(&killed)]);
    assert_eq!(kills, 3);
    assert_eq!(results(&whole), results(&killed));
}

#[test]
fn a_run_whose_settings_were_changed_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    train(&run, QUICK, &[]);
    // Not complete any more, and with other settings than its checkpoint.
    common::forget_the_end(&run);
    let settings = std::fs::read_to_string(run.join("config.toml")).unwrap();
    std::fs::write(
        run.join("config.toml"),
        settings.replace("episodes = 24", "episodes = 25"),
    )
    .unwrap();
    let output = common::run(["train", "--resume", path(&run)]);
    assert_eq!(output.status.code(), Some(1));
    let message = common::text(&output.stderr);
    assert!(message.contains("config.toml was changed"), "{message}");
}
