//! The learner with its improvements: the gradient against finite differences, the policy against the learner.

use descender_control::{Action, PolicyHead};
use descender_random::Rng;

use super::*;

fn settings(dueling: bool, noise: f32, atoms: usize) -> DqnSettings {
    DqnSettings {
        hidden: vec![5, 4],
        batch_size: 3,
        double: true,
        dueling,
        noise,
        atoms,
        least_value: -1.0,
        most_value: 2.0,
        ..DqnSettings::paper()
    }
}

/// All sixteen ways to switch, as (dueling, noise, atoms, weights).
fn all() -> impl Iterator<Item = (DqnSettings, Option<&'static [f32]>)> {
    (0..16).map(|bits| {
        let on = |bit: usize| bits >> bit & 1 == 1;
        let (noise, atoms) = (f32::from(u8::from(on(1))), 5 * usize::from(on(2)));
        let weights: &[f32] = &[1.0, 0.25, 0.6];
        (settings(on(0), noise, atoms), on(3).then_some(weights))
    })
}

fn batch_of_three() -> Batch {
    Batch {
        observations: vec![0.5, -0.3, 0.9, 0.2, -0.7, 0.4],
        next_observations: vec![0.1, 0.8, -0.6, 0.3, 0.2, -0.9],
        actions: vec![0, 2, 1],
        rewards: vec![0.5, -1.0, 0.2],
        discounts: vec![0.9, 0.0, 0.81],
    }
}

#[test]
fn the_gradient_is_that_of_finite_differences_whatever_is_on() {
    let batch = batch_of_three();
    for (settings, weights) in all() {
        let mut learner = Learner::new(&settings, 2, 3, 4).unwrap();
        learner.compute_targets(&settings, &batch);
        let noise = learner.noise.clone();
        learner.compute_gradient(&batch, weights);
        let gradient = learner.gradient.clone();
        let mut loss = |place: usize, by: f32| {
            let before = learner.weights.online[place];
            learner.weights.online[place] += by;
            learner.noise = noise.clone();
            let loss = learner.compute_gradient(&batch, weights).loss;
            learner.weights.online[place] = before;
            f64::from(loss)
        };
        let step = 2e-3;
        let largest = gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
        assert!(largest > 1e-2);
        for (place, &slope) in gradient.iter().enumerate() {
            let difference = (loss(place, step) - loss(place, -step)) / f64::from(2.0 * step);
            // The rounding of a loss of about 1 in f32, and a ReLU's bend at worst.
            let off = (difference - f64::from(slope)).abs();
            assert!(
                off < 2e-3 * f64::from(largest).max(1.0),
                "{settings:?}, parameter {place}: {slope}, by differences {difference}"
            );
        }
    }
}

#[test]
fn a_frozen_policy_is_a_plain_network_with_the_learners_values() {
    for (settings, _) in all() {
        let mut learner = Learner::new(&settings, 2, 3, 4).unwrap();
        // Without noise: the means are what the policy has.
        let count = learner.weights.online.len() / if settings.is_noisy() { 2 } else { 1 };
        learner.weights.online[count..].fill(0.0);
        let mut policy = learner.policy().unwrap();
        assert_eq!(
            policy.head() == PolicyHead::GreedyValues,
            !settings.is_categorical()
        );
        assert_eq!(
            policy.specification().layers.last(),
            Some(&descender_nn::Layer::Linear {
                outputs: 3 * settings.atoms.max(1)
            })
        );
        let mut generator = learner.noise.clone();
        for place in 0..20 {
            let seen = [(place as f32).sin(), (place as f32 * 1.7).cos()];
            let outputs = (learner.network)
                .forward(&learner.weights.online, &seen, 1, &mut generator)
                .to_vec();
            for (own, policys) in outputs.iter().zip(policy.outputs(&seen)) {
                assert!((own - policys).abs() < 1e-5);
            }
            let action = learner.best_action(&seen, &mut generator);
            assert_eq!(policy.act(&seen), Action::Discrete(action));
        }
    }
}

#[test]
fn noise_is_drawn_for_each_decision_and_each_pass_and_not_without() {
    let draws = |settings: &DqnSettings| {
        let mut learner = Learner::new(settings, 2, 3, 4).unwrap();
        let mut generator = learner.noise.clone();
        let fresh = generator.clone().next_u64();
        learner.best_action(&[0.1, 0.2], &mut generator);
        let decision = generator.next_u64() != fresh;
        learner.update(settings, &batch_of_three(), None).unwrap();
        (decision, learner.noise.next_u64() != fresh)
    };
    assert_eq!(draws(&settings(true, 0.0, 5)), (false, false));
    assert_eq!(draws(&settings(true, 0.5, 5)), (true, true));
}

#[test]
fn errors_are_those_of_the_examples_and_weights_scale_losses() {
    let settings = settings(false, 0.0, 0);
    let mut learner = Learner::new(&settings, 2, 3, 4).unwrap();
    let batch = batch_of_three();
    learner.compute_targets(&settings, &batch);
    let plain = learner.compute_gradient(&batch, None);
    let errors = learner.errors().to_vec();
    let squares: f32 = errors.iter().map(|d| d * d).sum();
    assert!((plain.loss - squares / 3.0).abs() < 1e-6);
    let weights = [1.0, 0.5, 0.0];
    let weighted = learner.compute_gradient(&batch, Some(&weights));
    let expected = (errors[0] * errors[0] + 0.5 * errors[1] * errors[1]) / 3.0;
    assert!((weighted.loss - expected).abs() < 1e-6);
    assert_eq!(learner.errors(), errors);
    assert_eq!(weighted.mean_q, plain.mean_q);
}
