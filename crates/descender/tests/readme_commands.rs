//! Every command of the README runs as it is written there, in the order in which it stands there. Budgets are made small.

mod common;

use std::path::Path;
use std::process::Command;

use common::text;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Lines about the workspace itself, which no test can run inside of a test.
const OF_CARGO: [&str; 2] = [
    "cargo install --path crates/descender",
    "cargo test --release --workspace",
];

/// The commands in the blocks of shell code, without their comments.
fn commands(readme: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in readme.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => {
                let command = line.split(" #").next().unwrap_or_default().trim();
                commands.push(command.to_owned());
            }
            _ => {}
        }
    }
    commands.retain(|command| !command.is_empty() && !command.starts_with('#'));
    commands
}

/// The command with this value of an option.
fn with(command: &str, option: &str, value: &str) -> String {
    let mut words: Vec<&str> = command.split(' ').collect();
    match words.iter().position(|word| *word == option) {
        Some(place) => words[place + 1] = value,
        None => words.extend([option, value]),
    }
    words.join(" ")
}

/// The same command with a small budget.
fn small(command: &str) -> String {
    let name = command.split(' ').nth(1).unwrap_or_default();
    if command.contains("--resume") {
        return command.to_owned();
    }
    match name {
        "train" if command.contains("--task jobs") => {
            let settings = ["rounds=1", "instances=2", "pairs=1", "judged=2"];
            let settings = settings.map(|setting| format!(" --set {setting}"));
            command.to_owned() + &settings.concat()
        }
        "train" => {
            let mut command = with(command, "--steps", "60");
            let mut settings = vec![
                "task=mnist-small",
                "episodes=8",
                "selection.starts=1",
                "selection.final_starts=1",
                "comparison.starts=2",
            ];
            if !command.contains("paper") {
                settings.extend(["agent.population=4", "agent.starts=1"]);
            }
            for setting in settings {
                command.push_str(" --set ");
                command.push_str(setting);
            }
            command
        }
        "compare" => {
            let command = with(command, "--starts", "2");
            match command.contains("--controller") {
                true => command, // its own length is small
                false => with(&command, "--steps", "20"),
            }
        }
        "export" => with(command, "--starts", "2"),
        "reproduce" => with(command, "--budget", "tiny"),
        "bench" => with(command, "--seconds", "0.2"),
        _ => command.to_owned(),
    }
}

#[test]
fn every_command_of_the_readme_runs() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let commands = commands(&readme);
    assert!(commands.len() > 15, "{commands:?}");
    let binary = Path::new(env!("CARGO_BIN_EXE_descender"));
    let before = std::env::var_os("PATH").unwrap_or_default();
    let mut paths = vec![binary.parent().unwrap().to_owned()];
    paths.extend(std::env::split_paths(&before));
    let paths = std::env::join_paths(paths).unwrap();
    let place = tempfile::tempdir().unwrap();
    for command in &commands {
        if OF_CARGO.contains(&command.as_str()) {
            continue;
        }
        let run = command.replacen("cargo run --release --", "descender", 1);
        assert!(run.starts_with("descender "), "no test runs `{command}`");
        let run = small(&run);
        let output = Command::new("sh")
            .args(["-c", &run])
            .env("PATH", &paths)
            .current_dir(place.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{run}\n{}", text(&output.stderr));
    }
}

#[test]
fn the_crate_that_the_readme_installs_has_the_command() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    assert!(
        commands(&readme)
            .iter()
            .any(|command| command == OF_CARGO[0])
    );
    let manifest = std::fs::read_to_string(format!("{ROOT}/crates/descender/Cargo.toml")).unwrap();
    assert!(manifest.contains("[[bin]]\nname = \"descender\""));
}
