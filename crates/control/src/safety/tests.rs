//! What the net does to a session, whatever the policy wants.

use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Feedback, Method, Momentum, StepStatistics};
use proptest::prelude::*;

use crate::{
    Action, ActionSettings, Advice, Anchored, Bounds, Cause, ControlSettings, Controller,
    Dimension, Parameter, Policy, ProgressObservationSettings, Provenance, SafetySettings, Scale,
    Session,
};

/// A controller of η and momentum over momentum 0.5 that asks for η = 8 and b1 = 0.95, under a fallback that falls from
/// 0.2 to 0 in 400 steps.
fn controller(interval: u32) -> Controller {
    within(interval, 0.2, 8.0)
}

/// The same with the fallback's highest η and the upper bound.
fn within(interval: u32, peak: f32, upper: f32) -> Controller {
    let mut safety = SafetySettings {
        enabled: true,
        ..SafetySettings::default()
    };
    safety.fallback.peak_learning_rate = peak;
    safety.fallback.descent_steps = 400;
    let dimension = |parameter, low, high, scale| Dimension {
        parameter,
        low,
        high,
        scale,
    };
    let control = ControlSettings {
        decisions: 0,
        interval,
        initial_learning_rate: upper.min(0.05),
        bounds: Bounds {
            lower: 0.001,
            upper,
        },
        observation: ProgressObservationSettings {
            fast_window: 10.0,
            slow_window: 50.0,
            total_steps: 400.0,
        }
        .into(),
        action: ActionSettings::Anchored(Anchored {
            schedule: crate::BaseSchedule::Constant,
            total_steps: 400.0,
            warm_up: 0.0,
            dimensions: vec![
                dimension(Parameter::LearningRate, 0.02, 8.0, Scale::Logarithmic),
                dimension(Parameter::Momentum, 0.0, 0.95, Scale::Complement),
            ],
        }),
        safety,
    };
    let network = NetworkSpecification::multi_layer_perceptron(4, &[], 2, Activation::Relu);
    let mut parameters = vec![0.0; 10];
    parameters[8..].fill(20.0);
    let policy = Policy::with_head(crate::PolicyHead::Squashed, network, parameters).unwrap();
    let method = Method::Momentum(Momentum {
        momentum: 0.5,
        ..Momentum::default()
    });
    Controller::new(policy, control, method, Provenance::default()).unwrap()
}

fn record(session: &mut Session, loss: f32) -> (f32, f32) {
    session.record(&Feedback {
        step: 0,
        loss,
        statistics: StepStatistics::default(),
    });
    let mu = session.hyper_parameters();
    (mu.learning_rate, mu.b1)
}

/// Records a falling loss, and counts the saves.
fn falls(session: &mut Session, steps: usize) -> usize {
    (0..steps)
        .filter(|step| {
            record(session, 0.2 + 2.1 / (1.0 + *step as f32));
            session.advice() == Advice::Save
        })
        .count()
}

#[test]
fn a_descent_in_good_health_is_the_policy_s_and_is_saved_now_and_then() {
    let mut session = controller(1).start();
    let saves = falls(&mut session, 200);
    assert!((18..=20).contains(&saves), "{saves}");
    assert!(session.interventions().is_empty());
    let mu = session.hyper_parameters();
    assert_eq!(mu.learning_rate, 8.0);
    assert!((mu.b1 - 0.95).abs() < 1e-6);
}

#[test]
fn the_fallback_never_exceeds_the_upper_bound() {
    // The optimizer's usual rate is above it.
    let usual = Method::Momentum(Momentum::default()).usual_learning_rate();
    assert!(usual > 0.006);
    let mut session = within(1, 0.0, 0.006).start();
    for step in 0..200 {
        let loss = if step == 20 { f32::NAN } else { 1.0 };
        let (rate, _) = record(&mut session, loss);
        assert!(rate <= 0.006, "step {step}: {rate}");
    }
    // After the stall, which lifts the cut, the fallback stays.
    let last = session.interventions().last().unwrap();
    assert_eq!(last.fallback_learning_rate, 0.006);
}

#[test]
fn a_trip_hands_over_to_the_fallback_and_back_again() {
    let mut session = controller(1).start();
    falls(&mut session, 100);
    let (learning_rate, momentum) = record(&mut session, f32::NAN);
    assert_eq!(session.advice(), Advice::Restore);
    // 101 of 400 steps are made.
    let fallback = |made: f32| 0.2 * (1.0 - made / 400.0);
    assert!((learning_rate - fallback(101.0)).abs() < 1e-6);
    assert_eq!(momentum, 0.5, "the method's own");
    let [intervention] = session.interventions() else {
        panic!("one intervention")
    };
    assert_eq!(
        (intervention.step, intervention.cause),
        (100, Cause::NotFinite)
    );
    // Saved at 90 and 100, or as near as the first step worth it lets it be.
    assert!((80..=90).contains(&intervention.back_to), "{intervention}");
    assert_eq!(intervention.learning_rate, 8.0);
    assert_eq!(intervention.hold, Some(50));
    for made in 102..=150 {
        let (learning_rate, momentum) = record(&mut session, 0.22);
        assert!(
            (learning_rate - fallback(made as f32)).abs() < 1e-6,
            "{made}"
        );
        assert_eq!(momentum, 0.5);
    }
    assert_eq!(record(&mut session, 0.22).0, 8.0, "after 50 steps");
    // The third is the last.
    record(&mut session, f32::INFINITY);
    record(&mut session, f32::INFINITY);
    assert_eq!(session.interventions().len(), 3);
    assert_eq!(session.interventions()[2].hold, None);
    for made in 154..=400 {
        let (learning_rate, _) = record(&mut session, f32::NAN);
        // The fallback had failed once more, so it is halved for 50 steps.
        let expected = match made {
            ..203 => fallback(made as f32).min(fallback(152.0) / 2.0),
            _ => fallback(made as f32),
        };
        assert!((learning_rate - expected).abs() < 1e-6, "{made}");
        assert_eq!(session.advice(), Advice::Proceed, "nothing is left to do");
    }
    assert_eq!(session.interventions().len(), 3);
    assert_eq!(session.fallbacks(), 0, "the old rule rests");
}

