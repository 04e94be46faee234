//! What PyTorch doesn't have, against textbook loops in f64: ε inside the root, the free family, hyper-parameters that
//! change at every step, and the definition of SGDR.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use descender_optim::{HyperParameters, Method, Optimizer, Schedule};
use proptest::prelude::*;

const STEPS: usize = 60;

/// Gradients of step t for four parameters: large, small, zero for a while, alternating.
fn gradient(t: usize) -> [f32; 4] {
    let x = t as f32;
    [
        3.0 * (0.7 * x).sin() + 1.0,
        0.01 * (1.3 * x).cos(),
        if t < 15 { 0.0 } else { 0.5 },
        if t.is_multiple_of(2) { 1.0 } else { -0.9 },
    ]
}

/// Runs a method and the update of a textbook side by side. The textbook maps (t, g, its own memory) to the step that
/// is subtracted.
fn compare(
    method: Method,
    learning_rate: f32,
    textbook: impl Fn(usize, f64, &mut [f64; 3]) -> f64,
) {
    let mut optimizer = Optimizer::new(method, 4).unwrap();
    let mu = method.hyper_parameters(learning_rate);
    let mut theta = [0.3_f32, -0.2, 0.1, 1.0];
    let mut expected = theta.map(f64::from);
    let mut memory = [[0.0; 3]; 4];
    for t in 0..STEPS {
        let g = gradient(t);
        optimizer.step(&mu, &mut theta, &g);
        for i in 0..4 {
            expected[i] -= textbook(t, f64::from(g[i]), &mut memory[i]);
            let difference = (f64::from(theta[i]) - expected[i]).abs();
            assert!(
                difference < 1e-5 * (1.0 + expected[i].abs()),
                "{}, step {t}, parameter {i}: {} instead of {}",
                method.name(),
                theta[i],
                expected[i]
            );
        }
    }
}

fn with(name: &str, settings: &[(&str, &str)]) -> Method {
    let start = Method::by_name(name).unwrap();
    settings.iter().fold(start, |method, (key, value)| {
        method.with_setting(key, value).unwrap()
    })
}

#[test]
fn adagrad_with_epsilon_in_the_second_moment() {
    compare(
        with(
            "adagrad",
            &[("epsilon", "0.01"), ("epsilon_place", "inside")],
        ),
        0.1,
        |_, g, [p, ..]| {
            *p += g * g + 0.01;
            0.1 * g / p.sqrt()
        },
    );
}

#[test]
fn rmsprop_with_epsilon_in_the_second_moment() {
    let settings = [
        ("decay", "0.9"),
        ("epsilon", "0.001"),
        ("epsilon_place", "inside"),
    ];
    compare(with("rmsprop", &settings), 0.01, |_, g, [p, ..]| {
        *p = 0.9 * *p + 0.1 * g * g + 0.001;
        0.01 * g / p.sqrt()
    });
}

#[test]
fn adam_and_amsgrad_with_epsilon_in_the_second_moment() {
    let settings = [
        ("beta2", "0.99"),
        ("epsilon", "0.0001"),
        ("epsilon_place", "inside"),
    ];
    let adam = |t: usize, g: f64, [p, q, _]: &mut [f64; 3]| {
        *p = 0.99 * *p + 0.01 * g * g + 0.0001;
        *q = 0.9 * *q + 0.1 * g;
        let power = t as i32 + 1;
        0.01 * (*q / (1.0 - 0.9_f64.powi(power))) / (*p / (1.0 - 0.99_f64.powi(power))).sqrt()
    };
    compare(with("adam", &settings), 0.01, adam);
    compare(with("amsgrad", &settings), 0.01, |t, g, [p, q, s]| {
        *p = 0.99 * *p + 0.01 * g * g + 0.0001;
        *q = 0.9 * *q + 0.1 * g;
        *s = s.max(*p);
        let power = t as i32 + 1;
        0.01 * (*q / (1.0 - 0.9_f64.powi(power))) / (*s / (1.0 - 0.99_f64.powi(power))).sqrt()
    });
}

#[test]
fn dampened_momentum() {
    compare(
        with("momentum", &[("momentum", "0.8"), ("dampening", "0.8")]),
        0.1,
        |_, g, [q, ..]| {
            *q = 0.8 * *q + 0.2 * g;
            0.1 * *q
        },
    );
}

