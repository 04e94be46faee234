//! The paper's network under `pretrained`, step by step, as reference values for the same descent in PyTorch: the Python
//! package's tests make it there.
//!
//! `reference/paper_descent.f32` holds the initial parameters: 32-bit floats, little-endian, in the network's layout.
//! `reference/paper_descent.json` holds the batches (places in the embedded training images), and μ and loss of each step,
//! for two jobs from one start: one that is over after these steps, and the first steps of a longer one. The test compares
//! both files with what this program does. To write them anew after a change that is meant:
//!
//! ```text
//! DESCENDER_WRITE_REFERENCE=1 cargo test --release -p descender --test paper_in_torch
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use descender::control::{Controller, ShippedController};
use descender::env::{Guarded, Steer};
use descender::optim::{HyperParameters, Job};
use descender::task::{Descent, NetworkDescent, Problem, StartPoint, StartPurpose, Task};
use serde::{Deserialize, Serialize};

const STEPS: usize = 100;
const JOBS: [u64; 2] = [100, 500];
/// Kernels of another processor may round otherwise, and late in a descent such a difference may grow: so many losses are
/// compared.
const COMPARED: usize = 20;
const TOLERANCE: f32 = 1e-4;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Document {
    /// The training examples of each step, for all jobs.
    batches: Vec<Vec<usize>>,
    descents: Vec<Recorded>,
}

/// A descent from the start.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Recorded {
    job: Job,
    hyper_parameters: Vec<HyperParameters>,
    losses: Vec<f32>,
}

struct Descended {
    parameters: Vec<f32>,
    batches: Vec<Vec<usize>>,
    recorded: Recorded,
}

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../reference")
        .join(name)
}

fn pretrained() -> Controller {
    let shipped = ShippedController::by_name("pretrained").expect("it comes with the program");
    shipped.controller()
}

fn descend(steps: u64) -> Descended {
    let controller = pretrained();
    let task = Task {
        steps,
        ..Task::paper()
    };
    let job = task.job();
    let mut descent = NetworkDescent::new(Arc::new(task), *controller.method())
        .expect("the paper's task has a descent");
    descent.reset(StartPoint {
        purpose: StartPurpose::Report,
        seed: 2026,
        index: 0,
    });
    let parameters = descent.parameters().to_vec();
    let mut guarded =
        Guarded::new(controller.start_for(&job), &descent).expect("a task's descent can be saved");
    let (mut batches, mut hyper_parameters, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STEPS {
        batches.push(descent.coming_batch());
        hyper_parameters.push(guarded.hyper_parameters()[0]);
        let feedback = descent.step(guarded.hyper_parameters());
        losses.push(feedback.loss);
        assert!(guarded.record(&feedback, &mut descent));
    }
    Descended {
        parameters,
        batches,
        recorded: Recorded {
            job,
            hyper_parameters,
            losses,
        },
    }
}

#[test]
fn the_reference_is_what_the_paper_s_network_does_under_pretrained() {
    let descended = JOBS.map(descend);
    let [first, second] = &descended;
    assert_eq!(first.parameters, second.parameters);
    assert_eq!(first.batches, second.batches);
    let bytes: Vec<u8> = (first.parameters.iter())
        .flat_map(|parameter| parameter.to_le_bytes())
        .collect();
    let document = Document {
        batches: first.batches.clone(),
        descents: descended.map(|descent| descent.recorded).into(),
    };
    let [parameters, steps] = ["paper_descent.f32", "paper_descent.json"].map(reference);
    if std::env::var_os("DESCENDER_WRITE_REFERENCE").is_some() {
        fs::write(&parameters, &bytes).expect("the parameters can be written");
        let text = serde_json::to_string(&document).expect("numbers can be written");
        fs::write(&steps, text + "\n").expect("the steps can be written");
    }
    assert!(fs::read(&parameters).expect("the parameters are there") == bytes);
    let text = fs::read_to_string(&steps).expect("the steps are there");
    let known: Document = serde_json::from_str(&text).expect("they are such a document");
    assert_eq!(known.batches, document.batches);
    assert_eq!(known.descents.len(), JOBS.len());
    for (known, found) in known.descents.iter().zip(&document.descents) {
        assert_eq!(known.job, found.job);
        assert_eq!(known.hyper_parameters, found.hyper_parameters);
        assert_eq!(known.losses.len(), STEPS);
        let losses = known.losses.iter().zip(&found.losses).take(COMPARED);
        for (step, (known, found)) in losses.enumerate() {
            assert!(
                (known - found).abs() <= TOLERANCE,
                "step {step}: {known} and {found}"
            );
        }
        // It learns, so that the comparison says something.
        assert!(found.losses[STEPS - 1] < 0.5 * found.losses[0]);
    }
}

/// Starts of whole descents, for `benchmarks/pytorch/first_hits.py`: in the folder that `DESCENDER_STARTS` names, for each start
/// its parameters, its batches (16-bit numbers), and the losses of the descent under `pretrained` here.
#[test]
#[ignore = "writes files for a benchmark"]
fn starts_for_pytorch() {
    const STARTS: u64 = 30;
    const WHOLE: u64 = 500;
    const SEED: u64 = 2031;
    let folder = std::env::var_os("DESCENDER_STARTS").expect("DESCENDER_STARTS names a folder");
    let folder = PathBuf::from(folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let controller = pretrained();
    let task = Arc::new(Task {
        steps: WHOLE,
        ..Task::paper()
    });
    let job = task.job();
    let mut descent = NetworkDescent::new(Arc::clone(&task), *controller.method())
        .expect("the paper's task has a descent");
    let mut losses: Vec<Vec<f32>> = Vec::new();
    for index in 0..STARTS {
        descent.reset(StartPoint {
            purpose: StartPurpose::Report,
            seed: SEED,
            index,
        });
        let write = |name: &str, bytes: Vec<u8>| {
            let path = folder.join(format!("{index}.{name}"));
            fs::write(path, bytes).expect("the file can be written");
        };
        let parameters = descent.parameters().iter();
        write("f32", parameters.flat_map(|x| x.to_le_bytes()).collect());
        let mut guarded = Guarded::new(controller.start_for(&job), &descent)
            .expect("a task's descent can be saved");
        let (mut batches, mut of_start) = (Vec::new(), Vec::new());
        for _ in 0..WHOLE {
            let batch = descent.coming_batch().into_iter();
            batches.extend(batch.flat_map(|example| (example as u16).to_le_bytes()));
            let feedback = descent.step(guarded.hyper_parameters());
            of_start.push(feedback.loss);
            assert!(guarded.record(&feedback, &mut descent));
        }
        write("u16", batches);
        losses.push(of_start);
    }
    let text = serde_json::to_string(&(job, losses)).expect("numbers can be written");
    fs::write(folder.join("descents.json"), text).expect("the file can be written");
}

/// That the loss of a step is the mean over the batch that is told is seen in PyTorch.
#[test]
fn the_coming_batches_of_an_epoch_hold_each_example_once() {
    let task = Task::paper();
    let data = task.train.clone();
    let method = *pretrained().method();
    let mut descent = NetworkDescent::new(Arc::new(task), method).expect("it has a descent");
    let mut seen = vec![0; data.len()];
    for _ in 0..250 {
        let batch = descent.coming_batch();
        assert_eq!(batch, descent.coming_batch(), "asking changes nothing");
        batch.iter().for_each(|&example| seen[example] += 1);
        descent.step(&[method.hyper_parameters(0.001)]);
    }
    assert!(seen.iter().all(|&times| times == 1));
    // The next epoch is drawn anew.
    assert_eq!(descent.coming_batch().len(), 32);
}
