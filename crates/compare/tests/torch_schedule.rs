//! The Python sources of distilled controllers make the steps of this program's optimizers, as PyTorch ran them
//! (`reference/torch_schedule.py`, in float64).
//!
//! The sources that PyTorch ran stand in `reference/torch_schedule/`; the test first sees that they are what is written
//! today.

use std::collections::BTreeMap;
use std::path::PathBuf;

use descender_compare::contender::RecordedSchedule;
use descender_compare::distillation::Distilled;
use descender_optim::{HyperParameter, Method, Optimizer};
use serde::Deserialize;

use HyperParameter::{A1, A2, A3, B1, B2, B3, LearningRate};

const STEPS: usize = 40;

#[derive(Deserialize)]
struct Reference {
    curvatures: Vec<f32>,
    start: Vec<f32>,
    paths: BTreeMap<String, Vec<f64>>,
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "reference"]
        .iter()
        .collect()
}

fn column(entry: HyperParameter, value: impl Fn(f32) -> f32) -> (HyperParameter, Vec<f32>) {
    (entry, (0..STEPS).map(|step| value(step as f32)).collect())
}

/// A decay of a moment with its weight, 1 − decay.
fn average(
    decay: HyperParameter,
    weight: HyperParameter,
    value: impl Fn(f32) -> f32,
) -> [(HyperParameter, Vec<f32>); 2] {
    [
        column(decay, &value),
        column(weight, |step| 1.0 - value(step)),
    ]
}

/// A momentum that changes all the time, and is 0 now and then.
fn wandering(step: f32) -> f32 {
    match step as usize {
        0 | 11 | 12 => 0.0,
        _ => 0.45 + 0.45 * (0.7 * step).sin(),
    }
}

fn waves(step: f32) -> f32 {
    0.1 * (1.3 + (0.4 * step).cos())
}

/// Name, optimizer, its settings, and the table.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    Vec<(HyperParameter, Vec<f32>)>,
);

fn cases() -> Vec<Case> {
    let momentum = || average(B1, B2, wandering);
    let with = |rate: fn(f32) -> f32, more: Vec<(HyperParameter, Vec<f32>)>| {
        let mut columns = vec![column(LearningRate, rate)];
        columns.extend(more);
        columns
    };
    // As a controller of momentum begins that first takes the optimizer's own step.
    let mut begins_late = momentum();
    (begins_late[0].1[0], begins_late[1].1[0]) = (0.9, 1.0);
    // From no momentum at all, for several steps.
    let late = |step: f32| {
        if step < 3.0 {
            0.0
        } else {
            wandering(step + 1.0)
        }
    };
    vec![
        ("eta_sgd", "sgd", &[], with(waves, vec![])),
        (
            "eta_nesterov",
            "nesterov",
            &[("momentum", "0.8"), ("weight_decay", "0.05")],
            with(waves, vec![]),
        ),
        ("eta_adamw", "adamw", &[], with(waves, vec![])),
        (
            "eta_dampened",
            "momentum",
            &[("dampening", "0.5")],
            with(waves, vec![]),
        ),
        (
            "momentum_sgd",
            "sgd",
            &[],
            with(waves, average(B1, B2, late).into()),
        ),
        (
            "momentum_decay",
            "momentum",
            &[("weight_decay", "0.05")],
            with(waves, begins_late.clone().into()),
        ),
        (
            "momentum_alone",
            "momentum",
            &[],
            with(waves, vec![column(B1, wandering)]),
        ),
        (
            "class_nesterov",
            "nesterov",
            &[("weight_decay", "0.02")],
            with(waves, momentum().into()),
        ),
        ("class_adam", "adam", &[], {
            let mut columns = with(waves, begins_late.clone().into());
            columns.extend(average(A1, A2, |step| 0.9 + 0.002 * step));
            columns
        }),
        (
            "class_adamw",
            "adamw",
            &[("weight_decay", "0.1")],
            with(waves, momentum().into()),
        ),
        (
            "class_rmsprop",
            "rmsprop",
            &[],
            with(|step| 0.1 * waves(step), average(B1, B2, late).into()),
        ),
        (
            "class_family",
            "family",
            &[],
            with(
                waves,
                vec![
                    column(A1, |step| 0.01 * step),
                    column(A2, |_| 0.3),
                    column(A3, |step| 0.5 + 0.01 * step),
                    column(B1, wandering),
                    column(B3, |step| 0.01 * step.sin()),
                ],
            ),
        ),
    ]
}

