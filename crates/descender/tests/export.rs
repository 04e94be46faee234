//! `descender export`: the schedule of a controller in every format, and what is said about it.

mod common;

use std::path::Path;

use common::{fail, path, run, succeed, text};
use serde_json::Value;

/// The committed controller of the main job, on short descents of the small task.
const CONTROLLER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../results/dqn-1/controller.safetensors"
);

fn export<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["export", "schedule", CONTROLLER];
    arguments.extend([
        "--task",
        "mnist-small",
        "--steps",
        "250",
        "--threshold",
        "0.5",
    ]);
    arguments.extend(more);
    arguments
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON document")
}

#[test]
fn the_document_goes_to_standard_output_and_the_advice_to_standard_error() {
    let output = run(export(&["--starts", "6"]));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let (document, messages) = (json(&text(&output.stdout)), text(&output.stderr));
    assert_eq!(document["task"], "mnist-small");
    assert_eq!(document["optimizer"]["name"], "sgd");
    assert_eq!(document["learning_rate"].as_array().unwrap().len(), 250);
    assert_eq!(document["comparison"]["starts"], 6);
    let advice = document["advice"]["sentence"].as_str().unwrap();
    assert!(advice.starts_with("Use the "), "{advice}");
    assert!(messages.contains(advice), "{messages}");

    let output = run(export(&["--starts", "0", "--quiet"]));
    assert_eq!(text(&output.stderr), "");
    let alone = json(&text(&output.stdout));
    assert_eq!(alone["learning_rate"], document["learning_rate"]);
    assert!(alone.get("comparison").is_none());
}

#[test]
fn a_file_is_a_schedule_for_comparisons_also_on_other_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("a, b;c");
    std::fs::create_dir(&folder).unwrap();
    let (document, table) = (folder.join("s.json"), folder.join("s.CSV"));
    for file in [&document, &table] {
        let shown = run(export(&["--starts", "0", "--out", path(file)]));
        assert!(shown.status.success(), "{}", text(&shown.stderr));
        assert!(shown.stdout.is_empty());
        assert!(text(&shown.stderr).contains(&format!("schedule:\"{}\"'", path(file))));
    }
    let header = std::fs::read_to_string(&table).unwrap();
    assert!(
        header.starts_with("step,learning_rate,optimizer\n0,0.1,sgd\n"),
        "{header}"
    );
    let compare = |task: &str, against: &str| {
        let mut arguments = vec!["compare", "--controller", CONTROLLER, "--against", against];
        arguments.extend([
            "--task",
            task,
            "--steps",
            "250",
            "--starts",
            "4",
            "--threshold",
            "0.5",
        ]);
        arguments.push("--json");
        json(&succeed(arguments))["methods"]
            .as_array()
            .unwrap()
            .clone()
    };
    let item = |file: &Path| format!("schedule:\"{}\"", path(file));
    let against = format!("replay,{},{}", item(&document), item(&table));
    let own = compare("mnist-small", &against);
    let shifted = compare("mnist-small;batch=8", &against);
    for measure in ["first_hit", "final_train_loss", "final_validation_loss"] {
        for place in [2, 3] {
            assert_eq!(
                own[place][measure], own[1][measure],
                "the replay is the schedule"
            );
        }
        assert_eq!(shifted[2][measure], shifted[3][measure]);
    }
    // Elsewhere the replay is made anew, and the file is not.
    assert_ne!(
        shifted[2]["final_train_loss"],
        shifted[1]["final_train_loss"]
    );
}

#[test]
fn a_python_file_is_a_source_for_pytorch_that_says_what_is_advised() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("schedule.py");
    let output = run(export(&["--starts", "3", "--out", path(&file)]));
    let messages = text(&output.stderr);
    assert!(output.status.success(), "{messages}");
    let source = std::fs::read_to_string(&file).unwrap();
    let parts = [
        "LambdaLR(optimizer, factor)",
        "torch.optim.SGD(parameters, lr=BASE_LEARNING_RATE)",
        "Use the schedule",
    ];
    for part in parts {
        assert!(source.contains(part), "{source}");
    }
    assert!(messages.contains("Use the schedule") && !messages.contains("schedule:FILE"));
    let printed = succeed(export(&["--starts", "0", "--format", "torch"]));
    assert!(
        printed.ends_with("LambdaLR(optimizer, factor)\n"),
        "{printed}"
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let on = |threads| succeed(export(&["--starts", "3", "--threads", threads]));
    assert_eq!(on("1"), on("3"));
}

