//! What is recorded of a controller, and that importance finds the features that a policy looks at, and no others.

use descender_control::{
    ActionSettings, Bounds, ControlSettings, ObservationSettings, Policy, Provenance,
};
use descender_nn::{Activation, NetworkSpecification};
use descender_optim::Method;
use descender_task::Task;
use proptest::prelude::*;

use super::recording::Recording;
use super::*;
use descender_control::Controller;
use descender_env::Stop;

const STEPS: u64 = 90;
const INTERVAL: u32 = 4;

/// A controller with a linear policy that halves or doubles η, see [`with_factors`].
fn controller(weights: &[f32], bias: f32) -> Controller {
    with_factors([0.5, 2.0], weights, bias)
}

/// A controller with a linear policy: the first action has the output 0, the second `bias` + Σ `weights` · features.
fn with_factors(factors: [f32; 2], weights: &[f32], bias: f32) -> Controller {
    let inputs = weights.len();
    let observation = match inputs {
        18 => ObservationSettings::default(),
        _ => ObservationSettings::compact(),
    };
    let control = ControlSettings {
        interval: INTERVAL,
        initial_learning_rate: 0.05,
        bounds: Bounds {
            lower: 0.01,
            upper: 0.2,
        },
        observation,
        action: ActionSettings::factors(factors.to_vec()),
        ..ControlSettings::default()
    };
    let network = NetworkSpecification::multi_layer_perceptron(inputs, &[], 2, Activation::Relu);
    // Weights [input][output], then the biases.
    let mut parameters: Vec<f32> = weights.iter().flat_map(|&weight| [0.0, weight]).collect();
    parameters.extend([0.0, bias]);
    let policy = Policy::new(network, parameters).unwrap();
    Controller::new(policy, control, Method::Sgd, Provenance::default()).unwrap()
}

/// η's feature alone decides: above 0.05 it is halved, otherwise doubled.
fn thermostat() -> Controller {
    let observed = |learning_rate: f32| {
        let mut control = controller(&[0.0; 5], 0.0).control().clone();
        control.initial_learning_rate = learning_rate;
        let control_loop = descender_control::ControlLoop::new(&control, Method::Sgd).unwrap();
        let mut observation = [0.0; 5];
        control_loop.observation(&mut observation);
        observation[0]
    };
    let (low, high) = (observed(0.05), observed(0.1));
    controller(&[-1.0, 0.0, 0.0, 0.0, 0.0], (low + high) / 2.0)
}

fn watch(controller: &Controller, settings: &WatchSettings) -> Behaviour {
    let task = Task::by_name("mnist-small", None).unwrap();
    Behaviour::record(&task, controller, settings, &Stop::default(), &|_, _| ()).unwrap()
}

const SETTINGS: WatchSettings = WatchSettings {
    starts: 3,
    steps: STEPS,
    seed: 5,
};

#[test]
fn decisions_are_recorded_as_they_are_made() {
    let behaviour = watch(&thermostat(), &SETTINGS);
    assert_eq!((behaviour.starts, behaviour.interval), (3, 4));
    assert_eq!(behaviour.actions, ["η × 0.5", "η × 2"]);
    assert_eq!(behaviour.output, "Q-value");
    // After the first step and then after every fourth, never after the last.
    let steps: Vec<u64> = behaviour.decisions.iter().map(|one| one.step).collect();
    assert_eq!(steps, (1..STEPS).step_by(4).collect::<Vec<_>>());
    // η goes 0.05, 0.1, 0.05, … in every descent: double, halve, double, ….
    for (number, decision) in behaviour.decisions.iter().enumerate() {
        let double = number % 2 == 0;
        let expected = [f32::from(u8::from(!double)), f32::from(u8::from(double))];
        assert_eq!(decision.shares, expected, "decision {number}");
        assert_eq!(decision.outputs[0], 0.0);
        assert_eq!(decision.outputs[1] > 0.0, double);
    }
}

#[test]
fn only_the_feature_that_the_policy_looks_at_is_important() {
    let behaviour = watch(&thermostat(), &SETTINGS);
    let [learning_rate, others @ ..] = behaviour.importance.as_slice() else {
        panic!("no feature")
    };
    assert_eq!(
        (learning_rate.feature.as_str(), others.len()),
        ("learning_rate", 4)
    );
    // Half of the observations have the one η, half the other: a shuffle changes about half of the decisions.
    let [low, high] = learning_rate.ci95;
    assert!(
        (0.4..0.6).contains(&learning_rate.share),
        "{learning_rate:?}"
    );
    assert!(low <= learning_rate.share && learning_rate.share <= high && low > 0.0);
    for other in others {
        assert_eq!((other.share, other.ci95), (0.0, [0.0, 0.0]), "{other:?}");
    }
}

