//! What environments and sessions rely on.

use descender_optim::StepStatistics;
use proptest::prelude::*;

use super::*;
use crate::{Anchored, BaseSchedule, Dimension, ObservationSettings, Parameter, Scale};

fn method() -> Method {
    Method::by_name("sgd").unwrap()
}

fn control(settings: &ControlSettings) -> ControlLoop {
    ControlLoop::new(settings, method()).unwrap()
}

fn feedback(step: u64, loss: f32) -> Feedback {
    Feedback {
        step,
        loss,
        statistics: StepStatistics::default(),
    }
}

#[test]
fn decisions_come_after_the_first_step_and_then_after_every_interval() {
    for (interval, expected) in [(1, vec![1, 2, 3, 4, 5, 6, 7, 8]), (3, vec![1, 4, 7])] {
        let mut control = control(&ControlSettings {
            interval,
            ..ControlSettings::default()
        });
        assert!(
            !control.is_decision(),
            "nothing is known before the first step"
        );
        let mut decisions = Vec::new();
        for step in 0..8 {
            control.record(&feedback(step, 1.0));
            if control.is_decision() {
                decisions.push(control.steps());
            }
        }
        assert_eq!(decisions, expected);
        control.start(0.1);
        assert!(!control.is_decision(), "a new descent begins");
    }
}

#[test]
fn actions_that_place_anew_begin_at_their_anchors_whatever_the_start_says() {
    let settings = ControlSettings {
        action: ActionSettings::Anchored(Anchored {
            dimensions: vec![
                Dimension {
                    parameter: Parameter::LearningRate,
                    low: 0.01,
                    high: 0.16,
                    scale: Scale::Logarithmic,
                },
                Dimension {
                    parameter: Parameter::Momentum,
                    low: 0.0,
                    high: 0.96,
                    scale: Scale::Complement,
                },
            ],
            schedule: BaseSchedule::Constant,
            total_steps: 500.0,
            warm_up: 0.0,
        }),
        ..ControlSettings::default()
    };
    let mut control = control(&settings);
    for learning_rate in [0.001, 0.5, 7.0] {
        control.start(learning_rate);
        let mu = *control.hyper_parameters();
        assert!((mu.learning_rate - 0.04).abs() < 1e-6, "{mu:?}");
        assert!(
            (mu.b1 - 0.8).abs() < 1e-6 && (mu.b2 - 0.2).abs() < 1e-6,
            "{mu:?}"
        );
    }
}

/// η between 0.01 and 0.16, which rises over 8 steps and falls to 0 over 16.
fn paced() -> ActionSettings {
    ActionSettings::Anchored(Anchored {
        dimensions: vec![Dimension {
            parameter: Parameter::LearningRate,
            low: 0.01,
            high: 0.16,
            scale: Scale::Logarithmic,
        }],
        schedule: BaseSchedule::Linear,
        total_steps: 16.0,
        warm_up: 0.5,
    })
}

#[test]
fn a_base_schedule_is_followed_at_every_step_and_a_decision_until_the_next() {
    let mut control = control(&ControlSettings {
        interval: 5,
        bounds: Bounds {
            lower: 0.001,
            upper: 1.0,
        },
        action: paced(),
        ..ControlSettings::default()
    });
    control.start(0.1);
    let placed = [0.16_f32, 0.01, 0.04];
    for step in 0..15_u64 {
        control.record(&feedback(step, 1.0));
        if control.is_decision() {
            control.apply(&Action::Continuous(vec![
                [1.0, -1.0, 0.0][step as usize / 5],
            ]));
        }
        let at = (step + 1) as f32;
        let factor = (1.0 - at / 16.0) * ((at + 1.0) / 8.0).min(1.0);
        let expected = (placed[step as usize / 5] * factor).max(0.001);
        let found = control.hyper_parameters().learning_rate;
        assert!(
            (found / expected - 1.0).abs() < 1e-5,
            "{step}: {found}, {expected}"
        );
    }
    // What is imposed stays until the next decision.
    control.fall_back();
    control.record(&feedback(15, 1.0));
    assert_eq!(control.hyper_parameters().learning_rate, 0.001);
}

#[test]
fn apply_tells_where_the_action_led_and_then_keeps_the_bounds() {
    let mut control = control(&ControlSettings {
        action: ActionSettings::factors(vec![0.5, 1.0, 2.0]),
        bounds: Bounds {
            lower: 0.1,
            upper: 0.4,
        },
        initial_learning_rate: 0.2,
        ..ControlSettings::default()
    });
    let mut apply = |index, expected_placement, expected| {
        assert_eq!(control.apply(&Action::Discrete(index)), expected_placement);
        assert_eq!(control.hyper_parameters().learning_rate, expected);
    };
    apply(2, Placement::Inside, 0.4);
    apply(2, Placement::Above, 0.4);
    apply(1, Placement::Inside, 0.4);
    apply(0, Placement::Inside, 0.2);
    apply(0, Placement::Inside, 0.1);
    apply(0, Placement::Below, 0.1);
    apply(7, Placement::Inside, 0.1);
}

