//! Every method and schedule that PyTorch has, against PyTorch's values (`reference/optim.py` makes them, in float64).

use descender_optim::{Method, Optimizer, Schedule};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Reference {
    start: Vec<f32>,
    gradients: Vec<f32>,
    losses: Vec<f32>,
    methods: Vec<Trajectory>,
    schedules: Vec<Rates>,
}

#[derive(Clone, Deserialize)]
struct Trajectory {
    name: String,
    settings: BTreeMap<String, String>,
    learning_rate: f32,
    path: Vec<f64>,
}

#[derive(Deserialize)]
struct Rates {
    name: String,
    settings: BTreeMap<String, String>,
    peak: f32,
    total: u64,
    rates: Vec<f64>,
}

fn reference() -> Reference {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../reference/optim.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("reference values"))
        .expect("valid JSON")
}

/// Whether the file of an optimizer or schedule has tests of its own.
fn tests_itself(folder: &str, name: &str) -> bool {
    let path = format!(
        "{}/src/{folder}/{}.rs",
        env!("CARGO_MANIFEST_DIR"),
        name.replace('-', "_")
    );
    std::fs::read_to_string(path).is_ok_and(|source| source.contains("#[cfg(test)]"))
}

/// Largest difference from PyTorch on the way, as a share of how far the parameter has gone from its start.
fn error(reference: &Reference, trajectory: &Trajectory) -> f64 {
    let mut method = Method::by_name(&trajectory.name).expect("known method");
    for (key, value) in &trajectory.settings {
        method = method.with_setting(key, value).expect("valid setting");
    }
    let count = reference.start.len();
    let mut optimizer = Optimizer::new(method, count).expect("valid method");
    let mu = method.hyper_parameters(trajectory.learning_rate);
    let mut theta = reference.start.clone();
    let mut farthest = vec![0.0_f64; count];
    let mut worst = 0.0_f64;
    for (gradient, expected) in reference
        .gradients
        .chunks(count)
        .zip(trajectory.path.chunks(count))
    {
        optimizer.step(&mu, &mut theta, gradient);
        for i in 0..count {
            let start = f64::from(reference.start[i]);
            farthest[i] = farthest[i].max((expected[i] - start).abs());
            let difference = (f64::from(theta[i]) - expected[i]).abs();
            // θ itself is an f32, so some roundings of its own size are free.
            worst = worst.max(
                (difference - 8.0 * 6e-8 * expected[i].abs().max(start.abs()))
                    / (farthest[i] + 1e-9),
            );
        }
    }
    worst
}

#[test]
fn methods_follow_pytorch_for_sixty_steps() {
    let reference = reference();
    let mut names: Vec<&str> = vec![];
    for trajectory in &reference.methods {
        assert_eq!(trajectory.path.len(), 60 * reference.start.len());
        let error = error(&reference, trajectory);
        assert!(
            error < 1e-5,
            "{} {:?}: relative error {error:.1e}",
            trajectory.name,
            trajectory.settings
        );
        names.push(&trajectory.name);
    }
    // What PyTorch does not have: the free family, the methods of `tests/adaptive.rs`, and those that bring their tests.
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../reference/optim_adaptive.json"
    );
    let adaptive = std::fs::read_to_string(path).expect("reference values");
    let elsewhere = |name: &str| adaptive.contains(&format!("\"name\":\"{name}\""));
    for info in Method::names() {
        assert!(
            info.name == "family"
                || names.contains(&info.name)
                || elsewhere(info.name)
                || tests_itself("optimizers", info.name),
            "no reference for {}, and no test in its file",
            info.name
        );
    }
}

#[test]
fn a_slightly_wrong_setting_is_noticed() {
    // The comparison above must be able to fail: 1 % off in any one setting, or in η, is far outside its tolerance.
    let reference = reference();
    for trajectory in &reference.methods {
        let mut changed = trajectory.clone();
        changed.learning_rate *= 1.01;
        assert!(error(&reference, &changed) > 1e-4, "{}", changed.name);
        for (key, value) in &trajectory.settings {
            let mut changed = trajectory.clone();
            let value: f64 = value.parse().expect("a number");
            changed
                .settings
                .insert(key.clone(), (value * 1.01 + 0.001).to_string());
            let error = error(&reference, &changed);
            assert!(error > 1e-5, "{} {key}: {error:.1e}", changed.name);
        }
    }
}

#[test]
fn schedules_follow_pytorch() {
    let reference = reference();
    let mut names: Vec<&str> = vec![];
    for rates in &reference.schedules {
        let mut schedule = Schedule::by_name(&rates.name).expect("known schedule");
        for (key, value) in &rates.settings {
            schedule = schedule.with_setting(key, value).expect("valid setting");
        }
        let mut state = schedule.start(rates.peak, rates.total);
        for (step, &expected) in rates.rates.iter().enumerate() {
            let rate = f64::from(state.learning_rate());
            assert!(
                (rate - expected).abs() <= 1e-6 * expected + 1e-12,
                "{} {:?}, step {step}: {rate} instead of {expected}",
                rates.name,
                rates.settings
            );
            state.advance(reference.losses[step]);
        }
        names.push(&rates.name);
    }
    for info in Schedule::names() {
        // PyTorch has no schedule that reads validation losses: see tests/schedules.rs.
        assert!(
            info.name == "linear-cut"
                || names.contains(&info.name)
                || tests_itself("schedules", info.name),
            "no reference for {}, and no test in its file",
            info.name
        );
    }
}
