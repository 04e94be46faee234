//! What a step of any method must hold: its statistics, presets as members of the family, states that continue with the
//! same bits, and no panic on gradients that aren't numbers.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use descender_optim::{HyperParameters, Method, Optimizer, StepStatistics};
use proptest::prelude::*;

/// The free family with the μ of another method.
fn family_of(method: Method) -> Method {
    let mu = method.hyper_parameters(0.0);
    let numbers = [
        ("a1", mu.a1),
        ("a2", mu.a2),
        ("a3", mu.a3),
        ("b1", mu.b1),
        ("b2", mu.b2),
        ("b3", mu.b3),
    ];
    let family = Method::by_name("family").unwrap();
    numbers.iter().fold(family, |family, (key, value)| {
        family.with_setting(key, &value.to_string()).unwrap()
    })
}

/// Statistics by their definitions, in f64.
fn naive(old: &[f32], new: &[f32], gradient: &[f32]) -> StepStatistics {
    let sum = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() as f32;
    let count = old.len() as f32;
    let g = || gradient.iter().map(|&g| f64::from(g));
    let change = || {
        old.iter()
            .zip(new)
            .map(|(&old, &new)| f64::from(new) - f64::from(old))
    };
    let size = sum(&mut old.iter().map(|&x| f64::from(x.abs())));
    StepStatistics {
        gradient_mean: sum(&mut g()) / count,
        gradient_mean_absolute: sum(&mut g().map(f64::abs)) / count,
        gradient_sum_positive: sum(&mut g().filter(|&x| x > 0.0)),
        gradient_sum_negative: sum(&mut g().filter(|&x| x < 0.0)),
        parameters_increased: change().filter(|&x| x > 0.0).count() as u32,
        parameters_decreased: change().filter(|&x| x < 0.0).count() as u32,
        relative_change: if size == 0.0 {
            0.0
        } else {
            sum(&mut change().map(f64::abs)) / size
        },
    }
}

fn close(a: f32, b: f32, scale: f32) -> bool {
    (a - b).abs() <= 1e-5 * scale
}

fn any_method() -> impl Strategy<Value = Method> {
    prop::sample::select(Method::names()).prop_map(|info| info.method)
}

fn wave(count: usize, frequency: f32) -> Vec<f32> {
    (0..count).map(|i| (i as f32 * frequency).sin()).collect()
}

