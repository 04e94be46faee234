//! Do the magnitudes of the three-tier reward make staying inside the bounds the best policy?
//!
//! The model is small enough for exact dynamic programming. A state is a cell of a grid over ln η between the paper's
//! bounds (59 factors of 0.9), and whether the descent is alive or has died at a large η; the actions are the paper's,
//! × 0.9, × 1 and ÷ 0.9, and stepping off the grid leaves the bounds. What a step in a state earns is not assumed
//! but measured: the reward's own code runs over losses like those seen in descents at that η.
//!
//! * η < 0.01: the loss creeps (tier 2 nearly always);
//! * up to 0.3: it is noisy about a level that falls slowly (tier 3 mostly, and new minima);
//! * above: noisy and high (tier 3), and each step kills the descent with a probability of 5 %;
//! * dead: the loss is flat at chance whatever η (tier 2 at every step), for good: the paper's environment ends no
//!   episode because the loss stays high.

use descender_optim::{Feedback, StepStatistics};
use descender_random::{Purpose, stream, unit};

use super::{RewardSettings, ThreeTierSettings};
use crate::divergence::DivergenceWatch;
use crate::{EnvironmentSettings, EpisodeShape};

const CELLS: usize = 60;
const LOWER: f64 = 0.001;
const DEATH: f64 = 0.05;
const DISCOUNT: f64 = 0.9;
/// Differences between values below this are rounding.
const ROUNDING: f64 = 1e-6;

/// η of a cell, evenly in ln η from 0.001 to 0.5.
fn learning_rate(cell: usize) -> f64 {
    LOWER * 500.0_f64.powf(cell as f64 / (CELLS - 1) as f64)
}

fn kills(cell: usize) -> bool {
    learning_rate(cell) > 0.3
}

/// Mean reward of a step late in a descent whose losses are those of `cell`.
fn mean_reward(settings: &ThreeTierSettings, cell: usize, alive: bool) -> f64 {
    let steps = 2_000;
    let settings = RewardSettings::ThreeTier(settings.clone());
    let mut reward = settings.build().unwrap();
    reward.reset(&EpisodeShape::new(0.02, steps));
    let mut generator = stream(cell as u64, Purpose::new(200, "test"), 0);
    let mut uniform = || unit(&mut generator);
    let rewards: Vec<f64> = (0..steps)
        .map(|step| {
            let eta = learning_rate(cell);
            let loss = if !alive {
                dead_loss(uniform())
            } else if eta < 0.01 {
                2.25 - 1e-4 * step as f64 + 0.09 * uniform()
            } else if kills(cell) {
                1.0 + 2.0 * uniform()
            } else {
                (0.3 - 1e-4 * step as f64) * (0.5 + 3.0 * uniform())
            };
            reward.step(loss as f32).value
        })
        .collect();
    let late = &rewards[200..];
    late.iter().sum::<f64>() / late.len() as f64
}

/// Which states the best agent leaves the bounds from, for one that makes `interval` steps a decision, and the least
/// by which going on beats stepping out at either bound.
///
/// A state counts as left if any of its best actions (rounding aside) leads out, or to a state that is left: where
/// going on and leaving are worth the same, nothing keeps a learner inside.
fn solve(settings: &ThreeTierSettings, interval: u32) -> ([[bool; CELLS]; 2], f64) {
    let mut earned = [[0.0; CELLS]; 2];
    for (alive, earned) in earned.iter_mut().enumerate() {
        for (cell, earned) in earned.iter_mut().enumerate() {
            *earned = f64::from(interval) * mean_reward(settings, cell, alive == 1);
        }
    }
    let survive = (1.0 - DEATH).powi(interval as i32);
    // What the decision to go to `cell` is worth; `None` is out of the bounds.
    let worth = |values: &[[f64; CELLS]; 2], alive: usize, cell: Option<usize>| {
        let Some(cell) = cell else {
            return settings.out_of_bounds;
        };
        let living = if alive == 1 && kills(cell) {
            survive
        } else {
            alive as f64
        };
        let next = living * values[1][cell] + (1.0 - living) * values[0][cell];
        earned[alive][cell] + DISCOUNT * next
    };
    let moves = |cell: usize| {
        [
            cell.checked_sub(1),
            Some(cell),
            (cell + 1 < CELLS).then_some(cell + 1),
        ]
    };

    // Value iteration: 0.9^1000 is nothing.
    let mut values = [[0.0; CELLS]; 2];
    for _ in 0..1_000 {
        let before = values;
        for (alive, values) in values.iter_mut().enumerate() {
            for (cell, value) in values.iter_mut().enumerate() {
                *value = moves(cell)
                    .map(|to| worth(&before, alive, to))
                    .into_iter()
                    .fold(f64::NEG_INFINITY, f64::max);
            }
        }
    }

    let mut left = [[false; CELLS]; 2];
    for _ in 0..CELLS {
        let before = left;
        for alive in 0..2 {
            for cell in 0..CELLS {
                left[alive][cell] = moves(cell).into_iter().any(|to| {
                    let best = worth(&values, alive, to) >= values[alive][cell] - ROUNDING;
                    best && to.is_none_or(|to| before[alive][to])
                });
            }
        }
    }
    let margin = [0, 1]
        .into_iter()
        .flat_map(|alive| [0, CELLS - 1].map(|cell| (alive, cell)))
        .map(|(alive, cell)| {
            let inside = moves(cell).into_iter().flatten();
            let inside = inside.map(|to| worth(&values, alive, Some(to)));
            inside.fold(f64::NEG_INFINITY, f64::max) - settings.out_of_bounds
        })
        .fold(f64::INFINITY, f64::min);
    (left, margin)
}

