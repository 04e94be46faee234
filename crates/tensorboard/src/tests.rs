//! The event files hold what the JSON lines hold, also after a resume and with episodes out of order.

use descender_control::Policy;
use descender_nn::{Layer, NetworkSpecification, Shape};

use super::event_file::tests::{Event, read};
use super::*;
use descender_record::Manifest;
use descender_train::configuration::{Configuration, Resolver, SelectionMeasure};
use descender_train::{Candidate, Candidates};

/// Made-up episodes that get better; each seventh never hits.
fn sample(count: u64) -> Vec<EpisodeRecord> {
    (0..count)
        .map(|episode| EpisodeRecord {
            episode,
            environment: episode % 2,
            start: episode,
            steps: 500,
            score: episode as f64 - 40.5,
            end: "truncated".to_owned(),
            first_hit: (episode % 7 != 3).then_some(420 - episode),
            minimum_loss: 0.01,
            final_loss: 0.09,
            mean_learning_rate: 0.05,
            minimum_learning_rate: 0.03,
            maximum_learning_rate: 0.4,
            epsilon: 0.1,
            learner_loss: if episode == 0 { f32::NAN } else { 0.5 },
        })
        .collect()
}

fn configuration() -> Configuration {
    Resolver::new(None).unwrap().finish().unwrap()
}

fn candidate(episodes: u64, score: f64) -> Candidate {
    let specification = NetworkSpecification {
        input: Shape::flat(1),
        layers: vec![Layer::Linear { outputs: 1 }],
    };
    Candidate {
        episodes,
        policy: Policy::new(specification, vec![0.0; 2]).unwrap(),
        scores: vec![score],
        final_scores: Vec::new(),
    }
}

fn started<'a>(configuration: &'a Configuration, candidates: &'a Candidates) -> TrainingEvent<'a> {
    TrainingEvent::Started {
        configuration,
        episodes_ended: 0,
        progress: 0.0,
        steps: 0,
        candidates,
    }
}

fn scored(candidate: &Candidate) -> TrainingEvent<'_> {
    TrainingEvent::CandidateScored {
        candidate,
        measure: SelectionMeasure::Score,
        best: true,
    }
}