#[test]
fn adam_stays_unbiased_when_its_decay_changes() {
    // With a constant gradient both corrected moments are exact at every step, so each step is η·g/|g| = η.
    let adam = Method::by_name("adam").unwrap();
    let mut optimizer = Optimizer::new(adam, 1).unwrap();
    let mut theta = [0.0_f32];
    for t in 0..STEPS {
        let mut mu = adam.hyper_parameters(0.01);
        mu.b1 = [0.9, 0.5, 0.0, 0.99][t % 4];
        mu.b2 = 1.0 - mu.b1;
        mu.a1 = [0.999, 0.9][t % 2];
        mu.a2 = 1.0 - mu.a1;
        optimizer.step(&mu, &mut theta, &[-2.5]);
        assert!(
            (theta[0] - 0.01 * (t + 1) as f32).abs() < 1e-5,
            "step {t}: {}",
            theta[0]
        );
    }
}

#[test]
fn sgdr_follows_equation_5_of_its_paper() {
    let (minimum, maximum) = (0.01, 0.4);
    let schedule = Schedule::by_name("sgdr")
        .unwrap()
        .with_setting("final_factor", "0.025")
        .unwrap();
    let mut state = schedule.start(0.4, 70);
    for period in [10, 20, 40] {
        for current in 0..period {
            let angle = std::f64::consts::PI * f64::from(current) / f64::from(period);
            let expected = minimum + 0.5 * (maximum - minimum) * (1.0 + angle.cos());
            assert!(
                (f64::from(state.learning_rate()) - expected).abs() < 1e-7,
                "cycle {period}, step {current}"
            );
            state.advance(1.0);
        }
    }
}

/// One step of h(μ) for one parameter in f64.
fn family_step(mu: &HyperParameters, theta: &mut f64, p: &mut f64, q: &mut f64, g: f64) {
    *p = f64::from(mu.a1) * *p + f64::from(mu.a2) * g * g + f64::from(mu.a3);
    *q = f64::from(mu.b1) * *q + f64::from(mu.b2) * g + f64::from(mu.b3);
    *theta -= f64::from(mu.learning_rate) / p.sqrt() * *q;
}

/// Any μ with P > 0; decays and a2 are often exactly 0, where memory is spared.
fn any_mu() -> impl Strategy<Value = HyperParameters> {
    let often_zero = || prop_oneof![Just(0.0_f32), 0.0_f32..1.0];
    (
        0.001_f32..0.5,
        often_zero(),
        often_zero(),
        0.1_f32..1.0,
        often_zero(),
        -1.0_f32..1.0,
        -0.1_f32..0.1,
    )
        .prop_map(|(learning_rate, a1, a2, a3, b1, b2, b3)| HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
            c: 1.0,
            w: 1.0,
        })
}

proptest! {
    #[test]
    fn the_free_family_follows_its_definition(mus in prop::collection::vec(any_mu(), 1..60)) {
        let mut optimizer = Optimizer::new(Method::by_name("family").unwrap(), 4).unwrap();
        let mut theta = [0.3_f32, -0.2, 0.1, 1.0];
        let mut expected = theta.map(f64::from);
        let (mut p, mut q) = ([0.0; 4], [0.0; 4]);
        for (t, mu) in mus.iter().enumerate() {
            let g = gradient(t);
            optimizer.step(mu, &mut theta, &g);
            for i in 0..4 {
                family_step(mu, &mut expected[i], &mut p[i], &mut q[i], f64::from(g[i]));
                let difference = (f64::from(theta[i]) - expected[i]).abs();
                prop_assert!(difference < 1e-4 * (1.0 + expected[i].abs()), "step {}: {} {}", t, theta[i], expected[i]);
            }
        }
    }

    #[test]
    fn sgd_takes_up_any_part_of_the_family(mus in prop::collection::vec(any_mu(), 1..60)) {
        // SGD keeps Q from the first step on whose b1 isn't 0; before, Q counts as 0.
        let mut optimizer = Optimizer::new(Method::Sgd, 4).unwrap();
        let mut theta = [0.3_f32, -0.2, 0.1, 1.0];
        let mut expected = theta.map(f64::from);
        let (mut p, mut q) = ([0.0; 4], [0.0; 4]);
        let mut kept = false;
        for (t, mu) in mus.iter().enumerate() {
            let g = gradient(t);
            if !kept {
                q = [0.0; 4];
            }
            kept |= mu.b1 != 0.0;
            optimizer.step(mu, &mut theta, &g);
            for i in 0..4 {
                family_step(mu, &mut expected[i], &mut p[i], &mut q[i], f64::from(g[i]));
                let difference = (f64::from(theta[i]) - expected[i]).abs();
                prop_assert!(difference < 1e-4 * (1.0 + expected[i].abs()), "step {}: {} {}", t, theta[i], expected[i]);
            }
        }
    }
}
