//! `descender bench`: the JSON contract and the refusals. Times themselves are never tested.

mod common;

use common::{fail, run, succeed, text};
use serde_json::Value;

/// Every number that scripts rely on.
const NUMBERS: [&str; 12] = [
    "/threads",
    "/steps_per_second/descent/one_thread",
    "/steps_per_second/descent/all_threads",
    "/steps_per_second/control/one_thread",
    "/steps_per_second/control/all_threads",
    "/steps_per_second/environment/all_threads",
    "/microseconds/forward_backward",
    "/microseconds/update_and_statistics",
    "/microseconds/observation",
    "/microseconds/policy",
    "/microseconds/learner",
    "/gflops",
];

#[test]
fn the_json_has_the_fields_that_scripts_rely_on() {
    let output = run([
        "bench",
        "--task",
        "mnist-small",
        "--seconds",
        "0.2",
        "--json",
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(result["task"], "mnist-small");
    for name in ["cpu", "instruction_set"] {
        assert!(
            result[name].as_str().is_some_and(|name| !name.is_empty()),
            "{name}: {result}"
        );
    }
    for place in NUMBERS {
        let number = result.pointer(place).and_then(Value::as_f64);
        assert!(
            number.is_some_and(|number| number > 0.0 && number.is_finite()),
            "{place}: {result}"
        );
    }
    assert!(
        !output.stderr.is_empty(),
        "the message that it measures goes to standard error"
    );
}

#[test]
fn the_table_names_what_was_measured() {
    let table = succeed(["bench", "--task", "mnist-small", "--seconds", "0.05"]);
    for word in [
        "mnist-small",
        "descent",
        "control",
        "learner",
        "one thread",
        "GFLOP/s",
    ] {
        assert!(table.contains(word), "{word} is missing:\n{table}");
    }
}

#[test]
fn impossible_requests_are_wrong_usage() {
    for seconds in ["0", "NaN", "inf"] {
        let message = fail(2, ["bench", "--task", "mnist-small", "--seconds", seconds]);
        assert!(
            message.contains("--seconds") && message.contains("above 0"),
            "{message}"
        );
    }
    let message = fail(2, ["bench", "--task", "mnist"]);
    assert!(message.contains("mnist-cnn"), "{message}");
}
