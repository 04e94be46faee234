//! How much worse than its fallback a descent under a hostile policy is, with the safety net and without.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use descender_compare::comparison::Role;
use descender_compare::contender::{Contender, Steering};
use descender_compare::trial::Trial;
use descender_control::{
    ActionSettings, Anchored, BaseSchedule, Bounds, ControlSettings, Controller, Dimension,
    ObservationSettings, Parameter, Policy, PolicyHead, ProgressObservationSettings, Provenance,
    SafetySettings, Scale,
};
use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Method, Schedule};
use descender_task::{StartPoint, StartPurpose, Task};

const STEPS: u64 = 500;
const STARTS: u64 = 12;
/// The fallback's highest η.
const PEAK: f32 = 1.0;
/// The margin that the module `safety` states.
const MARGIN: f32 = 1.25;

/// What a policy asks for, as shares (0 to 1) of what the bounds allow: at first, and after a share of the steps.
struct Wishes {
    before: [f32; 2],
    after: [f32; 2],
    from: f32,
}

/// The share of the way from 0.001 to 1000, in ln η, at which `learning_rate` lies.
fn share(learning_rate: f32) -> f32 {
    (learning_rate.log10() + 3.0) / 6.0
}

/// The same wish all the time: η, and a share of the momentum.
fn always(learning_rate: f32, momentum: f32) -> Wishes {
    let wish = [share(learning_rate), momentum];
    Wishes {
        before: wish,
        after: wish,
        from: 1.0,
    }
}

/// A good η, and from a share of the steps on the highest η and momentum.
fn sleeper(from: f32) -> Wishes {
    Wishes {
        before: [share(0.5 * PEAK), 0.0],
        after: [1.0; 2],
        from,
    }
}

/// A policy that asks for `wishes`, by a hidden unit that is 0 until the time comes.
fn policy(wishes: &Wishes) -> Policy {
    let output = |share: f32| (2.0 * share - 1.0).clamp(-0.999_999, 0.999_999).atanh();
    let mut parameters = vec![0.0; 16];
    // [input][hidden], the hidden biases, [hidden][output], the output biases; input 3 is the time.
    (parameters[6], parameters[8]) = (1e4, -1e4 * wishes.from);
    for place in 0..2 {
        let [before, after] = [wishes.before, wishes.after].map(|wish| output(wish[place]));
        // A wish for less would need another unit; here wishes only rise.
        parameters[10 + place] = if after > before { 1.0 } else { 0.0 };
        parameters[14 + place] = before;
    }
    let network = NetworkSpecification::multi_layer_perceptron(4, &[2], 2, Activation::Relu);
    Policy::with_head(PolicyHead::Squashed, network, parameters).unwrap()
}

/// A policy whose outputs are not numbers: ∞ − ∞.
fn not_a_number() -> Policy {
    let mut parameters = vec![3e38; 16];
    (parameters[12], parameters[13]) = (-3e38, -3e38);
    let network = NetworkSpecification::multi_layer_perceptron(4, &[2], 2, Activation::Relu);
    let mut policy = Policy::with_head(PolicyHead::Squashed, network, parameters).unwrap();
    assert!(policy.outputs(&[0.1; 4])[0].is_nan());
    policy
}

/// A controller of η from 0.001 to 1000 and of the momentum from 0 to 0.95 over SGD, with the net on.
fn controller(policy: Policy) -> Controller {
    let mut safety = SafetySettings {
        enabled: true,
        ..SafetySettings::default()
    };
    safety.fallback.peak_learning_rate = PEAK;
    safety.fallback.descent_steps = STEPS;
    let dimension = |parameter, low, high, scale| Dimension {
        parameter,
        low,
        high,
        scale,
    };
    let control = ControlSettings {
        initial_learning_rate: 0.1,
        bounds: Bounds {
            lower: 0.001,
            upper: 1000.0,
        },
        observation: ObservationSettings::Progress(ProgressObservationSettings {
            fast_window: 10.0,
            slow_window: 50.0,
            total_steps: STEPS as f32,
        }),
        action: ActionSettings::Anchored(Anchored {
            schedule: BaseSchedule::Constant,
            total_steps: STEPS as f32,
            warm_up: 0.0,
            dimensions: vec![
                dimension(Parameter::LearningRate, 0.001, 1000.0, Scale::Logarithmic),
                dimension(Parameter::Momentum, 0.0, 0.95, Scale::Complement),
            ],
        }),
        safety,
        ..ControlSettings::default()
    };
    // With a momentum of 0 this is SGD, and a controlled momentum acts.
    let method = Method::by_name("momentum")
        .unwrap()
        .with_setting("momentum", "0")
        .unwrap();
    Controller::new(policy, control, method, Provenance::default()).unwrap()
}

