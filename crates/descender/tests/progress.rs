//! What a run says while it works: a dashboard that leaves nothing behind on a terminal, plain lines elsewhere, nothing
//! with `--quiet`.

mod common;

use std::path::Path;
use std::process::Command;

use common::{QUICK, descender, path, run, text};

fn train<'a>(folder: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    ["train", "--out", path(folder)]
        .into_iter()
        .chain(QUICK.iter().copied())
        .chain(more.iter().copied())
        .collect()
}

#[test]
fn a_quiet_run_prints_its_result_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(train(&folder.path().join("run"), &["--quiet"]));
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
    assert!(text(&output.stdout).contains("controller"));
    // Warnings and errors are still told. The flag may stand before the command, too.
    let output = run(["-q", "train", "--set", "episode=3"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean"));
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(train(&folder.path().join("run"), &[]));
    let messages = text(&output.stderr);
    for part in [
        "run folder: ",
        "policy after 24 episodes: ",
        "controller: the policy after ",
    ] {
        assert!(messages.contains(part), "{part} is missing in:\n{messages}");
    }
    assert!(
        !messages.contains('\u{1b}') && !messages.contains('█'),
        "{messages}"
    );
}

/// Runs the command on a terminal of its own, which the program `script` of most systems offers; what the terminal was
/// sent, or `None` without that program.
fn on_a_terminal(arguments: &[&str], environment: &[(&str, &str)]) -> Option<String> {
    let words: Vec<String> = std::iter::once(env!("CARGO_BIN_EXE_descender"))
        .chain(arguments.iter().copied())
        .map(|word| format!("'{word}'"))
        .collect();
    let output = Command::new("script")
        .args(["-qec", &words.join(" "), "/dev/null"])
        .env_remove("CI")
        .env_remove("NO_COLOR")
        .env("TERM", "xterm-256color")
        .envs(environment.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    assert!(output.status.success(), "{}", text(&output.stdout));
    Some(text(&output.stdout))
}

#[test]
fn on_a_terminal_the_dashboard_comes_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    // Long enough that the training is still under way when the first picture is drawn, on any machine.
    let on = |name: &str, environment: &[(&str, &str)]| {
        on_a_terminal(
            &train(&folder.path().join(name), &["--set", "episodes=600"]),
            environment,
        )
    };
    let Some(shown) = on("run", &[]) else {
        println!("skipped: there is no program `script`, which offers a terminal");
        return;
    };
    for part in [
        " training",
        "score",
        "loss",
        "η",
        "steps/s",
        "\u{1b}[32m",
        "\u{1b}[J",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in:\n{shown:?}");
    }
    // It is taken away before the table, and nothing is drawn after that; the cursor was never hidden.
    let (before, after) = shown.rsplit_once("\u{1b}[J").unwrap();
    assert!(before.contains("░") && after.contains("interquartile mean") && !after.contains('░'));
    assert!(!shown.contains("\u{1b}[?25l"));

    let plain = on("plain", &[("NO_COLOR", "1")]).unwrap();
    assert!(
        plain.contains(" training") && !plain.contains("\u{1b}[32m"),
        "{plain:?}"
    );
    for (name, environment) in [("dumb", ("TERM", "dumb")), ("machine", ("CI", "true"))] {
        let lines = on(name, &[environment]).unwrap();
        assert!(
            !lines.contains('\u{1b}') && lines.contains("policy after "),
            "{lines:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn an_unknown_terminal_is_no_reason_to_fail() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let output = descender(train(&run, &[]))
        .env_remove("TERM")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}
