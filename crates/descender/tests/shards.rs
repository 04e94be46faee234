//! Comparisons in shards, and what `merge` makes of them.

mod common;

use std::path::Path;

use common::{fail, path, run, succeed, text};

/// A small comparison with everything that is found out beforehand.
const WORDS: [&str; 11] = [
    "compare",
    "--controller",
    "pretrained",
    "--task",
    "mnist-small",
    "--against",
    "sgd:0.1,tuned:adam;starts=2;grid=0.001/0.002,blind,replay",
    "--starts",
    "5",
    "--steps",
    "40",
];

/// A comparison over a small set of jobs.
fn over_jobs(folder: &Path) -> Vec<String> {
    let set = folder.join("small.toml");
    let set_text = "name = \"small\"\ndata = [\"mixture\", \"iris\"]\nnetworks = [\"perceptron\"]\nsteps = [40, 60]\nwork = 2e7\n";
    std::fs::write(&set, set_text).expect("there is room for a file");
    [
        "compare",
        "--controller",
        "pretrained",
        "--task",
        path(&set),
        "--against",
        "sgd:0.1",
        "--starts",
        "5",
    ]
    .map(str::to_owned)
    .into()
}

fn shard(words: &[String], shard: &str, out: &Path) -> String {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.extend(["--shard", shard, "--out", path(out)]);
    succeed(words)
}

fn whole(words: &[String], out: &Path) {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.extend(["--out", path(out)]);
    succeed(words);
}

fn bytes(folder: &Path, file: &str) -> Vec<u8> {
    std::fs::read(folder.join(file)).expect("the file is there")
}

#[test]
fn merged_shards_are_byte_for_byte_the_whole() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let at = |name: &str| place.path().join(name);
    let words: Vec<String> = WORDS.map(str::to_owned).into();
    whole(&words, &at("whole"));
    for (name, number) in [("a", "1/2"), ("b", "2/2")] {
        let told = shard(&words, number, &at(name));
        assert!(
            told.contains("is complete") && told.contains("descender merge"),
            "{told}"
        );
        assert!(!at(name).join("comparison.json").exists());
    }
    // A shard that was cut in the middle of a descent is no part of a whole, until it has gone on.
    let (trials, manifest) = (at("b").join("trials.bin"), at("b").join("manifest.json"));
    let kept = std::fs::read(&trials).expect("it was written");
    std::fs::write(&trials, &kept[..kept.len() * 2 / 3]).expect("there is room for a file");
    let text = std::fs::read_to_string(&manifest).expect("it was written");
    let ended = text.find("\"ended\": \"").expect("it has ended") + "\"ended\": \"".len();
    let end = ended + text[ended..].find('"').expect("it is JSON");
    std::fs::write(&manifest, [&text[..ended], &text[end..]].concat()).expect("there is room");
    let (a, b, merged) = (at("a"), at("b"), at("merged"));
    let cut = fail(2, ["merge", path(&a), path(&b), "--out", path(&merged)]);
    assert!(
        cut.contains("shard 2/2 is not complete") && cut.contains("--resume"),
        "{cut}"
    );
    succeed(["compare", "--resume", path(&b)]);

    // In any order.
    succeed(["merge", path(&b), path(&a), "--out", path(&merged)]);
    for file in ["comparison.json", "comparison.csv"] {
        assert_eq!(bytes(&merged, file), bytes(&at("whole"), file), "{file}");
    }
    assert!(merged.join("report.html").exists());

    let again = fail(2, ["merge", path(&a), path(&b), "--out", path(&merged)]);
    assert!(again.contains("already holds a comparison"), "{again}");
}

#[test]
fn merged_shards_of_a_set_are_byte_for_byte_the_whole() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let at = |name: &str| place.path().join(name);
    let words = over_jobs(place.path());
    whole(&words, &at("whole"));
    for (name, number) in [("a", "1/3"), ("b", "2/3"), ("c", "3/3")] {
        shard(&words, number, &at(name));
    }
    let folders = ["c", "a", "b"].map(at);
    let merged = at("merged");
    let mut words = vec!["merge"];
    words.extend(folders.iter().map(|folder| path(folder)));
    words.extend(["--out", path(&merged)]);
    succeed(words.clone());
    assert_eq!(
        bytes(&merged, "comparison.json"),
        bytes(&at("whole"), "comparison.json")
    );

    // Half of a shard's jobs are lost.
    let jobs = at("a").join("jobs.jsonl");
    let text = std::fs::read_to_string(&jobs).expect("it was written");
    std::fs::write(&jobs, &text[..text.len() / 2]).expect("there is room for a file");
    let other = at("other");
    *words.last_mut().expect("it has words") = path(&other);
    let cut = fail(2, words);
    assert!(
        cut.contains("shard 1/3 is not complete, 1 of 2 jobs are there"),
        "{cut}"
    );
}

