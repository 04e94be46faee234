//! What each negative control takes away from a controller, and what it leaves.

use descender_optim::HyperParameter;
use descender_task::{StartPurpose, Task};

use super::*;
use crate::contender::{Calibration, NegativeControl, RecordedSchedule, Watched, sample};

const STEPS: u64 = 81;
const INTERVAL: usize = 5;

fn start(index: u64) -> StartPoint {
    StartPoint {
        purpose: StartPurpose::Report,
        seed: 3,
        index,
    }
}

fn run(contender: &Contender, index: u64) -> Trial {
    let task = Task::small();
    Trial::run(&task, contender, start(index), STEPS, 0.5).unwrap()
}

fn watched(indices: std::ops::Range<u64>) -> Calibration {
    let task = Task::small();
    let descend = |index| {
        let controller = sample::controller();
        let stop = Stop::default();
        Watched::descend(&task, &controller, start(index), STEPS, &stop).unwrap()
    };
    Calibration::new(indices.map(|index| descend(index).unwrap()).collect())
}

fn control(control: NegativeControl, calibration: &Calibration) -> Contender {
    control.contender(&sample::controller(), calibration)
}

fn rates_of(calibration: &Calibration) -> Vec<f32> {
    let schedule = calibration.schedule();
    let rates = schedule.column(HyperParameter::LearningRate);
    rates.unwrap().to_vec()
}

/// η after each decision, as a factor of η before it.
fn factors(trial: &Trial) -> Vec<f32> {
    let rates = &trial.learning_rates;
    let decided = (1..rates.len()).step_by(INTERVAL);
    decided.map(|step| rates[step] / rates[step - 1]).collect()
}

#[test]
fn a_watched_controller_does_what_it_does_in_a_trial() {
    let trial = run(&Contender::controller(sample::controller()), 0);
    let calibration = watched(0..1);
    let mean = rates_of(&calibration);
    assert_eq!(mean.len(), trial.learning_rates.len());
    for (mean, rate) in mean.iter().zip(&trial.learning_rates) {
        assert!((mean / rate - 1.0).abs() < 1e-6, "{mean} {rate}");
    }
    let taken = factors(&trial);
    assert!(
        taken.iter().any(|factor| *factor > 1.0) && taken.iter().any(|factor| *factor < 1.0),
        "the sample must decide differently in one descent: {taken:?}"
    );
}

#[test]
fn replay_repeats_the_mean_whatever_the_descent_does() {
    let calibration = watched(0..3);
    let replay = control(NegativeControl::Replay, &calibration);
    assert_eq!(replay.method, *sample::controller().method());
    for index in [0, 7] {
        let rates = run(&replay, index).learning_rates;
        assert_eq!(rates, rates_of(&calibration));
    }
}

#[test]
fn replay_repeats_all_that_the_controller_sets() {
    let task = Task::small();
    let controller = sample::anchored_controller();
    let descend = |index| {
        Watched::descend(&task, &controller, start(index), STEPS, &Stop::default()).unwrap()
    };
    let calibration = Calibration::new((0..3).map(|index| descend(index).unwrap()).collect());
    let replay = NegativeControl::Replay.contender(&controller, &calibration);
    let schedule = calibration.schedule();
    let decays = schedule.column(HyperParameter::B1).unwrap();
    let weights = schedule.column(HyperParameter::B2).unwrap();
    assert!(decays.iter().any(|decay| *decay != decays[0]), "it changes");
    for (decay, weight) in decays.iter().zip(weights) {
        assert_eq!(*weight, 1.0 - decay);
    }
    // A descent under the whole schedule is another one than under its η.
    let rates = (HyperParameter::LearningRate, rates_of(&calibration));
    let of_rates = Contender {
        steering: Steering::Recorded(RecordedSchedule::new(vec![rates]).unwrap()),
        ..replay.clone()
    };
    let (whole, of_rates) = (run(&replay, 5), run(&of_rates, 5));
    assert_eq!(whole.learning_rates, of_rates.learning_rates);
    assert_ne!(whole.losses, of_rates.losses);
    let settings = replay.settings();
    assert_eq!(
        settings["recorded"],
        serde_json::json!(["learning_rate", "b1", "b2"])
    );
}

