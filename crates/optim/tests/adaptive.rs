//! The methods that set their own step size or average their iterates, against their authors' packages and, where there
//! is none, the formulas in float64 (`reference/optim_adaptive.py` makes the values).

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::collections::BTreeMap;

use descender_optim::{Method, Optimizer};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    methods: Vec<Trajectory>,
}

#[derive(Clone, Deserialize)]
struct Trajectory {
    name: String,
    settings: BTreeMap<String, String>,
    learning_rates: Vec<f32>,
    start: Vec<f32>,
    gradients: Vec<f32>,
    path: Vec<f64>,
    /// Where the network is to be evaluated; empty if at the parameters themselves.
    average: Vec<f64>,
}

fn reference() -> Vec<Trajectory> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../reference/optim_adaptive.json"
    );
    let text = std::fs::read_to_string(path).expect("reference values");
    let reference: Reference = serde_json::from_str(&text).unwrap();
    reference.methods
}

/// Largest difference on the way, as a share of how far the parameter has gone from its start.
fn error(trajectory: &Trajectory) -> f64 {
    let start = &trajectory.start[..];
    let mut method = Method::by_name(&trajectory.name).expect("known method");
    for (key, value) in &trajectory.settings {
        method = method.with_setting(key, value).expect("valid setting");
    }
    let count = start.len();
    let mut optimizer = Optimizer::new(method, count).unwrap();
    let mut theta = start.to_vec();
    assert_eq!(
        optimizer.evaluates_elsewhere(),
        !trajectory.average.is_empty()
    );
    assert_eq!(optimizer.evaluation_parameters(&theta), start);
    let mut farthest = vec![0.0_f64; count];
    let mut worst = 0.0_f64;
    let steps = trajectory.path.chunks(count);
    for (step, expected) in steps.enumerate() {
        let gradient = &trajectory.gradients[step * count..][..count];
        let mu = method.hyper_parameters(trajectory.learning_rates[step]);
        optimizer.step(&mu, &mut theta, gradient);
        let average = match trajectory.average.chunks(count).nth(step) {
            Some(average) => average,
            None => expected,
        };
        let found = optimizer.evaluation_parameters(&theta);
        for i in 0..count {
            let begin = f64::from(start[i]);
            farthest[i] = farthest[i].max((expected[i] - begin).abs());
            // The parameters are f32, so some roundings of their own size are free.
            let free = 8.0 * 6e-8 * expected[i].abs().max(begin.abs());
            for (found, expected) in [(theta[i], expected[i]), (found[i], average[i])] {
                let difference = (f64::from(found) - expected).abs();
                worst = worst.max((difference - free) / (farthest[i] + 1e-9));
            }
        }
    }
    worst
}

#[test]
fn methods_follow_their_authors_programs_for_sixty_steps() {
    let methods = reference();
    for trajectory in &methods {
        assert_eq!(trajectory.path.len(), 60 * trajectory.start.len());
        let error = error(trajectory);
        assert!(
            error < 2e-5,
            "{} {:?}: relative error {error:.1e}",
            trajectory.name,
            trajectory.settings
        );
    }
}

#[test]
fn a_slightly_wrong_setting_is_noticed() {
    // The comparison above must be able to fail: a rate or a setting that is 1 % off, a flag turned over.
    let methods = reference();
    for trajectory in &methods {
        let mut changed = trajectory.clone();
        changed
            .learning_rates
            .iter_mut()
            .for_each(|rate| *rate *= 1.01);
        assert!(error(&changed) > 1e-4, "{}", changed.name);
        for (key, value) in &trajectory.settings {
            let mut changed = trajectory.clone();
            let other = match value.as_str() {
                "true" => "false".into(),
                "false" => "true".into(),
                _ if key == "warmup_steps" => (value.parse::<u64>().unwrap() + 1).to_string(),
                _ => (value.parse::<f64>().unwrap() * 1.01).to_string(),
            };
            changed.settings.insert(key.clone(), other);
            let error = error(&changed);
            assert!(error > 5e-5, "{} {key}: {error:.1e}", changed.name);
        }
    }
}
