//! Whole comparisons on the small task: roles, tuning, threads, interruption.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_optim::{HyperParameter, Method};
use descender_task::{StartPoint, StartPurpose, Task};

use super::*;
use crate::baseline::{Competitor, RecordedSchedule, Steering, sample};
use crate::comparison::Role;
use crate::trial::Trial;
use descender_statistics::interquartile_mean;

const SETTINGS: CompareSettings = CompareSettings {
    starts: 5,
    steps: 120,
    seed: 4,
    threshold: 0.6,
};

fn task() -> Task {
    Task::small()
}

/// The sample controller against a list.
fn entries(against: &str) -> Vec<Entry> {
    let mut entries = vec![Entry::controller(sample::controller())];
    entries.extend(Entry::load_list(against).unwrap());
    entries
}

/// The list with everything in it.
const ALL: &str =
    "sgd:0.1,controls,tuned:sgd;starts=3;grid=0.1/0.4,tuned:linear;starts=2;grid=0.2/0.3/0.5";

fn whole(entries: &[Entry]) -> Comparison {
    compare(&task(), entries, &SETTINGS, &Stop::default(), &|_| {}).unwrap()
}

fn json(comparison: &Comparison) -> String {
    serde_json::to_string(comparison).unwrap()
}

/// Compares with the finished descents in a file, and stops after so many further ones.
fn partly(
    entries: &[Entry],
    file: &Path,
    stop_after: u64,
) -> (Result<Comparison, CompareError>, u64) {
    let store = TrialStore::open(file, 1).unwrap();
    let found: u64 = Part::ALL.into_iter().map(|part| store.found(part)).sum();
    let (stop, told) = (Stop::default(), AtomicU64::new(0));
    let reports = Part::ALL.into_iter().filter(|part| store.found(*part) > 0);
    let stop_after = stop_after + reports.count() as u64;
    let progress = |progress: PartProgress<'_>| {
        // What came of a descent is told apart from that it is done.
        let one = u64::from(progress.ended.is_none());
        if told.fetch_add(one, Ordering::Relaxed) + one >= stop_after {
            stop.request();
        }
    };
    let result = compare_with(&task(), entries, &SETTINGS, &stop, &progress, Some(&store));
    (result, found)
}

#[test]
fn every_entry_has_its_role_and_all_starts() {
    let comparison = whole(&entries(ALL));
    let methods: Vec<(&str, Role, bool)> = (comparison.methods.iter())
        .map(|method| (method.name.as_str(), method.role, method.tuning.is_some()))
        .collect();
    assert_eq!(
        methods,
        [
            ("controller", Role::Controller, false),
            ("sgd:0.1", Role::Rival, false),
            ("untrained", Role::Control, false),
            ("blind", Role::Control, false),
            ("replay", Role::Control, false),
            ("random", Role::Control, false),
            ("tuned:sgd;starts=3;grid=0.1/0.4", Role::Rival, true),
            ("tuned:linear;starts=2;grid=0.2/0.3/0.5", Role::Rival, true),
        ]
    );
    for method in &comparison.methods {
        assert_eq!(method.by_start.len(), 5, "{}", method.name);
        let controller = method.role == Role::Controller;
        assert_eq!(method.controller_against.is_none(), controller);
    }
}

#[test]
fn a_control_without_a_controller_is_refused_before_any_descent() {
    let entries = Entry::load_list("sgd:0.1,random").unwrap();
    let told = |_: PartProgress<'_>| panic!("a descent was made");
    let error = compare(&task(), &entries, &SETTINGS, &Stop::default(), &told).unwrap_err();
    assert!(error.to_string().contains("`random`"), "{error}");
    // Another controller in the list is a rival, and not the one that the comparison is about.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other");
    sample::controller().save(&file).unwrap();
    let entries = Entry::load_list(&format!("controller:{},replay", file.display())).unwrap();
    assert!(compare(&task(), &entries, &SETTINGS, &Stop::default(), &told).is_err());
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| json(&whole(&entries(ALL))))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn a_method_has_the_same_trials_whatever_it_is_compared_with() {
    let (many, few) = (
        whole(&entries(ALL)),
        whole(&entries("random,replay,sgd:0.1")),
    );
    for method in &few.methods {
        let same = many.methods.iter().find(|other| other.name == method.name);
        assert_eq!(same.unwrap().by_start, method.by_start, "{}", method.name);
    }
}

