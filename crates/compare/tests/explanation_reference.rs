//! What moved η, in words, as reference values for whoever explains controllers elsewhere: the Python package's tests read
//! them. After a change that is meant, `DESCENDER_WRITE_REFERENCE=1` writes them anew.

use std::fs;
use std::path::Path;

use descender_compare::explanation::Explanation;
use descender_control::ShippedController;
use descender_task::{Job, Problem, StartPoint, Task};
use serde::{Deserialize, Serialize};

/// The explanation of `pretrained` in a descent.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Explained {
    task: String,
    job: Job,
    lines: Vec<String>,
}

#[test]
fn the_explanations_are_those_of_the_reference() {
    let controller = ShippedController::by_name("pretrained")
        .expect("it ships")
        .controller();
    let explained: Vec<Explained> = (["quadratic", "mnist-small"].into_iter())
        .map(|name| {
            let task = Task::by_name(name, None).expect("a built-in task");
            let steps = 150;
            let explanation = Explanation::of(&controller, &task, StartPoint::default(), steps)
                .expect("it places η");
            Explained {
                task: name.to_owned(),
                job: Job {
                    steps,
                    ..task.job()
                },
                lines: explanation.to_string().lines().map(str::to_owned).collect(),
            }
        })
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference/explanations.json");
    if std::env::var_os("DESCENDER_WRITE_REFERENCE").is_some() {
        let text = serde_json::to_string_pretty(&explained).expect("plain data has a JSON form");
        fs::write(&path, text + "\n").expect("a file that can be written");
    }
    let text = fs::read_to_string(&path).expect("the reference values");
    let kept: Vec<Explained> = serde_json::from_str(&text).expect("valid JSON");
    assert_eq!(kept, explained);
}