fn distilled((_, name, settings, columns): &Case) -> Distilled {
    let method = settings.iter().fold(
        Method::by_name(name).expect("a known method"),
        |method, (key, value)| method.with_setting(key, value).expect("a setting of it"),
    );
    Distilled {
        task: "a quadratic".to_owned(),
        seed: 1,
        method,
        schedule: RecordedSchedule::new(columns.clone()).expect("columns of one length"),
        source: Default::default(),
    }
}

#[test]
fn what_pytorch_ran_is_what_is_written() {
    let write = std::env::var_os("DESCENDER_WRITE_SOURCES").is_some();
    for case in cases() {
        let source = distilled(&case).to_torch(None).unwrap();
        let file = folder()
            .join("torch_schedule")
            .join(format!("{}.py", case.0));
        if write {
            std::fs::write(&file, &source).unwrap();
        }
        let known = std::fs::read_to_string(&file).unwrap();
        assert_eq!(known, source, "{}: see reference/torch_schedule.py", case.0);
        let class = source.contains("(torch.optim.Optimizer)");
        let momenta = source.contains("MOMENTA");
        let form = (class, momenta);
        match case.0.split_once('_').unwrap().0 {
            "eta" if case.0 != "eta_dampened" => assert_eq!(form, (false, false), "{}", case.0),
            "momentum" => assert_eq!(form, (false, true), "{}", case.0),
            "class" => assert_eq!(form, (true, false), "{}", case.0),
            _ => assert!(class || momenta, "PyTorch's dampening is another one"),
        }
    }
}

#[test]
fn pytorch_follows_the_same_path() {
    let file = folder().join("torch_schedule.json");
    let reference: Reference =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(reference.paths.len(), cases().len());
    for case in cases() {
        let distilled = distilled(&case);
        let count = reference.start.len();
        let mut optimizer = Optimizer::new(distilled.method, count).unwrap();
        let mut theta = reference.start.clone();
        let path = &reference.paths[case.0];
        assert!(path.len() > STEPS * count, "the last step's values hold");
        let mut worst = 0.0_f64;
        for (step, expected) in path.chunks(count).enumerate() {
            let gradient: Vec<f32> = (theta.iter().zip(&reference.curvatures))
                .map(|(theta, curvature)| theta * curvature)
                .collect();
            let mu = distilled
                .schedule
                .hyper_parameters(&distilled.method, step as u64);
            optimizer.step(&mu, &mut theta, &gradient);
            for (theta, expected) in theta.iter().zip(expected) {
                worst = worst.max((f64::from(*theta) - expected).abs());
            }
        }
        let start = |place: usize| f64::from(reference.start[place]);
        let moved = path[..count]
            .iter()
            .enumerate()
            .any(|(i, value)| (value - start(i)).abs() > 0.001);
        assert!(moved, "{}", case.0);
        // The parameters are about 1.
        assert!(worst < 1e-5, "{}: {worst:e}", case.0);
    }
}

#[test]
fn what_pytorch_cannot_do_is_refused_by_name() {
    let rates = || column(LearningRate, waves);
    let of = |name| distilled(&("", name, &[], vec![rates(), column(B1, wandering)]));
    for name in ["prodigy", "adadelta", "amsgrad"] {
        let message = of(name).to_torch(None).unwrap_err().to_string();
        assert!(
            message.contains(name) && message.contains("json or csv"),
            "{message}"
        );
    }
    assert!(
        distilled(&("", "dog", &[], vec![rates()]))
            .to_torch(None)
            .is_err()
    );
    let with_advice = of("sgd")
        .to_torch(Some("Use the schedule: it is \"good\"."))
        .unwrap();
    assert!(
        with_advice.contains("Use the schedule: it is 'good'."),
        "{with_advice}"
    );
}