#[test]
fn the_observation_tells_what_the_last_action_did_after_the_bounds() {
    let mut control = control(&ControlSettings {
        action: ActionSettings::factors(vec![0.25, 2.0]),
        bounds: Bounds {
            lower: 0.1,
            upper: 0.4,
        },
        initial_learning_rate: 0.2,
        observation: ObservationSettings::compact(),
        ..ControlSettings::default()
    });
    let mut last_action = |index| {
        control.apply(&Action::Discrete(index));
        let mut observation = [0.0; 5];
        control.observation(&mut observation);
        observation[4]
    };
    assert_eq!(last_action(1), 0.5); // 2 against the largest factor, 1/4
    assert_eq!(last_action(1), 0.0); // stopped by the upper bound
    assert_eq!(last_action(0), -1.0); // exactly from the upper to the lower bound
    assert_eq!(last_action(0), 0.0);
}

#[test]
fn the_other_hyper_parameters_are_the_method_s() {
    let mut control = control(&ControlSettings::default());
    control.start(0.2);
    assert_eq!(*control.hyper_parameters(), method().hyper_parameters(0.2));
    control.apply(&Action::Discrete(0));
    assert_eq!(
        *control.hyper_parameters(),
        method().hyper_parameters(0.2 * 0.9)
    );
}

#[test]
fn a_start_outside_the_bounds_is_taken_inside() {
    let mut control = control(&ControlSettings::default());
    for (start, expected) in [(1.0, 0.5), (0.0, 0.001), (f32::NAN, 0.001), (0.3, 0.3)] {
        control.start(start);
        assert_eq!(control.hyper_parameters().learning_rate, expected);
    }
}

#[test]
fn settings_that_cannot_be_used_make_no_loop() {
    let settings = ControlSettings {
        interval: 0,
        ..ControlSettings::default()
    };
    assert!(matches!(
        ControlLoop::new(&settings, method()),
        Err(SettingsError::Field { .. })
    ));
}

#[test]
fn a_state_of_another_observation_is_refused() {
    let compact = ControlSettings {
        observation: ObservationSettings::compact(),
        ..ControlSettings::default()
    };
    let mut control_paper = control(&ControlSettings::default());
    let before = control_paper.state();
    assert_eq!(
        control_paper.restore(control(&compact).state()),
        Err(RestoreError::Observation)
    );
    let narrow = ControlSettings {
        bounds: Bounds {
            lower: 0.1,
            upper: 0.2,
        },
        ..ControlSettings::default()
    };
    let mut high = control(&ControlSettings::default());
    high.start(0.5);
    assert!(matches!(
        control(&narrow).restore(high.state()),
        Err(RestoreError::LearningRate { .. })
    ));
    assert_eq!(control_paper.state(), before);
}

proptest! {
    #[test]
    fn mu_is_always_inside_the_bounds_and_a_restored_loop_goes_on_alike(
        start in any::<f32>(),
        steps in prop::collection::vec((any::<f32>(), 0_usize..5), 1..60),
        cut in 0_usize..60,
        interval in 1_u32..5,
        compact in any::<bool>(),
        place in any::<bool>(),
    ) {
        let settings = ControlSettings {
            interval,
            action: if place { paced() } else { ActionSettings::default() },
            observation: if compact { ObservationSettings::compact() } else { ObservationSettings::paper() },
            ..ControlSettings::default()
        };
        let run = |pause: Option<usize>| {
            let mut control = control(&settings);
            control.start(start);
            let mut seen = Vec::new();
            for (step, (loss, action)) in steps.iter().enumerate() {
                if pause == Some(step) {
                    let bytes = postcard::to_allocvec(&control.state()).unwrap();
                    control = ControlLoop::new(&settings, method()).unwrap();
                    control.restore(postcard::from_bytes(&bytes).unwrap()).unwrap();
                }
                control.record(&feedback(step as u64, *loss));
                if control.is_decision() {
                    control.apply(&if place {
                        Action::Continuous(vec![*action as f32 / 2.0 - 1.0])
                    } else {
                        Action::Discrete(*action)
                    });
                }
                let mut observation = vec![0.0; control.observation_len()];
                control.observation(&mut observation);
                seen.push(control.hyper_parameters().learning_rate.to_bits());
                seen.extend(observation.into_iter().map(f32::to_bits));
                assert!(control.bounds().contains(control.hyper_parameters().learning_rate));
            }
            seen
        };
        prop_assert_eq!(run(None), run(Some(cut)));
    }
}
