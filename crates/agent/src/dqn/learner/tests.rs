//! The learner against numbers worked out by hand.
//!
//! With one input and no hidden layer, Q(x) = (w0, w1, w2)·x + (b0, b1, b2), and the parameters are
//! w0, w1, w2, b0, b1, b2.

use super::*;
use crate::dqn::DqnLoss;

fn linear() -> DqnSettings {
    DqnSettings {
        hidden: vec![],
        batch_size: 2,
        ..DqnSettings::paper()
    }
}

/// Q(1) = (1, 3, 2) and Q(2) = (2, 6, 4) online; Q̂(1) = (10, 20, 30), Q̂(2) = (15, 40, 35) in the target network.
fn learner(settings: &DqnSettings) -> Learner {
    let mut learner = Learner::new(settings, 1, 3, 1).unwrap();
    learner.weights.online = vec![1.0, 3.0, 2.0, 0.0, 0.0, 0.0];
    learner.weights.target = vec![5.0, 20.0, 5.0, 5.0, 0.0, 25.0];
    learner
}

/// (x = 1, a = 0, R = 0.5, x' = 1, D = 0.9) and (x = 2, a = 2, R = −1, x' = 2, D = 0: terminated).
fn batch() -> Batch {
    Batch {
        observations: vec![1.0, 2.0],
        next_observations: vec![1.0, 2.0],
        actions: vec![0, 2],
        rewards: vec![0.5, -1.0],
        discounts: vec![0.9, 0.0],
    }
}

/// The targets of the batch: an output of 0 is as far from each as its own size says.
fn targets(learner: &mut Learner, settings: &DqnSettings) -> Vec<f32> {
    learner.compute_targets(settings, &batch());
    (0..2)
        .map(|index| -learner.returns.compare(index, &[0.0], &mut [0.0]).error)
        .collect()
}

#[test]
fn plain_targets_take_the_target_networks_own_best() {
    let settings = linear();
    let mut learner = learner(&settings);
    // 0.5 + 0.9 · 30; nothing after a termination.
    assert_eq!(targets(&mut learner, &settings), [27.5, -1.0]);
}

#[test]
fn double_targets_let_the_online_network_choose() {
    let settings = DqnSettings {
        double: true,
        ..linear()
    };
    let mut learner = learner(&settings);
    // Online the best is action 1, which the target network values at 20: 0.5 + 0.9 · 20.
    assert_eq!(targets(&mut learner, &settings), [18.5, -1.0]);
}

#[test]
fn loss_and_gradient_are_those_of_the_formula() {
    // Q(1, 0) = 1 against 27.5: d = −26.5. Q(2, 2) = 4 against −1: d = 5.
    for (loss, expected_loss, slopes) in [
        (
            DqnLoss::Squared,
            (26.5_f32.powi(2) + 25.0) / 2.0,
            [-53.0 / 2.0, 10.0 / 2.0],
        ),
        (DqnLoss::Huber, (26.0 + 4.5) / 2.0, [-1.0 / 2.0, 1.0 / 2.0]),
    ] {
        let settings = DqnSettings { loss, ..linear() };
        let mut learner = learner(&settings);
        let update = learner.update(&settings, &batch(), None).unwrap();
        assert!((update.loss - expected_loss).abs() < 1e-4 * expected_loss);
        assert_eq!(update.mean_q, (1.0 + 4.0) / 2.0);
        // dL/dw_a = Σ slope · x, dL/db_a = Σ slope; 0 for the action that nobody took.
        assert_eq!(
            learner.gradient,
            [slopes[0], 0.0, 2.0 * slopes[1], slopes[0], 0.0, slopes[1]]
        );
        // Adam's first step is −learning rate · sign(gradient).
        for (index, (new, old)) in learner
            .weights
            .online
            .iter()
            .zip([1.0, 3.0, 2.0, 0.0, 0.0, 0.0])
            .enumerate()
        {
            let slope = learner.gradient[index];
            let step = if slope == 0.0 {
                0.0
            } else {
                -0.01 * slope.signum()
            };
            assert!((new - old - step).abs() < 1e-5);
        }
    }
}

