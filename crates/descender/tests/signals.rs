//! Signals: one ends a training at its next safe point, unless it was ignored when the program began.
#![cfg(unix)]

mod common;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{QUICK, path};

/// A training that begins with `trap` in force; it is past its first checkpoint.
fn train(out: &Path, trap: &str) -> Child {
    let mut command = common::program("sh");
    command.args(["-c", &format!("{trap} exec \"$@\""), "sh"]);
    command.args([env!("CARGO_BIN_EXE_descender"), "train", "--out", path(out)]);
    command
        .args(QUICK)
        .args(["--set", "environment.steps=1500"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("there is a shell");
    let patience = Instant::now() + Duration::from_secs(120);
    while !out.join("checkpoint/state").exists() && Instant::now() < patience {
        let ended = child.try_wait().expect("a child can be asked");
        assert!(ended.is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

fn send(signal: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args([signal, &child.id().to_string()]);
    assert!(kill.status().expect("there is a kill").success());
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut child = train(&run, "trap '' HUP INT;");
    send("-HUP", &child);
    send("-INT", &child);
    assert!(child.wait().unwrap().success());
    assert!(run.join("report.html").exists());
}

#[test]
fn every_other_signal_ends_the_work_with_a_checkpoint() {
    for signal in ["-HUP", "-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let mut child = train(&run, "");
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(1), "{signal}");
        assert!(run.join("checkpoint/state").exists() && !run.join("report.html").exists());
    }
}
