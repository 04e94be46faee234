//! `descender compare`: the JSON contract, schedules from files, controls, tuned rivals, interruption.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{descender, fail, path, succeed};
use serde_json::Value;

const SMALL: [&str; 10] = [
    "compare",
    "--task",
    "mnist-small",
    "--starts",
    "4",
    "--steps",
    "150",
    "--threshold",
    "0.4",
    "--json",
];

fn compare(against: &str) -> Value {
    let text = succeed(SMALL.into_iter().chain(["--against", against]));
    serde_json::from_str(&text).expect("one JSON document")
}

#[test]
fn the_json_has_the_fields_that_scripts_rely_on() {
    let result = compare("sgd:0.1,adam:0.001,momentum:0.05;momentum=0.8,linear:0.25");
    assert_eq!(result["task"], "mnist-small");
    assert_eq!(
        (
            result["steps"].as_u64(),
            result["starts"].as_u64(),
            result["seed"].as_u64()
        ),
        (Some(150), Some(4), Some(1))
    );
    let methods = result["methods"].as_array().unwrap();
    let names: Vec<&str> = methods
        .iter()
        .map(|method| method["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "sgd:0.1",
            "adam:0.001",
            "momentum:0.05;momentum=0.8",
            "linear:0.25"
        ]
    );
    for method in methods {
        for measure in [
            "first_hit",
            "final_train_loss",
            "final_validation_loss",
            "validation_accuracy",
        ] {
            let centre = method[measure]["iqm"].as_f64().unwrap();
            let [low, high] = [0, 1].map(|end| method[measure]["ci95"][end].as_f64());
            assert!(low.unwrap() <= centre, "{measure}: {method}");
            // What never hits within the budget leaves the upper end of a first hit open, and of nothing else.
            let missed = method["first_hit"]["reached"].as_u64() < Some(4);
            match high {
                Some(high) => assert!(centre <= high, "{measure}: {method}"),
                None => assert!(measure == "first_hit" && missed, "{measure}: {method}"),
            }
        }
        let reached = method["first_hit"]["reached"].as_u64().unwrap();
        assert_eq!(method["first_hit"]["bound"], reached <= 3, "{method}");
        assert_eq!(method["first_hit"]["starts"], 4);
        assert_eq!(method["diverged"], 0);
        assert!(method.get("curves").is_none());
    }
    assert_eq!(methods[2]["settings"]["optimizer"]["momentum"], 0.8);
}

#[test]
fn a_schedule_from_a_file_equals_the_constant_it_records() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rates.csv");
    std::fs::write(&file, "step,learning_rate\n0,0.1\n1,0.1\n").unwrap();
    let result = compare(&format!("sgd:0.1,schedule:{}", path(&file)));
    let methods = result["methods"].as_array().unwrap();
    for measure in ["first_hit", "final_train_loss", "final_validation_loss"] {
        assert_eq!(methods[0][measure], methods[1][measure]);
    }
}

#[test]
fn a_descent_that_diverges_is_counted_and_breaks_nothing() {
    let result = compare("sgd:1e30,sgd:0.1");
    let methods = result["methods"].as_array().unwrap();
    assert_eq!(methods[0]["diverged"], 4);
    assert_eq!(methods[0]["first_hit"]["iqm"], 150.0);
    assert!(methods[0]["final_train_loss"]["iqm"].is_null());
    assert_eq!(methods[1]["diverged"], 0);
}

/// A comparison that takes a second or so, with controls and a tuned rival.
fn long(controller: &Path) -> Vec<&str> {
    vec![
        "compare",
        "--controller",
        path(controller),
        "--against",
        "sgd:0.1,adam:0.001,controls,tuned:sgd;starts=4;grid=0.1/0.2/0.4",
        "--starts",
        "12",
        "--steps",
        "2000",
        "--threshold",
        "0.3",
    ]
}

fn trained(folder: &Path) -> PathBuf {
    let run = folder.join("run");
    let arguments = ["train", "--out", path(&run)];
    succeed(arguments.into_iter().chain(common::QUICK.iter().copied()));
    run
}

