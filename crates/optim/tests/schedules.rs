//! What every schedule must hold at any length, and what PyTorch has no counterpart for.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use descender_optim::{Schedule, ScheduleState};
use proptest::prelude::*;

fn any_schedule() -> impl Strategy<Value = Schedule> {
    prop::sample::select(Schedule::names()).prop_map(|info| info.schedule)
}

fn rates(schedule: &Schedule, peak: f32, total: u64, loss: impl Fn(u64) -> f32) -> Vec<f32> {
    let mut state = schedule.start(peak, total);
    (0..total)
        .map(|t| {
            let rate = state.learning_rate();
            state.advance(loss(t));
            rate
        })
        .collect()
}

proptest! {
    #[test]
    fn rates_stay_between_zero_and_the_peak(schedule in any_schedule(), peak in 1e-4_f32..2.0, total in 0_u64..400) {
        let mut state = schedule.start(peak, total);
        for t in 0..total + 50 {
            let rate = state.learning_rate();
            // Greedy alone begins at its rate and may rise.
            let highest = if schedule.name() == "greedy" { 10.0001 * peak } else { peak };
            prop_assert!((0.0..=highest).contains(&rate), "step {}: {}", t, rate);
            prop_assert!(t >= total || rate > 0.0, "step {} of {}: {}", t, total, rate);
            state.advance(if t % 7 == 0 { f32::NAN } else { 1.0 / (t + 1) as f32 });
        }
    }

    #[test]
    fn a_stored_schedule_continues_with_the_same_bits(schedule in any_schedule(), before in 0_u64..90) {
        let mut state = schedule.start(0.3, 80);
        let loss = |t: u64| 1.0 + (t as f32).sin();
        for t in 0..before {
            state.advance(loss(t));
        }
        let mut restored: ScheduleState = postcard::from_bytes(&postcard::to_allocvec(&state).unwrap()).unwrap();
        for t in before..before + 30 {
            prop_assert_eq!(state.learning_rate().to_bits(), restored.learning_rate().to_bits());
            state.advance(loss(t));
            restored.advance(loss(t));
        }
        prop_assert_eq!(state, restored);
    }
}

#[test]
fn every_schedule_may_follow_a_warm_up() {
    let loss = |t: u64| 1.0 + (t as f32).sin();
    for info in Schedule::names() {
        let (mut warm, mut own) = (
            info.schedule.start_warm(0.2, 100, 0.1),
            info.schedule.start(0.2, 90),
        );
        let first = own.learning_rate();
        for t in 0..10 {
            let expected = first * (t + 1) as f32 / 10.0;
            assert!((warm.learning_rate() - expected).abs() < 1e-7, "{t}");
            assert!(!warm.wants_validation());
            warm.advance(9.0);
        }
        for t in 0..120 {
            assert_eq!(warm.learning_rate(), own.learning_rate(), "{}", info.name);
            assert_eq!(warm.wants_validation(), own.wants_validation());
            warm.advance(loss(t));
            own.advance(loss(t));
        }
        for share in [-1.0, f64::NAN] {
            assert_eq!(
                info.schedule.start_warm(0.2, 90, share),
                info.schedule.start(0.2, 90)
            );
        }
        let mut all = info.schedule.start_warm(0.2, 10, 1.0);
        (0..9).for_each(|_| all.advance(1.0));
        assert!(all.learning_rate() > 0.0);
    }
}

#[test]
fn sgdr_fills_the_descent_with_its_cycles() {
    let sgdr = Schedule::by_name("sgdr").unwrap();
    for total in [14, 70, 749, 750, 751, 2500] {
        let rates = rates(&sgdr, 0.2, total, |_| 1.0);
        let restarts = rates.windows(2).filter(|pair| pair[1] > pair[0]).count();
        assert_eq!(restarts, 2, "{total} steps");
    }
    // Cycles beyond counting end at once, too.
    let many = sgdr.with_setting("cycles", &u64::MAX.to_string()).unwrap();
    for multiplier in [1, 2, u64::MAX] {
        many.with_setting("multiplier", &multiplier.to_string())
            .unwrap()
            .start(0.1, u64::MAX)
            .advance(1.0);
    }
}

