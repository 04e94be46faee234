//! Monitoring for the circuit breaker: running averages of the loss, and what they say about the descent's health.

use serde::{Deserialize, Serialize};

use super::{Cause, SafetySettings};

/// What is remembered of the losses.
///
/// With d = 1 − 1/window, an average of x is m/w where m ← d·m + (1 − d)·x and w ← d·w + (1 − d), both 0 at first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Watch {
    /// The loss of the first step.
    first: Option<f64>,
    steps: u64,
    fast: Average,
    slow: Average,
    /// The lowest that the slow average has been after the warm-up.
    lowest: Option<f64>,
    /// Squared distance of a loss from the slow average before it, over the slow window.
    variance: Average,
    /// Steps in a row without progress since the start.
    stalled: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Average {
    decay: f64,
    sum: f64,
    weight: f64,
}

impl Average {
    fn new(window: u32) -> Self {
        Average {
            decay: 1.0 - 1.0 / f64::from(window),
            sum: 0.0,
            weight: 0.0,
        }
    }

    fn record(&mut self, x: f64) {
        self.sum = self.decay * self.sum + (1.0 - self.decay) * x;
        self.weight = self.decay * self.weight + (1.0 - self.decay);
    }

    /// The average, 0 before the first value.
    fn value(&self) -> f64 {
        if self.weight > 0.0 {
            self.sum / self.weight
        } else {
            0.0
        }
    }

    /// The sum of the squared shares that single values have in the average: its variance, where each value is
    /// independent and has variance 1. With w = 1 − d^n after n values it is (1 − d)/(1 + d) · (2 − w)/w.
    fn squared_shares(&self) -> f64 {
        (1.0 - self.decay) / (1.0 + self.decay) * (2.0 - self.weight) / self.weight
    }
}

/// `reference` and `share` of its size more.
fn above(reference: f64, share: f64) -> f64 {
    reference + share * reference.abs()
}

impl Watch {
    pub(super) fn new(settings: &SafetySettings) -> Self {
        Watch {
            first: None,
            steps: 0,
            fast: Average::new(settings.fast_steps),
            slow: Average::new(settings.slow_steps),
            lowest: None,
            variance: Average::new(settings.slow_steps),
            stalled: 0,
        }
    }

    /// Whether no loss was recorded yet.
    pub(super) fn is_new(&self) -> bool {
        self.steps == 0
    }

    /// Records a finite loss.
    pub(super) fn record(&mut self, loss: f32, settings: &SafetySettings) {
        let loss = f64::from(loss);
        let first = *self.first.get_or_insert(loss);
        if self.steps > 0 {
            self.variance.record((loss - self.slow.value()).powi(2));
        }
        self.steps += 1;
        self.fast.record(loss);
        self.slow.record(loss);
        if self.steps > u64::from(settings.warm_up) {
            let slow = self.slow.value();
            self.lowest = Some(self.lowest.map_or(slow, |lowest| lowest.min(slow)));
        }
        if self.slow.value() < progress(first, settings) {
            self.stalled = 0;
        } else {
            self.stalled = self.stalled.saturating_add(1);
        }
    }

    /// Whether the loss has risen, or the descent stands still.
    pub(super) fn fault(&self, settings: &SafetySettings) -> Option<Cause> {
        let loss = self.fast.value();
        let first = self.first?;
        let share = f64::from(settings.rise) - 1.0;
        if loss > above(first, share) {
            return Some(Cause::AboveStart {
                loss: loss as f32,
                first_loss: first as f32,
            });
        }
        if let Some(lowest) = self.lowest
            && loss > above(lowest, share)
            && loss - lowest > f64::from(settings.noise) * self.standard_error()
        {
            return Some(Cause::Rise {
                loss: loss as f32,
                running_mean: lowest as f32,
            });
        }
        if settings.stall_after > 0 && self.stalled >= settings.stall_after {
            return Some(Cause::Stall {
                loss: self.slow.value() as f32,
                first_loss: first as f32,
            });
        }
        None
    }

    /// Whether the present state is worth keeping: the descent has made progress, and there is no sign of a rise.
    pub(super) fn is_healthy(&self, settings: &SafetySettings) -> bool {
        let (fast, slow) = (self.fast.value(), self.slow.value());
        self.first
            .is_some_and(|first| fast < progress(first, settings))
            && fast - slow <= f64::from(settings.noise) / 2.0 * self.standard_error()
    }