proptest! {
    #[test]
    fn statistics_are_what_their_definitions_say(
        method in any_method(),
        values in prop::collection::vec((-2.0_f32..2.0, prop_oneof![Just(0.0_f32), -3.0_f32..3.0]), 1..60),
    ) {
        let old: Vec<f32> = values.iter().map(|v| v.0).collect();
        let gradient: Vec<f32> = values.iter().map(|v| v.1).collect();
        let mut new = old.clone();
        let mut optimizer = Optimizer::new(method, old.len()).unwrap();
        let found = optimizer.step(&method.hyper_parameters(0.1), &mut new, &gradient);
        let expected = naive(&old, &new, &gradient);
        let scale = 1e-6 + expected.gradient_mean_absolute;
        prop_assert!(close(found.gradient_mean, expected.gradient_mean, scale));
        prop_assert!(close(found.gradient_mean_absolute, expected.gradient_mean_absolute, scale));
        prop_assert!(close(found.gradient_sum_positive, expected.gradient_sum_positive, expected.gradient_sum_positive));
        prop_assert!(close(found.gradient_sum_negative, expected.gradient_sum_negative, -expected.gradient_sum_negative));
        prop_assert_eq!(found.parameters_increased, expected.parameters_increased);
        prop_assert_eq!(found.parameters_decreased, expected.parameters_decreased);
        prop_assert!(close(found.relative_change, expected.relative_change, expected.relative_change));
    }

    #[test]
    fn gradients_of_any_bits_never_panic(method in any_method(), bits in prop::collection::vec(any::<u32>(), 1..40)) {
        let gradient: Vec<f32> = bits.iter().map(|&bits| f32::from_bits(bits)).collect();
        let mut parameters = vec![0.5; gradient.len()];
        let mut optimizer = Optimizer::new(method, gradient.len()).unwrap();
        let mu = method.hyper_parameters(0.1);
        for _ in 0..3 {
            let statistics = optimizer.step(&mu, &mut parameters, &gradient);
            if gradient.iter().any(|g| g.is_nan()) {
                prop_assert!(statistics.gradient_mean.is_nan(), "a NaN must not be hidden");
                prop_assert!(parameters.iter().zip(&gradient).all(|(p, g)| !g.is_nan() || p.is_nan()));
            }
        }
    }

    #[test]
    fn any_hyper_parameters_never_panic(method in any_method(), bits in any::<[u32; 9]>()) {
        let [learning_rate, a1, a2, a3, b1, b2, b3, c, w] = bits.map(f32::from_bits);
        let mu = HyperParameters { learning_rate, a1, a2, a3, b1, b2, b3, c, w };
        let mut optimizer = Optimizer::new(method, 9).unwrap();
        let mut parameters = [0.5; 9];
        for _ in 0..3 {
            optimizer.step(&mu, &mut parameters, &[0.1; 9]);
        }
    }

    #[test]
    fn a_stored_state_continues_with_the_same_bits(method in any_method(), before in 0_usize..8) {
        let count = 21;
        let mu = method.hyper_parameters(0.01);
        let mut optimizer = Optimizer::new(method, count).unwrap();
        let mut theta = wave(count, 0.9);
        for t in 0..before {
            optimizer.step(&mu, &mut theta, &wave(count, 0.1 + t as f32));
        }
        let mut restored: Optimizer = postcard::from_bytes(&postcard::to_allocvec(&optimizer).unwrap()).unwrap();
        prop_assert_eq!(&restored, &optimizer);
        let mut restored_theta = theta.clone();
        for t in before..before + 5 {
            let gradient = wave(count, 0.1 + t as f32);
            let statistics = optimizer.step(&mu, &mut theta, &gradient);
            prop_assert_eq!(statistics, restored.step(&mu, &mut restored_theta, &gradient));
            prop_assert_eq!(&theta, &restored_theta);
        }
    }

    #[test]
    fn a_reset_optimizer_is_as_new(method in any_method()) {
        let count = 21;
        let mu = method.hyper_parameters(0.01);
        let run = |optimizer: &mut Optimizer| {
            let mut theta = wave(count, 0.9);
            for t in 0..6 {
                optimizer.step(&mu, &mut theta, &wave(count, 0.1 + t as f32));
            }
            theta
        };
        let mut optimizer = Optimizer::new(method, count).unwrap();
        let first = run(&mut optimizer);
        optimizer.reset();
        prop_assert_eq!(&optimizer, &Optimizer::new(method, count).unwrap());
        prop_assert_eq!(first, run(&mut optimizer));
    }
}

#[test]
fn presets_are_members_of_the_family() {
    // The methods that fit h(μ) exactly are its presets: the free family with their μ takes the same steps.
    let inside = |name: &str| {
        Method::by_name(name)
            .and_then(|method| method.with_setting("epsilon_place", "inside").ok())
            .and_then(|method| method.with_setting("epsilon", "0.001").ok())
            .expect("a method with an epsilon")
    };
    let momentum = Method::by_name("momentum").unwrap();
    for method in [Method::Sgd, momentum, inside("adagrad"), inside("rmsprop")] {
        let mu = method.hyper_parameters(0.05);
        let count = 37;
        let (mut theta, mut family_theta) = (wave(count, 0.9), wave(count, 0.9));
        let mut optimizer = Optimizer::new(method, count).unwrap();
        let mut family = Optimizer::new(family_of(method), count).unwrap();
        for t in 0..60 {
            let gradient = wave(count, 0.3 * t as f32 + 0.1);
            optimizer.step(&mu, &mut theta, &gradient);
            family.step(&mu, &mut family_theta, &gradient);
            assert_eq!(theta, family_theta, "{}, step {t}", method.name());
        }
    }
}