#[test]
fn tuning_takes_the_best_of_the_grid_on_the_tuning_starts_alone() {
    let (grid, starts) = ([0.05_f32, 0.2, 0.8, 3.0], 4);
    let scores = grid.map(|rate| {
        let item = format!("sgd:{rate}");
        let Entry::Ready(competitor) = Entry::load_list(&item).unwrap().remove(0) else {
            panic!("{item}")
        };
        let hit = |index| {
            let start = StartPoint {
                purpose: StartPurpose::Tuning,
                seed: SETTINGS.seed,
                index,
            };
            let CompareSettings {
                steps, threshold, ..
            } = SETTINGS;
            let trial = Trial::run(&task(), &competitor, start, steps, threshold).unwrap();
            trial.first_hit.unwrap_or(steps) as f64
        };
        interquartile_mean(&(0..starts).map(hit).collect::<Vec<f64>>())
    });
    let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
    let best = grid[scores.iter().position(|score| *score == lowest).unwrap()];
    assert_ne!(best, grid[0], "a grid whose best is not simply the first");

    let entries = Entry::load_list("tuned:sgd;starts=4;grid=0.05/0.2/0.8/3").unwrap();
    let mut comparison = whole(&entries);
    let method = comparison.methods.remove(0);
    let tuning = method.tuning.clone().unwrap();
    assert_eq!(tuning.scores, scores);
    assert_eq!(tuning.steps, 4 * 4 * SETTINGS.steps);
    assert_eq!(
        method.settings["learning_rate"],
        serde_json::json!(descender_record::settings_text::shortest(best))
    );
    // What it then does is what the constant rate does.
    let constant = whole(&Entry::load_list(&format!("sgd:{best}")).unwrap());
    assert_eq!(constant.methods[0].by_start, method.by_start);
    // The reported starts have no part in the choice.
    let fewer = CompareSettings {
        starts: 1,
        ..SETTINGS
    };
    let other = compare(&task(), &entries, &fewer, &Stop::default(), &|_| {}).unwrap();
    assert_eq!(other.methods[0].tuning, method.tuning);
}

#[test]
fn the_table_says_when_the_best_is_at_the_edge() {
    let shown = |list: &str| {
        let comparison = whole(&Entry::load_list(list).unwrap());
        crate::comparison::table(&comparison)
    };
    let edge = shown("tuned:sgd;starts=2;grid=0.01/0.02");
    let cost = format!("{} steps", 2 * 2 * 120);
    for part in ["learning rate 0.02", "the edge", &cost] {
        assert!(edge.contains(part), "{edge}");
    }
    let inside = shown("tuned:sgd;starts=2;grid=0.001/0.5/300");
    assert!(
        inside.contains("learning rate 0.5") && !inside.contains("the edge"),
        "{inside}"
    );
    assert!(!shown("tuned:sgd;starts=2;grid=0.1").contains("the edge"));
}

#[test]
fn an_interrupted_comparison_goes_on_with_the_same_bits() {
    let entries = entries(ALL);
    let expected = json(&whole(&entries));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trials.bin");
    let mut found_before = 0;
    // In the calibration, in the tuning, in the comparison.
    for stop_after in [5, 15, 10] {
        let (result, found) = partly(&entries, &file, stop_after);
        assert!(matches!(result, Err(CompareError::Stopped)), "{result:?}");
        assert!(found >= found_before);
        found_before = found + stop_after; // at least these are there the next time
        // The program may have died while it wrote.
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() - 3]).unwrap();
        found_before -= 1;
    }
    let (result, found) = partly(&entries, &file, u64::MAX / 2);
    assert!(found >= found_before, "{found} of {found_before}");
    assert_eq!(json(&result.unwrap()), expected);
    // Now everything is there, and nothing is made again.
    let (result, found) = partly(&entries, &file, u64::MAX / 2);
    let all: u64 = parts(&entries, &SETTINGS).iter().map(|part| part.1).sum();
    assert_eq!(found, all);
    assert_eq!(json(&result.unwrap()), expected);
}

