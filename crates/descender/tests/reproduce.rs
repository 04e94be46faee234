//! `descender reproduce`: all figures with tiny numbers, the same bits however it was run, and its mistakes.

mod common;

use std::path::Path;
use std::time::{Duration, Instant};

use common::{descender, fail, path, succeed};

fn reproduce(folder: &Path, more: &[&str]) -> String {
    let arguments = [
        "reproduce",
        "all",
        "--budget",
        "tiny",
        "--out",
        path(folder),
    ];
    succeed(arguments.into_iter().chain(more.iter().copied()))
}

/// The files of a reproduction that have no path and no time in them.
fn bits(folder: &Path) -> Vec<Vec<u8>> {
    let svgs = (1..=5).map(|number| format!("fig{number}.svg"));
    svgs.chain(["findings.json".to_owned()])
        .map(|name| std::fs::read(folder.join(name)).expect("the reproduction is complete"))
        .collect()
}

#[test]
fn threads_and_a_kill_change_no_bit_and_nothing_is_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let table = reproduce(&one, &["--threads", "1"]);
    assert!(
        table.contains("fig5") && table.contains("findings:") && table.contains("report.html"),
        "{table}"
    );

    let arguments = [
        "reproduce",
        "all",
        "--budget",
        "tiny",
        "--out",
        path(&two),
        "--threads",
        "2",
    ];
    let mut child = descender(arguments)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !two.join("paper-random/checkpoint/state").exists() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !two.join("report.html").exists(),
        "it was complete before it was killed"
    );
    succeed(["reproduce", "--resume", path(&two)]);
    assert_eq!(bits(&one), bits(&two));

    let made = |name: &str| {
        std::fs::metadata(one.join(name))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = made("fig1.json");
    reproduce(&one, &[]);
    assert_eq!(made("fig1.json"), before);
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let message = fail(2, ["reproduce", "--resume", path(folder.path())]);
    assert!(message.contains("holds no reproduction"), "{message}");
    let out = folder.path().join("out");
    succeed(["reproduce", "fig1", "--budget", "tiny", "--out", path(&out)]);
    let message = fail(
        2,
        [
            "reproduce",
            "fig1",
            "--budget",
            "tiny",
            "--seed",
            "2",
            "--out",
            path(&out),
            "--quiet",
        ],
    );
    assert!(message.contains("seed 1"), "{message}");
    let message = fail(
        2,
        [
            "reproduce",
            "fig1",
            "--data",
            "/no/where",
            "--out",
            path(&out),
            "--quiet",
        ],
    );
    assert!(message.contains("/no/where"), "{message}");
}