#[test]
fn blind_takes_one_action_for_ever() {
    let blind = control(NegativeControl::Blind, &watched(0..3));
    let rates = run(&blind, 0).learning_rates;
    let action = rates[1] / rates[0];
    let mut expected = rates[0];
    for (step, rate) in rates.iter().enumerate().skip(1) {
        if (step - 1) % INTERVAL == 0 {
            expected = (expected * action).clamp(0.005, 0.1);
        }
        assert_eq!(*rate, expected, "step {step}");
    }
    // With features of another kind it takes another action, so it does look at what it is fed.
    let fed = |features: [f32; 5]| {
        let mut blind = blind.clone();
        if let Steering::Blind { features: fed, .. } = &mut blind.steering {
            *fed = features.to_vec();
        }
        run(&blind, 0).learning_rates[1]
    };
    let others: Vec<f32> = (0..5)
        .flat_map(|feature| [-9.0, 9.0].map(|value| (feature, value)))
        .map(|(feature, value)| {
            let mut features = [0.0; 5];
            features[feature] = value;
            fed(features)
        })
        .collect();
    assert!(others.iter().any(|rate| *rate != others[0]), "{others:?}");
}

#[test]
fn untrained_and_random_differ_from_start_to_start_and_repeat() {
    for kind in [NegativeControl::Untrained, NegativeControl::Random] {
        let contender = control(kind, &Calibration::default());
        let trials: Vec<Trial> = (0..8).map(|index| run(&contender, index)).collect();
        assert_eq!(trials[3], run(&contender, 3), "{kind:?}");
        let mut distinct: Vec<&[f32]> = (trials.iter())
            .map(|trial| trial.learning_rates.as_slice())
            .collect();
        distinct.sort_by(|a, b| a.partial_cmp(b).unwrap());
        distinct.dedup();
        // Untrained networks mostly take one action for ever, one of three.
        assert!(distinct.len() >= 2, "{kind:?}: {} of 8", distinct.len());
        for trial in &trials {
            assert_eq!(trial.learning_rates[0], 0.02, "{kind:?}");
            let inside = |rate: &f32| (0.005..=0.1).contains(rate);
            assert!(trial.learning_rates.iter().all(inside), "{kind:?}");
        }
    }
}

#[test]
fn the_weights_of_the_untrained_belong_to_the_start() {
    let controller = sample::controller();
    let weights = |index| {
        untrained(&controller, start(index))
            .policy()
            .parameters()
            .to_vec()
    };
    assert_eq!(weights(1), weights(1));
    assert_ne!(weights(1), weights(2));
    let fresh = untrained(&controller, start(1));
    assert_eq!(
        fresh.policy().specification(),
        controller.policy().specification()
    );
    assert_eq!(
        (fresh.control(), fresh.method()),
        (controller.control(), controller.method())
    );
}

#[test]
fn random_takes_every_action() {
    let random = control(NegativeControl::Random, &Calibration::default());
    let mut counts = [0_u32; 3];
    for index in 0..20 {
        for factor in factors(&run(&random, index)) {
            counts[match factor {
                factor if factor < 0.99 => 0,
                factor if factor > 1.01 => 2,
                _ => 1, // or at a bound
            }] += 1;
        }
    }
    // A third of 320 each; halving and doubling lose some at the bounds to 1.
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

#[test]
fn a_stop_gives_a_trial_up() {
    let task = Task::small();
    let stop = Stop::default();
    stop.request();
    let contender = Contender::controller(sample::controller());
    let trial = Trial::run_until(
        &task,
        &contender,
        start(0),
        STEPS,
        0.5,
        Split::Validation,
        &stop,
    )
    .unwrap();
    assert_eq!(trial, None);
}

#[test]
fn a_kept_trial_comes_back_bit_for_bit() {
    let plain = run(&Contender::controller(sample::controller()), 0);
    assert_eq!(plain.interventions, 0);
    let guarded = Trial {
        interventions: 2,
        ..plain.clone()
    };
    for trial in [plain, guarded] {
        let bytes = postcard::to_stdvec(&trial).unwrap();
        assert_eq!(postcard::from_bytes::<Trial>(&bytes).unwrap(), trial);
    }
}