/// The events of the only event file.
fn events(folder: &RunFolder) -> Vec<Event> {
    let files: Vec<_> = fs::read_dir(folder.file(FOLDER))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("tfevents"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    read(&fs::read(&files[0]).unwrap())
}

/// The bytes of the only event file.
fn file_content(folder: &RunFolder) -> Vec<u8> {
    let mut files: Vec<_> = fs::read_dir(folder.file("tensorboard"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("tfevents"))
        .collect();
    assert_eq!(files.len(), 1);
    fs::read(files.remove(0)).unwrap()
}

fn value(event: &Event, tag: &str) -> Option<f32> {
    let found = event.scalars.iter().find(|(name, _)| name == tag);
    found.map(|(_, value)| *value)
}

#[test]
fn every_figure_of_an_episode_is_a_scalar() {
    let temporary = tempfile::tempdir().unwrap();
    let configuration = configuration();
    let manifest = Manifest::start(Vec::new(), 1, 1);
    let (folder, _lock) =
        RunFolder::create(&temporary.path().join("run"), &configuration, &manifest).unwrap();
    assert!(!TensorBoard::exists(&folder));
    let _killed = TensorBoard::new(&folder);
    assert!(TensorBoard::exists(&folder), "before the first event");
    let mut file = folder.episodes_from(0).unwrap();
    let mut tensorboard = TensorBoard::new(&folder);
    tensorboard.notify(&started(&configuration, &Candidates::default()));
    assert!(TensorBoard::exists(&folder));
    let records = sample(4);
    // The second ends after the third.
    for number in [0, 2, 1, 3] {
        file.append(&records[number]).unwrap();
        tensorboard.notify(&TrainingEvent::EpisodeEnded(&records[number]));
    }
    let (good, diverged) = (candidate(3, 123.25), candidate(4, f64::INFINITY));
    tensorboard.notify(&scored(&good));
    tensorboard.notify(&scored(&diverged));

    let events = events(&folder);
    let steps: Vec<_> = events[2..].iter().map(|event| event.step).collect();
    assert_eq!(steps, [0, 1, 2, 3, 3], "rising, after version and start");
    for (event, record) in events[2..].iter().zip(&records) {
        for (tag, expected) in [
            ("episode/score", Some(record.score as f32)),
            ("episode/steps", Some(record.steps as f32)),
            (
                "episode/first_hit",
                record.first_hit.map(|step| step as f32),
            ),
            ("episode/minimum_loss", Some(record.minimum_loss)),
            ("episode/final_loss", Some(record.final_loss)),
            (
                "episode/mean_learning_rate",
                Some(record.mean_learning_rate),
            ),
            (
                "episode/minimum_learning_rate",
                Some(record.minimum_learning_rate),
            ),
            (
                "episode/maximum_learning_rate",
                Some(record.maximum_learning_rate),
            ),
            ("episode/epsilon", Some(record.epsilon)),
            // Not a number before the first call of the learner, no hit in the fourth: no scalars.
            (
                "episode/learner_loss",
                Some(record.learner_loss).filter(|loss| loss.is_finite()),
            ),
        ] {
            assert_eq!(value(event, tag), expected, "{tag} of {}", record.episode);
        }
    }
    assert_eq!(value(&events[2], "episode/learner_loss"), None);
    assert_eq!(value(&events[5], "episode/first_hit"), None);
    assert_eq!(events[6].scalars, [("selection/score".to_owned(), 123.25)]);
    assert!(tensorboard.failure().take().is_none());
}

#[test]
fn a_resume_tells_once_what_is_kept_and_nothing_that_was_lost() {
    let temporary = tempfile::tempdir().unwrap();
    let configuration = configuration();
    let manifest = Manifest::start(Vec::new(), 1, 1);
    let (folder, _lock) =
        RunFolder::create(&temporary.path().join("run"), &configuration, &manifest).unwrap();
    let records = sample(6);
    let mut file = folder.episodes_from(0).unwrap();
    let mut tensorboard = TensorBoard::new(&folder);
    tensorboard.notify(&started(&configuration, &Candidates::default()));
    let mut kept = 0;
    for number in [0, 1, 3, 2, 4] {
        if number == 2 {
            kept = file.sync().unwrap();
        }
        file.append(&records[number]).unwrap();
        tensorboard.notify(&TrainingEvent::EpisodeEnded(&records[number]));
    }
    tensorboard.notify(&scored(&candidate(4, 1.0)));
    fs::write(folder.file("tensorboard/notes.txt"), "mine").unwrap();
    // A kill; the checkpoint was made before the episode 2 ended.
    drop(tensorboard);
    let before = file_content(&folder);
    let mut file = folder.episodes_from(kept).unwrap();
    let mut tensorboard = TensorBoard::new(&folder);
    let mut candidates = Candidates::default();
    candidates.add(candidate(2, 7.5), 1);
    tensorboard.notify(&started(&configuration, &candidates));
    assert_eq!(
        events(&folder)
            .iter()
            .map(|event| event.step)
            .collect::<Vec<_>>(),
        [0, 0, 0, 1, 2],
        "version, start, two episodes and the candidate; episode 3 waits"
    );
    // What was kept is told with the time that it had.
    let kept_records = (0..4).fold(0, |place, _| {
        let length = before[place..place + 8].try_into().unwrap();
        place + 16 + u64::from_le_bytes(length) as usize
    });
    assert_eq!(
        file_content(&folder)[..kept_records],
        before[..kept_records]
    );
    for number in [2, 5] {
        file.append(&records[number]).unwrap();
        tensorboard.notify(&TrainingEvent::EpisodeEnded(&records[number]));
    }
    // A stop: what waits is written, too.
    drop(tensorboard);
    let steps: Vec<_> = events(&folder)
        .iter()
        .filter(|event| value(event, "episode/score").is_some())
        .map(|event| event.step)
        .collect();
    assert_eq!(steps, [0, 1, 2, 3, 5]);
    assert!(events(&folder)[1].restart);
    assert!(folder.file("tensorboard/notes.txt").exists());
    // A complete run can be written afterwards, from its files.
    TensorBoard::write(&folder).unwrap();
    assert_eq!(events(&folder).len(), 2 + 5);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_does_no_harm() {
    let temporary = tempfile::tempdir().unwrap();
    let configuration = configuration();
    let manifest = Manifest::start(Vec::new(), 1, 1);
    let (folder, _lock) =
        RunFolder::create(&temporary.path().join("run"), &configuration, &manifest).unwrap();
    fs::write(folder.file("tensorboard"), "a file, not a folder").unwrap();
    let mut tensorboard = TensorBoard::new(&folder);
    let failure = tensorboard.failure();
    tensorboard.notify(&started(&configuration, &Candidates::default()));
    tensorboard.notify(&TrainingEvent::EpisodeEnded(&sample(1)[0]));
    let message = failure.take().unwrap().to_string();
    assert!(
        message.contains("TensorBoard") && message.contains("run/tensorboard"),
        "{message}"
    );
    assert!(failure.take().is_none());
}
