//! Learning over a set of jobs, and judging over it.

use std::path::Path;

use descender_compare::contender::{Contender, Entry};
use descender_compare::shard::Shard;
use descender_env::Stop;
use descender_jobs::learn::{
    LearnError, LearnSettings, LearnShare, LearnStage, Learned, LearnerName, learn, learn_share,
};
use descender_jobs::{JobSet, JobsError, JobsSettings, judge};

fn set() -> JobSet {
    JobSet {
        work: 2e7,
        ..JobSet::by_name("jobs").expect("it is built in")
    }
}

fn small() -> LearnSettings {
    LearnSettings {
        rounds: 2,
        instances: 6,
        pairs: 1,
        judged: 4,
        ..LearnSettings::default()
    }
}

fn run(
    threads: usize,
    folder: Option<&Path>,
    stop: &Stop,
    settings: &LearnSettings,
) -> Option<Learned> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("there are threads");
    let told = |stage, done, _| {
        if stage == (LearnStage::Perturbing { round: 2 }) && done == 3 {
            stop.request();
        }
    };
    pool.install(|| learn(&set(), None, settings, folder, stop, &told))
        .expect("the settings can be used")
}

#[test]
fn the_same_settings_give_the_same_bytes_on_any_number_of_threads_and_after_a_stop() {
    let learned = pool_of(1);
    let bytes = learned.controller.to_bytes();
    assert_eq!(pool_of(3).controller.to_bytes(), bytes);

    let folder = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    assert!(
        run(2, Some(folder.path()), &stop, &small()).is_none(),
        "it was stopped"
    );
    let resumed = learn(
        &set(),
        None,
        &small(),
        Some(folder.path()),
        &Stop::default(),
        &|_, _, _| {},
    );
    assert_eq!(resumed.unwrap().unwrap().controller.to_bytes(), bytes);

    // The folder belongs to these settings.
    let other = LearnSettings { seed: 2, ..small() };
    let error = learn(
        &set(),
        None,
        &other,
        Some(folder.path()),
        &Stop::default(),
        &|_, _, _| {},
    );
    assert!(matches!(error, Err(LearnError::OtherSettings { .. })));
}

#[test]
fn shares_of_a_learning_come_to_the_bytes_of_the_whole() {
    let bytes = pool_of(1).controller.to_bytes();
    let share = |folder: &Path, number, count, waits, stop: &Stop| {
        let shard = Shard::new(number, count).unwrap();
        let share = LearnShare { shard, waits };
        learn_share(&set(), &small(), share, folder, stop, &|_, _, _| {}).unwrap()
    };

    // Side by side, each waiting for the other.
    let folder = tempfile::tempdir().unwrap();
    let both = std::thread::scope(|scope| {
        let one = |number| {
            let folder = folder.path();
            scope.spawn(move || share(folder, number, 2, true, &Stop::default()))
        };
        let both = [one(1), one(2)];
        both.map(|one| one.join().unwrap().unwrap().controller.to_bytes())
    });
    assert_eq!(both, [bytes.clone(), bytes.clone()]);

    // One after the other, stage by stage; the last third of them in other shares.
    let folder = tempfile::tempdir().unwrap();
    let never = Stop::default();
    assert!(share(folder.path(), 1, 3, false, &never).is_none());
    assert!(share(folder.path(), 1, 3, false, &never).is_none());
    let mut learned = None;
    let mut calls = 0;
    while learned.is_none() {
        learned = share(folder.path(), 1 + calls % 2, 2, false, &never);
        calls += 1;
    }
    assert_eq!(learned.unwrap().controller.to_bytes(), bytes);
    assert!(
        calls >= 4,
        "one for each stage: calibration, two rounds, choice"
    );

    // Who waits can be stopped.
    let folder = tempfile::tempdir().unwrap();
    let stop = Stop::default();
    stop.request();
    assert!(share(folder.path(), 1, 2, true, &stop).is_none());
}

fn pool_of(threads: usize) -> Learned {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("there are threads");
    pool.install(|| {
        learn(
            &set(),
            None,
            &small(),
            None,
            &Stop::default(),
            &|_, _, _| {},
        )
    })
    .expect("the settings can be used")
    .expect("nobody stops it")
}

#[test]
fn a_learned_controller_is_better_than_what_is_usual_on_jobs_that_it_has_not_seen() {
    let settings = LearnSettings {
        rounds: 4,
        instances: 80,
        judged: 60,
        readings: ["steps", "parameters", "input_scale"]
            .map(str::to_owned)
            .into(),
        ..LearnSettings::default()
    };
    let learned = learn(
        &set(),
        None,
        &settings,
        None,
        &Stop::default(),
        &|_, _, _| {},
    )
    .unwrap()
    .unwrap();
    let chosen = learned
        .candidates
        .iter()
        .find(|candidate| candidate.chosen)
        .unwrap();
    assert!(chosen.score < -0.01, "{:?}", learned.candidates);
    assert!(learned.controller.control().is_relative());

    let usual = "linear:0.01;optimizer=adamw;beta2=0.99";
    let mut entries = vec![Entry::from(Contender::controller(learned.controller))];
    entries.extend(Entry::load_list(usual).unwrap());
    let judged = JobsSettings {
        jobs: 60,
        tuning_jobs: 1,
        portfolio: false,
        seed: 1,
    };
    let comparison = judge(
        &set(),
        &entries,
        &judged,
        None,
        &Stop::default(),
        &|_, _, _| {},
    )
    .unwrap()
    .unwrap();
    let regret = |place: usize| comparison.methods[place].figures[0].regret.value;
    assert!(regret(0) < regret(1), "{comparison}");
}