#[test]
fn what_cannot_be_exported_is_said() {
    let message = fail(2, ["export", "policy", CONTROLLER, "--format", "csv"]);
    assert!(message.contains("expected json, onnx or c"), "{message}");
    let message = fail(2, ["export", "policy", CONTROLLER, "--out", "p.txt"]);
    assert!(message.contains(".json, .onnx, .c or .h"), "{message}");
    let message = fail(2, ["export", "policy", "pretrained", "--steps", "9"]);
    assert!(message.contains("--steps: `export policy`"), "{message}");
    let message = fail(2, ["export", "policy", "nobody"]);
    assert!(message.contains("nobody"), "{message}");
    let message = fail(2, export(&["--format", "onnx"]));
    assert!(message.contains("expected json, csv or torch"), "{message}");
    let message = fail(2, ["export", "schedule", CONTROLLER, "--threshold=-1"]);
    assert!(message.contains("--threshold -1"), "{message}");
    let message = fail(2, ["export", "schedule", "nowhere.safetensors"]);
    assert!(message.contains("nowhere.safetensors"), "{message}");
    let message = fail(
        2,
        ["export", "schedule", CONTROLLER, "--task", "mnist-smal"],
    );
    assert!(message.contains("mnist-small"), "{message}");
    for (out, expected) in [
        ("/nowhere/s.json", "/nowhere"),
        ("s.txt", ".json, .csv or .py"),
        ("s.jsno", ".json, .csv or .py"),
        ("/", "not a folder"),
    ] {
        let message = fail(2, export(&["--out", out]));
        assert!(
            message.contains(out) && message.contains(expected),
            "{message}"
        );
    }
    let quick = CONTROLLER.replace("dqn-1", "quick-1");
    let message = fail(2, ["export", "schedule", &quick, "--steps", "2000"]);
    assert!(
        message.contains("made for descents of 500 steps")
            && message.contains("train --steps 2000"),
        "{message}"
    );
    let output = run(["export", "schedule", CONTROLLER, "--format", "yaml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_run_folder_says_for_how_many_steps_its_controller_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let arguments = ["train", "--out", path(&out)];
    succeed(arguments.into_iter().chain(common::QUICK.iter().copied()));
    let document = json(&succeed([
        "export",
        "schedule",
        path(&out),
        "--starts",
        "0",
    ]));
    assert_eq!(
        (&document["task"], &document["steps"]),
        (&"mnist-small".into(), &200.into())
    );
    assert_eq!(document["source"]["seed"], 1);
    let source = succeed([
        "export",
        "schedule",
        path(&out),
        "--starts",
        "0",
        "--format",
        "torch",
    ]);
    assert!(
        source.contains("def make_optimizer(parameters):"),
        "{source}"
    );
}

/// A folder with the four IDX files of a data set of its own: so many training and test images of 8 × 8 points in two
/// classes.
fn own_images(folder: &Path) {
    let mut images = vec![0, 0, 8, 3];
    let mut labels = vec![0, 0, 8, 1];
    let count = 160_u32;
    for part in [&mut images, &mut labels] {
        part.extend(count.to_be_bytes());
    }
    images.extend([8_u32, 8].into_iter().flat_map(u32::to_be_bytes));
    for image in 0..count {
        let label = image % 2;
        labels.push(label as u8);
        // A bright left or right half, with a pattern that differs from image to image.
        let point = |point: u32| {
            if (point % 8 < 4) == (label == 0) {
                200
            } else {
                point * image % 40
            }
        };
        images.extend((0..64).map(|place| point(place) as u8));
    }
    for part in ["train", "t10k"] {
        std::fs::write(folder.join(format!("{part}-images-idx3-ubyte")), &images)
            .expect("a temporary folder can be written to");
        std::fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), &labels)
            .expect("a temporary folder can be written to");
    }
}