/// Starts the comparison and waits until so many bytes of finished descents are kept.
fn spawn_until(arguments: Vec<&str>, out: &Path, bytes: u64) -> Child {
    let mut child = descender(arguments)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary was built with the tests");
    let patience = Instant::now() + Duration::from_secs(120);
    let kept = || std::fs::metadata(out.join("trials.bin")).map_or(0, |file| file.len());
    while kept() < bytes && Instant::now() < patience {
        let ended = child.try_wait().expect("a child can be asked");
        assert!(
            ended.is_none(),
            "the comparison ended before it was stopped"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

#[test]
fn a_comparison_that_was_killed_and_interrupted_goes_on_with_the_same_result() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path());
    let (whole, out) = (folder.path().join("whole"), folder.path().join("stopped"));
    let mut arguments = long(&run);
    succeed(arguments.iter().copied().chain(["--out", path(&whole)]));

    arguments.extend(["--out", path(&out)]);
    let mut child = spawn_until(arguments, &out, 300_000);
    child.kill().unwrap();
    child.wait().unwrap();
    // A record that was half written when the program died.
    let file = out.join("trials.bin");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend([9, 0, 0, 0, 1, 2, 3]);
    std::fs::write(&file, &bytes).unwrap();

    let kept = bytes.len() as u64;
    let child = spawn_until(
        vec!["compare", "--resume", path(&out)],
        &out,
        kept + 300_000,
    );
    let mut interrupt = Command::new("kill");
    interrupt.args(["-INT", &child.id().to_string()]);
    assert!(interrupt.status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = common::text(&output.stderr);
    let resume = format!("descender compare --resume {}", path(&out));
    assert!(message.contains(&resume), "{message}");
    assert!(!out.join("comparison.json").exists());
    let explained = succeed(["inspect", path(&out)]);
    assert!(explained.contains(&resume), "{explained}");

    let printed = succeed(["compare", "--resume", path(&out), "--json"]);
    let result = |folder: &Path| std::fs::read_to_string(folder.join("comparison.json")).unwrap();
    assert_eq!(result(&whole), result(&out));
    // Complete: it is shown again, and not made again.
    assert_eq!(
        succeed(["compare", "--resume", path(&out), "--json"]),
        printed
    );
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["resumed"], 2);

    let roles: Vec<String> = serde_json::from_str::<Value>(&printed).unwrap()["methods"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| method["role"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "controller",
        "rival",
        "rival",
        "control",
        "control",
        "control",
        "control",
        "control",
        "rival",
    ];
    assert_eq!(roles, expected);

    // Its folder is read by the others.
    let explained = succeed(["inspect", path(&out)]);
    assert!(
        explained.contains("replay") && explained.contains("ended"),
        "{explained}"
    );
    std::fs::remove_file(out.join("report.html")).unwrap();
    succeed(["report", path(&out)]);
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Comparison on mnist-small") && page.contains("replay"));

    // A file that is no report is not replaced by one.
    let notes = out.join("notes.txt");
    std::fs::write(&notes, "mine").unwrap();
    let message = fail(2, ["report", path(&out), "--out", path(&notes)]);
    assert!(
        message.contains("notes.txt exists and is no report"),
        "{message}"
    );
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "mine");

    // What is there is not overwritten, and a changed controller does not go on.
    let message = fail(2, ["compare", "--out", path(&out)]);
    assert!(message.contains("already holds a comparison"), "{message}");
    let message = fail(2, ["compare", "--out", path(&run)]);
    assert!(message.contains("already holds a run"), "{message}");
    let manifest = out.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let ended = text
        .lines()
        .find(|line| line.contains("\"ended\""))
        .unwrap();
    std::fs::write(&manifest, text.replace(ended, "\"ended\": \"\",")).unwrap();
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let other = results.join("dqn-1/controller.safetensors");
    std::fs::copy(other, run.join("controller.safetensors")).unwrap();
    let message = common::text(&common::run(["compare", "--resume", path(&out)]).stderr);
    assert!(message.contains("`controller` has changed"), "{message}");
}

#[test]
fn an_interrupted_comparison_without_a_folder_says_where_its_descents_are() {
    let folder = tempfile::tempdir().unwrap();
    let place = |pattern: &str| {
        let found = std::fs::read_dir(folder.path()).unwrap();
        let mut found = found.map(|entry| entry.unwrap().path());
        found.find(|path| path.to_string_lossy().contains(pattern))
    };
    let arguments = [
        "compare",
        "--task",
        "mnist-small",
        "--against",
        "sgd:0.1",
        "--json",
    ];
    let long = ["--starts", "40", "--steps", "2000"];
    let child = descender(arguments.into_iter().chain(long))
        .env("TMPDIR", folder.path())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(120);
    let kept = || {
        place("descender-compare-")
            .and_then(|place| std::fs::metadata(place.join("trials.bin")).ok())
            .map_or(0, |file| file.len())
    };
    while kept() < 10_000 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(1));
    }
    let mut interrupt = Command::new("kill");
    interrupt.args(["-INT", &child.id().to_string()]);
    assert!(interrupt.status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let message = common::text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    let left = place("descender-compare-").expect("the descents are kept");
    let resume = format!("descender compare --resume {}", path(&left));
    assert!(message.contains(&resume), "{message}");
    let resumed = descender(["compare", "--resume", path(&left), "--json"])
        .output()
        .unwrap();
    assert!(common::text(&resumed.stderr).contains("of them found"));
    std::fs::remove_dir_all(&left).unwrap();
    // The same result as without a stop, which leaves nothing behind.
    let whole = descender(arguments.into_iter().chain(long))
        .env("TMPDIR", folder.path())
        .output()
        .unwrap();
    assert_eq!(whole.stdout, resumed.stdout);
    assert_eq!(place("descender-compare-"), None);
    // Where nothing can be kept, the comparison is made all the same.
    let output = descender(
        arguments
            .into_iter()
            .chain(["--starts", "2", "--steps", "9"]),
    )
    .env("TMPDIR", folder.path().join("nowhere"))
    .output()
    .unwrap();
    let message = common::text(&output.stderr);
    assert!(output.status.success(), "{message}");
    assert!(message.contains("an interrupt will lose"), "{message}");
}