#[test]
fn shards_that_make_no_whole_are_refused_by_name() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let at = |name: &str| place.path().join(name);
    let words = over_jobs(place.path());
    let small: Vec<String> = [
        "compare",
        "--task",
        "mnist-small",
        "--against",
        "sgd:0.1",
        "--starts",
        "2",
        "--steps",
        "10",
    ]
    .map(str::to_owned)
    .into();
    let mut seeded = small.clone();
    seeded.extend(["--seed".to_owned(), "7".to_owned()]);
    shard(&small, "1/2", &at("a"));
    shard(&seeded, "2/2", &at("other-seed"));
    shard(&small, "2/2", &at("other-version"));
    let manifest = at("other-version").join("manifest.json");
    let written = std::fs::read_to_string(&manifest).expect("it was written");
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    let older = written.replace(version, "\"version\": \"0.0.1\"");
    assert_ne!(older, written);
    std::fs::write(&manifest, older).expect("there is room for a file");
    shard(&words, "1/2", &at("jobs"));
    shard(&words, "1/2", &at("jobs-again"));
    let (a, other, jobs) = (at("a"), at("other-seed"), at("jobs"));
    let (again, older) = (at("jobs-again"), at("other-version"));
    let out = at("out");
    let merge = |folders: &[&Path]| {
        let mut words = vec!["merge"];
        words.extend(folders.iter().map(|folder| path(folder)));
        words.extend(["--out", path(&out)]);
        fail(2, words)
    };
    for (folders, expected) in [
        (vec![a.as_path()], "shard 2/2 is missing"),
        (vec![&a, &a], "is named twice"),
        (vec![&a, &other], "--seed (1 and 7) differs"),
        (vec![&a, &older], "and 0.0.1) differs"),
        (vec![&a, &jobs], "holds no comparison to go on with"),
        (vec![&jobs, &a], "no comparison over a set of jobs"),
        (vec![&jobs, &again], "shard 1/2 is there twice"),
        (vec![Path::new("nowhere")], "there is no such folder"),
    ] {
        let message = merge(&folders);
        assert!(message.contains(expected), "{message}\nexpected {expected}");
        assert!(!out.exists(), "{expected}");
    }
    for (words, expected) in [
        (
            vec!["compare", "--shard", "3/2", "--out", path(&out)],
            "I from 1 to N",
        ),
        (
            vec!["compare", "--shard", "2", "--out", path(&out)],
            "such as 2/8",
        ),
        (vec!["compare", "--shard", "1/2"], "--out"),
    ] {
        let output = run(words);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    // The folder of one comparison is not that of another.
    let mut more: Vec<&str> = words.iter().map(String::as_str).collect();
    more.extend(["--seed", "9", "--shard", "1/2", "--out", path(&jobs)]);
    let message = fail(2, more);
    assert!(
        message.contains("holds another comparison: the set of jobs"),
        "{message}"
    );
}

#[test]
fn runs_of_one_configuration_become_those_of_several_seeds() {
    let place = tempfile::tempdir().expect("there is room for a folder");
    let at = |name: &str| place.path().join(name);
    let train = |seed: &str, out: &Path, more: &[&str]| {
        let mut words = vec![
            "train",
            "--preset",
            "quick",
            "--set",
            "task=mnist-small",
            "--steps",
            "40",
            "--seed",
            seed,
            "--set",
            "episodes=8",
            "--set",
            "comparison.starts=4",
            "--set",
            "comparison.seed=5",
            "--out",
            path(out),
        ];
        words.extend(more);
        succeed(words)
    };
    let against = ["--set", "comparison.against=sgd:0.1"];
    train("1", &at("one"), &against);
    train("2", &at("two"), &against);
    let (one, two, out) = (at("one"), at("two"), at("merged"));
    let told = succeed(["merge", path(&two), path(&one), "--out", path(&out)]);
    assert!(
        told.contains("seed") && out.join("report.html").exists(),
        "{told}"
    );
    for (name, seed) in [("one", 1), ("two", 2)] {
        let merged = out.join(format!("seed-{seed}"));
        let file = "controller.safetensors";
        assert_eq!(bytes(&merged, file), bytes(&at(name), file));
    }
    let twice = fail(
        2,
        ["merge", path(&one), path(&one), "--out", path(&at("x"))],
    );
    assert!(twice.contains("is named twice"), "{twice}");
    train(
        "4",
        &at("four"),
        &[
            "--set",
            "comparison.against=sgd:0.1",
            "--set",
            "control.interval=20",
        ],
    );
    let differs = fail(
        2,
        [
            "merge",
            path(&one),
            path(&at("four")),
            "--out",
            path(&at("x")),
        ],
    );
    assert!(
        differs.contains("differ in more than their seeds"),
        "{differs}"
    );
}

#[test]
fn shares_of_a_learning_end_with_their_stage_and_make_the_controller_of_the_whole() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| place.path().join(name);
    let set = over_jobs(place.path())[4].clone();
    let learn = |more: &[&str]| {
        let settings = ["rounds=1", "instances=4", "pairs=1", "judged=2"];
        let mut words = vec!["train", "--task", &set];
        words.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        words.extend(more);
        succeed(words)
    };
    learn(&["--out", path(&at("whole"))]);
    let shared = at("shared");
    let mut calls = 0;
    while !shared.join("controller.safetensors").exists() {
        let shard = ["1/2", "2/2"][calls % 2];
        let told = learn(&["--shard", shard, "--stage", "--out", path(&shared)]);
        assert!(
            told.contains("its share of the stage") || told.contains("controller:"),
            "{told}"
        );
        calls += 1;
    }
    assert!(calls >= 3, "calibration, a round and the choice");
    let controller = |folder: &Path| bytes(folder, "controller.safetensors");
    assert!(controller(&at("whole")) == controller(&shared));

    let none = at("none");
    let words = ["train", "--task", "mnist-small", "--shard", "1/2", "--out"];
    let refused = fail(2, words.into_iter().chain([path(&none)]));
    assert!(
        refused.contains("expected a set of jobs as --task"),
        "{refused}"
    );
    assert!(!none.exists());
}