#[test]
fn a_run_remembers_the_data_that_it_was_trained_on() {
    let place = tempfile::tempdir().unwrap();
    let (run, data) = (place.path().join("run"), place.path().join("my images"));
    std::fs::create_dir(&data).unwrap();
    own_images(&data);
    let in_place = |arguments: &[&str]| {
        let mut command = common::descender(arguments.iter().copied());
        let output = command.current_dir(place.path()).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let settings = [
        "episodes=8",
        "agent.warm_up=16",
        "selection.starts=1",
        "selection.final_starts=1",
        "comparison.starts=2",
    ];
    let mut arguments = vec![
        "train",
        "--preset",
        "dqn",
        "--data",
        "my images",
        "--steps",
        "60",
    ];
    arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
    arguments.extend(["--out", "run"]);
    in_place(&arguments);

    let (_, told) = in_place(&[
        "export", "schedule", "run", "--starts", "0", "--out", "s.csv",
    ]);
    let printed = told
        .lines()
        .find_map(|line| line.split_once("descender compare"));
    let words = printed.expect("it says how to compare").1;
    assert!(
        words.contains("--task idx-cnn") && words.contains("my images'"),
        "{told}"
    );
    let binary = env!("CARGO_BIN_EXE_descender");
    let line = format!("'{binary}' compare{words} --starts 2 --json");
    let output = std::process::Command::new("sh")
        .args(["-c", &line])
        .current_dir(place.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {}", text(&output.stderr));
    let result = json(&text(&output.stdout));
    assert_eq!(
        (&result["task"], &result["steps"]),
        (&"idx-cnn".into(), &60.into())
    );

    // Without anything but the run, as a folder, as a file, and from elsewhere.
    let file = run.join("controller.safetensors");
    let shared = ["--against", "none", "--starts", "2", "--json"];
    let mut results = Vec::new();
    for controller in [&run, &file] {
        let arguments = ["compare", "--controller", path(controller)];
        results.push(succeed(arguments.into_iter().chain(shared)));
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(json(&results[0])["task"], "idx-cnn");
    // A change of the task keeps the data.
    let changed = [
        "compare",
        "--controller",
        path(&run),
        "--task",
        "idx-cnn;batch=8",
    ];
    succeed(changed.into_iter().chain(shared));
}

#[test]
fn a_policy_is_written_in_the_form_that_the_name_says() {
    let folder = tempfile::tempdir().unwrap();
    for (name, begin) in [
        ("p.json", &b"{\n  \"format\": \"descender-policy\""[..]),
        ("p.onnx", &b"\x08\x07\x12\x09descender"[..]),
        ("p.c", &b"/* A controller of Descender"[..]),
    ] {
        let file = folder.path().join(name);
        let printed = succeed(["export", "policy", "pretrained", "--out", path(&file)]);
        assert!(printed.is_empty(), "{printed}");
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(begin), "{name}");
    }
    let printed = succeed(["export", "policy", "pretrained"]);
    let file = std::fs::read_to_string(folder.path().join("p.json")).unwrap();
    assert_eq!(printed, file);
}

/// The packages `onnx` and `onnxruntime` have the last word. They are in the Python that `DESCENDER_ONNX_PYTHON` names, which
/// `.ci/run` makes; without it the test says that it is skipped.
#[test]
fn real_onnx_runs_the_model() {
    let Some(python) = std::env::var_os("DESCENDER_ONNX_PYTHON") else {
        println!("skipped: no Python with onnx and onnxruntime (DESCENDER_ONNX_PYTHON)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let files = ["p.onnx", "p.json"].map(|name| folder.path().join(name));
    for file in &files {
        succeed(["export", "policy", "pretrained", "--out", path(file)]);
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx_policy.py");
    let output = std::process::Command::new(python)
        .arg(script)
        .args(&files)
        .output()
        .unwrap();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    assert!(out.contains("agree"), "{out}{error}");
}