#[test]
fn progress_counts_every_descent_of_each_part() {
    let entries = entries(ALL);
    let planned = parts(&entries, &SETTINGS);
    assert_eq!(
        planned.map(|(_, descents)| descents),
        [16, 2 * 3 + 3 * 2, 8 * 5]
    );
    let told = planned.map(|_| AtomicU64::new(0));
    compare(
        &task(),
        &entries,
        &SETTINGS,
        &Stop::default(),
        &|progress| {
            told[progress.part as usize].fetch_max(progress.done, Ordering::Relaxed);
            assert_eq!(progress.total, planned[progress.part as usize].1);
        },
    )
    .unwrap();
    assert_eq!(told.map(AtomicU64::into_inner), planned.map(|part| part.1));
    // Without the two that need it there is no calibration.
    let entries = super::tests::entries("untrained,random");
    assert_eq!(parts(&entries, &SETTINGS)[0].1, 0);
}

fn request() -> CompareRequest {
    CompareRequest {
        task: "mnist-small".to_owned(),
        against: "sgd:0.1".to_owned(),
        ..CompareRequest::default()
    }
    .with_settings(&SETTINGS)
}

#[test]
fn a_folder_is_for_one_comparison_with_what_it_was_begun_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/comparison");
    let (task, entries) = (task(), Entry::load_list("sgd:0.1").unwrap());
    let manifest = descender_record::manifest::Manifest::start(Vec::new(), SETTINGS.seed, 1);
    let request = request().with_checksums(&task, &entries);
    let made = CompareFolder::create(&path, request.clone(), &manifest).unwrap();
    made.trials(&task, &entries).unwrap();
    let refused = |error: CompareFolderError, words: &str| {
        assert!(error.to_string().contains(words), "{error}");
    };
    // In use, and occupied.
    refused(CompareFolder::open(&path).unwrap_err(), "in use");
    let again = CompareFolder::create(&path, request.clone(), &manifest);
    refused(again.unwrap_err(), "--resume");
    drop(made);
    let opened = CompareFolder::open(&path).unwrap();
    assert_eq!(
        (opened.request(), opened.request().settings()),
        (&request, SETTINGS)
    );
    // Another method, another number of them, other data.
    let rates = (HyperParameter::LearningRate, vec![0.1]);
    let schedule = RecordedSchedule::new(vec![rates]).unwrap();
    let other = vec![Competitor::rival(
        "sgd:0.1",
        Method::Sgd,
        Steering::Recorded(schedule),
    )];
    let other: Vec<Entry> = other.into_iter().map(Entry::from).collect();
    refused(
        opened.trials(&task, &other).unwrap_err(),
        "`sgd:0.1` has changed",
    );
    refused(opened.trials(&task, &[]).unwrap_err(), "list of methods");
    let mut changed = Task::small();
    let mut data = (*changed.train).clone();
    data.inputs[0] += 0.5;
    changed.train = data.into();
    refused(
        opened.trials(&changed, &entries).unwrap_err(),
        "`mnist-small` has changed",
    );
    opened.trials(&task, &entries).unwrap();
    drop(opened);
    // Settings changed by hand: the descents belong to others.
    let file = path.join("compare.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"steps\": 120", "\"steps\": 130")).unwrap();
    let opened = CompareFolder::open(&path).unwrap();
    refused(
        opened.trials(&task, &entries).unwrap_err(),
        "another comparison",
    );
    drop(opened);
    std::fs::write(&file, "{}").unwrap();
    refused(CompareFolder::open(&path).unwrap_err(), "compare.json");
    refused(
        CompareFolder::open(folder.path()).unwrap_err(),
        "no compare.json",
    );
}