fn without_net(controller: &Controller) -> Controller {
    let mut control = controller.control().clone();
    control.safety.enabled = false;
    let policy = controller.policy().clone();
    Controller::new(policy, control, *controller.method(), Provenance::default()).unwrap()
}

fn random(controller: Controller) -> Contender {
    Contender {
        name: "random".to_owned(),
        role: Role::Control,
        method: *controller.method(),
        steering: Steering::Random(Box::new(controller)),
    }
}

fn fallback() -> Contender {
    let schedule = Schedule::by_name("linear").unwrap();
    Contender::rival(
        "linear",
        Method::Sgd,
        Steering::Schedule {
            schedule,
            peak: PEAK,
            warmup: 0.0,
        },
    )
}

fn trials(task: &Arc<Task>, contender: &Contender) -> Vec<Trial> {
    let start = |index| StartPoint {
        purpose: StartPurpose::Report,
        seed: 17,
        index,
    };
    (0..STARTS)
        .map(|index| Trial::run(task, contender, start(index), STEPS, 0.02).unwrap())
        .collect()
}

fn losses(trials: &[Trial]) -> Vec<f32> {
    trials.iter().map(|trial| trial.evaluation.loss).collect()
}

/// The median and the largest of the ratios, start by start.
fn ratios(losses: &[f32], fallback: &[f32]) -> (f32, f32) {
    let mut ratios: Vec<f32> = losses.iter().zip(fallback).map(|(a, b)| a / b).collect();
    ratios.sort_by(f32::total_cmp);
    (ratios[ratios.len() / 2], ratios[ratios.len() - 1])
}

/// Policies that wreck a descent by themselves.
fn wreckers() -> Vec<(&'static str, Contender, Contender)> {
    let pair = |name, policy| {
        let guarded = controller(policy);
        let bare = without_net(&guarded);
        (
            name,
            Contender::controller(guarded),
            Contender::controller(bare),
        )
    };
    let wild = controller(not_a_number());
    let bare = without_net(&wild);
    vec![
        pair("kills the network", policy(&always(10.0, 0.0))),
        pair("highest momentum", policy(&always(100.0, 1.0))),
        pair("highest of both", policy(&always(1000.0, 1.0))),
        pair("lowest learning rate", policy(&always(0.001, 0.0))),
        pair("wrecks at 10 %", policy(&sleeper(0.1))),
        pair("wrecks at 50 %", policy(&sleeper(0.5))),
        pair("wrecks at 90 %", policy(&sleeper(0.9))),
        ("random", random(wild), random(bare)),
    ]
}

#[test]
fn a_policy_that_wrecks_descents_is_within_the_margin_of_the_fallback() {
    let task = Arc::new(Task::small());
    let fallback = losses(&trials(&task, &fallback()));
    for (name, guarded, bare) in wreckers() {
        let trials = trials(&task, &guarded);
        for trial in &trials {
            assert!(trial.interventions > 0 && !trial.diverged, "{name}");
            assert_eq!(trial.losses.len() as u64, STEPS, "{name}");
            assert!(trial.interventions <= 3, "{name}");
        }
        let (median, largest) = ratios(&losses(&trials), &fallback);
        assert!(largest <= MARGIN, "{name}: {median} {largest}");
        let (median, _) = ratios(&losses(&self::trials(&task, &bare)), &fallback);
        assert!(median > 4.0, "{name} without the net: {median}");
    }
}

#[test]
fn a_policy_that_puts_out_no_numbers_leaves_the_anchor_alone() {
    let task = Arc::new(Task::small());
    let fallback = losses(&trials(&task, &fallback()));
    let trials = trials(&task, &Contender::controller(controller(not_a_number())));
    assert!(trials.iter().all(|trial| !trial.diverged));
    assert!(
        (trials.iter().flat_map(|trial| &trial.learning_rates))
            .all(|rate| (rate - 1.0).abs() < 1e-5)
    );
    let (median, _) = ratios(&losses(&trials), &fallback);
    assert!(median <= MARGIN, "{median}");
}

#[test]
fn a_good_policy_is_left_alone_bit_for_bit() {
    let task = Arc::new(Task::small());
    for learning_rate in [0.3, 0.5, 0.8] {
        let guarded = controller(policy(&always(learning_rate, 0.5)));
        let bare = without_net(&guarded);
        let guarded = trials(&task, &Contender::controller(guarded));
        assert!(guarded.iter().all(|trial| trial.interventions == 0));
        assert_eq!(guarded, trials(&task, &Contender::controller(bare)));
    }
}