#[test]
fn a_controller_is_compared_at_its_own_length_and_at_no_other() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let quick = results.join("quick-1");
    let list = format!("controller:{}", path(&quick));
    let compare = |more: &[&str]| {
        let mut arguments = vec![
            "compare",
            "--task",
            "mnist-small",
            "--starts",
            "2",
            "--json",
        ];
        arguments.extend(more);
        common::run(arguments)
    };
    let steps = |more: &[&str]| {
        let output = compare(more);
        assert!(output.status.success(), "{}", common::text(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["steps"].clone()
    };
    let controller = ["--against", "none", "--controller", path(&quick)];
    assert_eq!(steps(&controller), 500);
    assert_eq!(steps(&["--against", "sgd:0.1"]), 750);
    for refused in [
        [&controller[..], &["--steps", "2000"]].concat(),
        vec!["--steps", "2000", "--against", &list],
        vec!["--against", &list],
    ] {
        let output = compare(&refused);
        let message = common::text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            message.contains("made for descents of 500 steps"),
            "{message}"
        );
    }
    // Nor as a rival of a training.
    let rival = format!("comparison.against={list}");
    let message = fail(2, ["train", "--preset", "dqn", "--set", &rival]);
    assert!(
        message.contains("made for descents of 500 steps"),
        "{message}"
    );
    // The paper's kind isn't paced.
    let dqn = results.join("dqn-1");
    assert_eq!(
        steps(&[
            "--against",
            "none",
            "--controller",
            path(&dqn),
            "--steps",
            "60"
        ]),
        60
    );
}

