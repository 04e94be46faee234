//! The same methods against loops in f64 that are written as the papers have them, under hyper-parameters that change at
//! every step, as a controller changes them.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use descender_optim::{HyperParameters, Method, Optimizer};

const COUNT: usize = 11;
const STEPS: usize = 50;

type Vector = [f64; COUNT];

fn dot(a: &Vector, b: &Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn map(f: impl FnMut(usize) -> f64) -> Vector {
    std::array::from_fn(f)
}

/// Gradient of an ill-conditioned quadratic with noise, of step t at θ.
fn gradient(t: usize, theta: &[f32]) -> Vec<f32> {
    (0..COUNT)
        .map(|i| {
            let noise = 0.1 * ((7 * t + 3 * i) as f32).sin();
            0.05 * (1.0 + i as f32) * (theta[i] - 1.0) + noise
        })
        .collect()
}

/// Runs a method beside a textbook, which maps (t from 1, μ, g, θ) to the next θ and the place of evaluation.
fn compare(
    method: Method,
    mu: impl Fn(usize) -> HyperParameters,
    mut textbook: impl FnMut(usize, &HyperParameters, &Vector, &Vector) -> (Vector, Vector),
) {
    let mut optimizer = Optimizer::new(method, COUNT).unwrap();
    let mut theta: Vec<f32> = (0..COUNT).map(|i| (0.9 * i as f32).cos()).collect();
    let mut expected = map(|i| f64::from(theta[i]));
    for t in 1..=STEPS {
        let mu = mu(t);
        let g = gradient(t, &theta);
        let place;
        (expected, place) = textbook(t, &mu, &map(|i| f64::from(g[i])), &expected);
        optimizer.step(&mu, &mut theta, &g);
        let found = optimizer.evaluation_parameters(&theta);
        for i in 0..COUNT {
            for (found, expected) in [(theta[i], expected[i]), (found[i], place[i])] {
                assert!(
                    (f64::from(found) - expected).abs() < 2e-5 * (1.0 + expected.abs()),
                    "{}, step {t}, parameter {i}: {found} instead of {expected}",
                    method.name()
                );
            }
        }
    }
}

fn with(name: &str, settings: &[(&str, &str)]) -> Method {
    let start = Method::by_name(name).unwrap();
    settings.iter().fold(start, |method, (key, value)| {
        method.with_setting(key, value).unwrap()
    })
}

/// μ of the method whose η and decays move up and down.
fn moving(method: Method, rate: f32) -> impl Fn(usize) -> HyperParameters {
    move |t| {
        let mut mu = method.hyper_parameters(rate * [1.0, 0.5, 2.0][t % 3]);
        mu.b1 *= [1.0, 0.9, 0.0, 0.5][t % 4];
        mu.a1 *= [1.0, 0.95][t % 2];
        if mu.a2 != 0.0 {
            mu.a2 = 1.0 - mu.a1;
        }
        mu.c = [1.0, 3.0, 0.5, 40.0][t % 4];
        mu
    }
}

/// γ, β and so on as f64.
fn wide(mu: &HyperParameters) -> [f64; 5] {
    [mu.learning_rate, mu.a1, mu.a2, mu.b1, mu.b2].map(f64::from)
}

#[test]
fn schedule_free_is_three_sequences() {
    for adaptive in [false, true] {
        let (method, rate) = if adaptive {
            (with("schedule-free-adamw", &[("warmup_steps", "8")]), 0.02)
        } else {
            (with("schedule-free-sgd", &[("warmup_steps", "8")]), 0.5)
        };
        let mut points: Option<[Vector; 2]> = None;
        let mut squares = [0.0; COUNT];
        let (mut weights, mut largest, mut square_weight) = (0.0, 0.0_f64, 0.0);
        compare(method, moving(method, rate), |t, mu, g, y| {
            let [rate, a1, a2, beta, _] = wide(mu);
            let [z, x] = points.get_or_insert([*y, *y]);
            let rate = rate * (t as f64 / 8.0).min(1.0);
            largest = largest.max(rate);
            let weight = largest.powi(2);
            weights += weight;
            square_weight = a1 * square_weight + a2;
            let c = (f64::from(mu.c) * weight / weights).min(1.0);
            for i in 0..COUNT {
                squares[i] = a1 * squares[i] + a2 * g[i] * g[i];
                let direction = if adaptive {
                    g[i] / ((squares[i] / square_weight).sqrt() + 1e-8)
                } else {
                    g[i]
                };
                z[i] -= rate * direction;
                x[i] = (1.0 - c) * x[i] + c * z[i];
            }
            (map(|i| (1.0 - beta) * z[i] + beta * x[i]), *x)
        });
    }
}

#[test]
fn prodigy_divides_the_way_gained_by_the_gradients_summed() {
    // The paper's form: both sums carry a factor 1 − β₃ here, which cancels.
    let method = with("prodigy", &[("d0", "0.01")]);
    let mut start: Option<Vector> = None;
    let (mut s, mut q, mut p) = ([0.0; COUNT], [0.0; COUNT], [0.0; COUNT]);
    let (mut d, mut r) = (0.01_f64, 0.0);
    compare(method, moving(method, 1.0), |_, mu, g, theta| {
        let [rate, a1, a2, b1, b2] = wide(mu);
        let start = start.get_or_insert(*theta);
        let b3 = a1.sqrt();
        // The paper's weights are η·d²; with the decays that change, (1 − β₃) must be that of a constant β₃ to cancel.
        let weight = rate * d * d;
        r = b3 * r + weight * dot(g, &map(|i| start[i] - theta[i]));
        for i in 0..COUNT {
            s[i] = b3 * s[i] + weight * g[i];
            q[i] = b1 * q[i] + b2 * d * g[i];
            p[i] = a1 * p[i] + a2 * d * d * g[i] * g[i];
        }
        let old = d;
        d = d.max(r / s.iter().map(|s| s.abs()).sum::<f64>());
        let next = map(|i| theta[i] - rate * old * q[i] / (p[i].sqrt() + d * 1e-8));
        (next, next)
    });
    assert!(d > 0.05, "the estimate has grown: {d}");
}

#[test]
fn d_adaptation_of_sgd_is_a_dual_average() {
    let method = with("dadapt-sgd", &[("d0", "0.01"), ("momentum", "0.9")]);
    let mut start: Option<(Vector, f64)> = None;
    let mut s = [0.0; COUNT];
    let (mut d, mut r) = (0.01_f64, 0.0);
    compare(method, moving(method, 1.0), |_, mu, g, theta| {
        let [rate, _, _, beta, _] = wide(mu);
        let (start, norm) = start.get_or_insert((*theta, dot(g, g).sqrt()));
        let step = rate * d / *norm;
        r += step * dot(g, &s);
        s = map(|i| s[i] + step * g[i]);
        d = d.max(2.0 * r / dot(&s, &s).sqrt());
        let next = map(|i| beta * theta[i] + (1.0 - beta) * (start[i] - s[i]));
        (next, next)
    });
    assert!(d > 0.05, "the estimate has grown: {d}");
}

#[test]
fn d_adaptation_of_adam_weighs_by_the_second_moment() {
    let method = with("dadapt-adam", &[("d0", "0.01")]);
    let (mut s, mut q, mut p) = ([0.0; COUNT], [0.0; COUNT], [0.0; COUNT]);
    let (mut d, mut r) = (0.01_f64, 0.0);
    compare(method, moving(method, 0.1), |_, mu, g, theta| {
        let [rate, a1, a2, b1, b2] = wide(mu);
        let b = a1.sqrt();
        let step = rate * d;
        let along = dot(g, &map(|i| s[i] / (f64::sqrt(p[i]) + 1e-8)));
        r = b * r + (1.0 - b) * step * along;
        for i in 0..COUNT {
            s[i] = b * s[i] + (1.0 - b) * step * g[i];
            q[i] = b1 * q[i] + b2 * step * g[i];
            p[i] = a1 * p[i] + a2 * g[i] * g[i];
        }
        let size: f64 = s.iter().map(|s| s.abs()).sum();
        d = d.max(r / ((1.0 - b) * size));
        let next = map(|i| theta[i] - q[i] / (f64::sqrt(p[i]) + 1e-8));
        (next, next)
    });
    assert!(d > 0.05, "the estimate has grown: {d}");
}

#[test]
fn dog_divides_distance_by_gradients() {
    for averaged in ["true", "false"] {
        let settings = [("initial_distance", "0.01"), ("averaged", averaged)];
        let method = with("dog", &settings);
        let mut path: Vec<Vector> = vec![];
        let mut squares = 0.0;
        let mut mean = [0.0; COUNT];
        compare(method, moving(method, 1.0), |t, mu, g, theta| {
            path.push(*theta);
            squares += dot(g, g);
            let first = 0.01 * (1.0 + dot(&path[0], &path[0]).sqrt());
            let farthest = path.iter().fold(first, |farthest: f64, point| {
                let gone = map(|i| point[i] - path[0][i]);
                farthest.max(dot(&gone, &gone).sqrt())
            });
            let rate = wide(mu)[0] * farthest / (squares + 1e-8).sqrt();
            let next = map(|i| theta[i] - rate * g[i]);
            let share = (f64::from(mu.c) * 9.0 / (t as f64 + 8.0)).min(1.0);
            mean = map(|i| (1.0 - share) * mean[i] + share * next[i]);
            (next, if averaged == "true" { mean } else { next })
        });
    }
}

#[test]
fn hypergradients_move_the_learning_rate() {
    let sgd = with("sgd-hd", &[("hypergradient_rate", "0.01")]);
    let (mut learned, mut previous) = (0.0, [0.0; COUNT]);
    compare(sgd, moving(sgd, 0.1), |_, mu, g, theta| {
        learned += 0.01 * dot(g, &previous);
        previous = *g;
        let next = map(|i| theta[i] - (wide(mu)[0] + learned) * g[i]);
        (next, next)
    });
    assert!(learned > 0.01, "the rate has grown by {learned}");

    let adam = with("adam-hd", &[("hypergradient_rate", "0.001")]);
    let (mut learned, mut direction) = (0.0, [0.0; COUNT]);
    let (mut q, mut p, mut weights) = ([0.0; COUNT], [0.0; COUNT], [0.0; 2]);
    compare(adam, moving(adam, 0.01), |_, mu, g, theta| {
        let [rate, a1, a2, b1, b2] = wide(mu);
        learned += 0.001 * dot(g, &direction);
        weights = [b1 * weights[0] + b2, a1 * weights[1] + a2];
        for i in 0..COUNT {
            q[i] = b1 * q[i] + b2 * g[i];
            p[i] = a1 * p[i] + a2 * g[i] * g[i];
            direction[i] = q[i] / weights[0] / ((p[i] / weights[1]).sqrt() + 1e-8);
        }
        let next = map(|i| theta[i] - (rate + learned) * direction[i]);
        (next, next)
    });
    assert!(learned > 0.001, "the rate has grown by {learned}");
}