#[test]
fn nothing_of_the_grid_is_better_than_its_best_and_a_rival_is_tuned() {
    let rivals = "linear:0.01;optimizer=adam,tuned:linear;optimizer=adam;grid=0.0001/0.01";
    let entries = Entry::load_list(rivals).unwrap();
    let settings = JobsSettings {
        jobs: 6,
        tuning_jobs: 6,
        portfolio: true,
        seed: 1,
    };
    let folder = tempfile::tempdir().unwrap();
    let made = |folder: Option<&Path>| {
        judge(
            &set(),
            &entries,
            &settings,
            folder,
            &Stop::default(),
            &|_, _, _| {},
        )
        .unwrap()
        .unwrap()
    };
    let comparison = made(Some(folder.path()));
    for job in &comparison.jobs {
        assert!(job.outcomes[0].last >= job.reference.last, "{job:?}");
        assert!(job.outcomes[0].best >= job.reference.best, "{job:?}");
    }
    let tuned = &comparison.methods[1].settings;
    assert_eq!(tuned["learning_rate"], 0.01, "{tuned}");
    // What is kept is what is computed.
    assert_eq!(made(Some(folder.path())), comparison);
    assert_eq!(made(None), comparison);

    let error = judge(
        &set(),
        &Entry::load_list("replay").unwrap(),
        &settings,
        None,
        &Stop::default(),
        &|_, _, _| {},
    );
    assert!(matches!(error, Err(JobsError::OneTask(name)) if name == "replay"));
}

#[test]
fn impossible_settings_are_refused_by_key() {
    let message = |change: fn(&mut LearnSettings)| {
        let mut settings = LearnSettings::default();
        change(&mut settings);
        settings.check().unwrap_err().to_string()
    };
    assert!(message(|settings| settings.rounds = 0).starts_with("learn.rounds = 0"));
    assert!(message(|settings| settings.stride = -1.0).starts_with("learn.stride"));
    assert!(message(|settings| settings.memory = 1.5).starts_with("learn.memory"));
    assert!(message(|settings| settings.anchor = 3.0).starts_with("learn.anchor"));
    assert!(message(|settings| settings.readings = vec!["moon".into()]).contains("loss_fall"));
    assert!(message(|settings| settings.steered = vec!["tide".into()]).contains("averaging"));
    assert!(message(|settings| settings.optimizer = "wind".into()).contains("list optimizers"));
}

#[test]
fn a_portfolio_goes_on_with_who_is_ahead_and_pays_for_the_others() {
    let entries = Entry::load_list("one-cycle:0.03;optimizer=adam,schedule-free-adamw:0.0000001");
    let settings = JobsSettings {
        jobs: 12,
        tuning_jobs: 1,
        portfolio: true,
        seed: 1,
    };
    let never = Stop::default();
    let comparison = judge(
        &set(),
        &entries.unwrap(),
        &settings,
        None,
        &never,
        &|_, _, _| {},
    );
    let comparison = comparison.unwrap().unwrap();
    assert_eq!(comparison.methods[2].name, "portfolio");
    let members = &comparison.methods[2].settings["members"];
    assert_eq!(members.as_array().unwrap().len(), 2, "{members}");
    let regret = |place: usize| comparison.methods[place].figures[0].regret.value;
    // The second hardly moves. A descent that goes on with the first has a tenth of the steps less, and its schedule is as short.
    assert!(regret(2) < 0.5 * regret(1), "{comparison}");
    let alike = (comparison.jobs.iter())
        .filter(|job| job.outcomes[2].last == job.outcomes[0].last)
        .count();
    assert_eq!(alike, 0, "it is not free: {comparison}");
}

#[test]
fn an_evolution_learns_too_and_comes_to_the_same_bytes_after_a_stop() {
    let settings = LearnSettings {
        learner: LearnerName::Evolution,
        rounds: 6,
        instances: 16,
        judged: 40,
        readings: Vec::new(),
        ..LearnSettings::default()
    };
    let made = |folder: Option<&Path>, stop: &Stop| run(2, folder, stop, &settings);
    let learned = made(None, &Stop::default());
    // The stop comes in the second round.
    assert!(learned.is_none());
    let whole = |folder: Option<&Path>| {
        let never = Stop::default();
        let learned = learn(&set(), None, &settings, folder, &never, &|_, _, _| {});
        learned.unwrap().unwrap()
    };
    let learned = whole(None);
    let best = learned.candidates.iter().find(|candidate| candidate.chosen);
    assert!(best.unwrap().score < 0.0, "{:?}", learned.candidates);
    let folder = tempfile::tempdir().unwrap();
    assert!(made(Some(folder.path()), &Stop::default()).is_none());
    let resumed = whole(Some(folder.path()));
    assert_eq!(resumed.controller.to_bytes(), learned.controller.to_bytes());
}