#[test]
fn controls_need_a_controller_and_a_resume_needs_a_comparison() {
    for list in ["controls", "sgd:0.1,replay"] {
        let message = fail(2, ["compare", "--against", list]);
        assert!(message.contains("negative control"), "{list}: {message}");
    }
    let message = fail(2, ["compare", "--against", "tuned:sgdd"]);
    assert!(message.contains("did you mean `sgd`"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let message = fail(2, ["compare", "--resume", path(folder.path())]);
    assert!(message.contains("no compare.json"), "{message}");
    let output = common::run(["compare", "--resume", "somewhere", "--steps", "9"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_controller_can_begin_at_another_learning_rate() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path());
    let result = |more: &[&str]| {
        let all = SMALL
            .into_iter()
            .chain(["--controller", path(&run)])
            .chain(more.iter().copied());
        let text = succeed(all);
        let mut result: Value = serde_json::from_str(&text).unwrap();
        result["methods"][0].take()
    };
    let own = result(&[]);
    let settings = std::fs::read_to_string(run.join("config.toml")).unwrap();
    assert!(settings.contains("initial_learning_rate = 0.1"));
    assert_eq!(own, result(&["--initial-learning-rate", "0.1"]));
    let slow = result(&["--initial-learning-rate", "0.001"]);
    assert_ne!(own["final_train_loss"], slow["final_train_loss"]);
    let alone = result(&["--against", "none"]);
    assert_eq!(alone["final_train_loss"], own["final_train_loss"]);
    let message = fail(2, ["compare", "--against", "none"]);
    assert!(message.contains("needs a controller"), "{message}");
    let message = fail(2, ["compare", "--against", "sgd:0.1,none"]);
    assert!(message.contains("a list of its own"), "{message}");
    // Far above the bounds is at the bound.
    assert_eq!(
        result(&["--initial-learning-rate", "50"]),
        result(&["--initial-learning-rate", "0.35"])
    );
    for wrong in ["0", "-1", "NaN", "inf"] {
        let rate = format!("--initial-learning-rate={wrong}");
        let message = fail(2, ["compare", "--controller", path(&run), &rate]);
        assert!(message.contains("expected a learning rate above 0"));
    }
}

#[test]
fn what_tuning_found_and_cost_is_shown() {
    let tuned = "tuned:momentum;starts=2;grid=0.02/0.3/30";
    let shown = succeed(SMALL[..9].iter().copied().chain(["--against", tuned]));
    assert!(
        shown.contains("learning rate 0.3, the best of 3") && shown.contains("900 steps"),
        "{shown}"
    );
    let result = compare(tuned);
    let method = &result["methods"][0];
    assert_eq!(method["settings"]["learning_rate"], 0.3);
    assert_eq!(
        method["tuning"]["grid"],
        serde_json::json!([0.02, 0.3, 30.0])
    );
    assert_eq!(method["tuning"]["steps"], 900);
}

#[test]
fn rivals_that_were_compared_once_are_found_by_the_next_comparison() {
    let folder = tempfile::tempdir().unwrap();
    let rivals = folder.path().join("rivals");
    let compared = || {
        let output = descender([
            "compare",
            "--task",
            "mnist-small",
            "--against",
            "sgd:0.1,tuned:sgd;starts=1;grid=0.1/0.2",
            "--starts",
            "2",
            "--steps",
            "30",
            "--json",
        ])
        .env("DESCENDER_RIVALS", &rivals)
        .output()
        .unwrap();
        assert!(output.status.success(), "{}", common::text(&output.stderr));
        output.stdout
    };
    let files = || {
        let shelves = std::fs::read_dir(&rivals).unwrap();
        let of = |shelf: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_dir(shelf.unwrap().path()).unwrap().count()
        };
        shelves.map(of).sum::<usize>()
    };
    let first = compared();
    let kept = files();
    // Two settings tried from one start, and two rivals from two starts; a tuned rival may be one that is there.
    assert!((4..=6).contains(&kept), "{kept}");
    assert_eq!(compared(), first);
    assert_eq!(files(), kept);
}
