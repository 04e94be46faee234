//! The formula, the expected hit, and what is refused.

use super::*;

fn reward(settings: ExpectedHitSettings, steps: u64) -> ExpectedHit {
    let mut reward = ExpectedHit::new(settings);
    reward.reset(&EpisodeShape::new(0.02, steps));
    reward
}

#[test]
fn is_the_formula_of_the_recipe() {
    let settings = ExpectedHitSettings::default();
    let mut reward = reward(settings, 10);
    reward.begin_with(0.0, &[2.0, 4.0]);
    let (h, k) = (0.1_f64, 10_u64);
    let got = reward.decide_with(h, k, &[0.5, 0.5]);
    let alive: f64 = (0..10).map(|i| 0.9_f64.powi(i)).sum();
    let d = 0.99 * 0.9_f64.powi(10);
    let expected = -0.01 * alive + 0.5 * (d * 2.0_f64.ln() - -(3.0_f64.ln()));
    assert!(
        (got.value - expected).abs() < 1e-12,
        "{} {expected}",
        got.value
    );
    assert!((got.continuation - 0.9_f64.powi(10)).abs() < 1e-12);
}

#[test]
fn expected_hit_is_the_mean_of_the_first_hit() {
    let settings = ExpectedHitSettings::default();
    let mut reward = reward(settings, 6);
    // Step 0 hits with 0.2, steps 1 to 3 with 0.5 each, the episode has 6 steps: 4 and 5 are not made.
    reward.begin_with(0.2, &[1.0]);
    reward.decide_with(0.5, 3, &[1.0]);
    let first = [0.2, 0.8 * 0.5, 0.8 * 0.25, 0.8 * 0.125];
    let never = 1.0 - first.iter().sum::<f64>();
    let mean: f64 = first
        .iter()
        .enumerate()
        .map(|(step, p)| step as f64 * p)
        .sum::<f64>()
        + 6.0 * never;
    assert!((reward.expected_hit().unwrap() - mean).abs() < 1e-12);
}

/// Weighing by survival under a plain discount, and not weighing under the discount that
/// [`DecisionReward::continuation`] asks for, give the same return.
#[test]
fn both_ways_to_say_that_the_hit_ends_it_agree() {
    let returns = |weigh_by_survival: bool| {
        let settings = ExpectedHitSettings {
            weigh_by_survival,
            ..ExpectedHitSettings::default()
        };
        let mut reward = reward(settings, 10);
        reward.begin_with(0.0, &[2.3]);
        let (mut sum, mut discount) = (0.0, 1.0);
        for (h, loss) in [(0.0, 1.0), (0.01, 0.3), (0.05, 0.1), (0.02, 0.2)] {
            let got = reward.decide_with(h, 10, &[loss]);
            sum += discount * got.value;
            discount *= 0.99 * got.continuation;
        }
        sum
    };
    assert!((returns(true) - returns(false)).abs() < 1e-12);
}

#[test]
fn the_loss_at_the_end_counts_only_where_the_end_is_reached_whole() {
    let both = ExpectedHitSettings {
        final_weight: 2.0,
        weigh_by_survival: true,
        ..ExpectedHitSettings::default()
    };
    both.check().unwrap();
    assert!((both.final_value(0.1) - 2.0 * 10.0_f64.ln()).abs() < 1e-6);
    assert_eq!(both.final_value(f32::INFINITY), both.divergence);
    for wrong in [
        ExpectedHitSettings {
            weigh_by_survival: false,
            ..both.clone()
        },
        ExpectedHitSettings {
            settled_below: 0.1,
            ..both.clone()
        },
        ExpectedHitSettings {
            final_weight: f64::NAN,
            ..both.clone()
        },
    ] {
        let message = wrong.check().unwrap_err().to_string();
        assert!(message.contains("reward.final_weight"), "{message}");
    }
}

#[test]
fn an_overflowing_probe_keeps_the_reward_finite() {
    let settings = ExpectedHitSettings::default();
    let mut reward = reward(settings, 10);
    reward.begin_with(0.0, &[]);
    for losses in [&[f32::INFINITY; 3], &[f32::NAN; 3], &[0.0; 3]] {
        assert!(reward.decide_with(0.0, 1, losses).value.is_finite());
    }
}

/// A batch of one easy example hits far more often than one of 64.
#[test]
fn a_hit_is_that_of_the_descent_s_own_batches() {
    let expected = |batch_size| {
        let mut reward = ExpectedHit::new(ExpectedHitSettings::default());
        reward.reset(&EpisodeShape {
            batch_size,
            ..EpisodeShape::new(0.02, 10)
        });
        let mut losses = [0.001; 64];
        losses[..16].fill(1.0);
        reward.begin(&losses);
        reward.expected_hit().unwrap()
    };
    // h is 3/4 for one example, (3/4)^n for n: a hit at step 0, or ten steps without one.
    for (batch_size, n) in [(Some(1), 1), (Some(4), 4), (Some(64), 64), (None, 32)] {
        let mean = 10.0 * (1.0 - 0.75_f64.powi(n));
        let found = expected(batch_size);
        assert!((found - mean).abs() < 0.02, "{n}: {found}, expected {mean}");
    }
}
