//! Sets of jobs: what they draw, and what they refuse.

use std::collections::BTreeSet;

use descender_jobs::{JobInstance, JobSet};
use descender_task::{Problem, StartPurpose};

fn identities(set: &JobSet, purpose: StartPurpose, count: u64) -> BTreeSet<String> {
    let identity = |instance: JobInstance| instance.task.identity();
    (0..count)
        .map(|index| identity(set.instance(purpose, index)))
        .collect()
}

#[test]
fn every_built_in_set_draws_jobs_that_fit_together_and_repeat() {
    for set in JobSet::built_in() {
        set.check().unwrap();
        for index in 0..8 {
            let instance = set.instance(StartPurpose::Report, index);
            instance.task.check().unwrap();
            let job = instance.job();
            assert!((set.steps[0]..=set.steps[1]).contains(&job.steps));
            assert!(set.data.contains(&instance.data));
            assert!(set.networks.contains(&instance.network));
            let again = set.instance(StartPurpose::Report, index);
            assert_eq!(again.task.identity(), instance.task.identity());
        }
    }
}

#[test]
fn no_job_serves_two_purposes() {
    let set = JobSet::by_name("jobs").unwrap();
    let purposes = [
        StartPurpose::Training,
        StartPurpose::Selection,
        StartPurpose::Report,
    ];
    let drawn = purposes.map(|purpose| identities(&set, purpose, 12));
    let all: BTreeSet<&String> = drawn.iter().flatten().collect();
    assert_eq!(all.len(), 36);
}

/// Images that are reported are no others': the validation images of training jobs come from MNIST's training set.
#[test]
fn validation_images_are_seen_by_reports_alone() {
    let set = JobSet::by_name("architectures").unwrap();
    let images = |purpose| -> BTreeSet<Vec<u32>> {
        let mut images = BTreeSet::new();
        for index in 0..3 {
            let instance = set.instance(purpose, index);
            let data = &instance.task.validation;
            // Whatever the job multiplies its inputs by.
            for example in 0..data.len() {
                let image = data.input(example);
                let most = image.iter().copied().fold(0.0, f32::max);
                let image = image.iter().map(|x| (1000.0 * x / most).round() as u32);
                images.insert(image.collect());
            }
        }
        images
    };
    let (training, report) = (images(StartPurpose::Training), images(StartPurpose::Report));
    assert!(training.len() > 500 && report.len() > 500);
    assert_eq!(training.intersection(&report).count(), 0);
}

#[test]
fn impossible_sets_are_refused_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("set.toml");
    let refused = |text: &str| {
        std::fs::write(&file, text).unwrap();
        assert!(JobSet::is_set(&file) || !text.contains("networks"));
        let error = JobSet::from_file(&file).unwrap_err().to_string();
        assert!(error.contains("set"), "{error}");
        error
    };
    let with = |lines: &str| {
        format!("name = \"set\"\ndata = [\"mixture\"]\nnetworks = [\"perceptron\"]\n{lines}\n")
    };
    for (lines, expected) in [
        ("steps = [10, 5]", "steps = [10, 5]"),
        ("steps = [0, 5]", "steps"),
        ("widths = []", "widths"),
        ("batches = [0]", "batches"),
        ("examples = [1, 5]", "64 to 1000000"),
        ("noise = { share = 2.0, from = 0.0, to = 0.1 }", "noise"),
        ("scale = { share = 1.0, from = 0.0, to = 0.1 }", "0 < from"),
        ("work = 5.0", "a million or more"),
        ("stepz = [1, 2]", "unknown field `stepz`"),
        ("widths = \"many\"", "invalid type"),
    ] {
        let error = refused(&with(lines));
        assert!(error.contains(expected), "{error}");
    }
    let error = refused("name = \"set\"\ndata = []\nnetworks = [\"perceptron\"]");
    assert!(error.contains("at least one source"), "{error}");
    let error = refused("name = \"set\"\ndata = [\"wine\"]\nnetworks = [\"gru\"]");
    assert!(error.contains("at least one kind that can read"), "{error}");
    let error = refused("name = \"set\"\ndata = [\"stars\"]\nnetworks = [\"gru\"]");
    assert!(error.contains("stars"), "{error}");
    let error = JobSet::from_file(&folder.path().join("none.toml")).unwrap_err();
    assert!(error.to_string().contains("none.toml"));
}

#[test]
fn parts_of_a_set_can_be_left_out_and_be_alone() {
    let set = JobSet::by_name("jobs").unwrap();
    let names = ["teacher".to_owned(), "convolution".to_owned()];
    let without = set.without(&names);
    assert_eq!((without.data.len(), without.networks.len()), (6, 1));
    let only = set.only(&names[..1]);
    assert_eq!((only.data.len(), only.networks.len()), (2, 2));
    without.check().unwrap();
}