/// The losses of the dead: flat at chance, ln 10 ≈ 2.303.
fn dead_loss(uniform: f64) -> f64 {
    2.30 + 0.04 * uniform
}

fn count(left: &[bool; CELLS]) -> usize {
    left.iter().filter(|&&left| left).count()
}

/// Magnitudes under which leaving the bounds costs no more than staying in the worst tier for ever.
fn careless() -> ThreeTierSettings {
    ThreeTierSettings {
        out_of_bounds: -10.0,
        divergence: -10.0,
        tier2: -1.0,
        tier3: -0.5,
        ..ThreeTierSettings::default()
    }
}

#[test]
fn penalties_come_often_in_the_model() {
    let settings = ThreeTierSettings::default();
    let mean = |cell, alive| mean_reward(&settings, cell, alive);
    assert!(
        (mean(30, false) - settings.tier2).abs() < 1e-9,
        "dead: tier 2 at every step"
    );
    assert!(
        mean(0, true) < 0.9 * settings.tier2,
        "creeping: tier 2 nearly always"
    );
    for cell in [CELLS - 1, CELLS / 2] {
        let mean = mean(cell, true);
        assert!(
            (1.1 * settings.tier3..0.8 * settings.tier3).contains(&mean),
            "noisy: {mean}"
        );
    }
}

#[test]
fn the_preset_s_environment_lets_a_dead_descent_go_on_as_the_model_does() {
    let settings = EnvironmentSettings::default();
    assert_eq!(
        settings.reward,
        RewardSettings::ThreeTier(ThreeTierSettings::default())
    );
    let mut watch = DivergenceWatch::default();
    let mut generator = stream(0, Purpose::new(200, "test"), 0);
    for step in 0..2_500 {
        let feedback = Feedback {
            step,
            loss: dead_loss(unit(&mut generator)) as f32,
            statistics: StepStatistics::default(),
        };
        assert!(!watch.has_diverged(&settings.divergence, 10.0_f32.ln(), &feedback));
    }
}

#[test]
fn leaving_costs_more_than_the_worst_of_living_under_the_preset() {
    let settings = ThreeTierSettings::default();
    let worst = settings.tier2.abs().max(settings.tier3.abs());
    assert!(settings.out_of_bounds.abs() > 1.5 * worst / (1.0 - DISCOUNT));
    assert!(settings.divergence.abs() > 1.5 * worst / (1.0 - DISCOUNT));
    // Else leaving would be a way out of a divergence.
    assert!(settings.divergence >= settings.out_of_bounds);
}

#[test]
fn under_the_preset_the_best_agent_never_leaves() {
    let (left, margin) = solve(&ThreeTierSettings::default(), 1);
    assert_eq!([count(&left[0]), count(&left[1])], [0, 0]);
    assert!(margin > 50.0, "going on beats leaving by {margin} only");
}

#[test]
fn under_careless_magnitudes_the_best_agent_leaves_on_purpose() {
    // A decision at every step: where the descent is dead, −1 for ever is −10, exactly what leaving costs.
    let (left, margin) = solve(&careless(), 1);
    assert_eq!(count(&left[0]), CELLS, "every dead state is left");
    assert!(
        margin.abs() < ROUNDING,
        "nothing is lost by leaving: {margin}"
    );
    // Two steps a decision: leaving pays, and now also where the descent still lives.
    let (left, margin) = solve(&careless(), 2);
    assert_eq!(count(&left[0]), CELLS);
    assert!(count(&left[1]) > 0, "some living states are left");
    // Out now: −10. One more decision, then out: −2 − 9.
    assert!((margin + 1.0).abs() < ROUNDING, "leaving pays: {margin}");
}
