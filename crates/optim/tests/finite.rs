//! Finite gradients give finite parameters, under every allowed setting at its edges and every μ that a controller can
//! set at an edge.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use descender_optim::{HyperParameters, Method, Optimizer, Schedule};

/// Values at and near the edges of what settings allow. Those that a setting refuses are left out.
const EDGES: [&str; 9] = [
    "0",
    "1e-300",
    "1e-12",
    "0.5",
    "0.999999999999",
    "1",
    "true",
    "false",
    "inside",
];

/// The method with one or two of its settings at an edge, in every combination.
fn at_the_edges(method: Method) -> Vec<Method> {
    let keys: Vec<&str> = method.settings().iter().map(|(key, _)| *key).collect();
    let with = |method: Method, key: &str| {
        let key = key.to_owned();
        EDGES
            .into_iter()
            .filter_map(move |edge| method.with_setting(&key, edge).ok())
    };
    let mut found = vec![method];
    for (place, key) in keys.iter().enumerate() {
        for one in with(method, key) {
            found.push(one);
            for other in &keys[place + 1..] {
                found.extend(with(one, other));
            }
        }
    }
    found
}

/// μ with each of its entries, and each pair of them, at 0.
fn controlled(mu: HyperParameters) -> Vec<HyperParameters> {
    let entries: [fn(&mut HyperParameters); 5] = [
        |mu| mu.learning_rate = 0.0,
        |mu| mu.a1 = 0.0,
        |mu| mu.a2 = 0.0,
        |mu| mu.b1 = 0.0,
        |mu| mu.b2 = 0.0,
    ];
    let mut found = vec![mu];
    for (place, one) in entries.iter().enumerate() {
        for other in &entries[place..] {
            let mut changed = mu;
            one(&mut changed);
            other(&mut changed);
            found.push(changed);
        }
    }
    found
}

#[test]
fn finite_gradients_give_finite_parameters() {
    const GRADIENTS: [[f32; 3]; 4] = [
        [0.5, -1e-3, 0.0],
        [0.0, 0.0, 0.0],
        [-2.0, 1e-30, 1.0],
        [1.0, 1.0, 1.0],
    ];
    for info in Method::names() {
        for method in at_the_edges(info.method) {
            let usual = method.hyper_parameters(info.learning_rate);
            for changed in controlled(usual) {
                // The changed μ at the first step, and in the middle.
                for order in [
                    [changed, usual, usual, usual],
                    [usual, usual, changed, changed],
                ] {
                    let mut optimizer = Optimizer::new(method, 3).unwrap();
                    let mut theta = [0.0_f32, 1.0, -0.5];
                    for (mu, gradient) in order.iter().zip(&GRADIENTS) {
                        optimizer.step(mu, &mut theta, gradient);
                        let looked_at = optimizer.evaluation_parameters(&theta);
                        assert!(
                            theta.iter().chain(looked_at).all(|value| value.is_finite()),
                            "{method:?}, {order:?}: {theta:?}, {looked_at:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_falling_negative_loss_is_an_improvement_and_a_constant_one_is_not() {
    let ends = |losses: &mut dyn Iterator<Item = f32>| {
        let schedule = Schedule::by_name("reduce-on-plateau").unwrap();
        let schedule = schedule.with_setting("smoothing", "0").unwrap();
        let mut state = schedule.start(1.0, 100);
        losses.take(100).for_each(|loss| state.advance(loss));
        state.learning_rate()
    };
    for sign in [1.0, -1.0] {
        let constant = &mut std::iter::repeat(sign);
        assert!(ends(constant) < 1.0, "a plateau at {sign}");
    }
    assert_eq!(ends(&mut (0..).map(|step| -1.02_f32.powi(step))), 1.0);
    // A rising negative loss, and one that falls by less than the threshold in all.
    assert!(ends(&mut (0..).map(|step| -0.99_f32.powi(step))) < 1.0);
    assert!(ends(&mut (0..).map(|step| -1.0 - 1e-5 * step as f32)) < 1.0);
}

#[test]
fn every_schedule_stays_finite_at_the_edges_whatever_the_loss() {
    for info in Schedule::names() {
        for (key, _) in &info.settings {
            for edge in EDGES.into_iter().chain(["0/0", "0/1", "1/1"]) {
                let Ok(schedule) = info.schedule.with_setting(key, edge) else {
                    continue;
                };
                for total in [1, 2, 7] {
                    let mut state = schedule.start(0.1, total);
                    for loss in [0.0, -1.0, 1e30, f32::NAN, 0.5, f32::INFINITY, -1e30, 0.0] {
                        let rate = state.learning_rate();
                        assert!(
                            rate.is_finite() && rate >= 0.0,
                            "{schedule:?}, {total}: {rate}"
                        );
                        state.advance(loss);
                        if state.wants_validation() {
                            state.validate(loss);
                        }
                    }
                }
            }
        }
    }
}