#[test]
fn each_of_the_paper_s_features_is_found_alone() {
    for feature in [3, 7, 14] {
        // The feature against its own mean over the descents decides, and changes nothing about them.
        let mut weights = [0.0; 18];
        weights[feature] = 1.0;
        let undecided = watch(&with_factors([1.0; 2], &weights, 0.0), &SETTINGS);
        let mean = undecided
            .decisions
            .iter()
            .map(|one| one.outputs[1])
            .sum::<f32>()
            / undecided.decisions.len() as f32;
        let behaviour = watch(&with_factors([1.0; 2], &weights, -mean), &SETTINGS);
        for (number, importance) in behaviour.importance.iter().enumerate() {
            if number == feature {
                assert!(importance.share > 0.1, "{importance:?}");
            } else {
                assert_eq!(importance.share, 0.0, "{feature}: {importance:?}");
            }
        }
    }
}

#[test]
fn a_policy_that_always_does_the_same_looks_at_nothing() {
    let behaviour = watch(&controller(&[0.0; 5], 1.0), &SETTINGS);
    assert!(
        behaviour
            .decisions
            .iter()
            .all(|one| one.shares == [0.0, 1.0])
    );
    assert!(behaviour.importance.iter().all(|one| one.share == 0.0));
}

#[test]
fn same_bits_for_any_number_of_threads_and_other_bits_for_another_seed() {
    let controller = controller(&[0.3, -2.0, 1.0, 0.5, -0.4], -0.2);
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| watch(&controller, &SETTINGS))
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one, three);
    assert_ne!(
        one,
        watch(
            &controller,
            &WatchSettings {
                seed: 6,
                ..SETTINGS
            }
        )
    );
}

#[test]
fn what_has_no_decisions_has_no_importance_and_survives_its_file() {
    let behaviour = watch(
        &thermostat(),
        &WatchSettings {
            steps: 1,
            ..SETTINGS
        },
    );
    assert!(behaviour.decisions.is_empty());
    assert!(behaviour.importance.iter().all(|one| one.share.is_nan()));
    let text = serde_json::to_string(&behaviour).unwrap();
    let back: Behaviour = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(
        watch(
            &thermostat(),
            &WatchSettings {
                starts: 0,
                ..SETTINGS
            }
        )
        .decisions
        .is_empty()
    );
}

#[test]
fn a_stop_ends_the_watching_and_progress_tells_of_each_descent() {
    let task = Task::by_name("mnist-small", None).unwrap();
    let told = std::sync::Mutex::new(Vec::new());
    let tell = |done, total| told.lock().unwrap().push((done, total));
    let stop = Stop::default();
    let record = || Behaviour::record(&task, &thermostat(), &SETTINGS, &stop, &tell);
    record().unwrap();
    let mut told_so_far = told.lock().unwrap().clone();
    told_so_far.sort_unstable();
    assert_eq!(told_so_far, [(1, 3), (2, 3), (3, 3)]);
    stop.request();
    assert!(matches!(record(), Err(BehaviourError::Stopped)));
}

#[test]
fn a_descent_that_is_lost_leaves_the_others() {
    let decision = |step| {
        let mut recording = Recording::default();
        for step in 1..=step {
            recording.steps.push(step);
            recording.observations.push(vec![0.0]);
            recording.outputs.push(vec![step as f32, -1.0]);
            recording
                .actions
                .push(descender_control::Action::Discrete(usize::from(step > 2)));
        }
        recording
    };
    let decisions = recording::decisions(&[decision(2), decision(4), decision(0)], 2);
    assert_eq!(decisions.len(), 4);
    assert_eq!(decisions[1].shares, [1.0, 0.0]);
    assert_eq!(decisions[3].shares, [0.0, 1.0]);
    assert_eq!(
        (decisions[3].step, decisions[3].outputs.as_slice()),
        (4, &[4.0, -1.0][..])
    );
}

proptest! {
    #[test]
    fn a_permutation_holds_every_number_once(count in 0_usize..60, seed: u64, number in 0_u64..20) {
        let mut order = permutation::permutation(count, seed, number);
        order.sort_unstable();
        prop_assert_eq!(order, (0..count).collect::<Vec<_>>());
    }
}

/// Of the six orders of three values each comes a sixth of the time.
#[test]
fn every_order_is_as_likely() {
    let mut seen = std::collections::BTreeMap::new();
    for number in 0..6_000 {
        *seen
            .entry(permutation::permutation(3, 1, number))
            .or_insert(0_u32) += 1;
    }
    // 1,000 expected, standard deviation 29.
    assert_eq!(seen.len(), 6);
    assert!(
        seen.values().all(|&count| count.abs_diff(1_000) < 145),
        "{seen:?}"
    );
}
