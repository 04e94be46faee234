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
    let (document, table) = (folder.path().join("s.json"), folder.path().join("s.csv"));
    for file in [&document, &table] {
        let shown = run(export(&["--starts", "0", "--out", path(file)]));
        assert!(shown.status.success(), "{}", text(&shown.stderr));
        assert!(shown.stdout.is_empty());
        assert!(text(&shown.stderr).contains(path(file)));
    }
    let header = std::fs::read_to_string(&table).unwrap();
    assert!(
        header.starts_with("step,learning_rate\n0,0.1\n"),
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
    let item = |file: &Path| format!("schedule:{}", path(file));
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
    let message = fail(2, ["export", "policy", CONTROLLER]);
    assert!(
        message.contains("`export policy` is not there yet"),
        "{message}"
    );
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
    let message = fail(
        1,
        export(&["--starts", "0", "--out", "/nowhere/s.json", "-q"]),
    );
    assert!(message.contains("/nowhere/s.json"), "{message}");
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
