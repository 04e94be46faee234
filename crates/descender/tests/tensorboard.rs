//! `descender train --tensorboard`: the event files as the Python package `tensorboard` reads them, scalar by scalar
//! equal to the JSON lines, also after a kill and a resume.
//!
//! Needs a Python with that package: the one that `DESCENDER_TENSORBOARD_PYTHON` names, or `target/ci-venv`, which
//! `.ci/run` makes. Without either the test says that it is skipped.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use common::{QUICK, descender, path, run, succeed, text};

/// A Python that has the package.
fn python() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("DESCENDER_TENSORBOARD_PYTHON") {
        // Named on purpose: if it can't be used, the test fails.
        return Some(named.into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join("target/ci-venv/bin/python");
    let usable = Command::new(&python)
        .args(["-c", "import tensorboard"])
        .output()
        .is_ok_and(|output| output.status.success());
    usable.then_some(python)
}

/// Compares the event files of a run with its JSON.
fn compare(python: &Path, run: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/event_files.py");
    let output = Command::new(python)
        .args([script.as_path(), run])
        .output()
        .expect("the Python is there");
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    assert!(out.contains("are equal"), "{out}{error}");
}

#[test]
fn the_real_package_reads_what_the_json_lines_hold() {
    let Some(python) = python() else {
        println!(
            "skipped: there is no Python with the package tensorboard (DESCENDER_TENSORBOARD_PYTHON)"
        );
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (whole, killed, later) = (
        folder.path().join("whole"),
        folder.path().join("killed"),
        folder.path().join("later"),
    );
    let arguments = |run: &Path| {
        let mut arguments = vec!["train".to_owned(), "--out".to_owned(), path(run).to_owned()];
        arguments.extend(QUICK.iter().map(ToString::to_string));
        arguments
    };
    let mut first = arguments(&whole);
    first.push("--tensorboard".to_owned());
    succeed(first.iter().map(String::as_str));
    compare(&python, &whole);

    // Killed in the middle, and resumed without a word of TensorBoard: nothing twice, nothing missing.
    let mut second = arguments(&killed);
    second.extend(
        [
            "--tensorboard",
            "--set",
            "environment.steps=1500",
            "--set",
            "checkpoint_seconds=0.02",
        ]
        .map(str::to_owned),
    );
    let mut child = descender(second.iter().map(String::as_str))
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let lines = || {
        std::fs::read_to_string(killed.join("episodes.jsonl"))
            .map_or(0, |text| text.lines().count())
    };
    let patience = Instant::now() + Duration::from_secs(120);
    while lines() < 10 && Instant::now() < patience {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the run ended before it could be killed"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    succeed(["train", "--resume", path(&killed)]);
    compare(&python, &killed);

    // Asked for when the run is complete.
    let plain = arguments(&later);
    succeed(plain.iter().map(String::as_str));
    assert!(!later.join("tensorboard").exists(), "nobody asked for it");
    let output = run(["train", "--resume", path(&later), "--tensorboard"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    compare(&python, &later);
}