    /// Of the difference between the fast average and a slow one of other losses.
    fn standard_error(&self) -> f64 {
        let shares = self.fast.squared_shares() + self.slow.squared_shares();
        (self.variance.value() * shares).sqrt()
    }
}

/// Below this average loss, there has been progress.
fn progress(first: f64, settings: &SafetySettings) -> f64 {
    above(first, f64::from(settings.stall_fraction) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SafetySettings {
        SafetySettings::default()
    }

    /// The step (from 0) of the first fault.
    fn first_fault(losses: impl IntoIterator<Item = f32>) -> Option<(usize, Cause)> {
        let settings = settings();
        let mut watch = Watch::new(&settings);
        losses.into_iter().enumerate().find_map(|(step, loss)| {
            watch.record(loss, &settings);
            watch.fault(&settings).map(|cause| (step, cause))
        })
    }

    /// Noise without a generator: a batch loss that now and then is three times its mean.
    fn noisy(mean: f32, step: usize) -> f32 {
        mean * [0.4, 0.7, 3.0, 0.5, 1.1, 0.6, 0.3, 2.0, 0.9, 0.5][step * 7 % 10]
    }

    #[test]
    fn squared_shares_are_those_of_the_weights() {
        let mut average = Average::new(10);
        for n in 1..=30 {
            average.record(1.0);
            let weights: Vec<f64> = (0..n).map(|age| 0.9_f64.powi(age)).collect();
            let sum: f64 = weights.iter().sum();
            let squares: f64 = weights.iter().map(|weight| (weight / sum).powi(2)).sum();
            assert!((average.squared_shares() - squares).abs() < 1e-12, "{n}");
        }
    }

    #[test]
    fn noise_by_a_factor_of_three_is_no_rise() {
        let falling = (0..2000).map(|step| match step {
            0 => 2.3, // an untrained network is equally bad on all batches
            _ => noisy(0.1, step) + 2.2 * (-(step as f32) / 60.0).exp(),
        });
        assert_eq!(first_fault(falling), None);
    }

    #[test]
    fn a_rise_is_noticed_within_a_few_steps() {
        for level in [0.6, 1.0, 2.3] {
            let losses = (0..400).map(|step| match step {
                0 => 2.3,
                300.. => level,
                _ => noisy(0.1, step),
            });
            let (step, cause) = first_fault(losses).unwrap();
            assert!((300..312).contains(&step), "{level}: {step} {cause:?}");
            assert!(matches!(cause, Cause::Rise { .. }));
        }
    }

    #[test]
    fn an_early_explosion_is_held_against_the_first_loss() {
        let (step, cause) = first_fault([2.3, 2.4, 9.0]).unwrap();
        assert_eq!(step, 2);
        assert!(matches!(cause, Cause::AboveStart { first_loss, .. } if first_loss == 2.3));
        assert_eq!(first_fault([2.3, 3.4, 3.4, 3.4]), None);
    }

    #[test]
    fn a_loss_at_chance_is_a_stall_and_a_slow_start_is_none() {
        let chance = (0..300).map(|step| 2.303 + [0.01, -0.02, 0.004][step % 3]);
        assert!(matches!(
            first_fault(chance),
            Some((99, Cause::Stall { .. }))
        ));
        let slow = (0..1000).map(|step| 2.3 - 0.003 * (step.min(700)) as f32);
        assert_eq!(first_fault(slow), None);
        // Dead later, from a loss so high that it is no rise by half.
        let dies = (0..400).map(|step| {
            if step < 60 {
                2.3 - 0.01 * step as f32
            } else {
                2.303
            }
        });
        let (step, cause) = first_fault(dies).unwrap();
        assert!(
            (160..260).contains(&step) && matches!(cause, Cause::Stall { .. }),
            "{step}"
        );
    }

    #[test]
    fn losses_below_zero_are_judged_by_their_distance() {
        let falling = (0..500).map(|step| -1.0 - 0.01 * step as f32);
        assert_eq!(first_fault(falling), None);
        let rises = (0..500).map(|step| {
            if step < 300 {
                -1.0 - 0.01 * step as f32
            } else {
                2.0
            }
        });
        assert!(matches!(first_fault(rises), Some((300..310, _))));
    }
}