#[test]
fn one_cycle_peaks_after_its_rise_and_ends_low() {
    let rates = rates(&Schedule::by_name("one-cycle").unwrap(), 0.5, 750, |_| 1.0);
    let peak = rates.iter().position(|&rate| rate == 0.5).unwrap();
    assert_eq!(peak, 224); // 0.3 · 750 − 1
    assert!((rates[0] - 0.02).abs() < 1e-7);
    assert!((rates[749] - 2e-6).abs() < 1e-9);
}

#[test]
fn plateau_sees_through_the_noise_of_batches() {
    let plateau = Schedule::by_name("reduce-on-plateau").unwrap();
    let noise = |t: u64| 1.0 + 0.5 * (t as f32 * 2.3).sin();
    // A loss that keeps falling under strong noise keeps η; one that stands still doesn't.
    let falling = rates(&plateau, 0.2, 750, |t| {
        noise(t) * (-(t as f32) / 150.0).exp()
    });
    assert!(falling.iter().all(|&rate| rate == 0.2));
    let standing = rates(&plateau, 0.2, 750, noise);
    assert!(standing[749] < 0.02, "{}", standing[749]);
    assert!(
        standing[..75].iter().all(|&rate| rate == 0.2),
        "not before its patience of 75 steps"
    );
    // Losses that aren't numbers count as no improvement, and don't spoil the average for good.
    let mut state = plateau.start(0.2, 100);
    for t in 0..100 {
        state.advance(if t == 3 {
            f32::INFINITY
        } else {
            0.97_f32.powi(t)
        });
    }
    assert_eq!(state.learning_rate(), 0.2);
}

#[test]
fn linear_decay_is_cut_when_the_validation_loss_has_risen() {
    // The winner's program, step by step: it compares each validation loss with the one before, not with the best.
    let cut = Schedule::by_name("linear-cut")
        .unwrap()
        .with_setting("factor", "0.5")
        .unwrap();
    // An epoch is a tenth of the descent if nothing else is said.
    assert_eq!(cut.start(0.2, 100), cut.start(0.2, 100).with_epoch(10));
    let validation = [0.9, 0.8, 0.85, 0.82, 0.83, 0.83, 0.7, 0.75, 0.6];
    let (mut state, mut told) = (cut.start(0.2, 95).with_epoch(10), 0);
    let (mut reduction, mut last) = (1.0, f64::INFINITY);
    for t in 0..95_u32 {
        let due = t > 0 && t.is_multiple_of(10);
        assert_eq!(state.wants_validation(), due, "step {t}");
        if due {
            let loss = validation[told];
            told += 1;
            if last < f64::from(loss) {
                reduction *= 0.5;
            }
            last = f64::from(loss);
            state.validate(loss);
            assert!(!state.wants_validation(), "once is enough");
        }
        let expected = 0.2 * (1.0 - f64::from(t) / 95.0) * reduction;
        assert!((f64::from(state.learning_rate()) - expected).abs() < 1e-7);
        state.advance(1.0);
    }
    assert_eq!((told, reduction), (9, 0.125));
    assert!(!state.wants_validation(), "not when the descent is over");

    // Told nothing, it is a linear decay; told a loss that isn't finite, it cuts.
    let linear = Schedule::by_name("linear").unwrap();
    let told_nothing = rates(&cut, 0.2, 95, |_| 1.0);
    assert_eq!(told_nothing, rates(&linear, 0.2, 95, |_| 1.0));
    let mut state = cut.start(0.2, 10);
    state.validate(f32::NAN);
    assert_eq!(state.learning_rate(), 0.1);
}

#[test]
fn a_recorded_schedule_is_replayed_and_then_stays() {
    let mut state = ScheduleState::replay(vec![0.1, 0.3, 0.2]);
    for expected in [0.1, 0.3, 0.2, 0.2, 0.2] {
        assert_eq!(state.learning_rate(), expected);
        state.advance(1.0);
    }
    assert_eq!(ScheduleState::replay(vec![]).learning_rate(), 0.0);
}