#[test]
fn statistics_are_accurate_for_many_parameters() {
    // A million equal entries: a single f32 sum would be off by per mille.
    let count = 1_000_003;
    let (mut theta, gradient) = (vec![0.1; count], vec![0.1; count]);
    let mut optimizer = Optimizer::new(Method::Sgd, count).unwrap();
    let statistics = optimizer.step(&Method::Sgd.hyper_parameters(0.01), &mut theta, &gradient);
    assert!((statistics.gradient_mean - 0.1).abs() < 1e-6);
    assert!((statistics.gradient_sum_positive - 100_000.3).abs() < 1.0);
    assert_eq!(statistics.gradient_sum_negative, 0.0);
    assert!((statistics.relative_change - 0.01).abs() < 1e-6);
    assert_eq!(statistics.parameters_decreased, count as u32);
}

#[test]
fn a_parameter_without_a_gradient_does_not_move() {
    for info in Method::names()
        .into_iter()
        .filter(|info| !["adamw", "nadamw"].contains(&info.name))
    // decoupled decay moves it
    {
        let mut optimizer = Optimizer::new(info.method, 3).unwrap();
        let mut theta = [1.0, 2.0, 3.0];
        for _ in 0..5 {
            let statistics =
                optimizer.step(&info.method.hyper_parameters(0.1), &mut theta, &[0.0; 3]);
            assert_eq!(statistics, StepStatistics::default(), "{}", info.name);
        }
        assert_eq!(theta, [1.0, 2.0, 3.0], "{}", info.name);
    }
}

#[test]
fn no_parameters_at_all() {
    let mut optimizer = Optimizer::new(Method::Sgd, 0).unwrap();
    let statistics = optimizer.step(&Method::Sgd.hyper_parameters(0.1), &mut [], &[]);
    assert_eq!(statistics, StepStatistics::default());
}

#[test]
fn a_stored_optimizer_whose_moments_do_not_fit_is_refused() {
    let momentum = Method::by_name("momentum").unwrap();
    let mut optimizer = Optimizer::new(momentum, 3).unwrap();
    optimizer.step(&momentum.hyper_parameters(0.1), &mut [0.0; 3], &[1.0; 3]);
    let text = serde_json::to_string(&optimizer).unwrap();
    assert!(serde_json::from_str::<Optimizer>(&text).is_ok());
    let broken = text.replace("\"parameter_count\":3", "\"parameter_count\":4");
    let message = serde_json::from_str::<Optimizer>(&broken)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("4 parameters has a moment of 3 entries"),
        "{message}"
    );
}

/// The paths of all slices of `length` numbers in a stored state.
fn slices(state: &serde_json::Value, length: usize) -> Vec<String> {
    let Some(fields) = state.as_object() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (name, value) in fields {
        match value.as_array() {
            Some(numbers) if numbers.len() == length => found.push(format!("/{name}")),
            Some(_) => {}
            None => found.extend(
                slices(value, length)
                    .iter()
                    .map(|rest| format!("/{name}{rest}")),
            ),
        }
    }
    found
}

#[test]
fn a_stored_average_or_start_that_does_not_fit_is_refused() {
    // Every slice of these methods is kept from the first step on: one that is missing or cut short is no state of theirs.
    for (name, kept) in [
        ("adadelta", 3),
        ("adamax", 2),
        ("amsgrad", 3),
        ("schedule-free-sgd", 2),
        ("schedule-free-adamw", 3),
        ("prodigy", 4),
        ("dadapt-sgd", 2),
        ("dadapt-adam", 3),
        ("dog", 2),
        ("sgd-hd", 1),
        ("adam-hd", 3),
    ] {
        let method = Method::by_name(name).unwrap();
        let mut optimizer = Optimizer::new(method, 3).unwrap();
        let mu = method.hyper_parameters(method.usual_learning_rate());
        optimizer.step(&mu, &mut [0.5; 3], &[1.0; 3]);
        let good = serde_json::to_value(&optimizer).unwrap();
        assert!(serde_json::from_value::<Optimizer>(good.clone()).is_ok());
        let slices = slices(&good["state"], 3);
        assert_eq!(slices.len(), kept, "{name}");
        for slice in slices {
            for length in [2, 4, 0] {
                let mut broken = good.clone();
                *broken["state"].pointer_mut(&slice).unwrap() =
                    serde_json::json!(vec![0.5; length]);
                // The only slice of a method may be empty: then it is a state before the first step.
                let refused = serde_json::from_value::<Optimizer>(broken).is_err();
                assert_eq!(refused, length != 0 || kept > 1, "{name} {slice}");
            }
        }
    }
}

