//! Images of the user's own: what the controller is trained and chosen on are training images alone, and a run notices
//! that its data have changed.

mod common;

use std::path::Path;

use common::{fail, path, results, succeed};

/// A training that looks at selection data all the time, on the images of a folder.
fn train(data: &Path, out: &Path) {
    let settings = [
        "--set",
        "environment.steps=40",
        "--set",
        "comparison.steps=40",
        "--set",
        "environment.reward.name=expected-hit",
        "--set",
        "environment.reward.unseen=true",
        "--set",
        "environment.reward.final_weight=1",
        "--set",
        "comparison.against=reduce-on-plateau:0.1,linear-cut:0.1",
    ];
    let evolution = common::EVOLUTION
        .iter()
        .copied()
        .filter(|word| *word != "task=mnist-small");
    let mut words: Vec<&str> = vec!["train", "--data", path(data), "--out", path(out)];
    let mut pending = None;
    for word in evolution {
        // `--set` and its value; the task is that of `--data`.
        match (pending.take(), word) {
            (Some(flag), "--set") => pending = Some(flag),
            (Some(flag), value) => words.extend([flag, value]),
            (None, flag) => pending = Some(flag),
        }
    }
    words.extend(settings);
    succeed(words);
}

#[test]
fn validation_labels_change_no_byte_of_the_controller() {
    let place = tempfile::tempdir().unwrap();
    let (data, moved) = (place.path().join("data"), place.path().join("away"));
    let (one, other) = (place.path().join("one"), place.path().join("other"));
    common::write_images(&data, |label| label);
    train(&data, &one);
    // The folder's path is a setting, so the other labels stand in the same place.
    std::fs::rename(&data, moved).unwrap();
    common::write_images(&data, |label| (label + 1) % 4);
    train(&data, &other);
    let [mut one, mut other] = [results(&one), results(&other)];
    let comparisons = [&mut one, &mut other].map(|results| std::mem::take(&mut results[4]));
    assert_eq!(one, other, "episodes, controller, selection and behaviour");
    assert_ne!(
        comparisons[0], comparisons[1],
        "only the comparison is on validation data"
    );
}

#[test]
fn a_run_whose_data_were_changed_is_not_resumed() {
    let place = tempfile::tempdir().unwrap();
    let (data, run) = (place.path().join("data"), place.path().join("run"));
    common::write_images(&data, |label| label);
    train(&data, &run);
    common::forget_the_end(&run);
    common::write_images(&data, |label| 3 - label);
    let output = common::run(["train", "--resume", path(&run)]);
    assert_eq!(output.status.code(), Some(1));
    let message = common::text(&output.stderr);
    assert!(
        message.contains("data have changed")
            && message.contains("checksum of the validation data"),
        "{message}"
    );
    common::write_images(&data, |label| label);
    succeed(["train", "--resume", path(&run)]);
}

#[test]
fn a_reproduction_whose_data_were_changed_does_not_go_on() {
    let place = tempfile::tempdir().unwrap();
    let (data, out) = (place.path().join("data"), place.path().join("figures"));
    let tiny = [
        "reproduce",
        "fig1",
        "--budget",
        "tiny",
        "--data",
        path(&data),
    ];
    let again = tiny.into_iter().chain(["--out", path(&out)]);
    common::write_images(&data, |label| label);
    succeed(again.clone());
    succeed(again.clone());
    common::write_images(&data, |label| 3 - label);
    let output = common::run(again);
    let message = common::text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("have changed"), "{message}");
}

#[test]
fn what_needs_selection_data_is_refused_without_them() {
    use descender::task::{Problem, Task};
    use descender::{Training, env::RewardSettings};
    let task = Task {
        selection: None,
        ..Task::small()
    };
    assert_eq!(task.data(descender::task::Split::Selection), None);
    let reward = descender::env::FinalLossSettings::default();
    let training = Training::on(task.clone()).reward(RewardSettings::FinalLoss(reward));
    let error = training
        .episodes(4)
        .steps(20)
        .run()
        .unwrap_err()
        .to_string();
    assert!(error.contains("selection data"), "{error}");
    assert!(!task.identity().contains("selection"));
}

#[test]
fn data_check_describes_the_task_that_it_is_asked_about() {
    let small = succeed(["data", "check", "mnist-small"]);
    assert!(
        small.contains("mnist-small: inputs of 7 × 7 × 1") && small.contains("training: 1000"),
        "{small}"
    );
    let place = tempfile::tempdir().unwrap();
    common::write_images(place.path(), |label| label);
    let own = succeed([
        "data",
        "check",
        "idx-cnn;selection=0.25",
        "--data",
        path(place.path()),
    ]);
    assert!(
        own.contains("training: 240") && own.contains("selection: 80"),
        "{own}"
    );
    let message = fail(
        2,
        ["data", "check", "mnist-small", "--data", path(place.path())],
    );
    assert!(message.contains("carries its own data"), "{message}");
}

#[test]
fn labels_from_one_are_warned_of_wherever_the_data_are_read() {
    let place = tempfile::tempdir().unwrap();
    common::write_images(place.path(), |label| label);
    let labels = place.path().join("train-labels-idx1-ubyte");
    let mut bytes = std::fs::read(&labels).unwrap();
    bytes[8..].iter_mut().for_each(|label| *label += 1);
    std::fs::write(&labels, bytes).unwrap();
    let data = ["--data", path(place.path())];
    let compare = ["compare", "--starts", "2", "--steps", "3"];
    for command in [&["data", "check"][..], &compare] {
        let output = common::run(command.iter().copied().chain(data));
        let message = common::text(&output.stderr);
        assert!(output.status.success(), "{message}");
        assert!(
            message.contains("warning: ") && message.contains("no example of the class 0"),
            "{message}"
        );
    }
}

#[test]
fn what_is_no_folder_of_idx_files_is_told_for_what_it_is() {
    let place = tempfile::tempdir().unwrap();
    let npz = place.path().join("mnist.npz");
    std::fs::write(&npz, b"PK\x03\x04 and more").unwrap();
    let message = fail(2, ["data", "check", "--data", path(&npz)]);
    assert!(
        message.contains("NumPy archive") && message.contains("expected a folder"),
        "{message}"
    );
    let message = fail(2, ["train", "--data", path(place.path())]);
    assert!(message.contains("the folder holds mnist.npz"), "{message}");
    let message = fail(2, ["train", "--data", path(&place.path().join("nowhere"))]);
    assert!(message.contains("nowhere"), "{message}");
    // As torchvision lays them out: its root is enough, as long as there is one set.
    common::write_images(&place.path().join("FashionMNIST/raw"), |label| label);
    let told = succeed(["data", "check", "--data", path(place.path())]);
    assert!(
        told.contains("FashionMNIST/raw/train-images-idx3-ubyte"),
        "{told}"
    );
    common::write_images(&place.path().join("MNIST/raw"), |label| label);
    let message = fail(2, ["data", "check", "--data", path(place.path())]);
    assert!(
        message.contains("several data sets; name one of them")
            && message.contains("FashionMNIST/raw"),
        "{message}"
    );
    // Colour images that end in their header.
    let raw = place.path().join("FashionMNIST/raw");
    std::fs::write(
        raw.join("train-images-idx3-ubyte"),
        [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1],
    )
    .unwrap();
    let message = fail(1, ["data", "check", "--data", path(&raw)]);
    assert!(
        message.contains("inside the header of 20 bytes"),
        "{message}"
    );
}
