//! What the tests of the command share: running the real binary, and settings that are quick.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::path::Path;
use std::process::{Command, Output};

/// Settings under which a whole `train` takes a second or so.
pub const QUICK: &[&str] = &[
    "--preset",
    "dqn",
    "--set",
    "task=mnist-small",
    "--set",
    "episodes=24",
    "--set",
    "environment.steps=200",
    "--set",
    "environment.threshold=0.3",
    "--set",
    "selection.every=8",
    "--set",
    "selection.starts=2",
    "--set",
    "selection.final_starts=2",
    "--set",
    "comparison.starts=4",
    "--set",
    "comparison.steps=200",
    "--set",
    "agent.warm_up=64",
    "--set",
    "agent.updates_per_decision=1",
];

/// As [`QUICK`], with the evolution strategy, continuous actions and two learners.
pub const EVOLUTION: &[&str] = &[
    "--preset",
    "quick",
    "--set",
    "task=mnist-small",
    "--set",
    "episodes=48",
    "--set",
    "learners=2",
    "--set",
    "agent.population=4",
    "--set",
    "agent.starts=2",
    "--set",
    "environment.steps=200",
    "--set",
    "environment.threshold=0.3",
    "--set",
    "selection.every=8",
    "--set",
    "selection.starts=2",
    "--set",
    "selection.final_starts=2",
    "--set",
    "comparison.starts=4",
    "--set",
    "comparison.steps=200",
];

/// The command, with arguments. It keeps no rivals: no test profits from another.
pub fn descender<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_descender"));
    command.args(arguments).env("DESCENDER_RIVALS", "");
    command
}

/// A program that begins with the usual signals: a shell's background jobs ignore some, and the command rightly would, too.
pub fn program(name: &str) -> Command {
    if !signals_are_ignored() {
        return Command::new(name);
    }
    let mut reset = Command::new("env");
    reset.args(["--default-signal=HUP,INT,TERM", name]);
    reset
}

/// Whether this process ignores SIGHUP, SIGINT or SIGTERM (signals 1, 2 and 15), as far as the system tells.
fn signals_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 0x4003 != 0)
}

/// Runs to the end.
pub fn run<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Output {
    descender(arguments)
        .output()
        .expect("the binary was built with the tests")
}

/// Runs to the end, which must be a good one; its standard output.
pub fn succeed<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs to the end, which must be a failure with this exit code; its standard error, which must be one line.
pub fn fail<'a>(code: i32, arguments: impl IntoIterator<Item = &'a str>) -> String {
    let output = run(arguments);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{message}");
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
    assert!(output.stdout.is_empty(), "a failure prints no result");
    message
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as text.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("temporary folders have plain names")
}

/// The bytes of what a run must reproduce: its episodes, its controller, and what is recorded of the controller.
pub fn results(folder: &Path) -> [Vec<u8>; 5] {
    [
        "episodes.jsonl",
        "controller.safetensors",
        "selection.json",
        "behaviour.json",
        "comparison.json",
    ]
    .map(|name| std::fs::read(folder.join(name)).expect("the run is complete"))
}

/// Makes a complete run one that is not: its manifest says no end.
pub fn forget_the_end(folder: &Path) {
    let path = folder.join("manifest.json");
    let text = std::fs::read(&path).expect("a run has a manifest");
    let mut manifest: serde_json::Value = serde_json::from_slice(&text).expect("it is JSON");
    manifest["ended"] = "".into();
    std::fs::write(path, manifest.to_string()).expect("a temporary folder can be written to");
}

/// Writes the four IDX files of a small data set of 8 × 8 images in four classes: each class has a bright quadrant of
/// its own. `labels` changes the labels of the validation images.
pub fn write_images(folder: &Path, labels: impl Fn(u8) -> u8) {
    std::fs::create_dir_all(folder).expect("a temporary folder can be written to");
    let file = |name: &str, dimensions: &[u32], values: Vec<u8>| {
        let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
        bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(values);
        std::fs::write(folder.join(name), bytes).expect("a temporary folder can be written to");
    };
    for (part, count) in [("train", 320_u32), ("t10k", 64)] {
        let pixel = |image: u32, place: u32| {
            let quadrant = u8::from(place % 8 >= 4) + 2 * u8::from(place >= 32);
            let noise = (image * 131 + place * 71 + image * place * 29) % 97;
            noise as u8
                + if u32::from(quadrant) == image % 4 {
                    120
                } else {
                    0
                }
        };
        let pixels = (0..count).flat_map(|image| (0..64).map(move |place| pixel(image, place)));
        file(
            &format!("{part}-images-idx3-ubyte"),
            &[count, 8, 8],
            pixels.collect(),
        );
        let class = |image: u32| match part {
            "train" => (image % 4) as u8,
            _ => labels((image % 4) as u8),
        };
        file(
            &format!("{part}-labels-idx1-ubyte"),
            &[count],
            (0..count).map(class).collect(),
        );
    }
}
