//! What must hold of every observation, and the paper's features by hand.

use descender_optim::{Feedback, HyperParameters, StepStatistics};
use proptest::prelude::*;

use super::*;
use crate::Factors;

fn mu(learning_rate: f32) -> HyperParameters {
    HyperParameters {
        learning_rate,
        a1: 0.0,
        a2: 0.0,
        a3: 1.0,
        b1: 0.0,
        b2: 1.0,
        b3: 0.0,
        c: 1.0,
        w: 1.0,
    }
}

fn statistics(gradient_mean: f32, gradient_mean_absolute: f32) -> StepStatistics {
    StepStatistics {
        gradient_mean,
        gradient_mean_absolute,
        gradient_sum_positive: 20.0,
        gradient_sum_negative: -30.0,
        parameters_increased: 60,
        parameters_decreased: 30,
        relative_change: 0.002,
    }
}

/// Every built-in observation with its default settings.
fn every_built_in() -> Vec<ObservationSettings> {
    ObservationSettings::names()
        .iter()
        .map(|(name, _)| serde_json::from_str(&format!(r#"{{"name": "{name}"}}"#)).unwrap())
        .collect()
}

fn written(observation: &dyn Observation) -> Vec<f32> {
    let mut out = vec![f32::NAN; observation.feature_names().len()];
    observation.write(&mut out);
    out
}

fn saved(observation: &dyn Observation) -> Vec<u8> {
    let mut state = Vec::new();
    observation.save(&mut state);
    state
}

fn close(actual: f32, expected: f32) -> bool {
    (actual - expected).abs() <= 1e-5 * expected.abs().max(1.0)
}

#[test]
fn the_paper_s_features_follow_their_formulas() {
    let action = Factors::default();
    let mut observation = ObservationSettings::paper().start(&action).unwrap();
    observation.reset(&mu(0.1));
    assert_eq!(
        written(&*observation)[..17],
        [0.0; 17],
        "before the first step only η is known"
    );
    let losses = [2.0, 4.0, 3.0, 1.5];
    let gradients = [(1e-4, 1e-3), (-2e-4, 2e-3), (3e-4, 3e-3), (4e-4, 8e-3)];
    for (step, (loss, (mean, mean_absolute))) in losses.into_iter().zip(gradients).enumerate() {
        let mut statistics = statistics(mean, mean_absolute);
        if step == 1 {
            statistics.parameters_increased = 70; // 100 of the parameters change here
        }
        observation.record(
            &Feedback {
                step: step as u64,
                loss,
                statistics,
            },
            &mu(0.2),
        );
    }
    let expected = [
        ("total_steps", 5.0_f32.ln() / 2501.0_f32.ln()),
        ("loss_maximum", 4.0_f32.ln() / 2.0),
        ("loss_minimum", 1.5_f32.ln() / 2.0),
        ("loss_previous", 1.5_f32.ln() / 2.0),
        ("loss_change", 0.5_f32.ln()),
        ("parameters_increased", 0.2),
        ("parameters_decreased", -0.4),
        ("parameters_relative_change", (0.002_f32.ln() + 6.0) / 3.0),
        ("gradient_mean_1", 0.05),
        ("gradient_mean_2", 0.1),
        ("gradient_mean_3", -0.1),
        ("gradient_mean_absolute_1", (8e-3_f32.ln() + 7.0) / 3.0),
        ("gradient_mean_absolute_2", (3e-3_f32.ln() + 7.0) / 3.0),
        ("gradient_mean_absolute_3", (2e-3_f32.ln() + 7.0) / 3.0),
        ("gradient_sum_positive", 20.0_f32.ln() / 3.0),
        ("gradient_sum_negative", 30.0_f32.ln() / 3.0),
        ("loss_decrease_length", 3.0_f32.ln()),
        ("learning_rate", (0.2_f32 / 0.03).ln() / 2.0),
    ];
    let features = written(&*observation);
    assert_eq!(features.len(), expected.len());
    for (index, (name, value)) in expected.into_iter().enumerate() {
        assert_eq!(observation.feature_names()[index], name);
        assert!(
            close(features[index], value),
            "{name}: {} instead of {value}",
            features[index]
        );
    }
    observation.note_action(&mu(0.2), &mu(0.18));
    assert!(
        close(written(&*observation)[17], (0.18_f32 / 0.03).ln() / 2.0),
        "η is the one now in force"
    );
}

#[test]
fn the_compact_features_follow_their_formulas() {
    let action = Factors {
        factors: vec![0.5, 1.0, 4.0],
    };
    let settings: ObservationSettings = CompactObservationSettings {
        fast_window: 2.0,
        slow_window: 4.0,
        total_steps: 100.0,
    }
    .into();
    let mut observation = settings.start(&action).unwrap();
    observation.reset(&mu(0.03));
    assert_eq!(written(&*observation), [0.0; 5]);
    for (step, loss) in [4.0, 1.0].into_iter().enumerate() {
        observation.record(
            &Feedback {
                step: step as u64,
                loss,
                statistics: StepStatistics::default(),
            },
            &mu(0.03),
        );
    }
    observation.note_action(&mu(0.03), &mu(0.06));
    // Weights of the two losses: 1/4 and 1/2 (fast), 3/16 and 1/4 (slow), each divided by their sum.
    let fast: f32 = (0.25 * 4.0 + 0.5) / 0.75;
    let slow: f32 = (0.1875 * 4.0 + 0.25) / 0.4375;
    let expected = [
        2.0_f32.ln() / 2.0,
        fast.ln() / 2.0,
        (fast / slow).ln(),
        3.0_f32.ln() / 101.0_f32.ln(),
        0.5,
    ];
    for ((value, expected), name) in written(&*observation)
        .into_iter()
        .zip(expected)
        .zip(observation.feature_names())
    {
        assert!(
            close(value, expected),
            "{name}: {value} instead of {expected}"
        );
    }
}

#[test]
fn the_last_action_is_0_where_no_action_changes_anything() {
    let action = Factors { factors: vec![1.0] };
    let mut observation = ObservationSettings::compact().start(&action).unwrap();
    observation.note_action(&mu(0.1), &mu(0.1));
    assert_eq!(written(&*observation)[4], 0.0);
}

#[test]
fn a_change_of_loss_that_the_paper_calls_monotone_ends_with_the_first_rise() {
    let mut observation = ObservationSettings::paper()
        .start(&Factors::default())
        .unwrap();
    observation.reset(&mu(0.1));
    for (loss, length) in [
        (3.0, 0.0_f32),
        (2.0, 1.0),
        (1.0, 2.0),
        (1.0, 0.0),
        (0.5, 1.0),
        (0.6, 0.0),
    ] {
        observation.record(
            &Feedback {
                step: 0,
                loss,
                statistics: StepStatistics::default(),
            },
            &mu(0.1),
        );
        assert_eq!(written(&*observation)[16], length.ln_1p());
    }
}

#[test]
fn every_listed_name_is_a_default_setting() {
    for (name, _) in ObservationSettings::names() {
        let settings: ObservationSettings =
            serde_json::from_str(&format!(r#"{{"name": "{name}"}}"#)).unwrap();
        settings.check().unwrap();
        assert_eq!(settings.name(), *name);
        let observation = settings.start(&Factors::default()).unwrap();
        assert_eq!(observation.feature_names(), settings.feature_names());
    }
}

/// Any number, with the troublesome ones often.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<f32>(),
        any::<u32>().prop_map(f32::from_bits),
        prop_oneof![
            Just(f32::NAN),
            Just(f32::INFINITY),
            Just(f32::NEG_INFINITY),
            Just(0.0),
            Just(-0.0)
        ],
        -3.0_f32..3.0,
    ]
}

fn feedback() -> impl Strategy<Value = Feedback> {
    (
        any::<u64>(),
        prop::array::uniform6(number()),
        any::<(u32, u32)>(),
    )
        .prop_map(|(step, numbers, counts)| Feedback {
            step,
            loss: numbers[0],
            statistics: StepStatistics {
                gradient_mean: numbers[1],
                gradient_mean_absolute: numbers[2],
                gradient_sum_positive: numbers[3],
                gradient_sum_negative: numbers[4],
                parameters_increased: counts.0,
                parameters_decreased: counts.1,
                relative_change: numbers[5],
            },
        })
}

proptest! {
    #[test]
    fn features_are_finite_and_small_whatever_the_feedback(
        steps in prop::collection::vec((feedback(), number(), number()), 0..40),
        start in number(),
    ) {
        for settings in every_built_in() {
            let mut observation = settings.start(&Factors::default()).unwrap();
            observation.reset(&mu(start));
            for (feedback, before, after) in &steps {
                observation.record(feedback, &mu(*before));
                observation.note_action(&mu(*before), &mu(*after));
                for (name, value) in observation.feature_names().iter().zip(written(&*observation)) {
                    prop_assert!(value.is_finite() && value.abs() <= scale::FEATURE_LIMIT, "{name} = {value}");
                }
            }
        }
    }

    #[test]
    fn a_saved_observation_continues_with_the_same_bits(
        before in prop::collection::vec(feedback(), 0..20),
        after in prop::collection::vec(feedback(), 0..20),
    ) {
        for settings in every_built_in() {
            let mut observation = settings.start(&Factors::default()).unwrap();
            observation.reset(&mu(0.1));
            before.iter().for_each(|feedback| observation.record(feedback, &mu(0.1)));
            let mut state = Vec::new();
            observation.save(&mut state);
            let mut resumed = settings.start(&Factors::default()).unwrap();
            resumed.restore(&state).unwrap();
            for feedback in &after {
                observation.record(feedback, &mu(0.2));
                resumed.record(feedback, &mu(0.2));
            }
            let bits = |observation: &dyn Observation| written(observation).into_iter().map(f32::to_bits).collect::<Vec<_>>();
            prop_assert_eq!(bits(&*observation), bits(&*resumed));
        }
    }

    #[test]
    fn reset_forgets_everything(steps in prop::collection::vec(feedback(), 1..20)) {
        for settings in every_built_in() {
            let mut fresh = settings.start(&Factors::default()).unwrap();
            fresh.reset(&mu(0.1));
            let mut used = fresh.clone();
            for feedback in &steps {
                used.record(feedback, &mu(0.2));
                used.note_action(&mu(0.2), &mu(0.3));
            }
            used.reset(&mu(0.1));
            prop_assert_eq!(saved(&*used), saved(&*fresh));
        }
    }
}
