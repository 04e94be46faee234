//! A distilled controller is its own replay, in memory and in every file.

use descender_optim::HyperParameter;
use descender_task::{StartPoint, StartPurpose, Task};

use super::*;
use crate::compare::{CompareSettings, PartProgress, compare};
use crate::contender::Entry;
use crate::contender::{ScheduleFile, sample};
use crate::trial::Trial;
use descender_control::Controller;
use descender_env::Stop;

const SETTINGS: CompareSettings = CompareSettings {
    starts: 6,
    steps: 80,
    seed: 5,
    threshold: 0.6,
};

fn quiet(_: PartProgress<'_>) {}

fn distilled(controller: &Controller) -> Distilled {
    let task = Task::small();
    let CompareSettings { steps, seed, .. } = SETTINGS;
    distil(&task, controller, steps, seed, &Stop::default(), &quiet).unwrap()
}

#[test]
fn the_table_is_the_replay_control_even_on_another_task() {
    for controller in [sample::controller(), sample::anchored_controller()] {
        let own = distilled(&controller);
        assert_eq!(own.schedule.steps(), 80);
        let entries = [
            Entry::controller(controller.clone()),
            Entry::NegativeControl(crate::contender::NegativeControl::Replay),
        ];
        let task = Task::small();
        let stop = Stop::default();
        let replayed = compare(&task, &entries, &SETTINGS, &stop, &quiet).unwrap();
        let table = own
            .compare(&task, &controller, &SETTINGS, &stop, &quiet)
            .unwrap();
        assert_eq!(table.methods[1].name, SCHEDULE);
        assert_eq!(table.methods[0].by_start, replayed.methods[0].by_start);
        assert_eq!(table.methods[1].by_start, replayed.methods[1].by_start);
        // Elsewhere `replay` is calibrated anew; the table stays the same.
        let shifted = Task::by_name("mnist-small;batch=8", None).unwrap();
        let start = StartPoint {
            purpose: StartPurpose::Report,
            seed: 1,
            index: 0,
        };
        let trial = Trial::run(&shifted, &own.contender("any"), start, 80, 0.6).unwrap();
        let rates = own.schedule.column(HyperParameter::LearningRate).unwrap();
        assert_eq!(trial.learning_rates, rates);
    }
}

#[test]
fn every_file_holds_the_same_table() {
    let controller = sample::anchored_controller();
    let own = distilled(&controller);
    let task = Task::small();
    let comparison = own
        .compare(&task, &controller, &SETTINGS, &Stop::default(), &quiet)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table");
    let read = |text: &str| {
        std::fs::write(&file, text).unwrap();
        ScheduleFile::read(&file).unwrap()
    };
    let documents = [own.to_json(None), own.to_json(Some(&comparison))];
    for document in &documents {
        let back = read(document);
        assert_eq!(back.schedule, own.schedule);
        assert_eq!(back.method, Some(own.method));
    }
    let table = read(&own.to_csv());
    assert_eq!(
        (table.schedule, table.method),
        (own.schedule.clone(), Some(own.method))
    );

    let json: serde_json::Value = serde_json::from_str(&documents[1]).unwrap();
    assert_eq!(json["task"], "mnist-small");
    assert_eq!(json["steps"], 80);
    assert_eq!(json["optimizer"]["name"], "momentum");
    assert_eq!(json["calibration"]["starts"], 16);
    for entry in ["learning_rate", "b1", "b2"] {
        assert_eq!(json[entry].as_array().unwrap().len(), 80);
    }
    assert!(json.get("a1").is_none());
    assert_eq!(json["comparison"]["methods"][1]["name"], SCHEDULE);
    assert_eq!(
        json["advice"]["sentence"],
        ProductAdvice::of(&comparison).unwrap().sentence
    );
    assert!(!documents[0].contains("advice"));
}

#[test]
fn a_controller_tells_for_how_many_steps_it_was_made() {
    assert_eq!(trained_steps(&sample::controller()), 2500);
    assert_eq!(trained_steps(&sample::anchored_controller()), 200);
}
