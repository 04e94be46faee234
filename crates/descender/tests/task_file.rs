//! A task of the user's own: a table or a text and a few lines, from the file to a comparison with two commands.

mod common;

use std::path::Path;

use common::{fail, path, succeed};

/// A folder with a table of 120 rows, and task files for its kinds, its prices, and a network that does not exist.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let mut table = "width,\"colour, main\",price,kind\n".to_owned();
    for row in 0..120 {
        let kind = ["tee", "polo"][row % 2];
        let colour = ["red", "\"dark, blue\"", "?"][row % 3];
        let width = 40 + row % 2 * 8 + row * 7 % 5;
        table.push_str(&format!("{width},{colour},{}.5,{kind}\n", width / 2));
    }
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("there is room for a file")
    };
    write("shirts.csv", &table);
    let data = "steps = 60\nbatch = 16\n[data]\npath = \"shirts.csv\"\n";
    write("kinds.toml", &format!("{data}target = \"kind\"\n"));
    write(
        "prices.toml",
        &format!("name = \"shirt prices\"\n{data}target = \"price\"\n"),
    );
    write(
        "wrong.toml",
        &format!("{data}target = \"kind\"\n[network]\nlayers = [\"linear 8\", \"reul\"]\n"),
    );
    folder
}

fn train(task: &Path, out: &Path) -> String {
    succeed([
        "train",
        "--task",
        path(task),
        "--out",
        path(out),
        "--set",
        "episodes=32",
        "--set",
        "agent.population=4",
        "--set",
        "agent.starts=2",
        "--set",
        "selection.every=16",
        "--set",
        "selection.starts=2",
        "--set",
        "selection.final_starts=2",
        "--set",
        "comparison.starts=4",
        "--set",
        "comparison.against=adam:0.001,anchor",
    ])
}

#[test]
fn from_a_table_to_a_comparison() {
    let folder = folder();
    for (file, name) in [("kinds.toml", "kinds"), ("prices.toml", "shirt prices")] {
        let run = folder.path().join(format!("run of {file}"));
        let told = train(&folder.path().join(file), &run);
        let first = format!("{name}: 60 steps from each of 4 starts");
        assert!(told.contains(&first), "{told}");
        // The run remembers the file, and its budget.
        let again = succeed([
            "compare",
            "--controller",
            path(&run),
            "--against",
            "none",
            "--starts",
            "4",
        ]);
        assert!(again.contains(&first), "{again}");
    }
}

#[test]
fn the_data_of_a_task_file_are_told() {
    let folder = folder();
    let told = succeed(["data", "check", path(&folder.path().join("prices.toml"))]);
    for expected in [
        "shirt prices: inputs of 1 × 1 × 6",
        "to predict: a number",
        "shirts.csv: ",
    ] {
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_wrong_task_file_is_explained_and_leaves_nothing() {
    let folder = folder();
    let run = folder.path().join("run");
    let wrong = folder.path().join("wrong.toml");
    let message = fail(2, ["train", "--task", path(&wrong), "--out", path(&run)]);
    assert!(
        message.contains("wrong.toml: network.layers: layer 2 \"reul\": there is no layer `reul`; did you mean `relu`?"),
        "{message}"
    );
    assert!(!run.exists());
    let message = fail(2, ["train", "--task", "shirt.toml", "--out", path(&run)]);
    assert!(
        message.contains("shirt.toml: cannot read the task file"),
        "{message}"
    );
}

/// The metrics of the first method of a comparison, by their names, and whether it has an accuracy.
fn metrics(task: &Path) -> (serde_json::Value, bool) {
    let arguments = ["compare", "--task", path(task), "--against", "adam:0.01"];
    let text = succeed((arguments.into_iter()).chain(["--starts", "4", "--steps", "50", "--json"]));
    let document: serde_json::Value = serde_json::from_str(&text).expect("one JSON document");
    let method = &document["methods"][0];
    let accuracy = method["validation_accuracy"]["iqm"].is_number();
    let loss = method["final_validation_loss"]["iqm"].as_f64();
    let mut metrics = method["validation_metrics"].clone();
    if let Some(bits) = metrics["bits_per_character"]["iqm"].as_f64() {
        let expected = loss.expect("a loss") / std::f64::consts::LN_2;
        assert!((bits - expected).abs() < 1e-3, "{bits} {expected}");
    }
    if let Some(metrics) = metrics.as_object_mut() {
        for metric in metrics.values_mut() {
            assert!(metric["ci95"][1].is_number());
            *metric = metric["iqm"].is_number().into();
        }
    }
    (metrics, accuracy)
}

#[test]
fn a_comparison_has_the_metrics_of_its_task() {
    let folder = folder();
    let book = "It was the best of tasks, it was the worst of tasks. ".repeat(80);
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("book.txt"), book).expect("there is room for a file");
    let text = "batch = 8\n[data]\npath = \"book.txt\"\nwindow = 16\ncarry = true\n";
    std::fs::write(place("book.toml"), text).expect("there is room for a file");
    let (of_text, accuracy) = metrics(&place("book.toml"));
    assert_eq!(of_text, serde_json::json!({"bits_per_character": true}));
    assert!(accuracy);
    let (of_numbers, accuracy) = metrics(&place("prices.toml"));
    let expected = serde_json::json!({"r_squared": true, "root_mean_square_error": true});
    assert_eq!(of_numbers, expected);
    assert!(!accuracy);
    let (of_classes, accuracy) = metrics(&place("kinds.toml"));
    assert!(of_classes.is_null() && accuracy);

    let told = succeed(["data", "check", path(&place("book.toml"))]);
    for expected in [
        "book: inputs of 16 × 1 × 1",
        "at each of 16 positions",
        "book.txt: 4240 bytes",
    ] {
        assert!(told.contains(expected), "{told}");
    }
    std::fs::write(place("book.txt"), b"\xff\xfeb\0").expect("there is room for a file");
    let message = fail(2, ["data", "check", path(&place("book.toml"))]);
    assert!(
        message.contains("byte 0xff in line 1 is no UTF-8"),
        "{message}"
    );
}