#[test]
fn huber_is_quadratic_near_the_target() {
    let settings = DqnSettings {
        loss: DqnLoss::Huber,
        batch_size: 1,
        ..linear()
    };
    let mut learner = learner(&settings);
    let batch = Batch {
        observations: vec![1.0],
        next_observations: vec![1.0],
        actions: vec![0],
        rewards: vec![0.5],
        discounts: vec![0.0],
    };
    let update = learner.update(&settings, &batch, None).unwrap();
    assert!((update.loss - 0.125).abs() < 1e-6);
    assert_eq!(learner.gradient, [0.5, 0.0, 0.0, 0.5, 0.0, 0.0]);
}

#[test]
fn a_long_gradient_is_scaled_down_to_the_clip_and_a_short_one_is_left() {
    let gradient = |clip| {
        let settings = DqnSettings {
            gradient_clip: clip,
            ..linear()
        };
        let mut learner = learner(&settings);
        learner.update(&settings, &batch(), None).unwrap();
        learner.gradient.clone()
    };
    let norm = |g: &[f32]| g.iter().map(|g| g * g).sum::<f32>().sqrt();
    let free = gradient(0.0);
    let clipped = gradient(1.5);
    assert!((norm(&clipped) - 1.5).abs() < 1e-5);
    for (clipped, free_entry) in clipped.iter().zip(&free) {
        assert!((clipped - free_entry * 1.5 / norm(&free)).abs() < 1e-5);
    }
    assert_eq!(gradient(f32::INFINITY), free);
    assert_eq!(gradient(1e6), free);
}

#[test]
fn a_hard_target_is_copied_every_interval_and_stays_between() {
    let settings = DqnSettings {
        target_interval: 3,
        ..linear()
    };
    let mut learner = learner(&settings);
    let before = learner.weights.target.clone();
    for update in 1..=6 {
        learner.update(&settings, &batch(), None).unwrap();
        if update % 3 == 0 {
            assert_eq!(learner.weights.target, learner.weights.online);
        } else if update < 3 {
            assert_eq!(learner.weights.target, before);
        } else {
            assert_ne!(learner.weights.target, learner.weights.online);
        }
    }
}

#[test]
fn a_soft_target_goes_part_of_the_way_at_each_update() {
    let settings = DqnSettings {
        target_interval: 1,
        target_rate: 0.25,
        ..linear()
    };
    let mut learner = learner(&settings);
    let before = learner.weights.target.clone();
    learner.update(&settings, &batch(), None).unwrap();
    for ((target, online), before) in learner
        .weights
        .target
        .iter()
        .zip(&learner.weights.online)
        .zip(before)
    {
        assert!((target - (0.75 * before + 0.25 * online)).abs() < 1e-5);
    }
}

#[test]
fn averaged_weights_are_the_weighted_mean_without_the_initial_ones() {
    let settings = DqnSettings {
        averaging_rate: 0.1,
        learning_rate: 0.5,
        ..linear()
    };
    let mut learner = learner(&settings);
    assert_eq!(learner.weights.average.len(), 6);
    let mut history: Vec<Vec<f32>> = Vec::new();
    for k in 1..=30_u32 {
        learner.update(&settings, &batch(), None).unwrap();
        history.push(learner.weights.online.clone());
        let count = |i: usize| 0.9_f64.powi(k as i32 - 1 - i as i32);
        let total: f64 = (0..history.len()).map(count).sum();
        for parameter in 0..6 {
            let mean: f64 = (history.iter().enumerate())
                .map(|(i, weights)| count(i) * f64::from(weights[parameter]))
                .sum::<f64>()
                / total;
            assert!((f64::from(learner.policy_weights()[parameter]) - mean).abs() < 1e-4);
        }
    }
}

#[test]
fn an_update_that_is_not_finite_changes_nothing() {
    let settings = linear();
    for (reward, discount) in [
        (f32::NAN, 0.9),
        (f32::INFINITY, 0.0),
        (3e38, 0.9),
        (1e19, 0.9),
    ] {
        let mut learner = learner(&settings);
        let mut batch = batch();
        batch.rewards[0] = reward;
        batch.discounts[0] = discount;
        let before = (learner.weights.clone(), learner.optimizer.clone());
        assert_eq!(learner.update(&settings, &batch, None), None);
        assert_eq!((learner.weights, learner.optimizer), before);
    }
}

mod switches;
