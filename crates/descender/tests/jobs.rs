//! Sets of jobs, and the controller that comes with the program, from the command line.

mod common;

use std::path::Path;

use common::{fail, path, succeed};

/// A set of small jobs.
fn set(folder: &Path) -> String {
    let file = folder.join("small.toml");
    let text = "name = \"small\"\ndata = [\"mixture\", \"iris\"]\nnetworks = [\"perceptron\"]\nsteps = [40, 60]\nwork = 2e7\n";
    std::fs::write(&file, text).expect("there is room for a file");
    path(&file).to_owned()
}

/// Learns over the small set.
fn learn(set: &str, out: &Path, more: &[&str]) -> String {
    let small = ["rounds=2", "instances=4", "pairs=1", "judged=3"];
    let mut words = vec!["train", "--task", set, "--out", path(out)];
    for setting in small {
        words.extend(["--set", setting]);
    }
    words.extend(more);
    succeed(words)
}

#[test]
fn a_controller_is_learned_over_a_set_and_compared_on_it() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let set = set(folder.path());
    let out = folder.path().join("learned");
    let told = learn(&set, &out, &[]);
    assert!(
        told.contains("chosen") && told.contains("descents:   239"),
        "{told}"
    );
    let controller = out.join("controller.safetensors");
    let bytes = std::fs::read(&controller).expect("it was written");

    // A learning whose end is missing goes on, and ends in the same bytes.
    std::fs::remove_file(&controller).expect("it was there");
    let rows = out.join("round-2.jsonl");
    let text = std::fs::read_to_string(&rows).expect("it was written");
    std::fs::write(&rows, &text[..text.len() / 2]).expect("there is room for a file");
    succeed(["train", "--resume", path(&out), "--threads", "1"]);
    assert_eq!(std::fs::read(&controller).expect("it was written"), bytes);
    let again = fail(
        2,
        [
            "train",
            "--task",
            &set,
            "--out",
            path(&out),
            "--set",
            "rounds=3",
        ],
    );
    assert!(again.contains("other settings"), "{again}");

    let compared = folder.path().join("compared");
    let words = |more: &[&'static str]| {
        let mut words = vec!["compare", "--controller", path(&controller), "--task", &set];
        words.extend([
            "--starts",
            "6",
            "--against",
            "tuned:linear;optimizer=adam;grid=0.01,linear:0.01;optimizer=adam",
        ]);
        words.extend(more);
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<String>>()
    };
    let run = |words: Vec<String>| succeed(words.iter().map(String::as_str));
    let mut first = words(&[]);
    first.extend(["--out".to_owned(), path(&compared).to_owned()]);
    let table = run(first.clone());
    assert!(
        table.contains("6 jobs of small") && table.contains("by family"),
        "{table}"
    );
    assert_eq!(run(first), table, "what is kept is not computed again");
    let json: serde_json::Value =
        serde_json::from_str(&run(words(&["--json"]))).expect("it is JSON");
    assert_eq!(json["jobs"].as_array().map(Vec::len), Some(6));
    let other = run(words(&["--seed", "2"]));
    assert_ne!(other, table, "another seed draws other jobs");
    let only = run(words(&["--only", "iris"]));
    assert!(only.contains("with iris alone"), "{only}");
}

#[test]
fn a_part_of_a_set_can_be_left_out_and_a_wrong_one_is_told() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let set = set(folder.path());
    let out = folder.path().join("learned");
    learn(&set, &out, &["--leave-out", "iris"]);
    let wrong = fail(
        2,
        ["train", "--task", &set, "--leave-out", "gru", "--out", "no"],
    );
    assert!(
        wrong.contains("expected some of iris, mixture, perceptron"),
        "{wrong}"
    );
    let wrong = fail(
        2,
        ["train", "--task", &set, "--set", "rounds=0", "--out", "no"],
    );
    assert!(wrong.contains("learn.rounds = 0"), "{wrong}");
    let wrong = fail(
        2,
        ["train", "--task", &set, "--set", "moons=3", "--out", "no"],
    );
    assert!(wrong.contains("moons"), "{wrong}");
    std::fs::write(
        folder.path().join("bad.toml"),
        "networks = [\"perceptron\"]\ndata = []\nname = \"bad\"",
    )
    .expect("there is room for a file");
    let bad = folder.path().join("bad.toml");
    let wrong = fail(
        2,
        ["compare", "--task", path(&bad), "--against", "adam:0.001"],
    );
    assert!(wrong.contains("data = []"), "{wrong}");
}

#[test]
fn what_comes_with_the_program_steers_any_task_and_says_why() {
    assert!(succeed(["list", "controllers"]).contains("pretrained"));
    let card = succeed(["inspect", "pretrained"]);
    assert!(
        card.contains("Licence") && card.contains("SHA-256"),
        "{card}"
    );
    let table = succeed([
        "compare",
        "--controller",
        "pretrained",
        "--task",
        "mnist-small",
        "--steps",
        "80",
        "--starts",
        "2",
        "--against",
        "adam:0.003,controller:pretrained",
    ]);
    assert!(table.contains("controller:pretrained"), "{table}");
    let why = succeed([
        "inspect",
        "pretrained",
        "--task",
        "mnist-small",
        "--steps",
        "80",
    ]);
    assert!(
        why.contains("step      1: η") && why.contains("parameters ×"),
        "{why}"
    );
    let why = succeed([
        "inspect",
        "pretrained",
        "--task",
        "mnist-small",
        "--steps",
        "80",
        "--json",
    ]);
    let why: serde_json::Value = serde_json::from_str(&why).expect("it is JSON");
    assert_eq!(why["decisions"].as_array().map(Vec::len), Some(40));
}

#[test]
fn a_task_of_one_s_own_ends_with_a_sentence_on_what_to_use() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("iris.toml");
    std::fs::write(&file, "steps = 50\nbatch = 16\n[data]\npath = \"iris\"\n")
        .expect("there is room for a file");
    let out = folder.path().join("own");
    let told = succeed(["train", "--task", path(&file), "--out", path(&out)]);
    let last = told.lines().last().unwrap_or_default();
    assert!(
        last.starts_with("use: ") && last.contains("validation loss") && last.contains(" %"),
        "{told}"
    );
    assert!(out.join("controller.safetensors").exists());
    let candidates = std::fs::read_to_string(out.join("candidates.json"));
    assert!(candidates.is_ok_and(|text| text.contains("as it began")));
    // The same command goes on from what is there, and says the same.
    let again = succeed(["train", "--task", path(&file), "--out", path(&out)]);
    assert_eq!(again.lines().last(), told.lines().last());
}