#[test]
fn only_averaging_methods_are_evaluated_elsewhere() {
    for info in Method::names() {
        let mut optimizer = Optimizer::new(info.method, 2).unwrap();
        let mut theta = [1.0, -1.0];
        let elsewhere = ["schedule-free-sgd", "schedule-free-adamw", "dog"].contains(&info.name);
        assert_eq!(optimizer.evaluates_elsewhere(), elsewhere, "{}", info.name);
        assert_eq!(optimizer.evaluation_parameters(&theta), [1.0, -1.0]);
        let mu = info.method.hyper_parameters(0.5);
        for t in 0..9 {
            optimizer.step(&mu, &mut theta, &[1.0, (t as f32).cos()]);
        }
        let same = optimizer.evaluation_parameters(&theta) == theta;
        assert_eq!(same, !elsewhere, "{}", info.name);
    }
}

#[test]
fn the_moments_of_a_silent_parameter_go_to_zero_and_not_to_subnormal_numbers() {
    for name in ["adam", "prodigy", "dadapt-adam", "adam-hd"] {
        silent(Method::by_name(name).unwrap());
    }
}

fn silent(method: Method) {
    let mu = method.hyper_parameters(0.001);
    let mut optimizer = Optimizer::new(method, 9).unwrap();
    let mut parameters = [1.0; 9];
    optimizer.step(&mu, &mut parameters, &[1e-3; 9]);
    // 0.9^900 · 1e-4 would be 1e-45, the smallest subnormal number, where 0.9 times it rounds to itself.
    for _ in 0..2_000 {
        optimizer.step(&mu, &mut parameters, &[0.0; 9]);
    }
    let state = serde_json::to_value(&optimizer).unwrap().to_string();
    let subnormal = |number: f64| number != 0.0 && number.abs() < f64::from(f32::MIN_POSITIVE);
    let numbers = state.split(|c: char| !(c.is_ascii_digit() || "eE+-.".contains(c)));
    assert!(
        !numbers.filter_map(|text| text.parse().ok()).any(subnormal),
        "{state}"
    );
}

#[test]
fn twice_the_factor_on_weight_decay_is_twice_the_weight_decay() {
    let mut read = 0;
    for info in Method::names() {
        let method = Method::by_name(info.name).unwrap();
        let with = |decay: &str| method.with_setting("weight_decay", decay);
        let (Ok(half), Ok(whole)) = (with("0.05"), with("0.1")) else {
            continue; // it has no weight decay
        };
        let run = |method: Method, w: f32| {
            let mu = HyperParameters {
                w,
                ..method.hyper_parameters(0.01)
            };
            let mut optimizer = Optimizer::new(method, 3).unwrap();
            let mut parameters = [1.0, -2.0, 0.5];
            for step in 0..5 {
                let gradient = parameters.map(|x| x + 0.1 * step as f32);
                optimizer.step(&mu, &mut parameters, &gradient);
            }
            parameters.map(f32::to_bits)
        };
        assert_eq!(run(half, 2.0), run(whole, 1.0), "{}", info.name);
        // Five steps of a method that finds its own step size are too short to show.
        read += usize::from(run(whole, 0.0) != run(whole, 1.0));
    }
    assert!(read > 10, "{read} methods show their weight decay");
}
