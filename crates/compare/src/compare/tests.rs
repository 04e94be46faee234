//! Whole comparisons on the small task: roles, tuning, threads, interruption.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_task::{StartPoint, StartPurpose, Task};

use super::*;
use crate::comparison::{Role, Tuning};
use crate::contender::sample;
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
            ("anchor", Role::Control, false),
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
        let Entry::Ready(contender) = Entry::load_list(&item).unwrap().remove(0) else {
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
            let trial = Trial::run(&task(), &contender, start, steps, threshold).unwrap();
            trial.hit_or(steps) as f64
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
fn a_search_goes_on_beyond_its_grid_and_each_objective_has_its_own() {
    let list = "tuned:sgd;starts=2,tuned:sgd;starts=2;for=validation-loss";
    let entries = Entry::load_list(list).unwrap();
    let planned: u64 = parts(&entries, &SETTINGS, Shard::WHOLE)[Part::Tuning as usize].1;
    assert_eq!(planned, 5 * 2, "both objectives share the search");
    let comparison = whole(&entries);
    let tuning: Vec<Tuning> = (comparison.methods.iter())
        .filter_map(|method| method.tuning.clone())
        .collect();
    let [hit, loss] = &tuning[..] else {
        panic!("two methods")
    };
    assert_eq!(
        (hit.objective.as_str(), loss.objective.as_str()),
        ("first-hit", "validation-loss")
    );
    assert!(hit.tried > 5 && loss.tried > 5, "{hit:?} {loss:?}");
    for (method, tuning) in comparison.methods.iter().zip(&tuning) {
        let chosen = method.settings["learning_rate"].as_f64().unwrap();
        let place = tuning.grid.iter().position(|rate| *rate == chosen).unwrap();
        let lowest = tuning.scores.iter().copied().fold(f64::INFINITY, f64::min);
        assert_eq!(tuning.scores[place], lowest);
    }
    // Alone, the second finds the same.
    let alone = whole(&entries[1..]);
    assert_eq!(alone.methods[0].tuning.as_ref(), Some(loss));
    assert_eq!(alone.methods[0].by_start, comparison.methods[1].by_start);
}

#[test]
fn without_selection_data_the_validation_loss_is_not_tuned_for() {
    let mut small = task();
    small.selection = None;
    let entries = Entry::load_list("tuned:sgd;for=validation-loss").unwrap();
    let error = compare(&small, &entries, &SETTINGS, &Stop::default(), &|_| {}).unwrap_err();
    let error = descender_record::whole_message(&error);
    assert!(
        error.contains("no selection data") && error.contains("first-hit"),
        "{error}"
    );
}

#[test]
fn rivals_are_found_in_the_cache_and_controllers_are_not() {
    let entries = entries(ALL);
    let folder = tempfile::tempdir().unwrap();
    let cache = RivalCache::new(folder.path()).unwrap();
    let kept = Kept {
        store: None,
        cache: Some(&cache),
    };
    let run = |entries: &[Entry]| {
        compare_with(&task(), entries, &SETTINGS, &Stop::default(), &|_| {}, kept).unwrap()
    };
    let files = || {
        let shelves = std::fs::read_dir(folder.path()).unwrap();
        let count = |shelf: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_dir(shelf.unwrap().path()).unwrap().count()
        };
        shelves.map(count).sum::<usize>()
    };
    let first = run(&entries);
    assert_eq!(
        json(&first),
        json(&whole(&entries)),
        "the cache changes nothing"
    );
    let kept_once = files();
    // Two searches (2 and 3 settings), and three rivals of which the tuned ones are as tried, but from other starts.
    let expected = 3 * 2 + 2 * 3 + 3 * SETTINGS.starts as usize;
    assert_eq!(kept_once, expected);
    assert_eq!(json(&run(&entries)), json(&first));
    assert_eq!(files(), kept_once, "nothing new");
    // Another start more is the only news.
    let more = CompareSettings {
        starts: SETTINGS.starts + 1,
        ..SETTINGS
    };
    compare_with(&task(), &entries, &more, &Stop::default(), &|_| {}, kept).unwrap();
    assert_eq!(files(), kept_once + 3);
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
    let all: u64 = parts(&entries, &SETTINGS, Shard::WHOLE)
        .iter()
        .map(|part| part.1)
        .sum();
    assert_eq!(found, all);
    assert_eq!(json(&result.unwrap()), expected);
}

#[test]
fn progress_counts_every_descent_of_each_part() {
    let entries = entries(ALL);
    let planned = parts(&entries, &SETTINGS, Shard::WHOLE);
    assert_eq!(
        planned.map(|(_, descents)| descents),
        [16, 2 * 3 + 3 * 2, 9 * 5]
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
    assert_eq!(parts(&entries, &SETTINGS, Shard::WHOLE)[0].1, 0);
}
