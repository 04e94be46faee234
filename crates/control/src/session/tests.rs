//! Deployed use: when the policy decides, and what holds whatever happens.

use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Method, StepStatistics};
use proptest::prelude::*;

use super::*;
use crate::{
    ActionSettings, Bounds, ControlSettings, Controller, ObservationSettings, Provenance,
    SafetySettings,
};

/// A controller that halves η where the smoothed loss is above 1, and doubles it where it is below.
fn controller(interval: u32) -> Controller {
    let control = ControlSettings {
        decisions: 0,
        interval,
        initial_learning_rate: 0.08,
        bounds: Bounds {
            lower: 0.01,
            upper: 0.32,
        },
        observation: ObservationSettings::compact(),
        action: ActionSettings::factors(vec![0.5, 2.0]),
        safety: SafetySettings::default(),
    };
    let specification = NetworkSpecification::multi_layer_perceptron(5, &[], 2, Activation::Relu);
    // Weights [input][output]; only the second feature counts: ln(smoothed loss) / 2.
    let parameters = vec![0.0, 0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let policy = Policy::new(specification, parameters).unwrap();
    Controller::new(policy, control, Method::Sgd, Provenance::default()).unwrap()
}

/// η for the steps that follow the given losses.
fn learning_rates(session: &mut Session, losses: &[f32]) -> Vec<f32> {
    let feedback = |loss| Feedback {
        step: 0,
        loss,
        statistics: StepStatistics::default(),
    };
    losses
        .iter()
        .map(|&loss| session.record(&feedback(loss)).learning_rate)
        .collect()
}

#[test]
fn the_policy_decides_after_the_first_step_and_then_at_every_interval() {
    let mut session = controller(1).start();
    assert_eq!(session.hyper_parameters().learning_rate, 0.08);
    assert_eq!(
        learning_rates(&mut session, &[0.5, 0.5, 0.5]),
        [0.16, 0.32, 0.32]
    );
    assert_eq!(
        learning_rates(&mut controller(1).start(), &[5.0; 5]),
        [0.04, 0.02, 0.01, 0.01, 0.01]
    );
    assert_eq!(
        learning_rates(&mut controller(3).start(), &[0.5; 5]),
        [0.16, 0.16, 0.16, 0.32, 0.32]
    );
}

#[test]
fn what_the_policy_saw_is_told_where_it_decided_and_nowhere_else() {
    let controller = controller(3);
    let mut session = controller.start();
    assert_eq!(session.observed(), None);
    let mut policy = controller.policy().clone();
    for (step, loss) in [0.5, 0.7, 4.0, 5.0, 6.0].into_iter().enumerate() {
        let before = session.hyper_parameters().learning_rate;
        let after = learning_rates(&mut session, &[loss])[0];
        assert_eq!(session.observed().is_some(), step % 3 == 0, "step {step}");
        if let Some(observation) = session.observed() {
            let doubles = policy.outputs(observation)[1] > policy.outputs(observation)[0];
            assert_eq!(after, if doubles { 2.0 * before } else { before / 2.0 });
        }
    }
    learning_rates(&mut session, &[1.0, f32::NAN]);
    assert_eq!(session.observed(), None, "the safety rule asks no policy");
    learning_rates(&mut session, &[1.0, 1.0]);
    session.restart(0.08);
    assert_eq!(session.observed(), None);
}

#[test]
fn a_loss_that_is_not_finite_puts_the_learning_rate_at_its_lower_bound_at_once() {
    for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut session = controller(4).start();
        assert_eq!(
            learning_rates(&mut session, &[0.5, 0.5, broken, 0.5]),
            [0.16, 0.16, 0.01, 0.01]
        );
        assert_eq!(session.fallbacks(), 1);
        // At a decision as well: the policy, which would double η, is not asked.
        assert_eq!(learning_rates(&mut session, &[broken]), [0.01]);
        assert_eq!(session.fallbacks(), 2);
    }
}

#[test]
fn the_policy_is_back_at_the_next_decision_after_a_finite_loss() {
    let mut session = controller(1).start();
    assert_eq!(learning_rates(&mut session, &[f32::NAN]), [0.01]);
    let rates = learning_rates(&mut session, &[0.1; 200]);
    assert_eq!(
        rates[0], 0.01,
        "the broken loss counts as a very high one, so the policy is careful"
    );
    assert_eq!(rates[199], 0.32);
}

#[test]
fn restart_forgets_the_last_descent() {
    let mut session = controller(1).start();
    learning_rates(&mut session, &[5.0, f32::NAN, 5.0]);
    session.restart(0.08);
    assert_eq!(session.fallbacks(), 0);
    assert_eq!(
        learning_rates(&mut session, &[0.5, 0.5]),
        learning_rates(&mut controller(1).start(), &[0.5, 0.5])
    );
}

proptest! {
    #[test]
    fn whatever_the_losses_the_bounds_hold_and_a_restored_session_goes_on_alike(
        losses in prop::collection::vec(prop_oneof![any::<f32>(), 0.0_f32..3.0, Just(f32::NAN)], 1..80),
        cut in 0_usize..80,
        interval in 1_u32..6,
    ) {
        let controller = controller(interval);
        let whole = learning_rates(&mut controller.start(), &losses);
        prop_assert!(whole.iter().all(|&learning_rate| controller.control().bounds.contains(learning_rate)));
        let (before, after) = losses.split_at(cut.min(losses.len()));
        let mut session = controller.start();
        let mut pieces = learning_rates(&mut session, before);
        let saved = postcard::to_allocvec(&session.state()).unwrap();
        let mut resumed = controller.start();
        resumed.restore(postcard::from_bytes(&saved).unwrap()).unwrap();
        pieces.extend(learning_rates(&mut resumed, after));
        prop_assert_eq!(whole, pieces);
        prop_assert_eq!(resumed.fallbacks(), losses.iter().filter(|loss| !loss.is_finite()).count() as u64);
    }
}