#[test]
fn a_rise_cuts_the_learning_rate_and_a_stall_does_not() {
    // η is 0.02 from the first decision on.
    let controller = controller(1);
    let lowest = |_: &mut Policy, _: &[f32]| Action::Continuous(vec![-1.0; 2]);
    let feedback = |loss| Feedback {
        step: 0,
        loss,
        statistics: StepStatistics::default(),
    };
    let after = |losses: &dyn Fn(usize) -> f32| {
        let mut session = controller.start();
        for step in 0..200 {
            session.record_with(&feedback(losses(step)), lowest);
            if let [intervention] = session.interventions() {
                return intervention.clone();
            }
        }
        panic!("no intervention")
    };
    let rise = after(&|step| {
        if step < 150 {
            2.3 / (1.0 + step as f32)
        } else {
            2.0
        }
    });
    assert!(matches!(rise.cause, Cause::Rise { .. }));
    assert!(
        (150..156).contains(&rise.step) && rise.back_to >= 130,
        "{rise}"
    );
    assert!((rise.learning_rate - 0.02).abs() < 1e-6);
    assert!((rise.fallback_learning_rate - 0.01).abs() < 1e-6);
    let stall = after(&|_| 2.303);
    assert!(matches!(stall.cause, Cause::Stall { .. }));
    assert_eq!((stall.step, stall.back_to), (99, 0));
    assert!((stall.fallback_learning_rate - 0.15).abs() < 1e-6);
}

#[test]
fn a_dead_descent_is_never_worth_keeping() {
    let mut session = controller(1).start();
    for step in 0..1000 {
        record(&mut session, 2.303);
        assert_ne!(session.advice(), Advice::Save, "step {step}");
    }
    let back: Vec<u64> = (session.interventions().iter())
        .map(|intervention| intervention.back_to)
        .collect();
    assert_eq!(back, [0], "after a stall the fallback stays");
}

#[test]
fn the_policy_sees_the_descent_as_it_was_but_for_the_time() {
    let controller = controller(1);
    let mut session = controller.start();
    falls(&mut session, 100);
    record(&mut session, f32::NAN);
    let kept = session.interventions()[0].back_to as usize;
    // The same, without what was undone.
    let mut other = controller.start();
    falls(&mut other, kept);
    for _ in 0..50 {
        record(&mut session, 0.22);
        record(&mut other, 0.22);
    }
    let [seen, expected] = [&session, &other].map(|session| session.observed().unwrap().to_vec());
    assert_eq!(seen[..2], expected[..2], "the loss and its trend");
    assert_eq!(seen[3], 151.0 / 400.0, "steps made");
}

#[test]
fn restart_forgets_the_net_s_past() {
    let mut session = controller(1).start();
    falls(&mut session, 60);
    record(&mut session, f32::NAN);
    session.restart(0.05);
    assert_eq!(session.state(), controller(1).start().state());
}

#[test]
fn a_state_without_a_net_does_not_fit_one_with() {
    let guarded = controller(1);
    let mut control = guarded.control().clone();
    control.safety.enabled = false;
    let bare = Controller::new(
        guarded.policy().clone(),
        control,
        *guarded.method(),
        Provenance::default(),
    )
    .unwrap();
    let mut session = bare.start();
    assert!(session.restore(guarded.start().state()).is_err());
    assert!(guarded.start().restore(session.state()).is_err());
    assert!(!session.is_guarded() && guarded.start().is_guarded());
    record(&mut session, f32::NAN);
    assert_eq!(
        (session.advice(), session.fallbacks()),
        (Advice::Proceed, 1)
    );
}

proptest! {
    #[test]
    fn whatever_the_losses_a_restored_session_goes_on_alike(
        losses in prop::collection::vec(
            prop_oneof![any::<f32>(), 0.0_f32..3.0, 0.1_f32..0.2, Just(f32::NAN)], 1..300),
        cut in 0_usize..300,
        interval in 1_u32..6,
    ) {
        let controller = controller(interval);
        let go = |session: &mut Session, losses: &[f32]| -> Vec<(f32, f32, Advice)> {
            losses.iter().map(|loss| {
                let (learning_rate, momentum) = record(session, *loss);
                (learning_rate, momentum, session.advice())
            }).collect()
        };
        let mut whole = controller.start();
        let expected = go(&mut whole, &losses);
        let (before, after) = losses.split_at(cut.min(losses.len()));
        let mut session = controller.start();
        let mut pieces = go(&mut session, before);
        let saved = postcard::to_allocvec(&session.state()).unwrap();
        let mut resumed = controller.start();
        resumed.restore(postcard::from_bytes(&saved).unwrap()).unwrap();
        pieces.extend(go(&mut resumed, after));
        prop_assert_eq!(expected, pieces);
        prop_assert_eq!(resumed.state(), whole.state());
        prop_assert!(whole.interventions().len() <= 3);
    }
}
