//! `descender compare`: the JSON contract, and schedules from files.

mod common;

use common::{path, succeed};
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
            let interval: Vec<f64> = method[measure]["ci95"]
                .as_array()
                .unwrap()
                .iter()
                .map(|bound| bound.as_f64().unwrap())
                .collect();
            assert!(
                interval[0] <= centre && centre <= interval[1],
                "{measure}: {method}"
            );
        }
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
