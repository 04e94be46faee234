//! A trial serves a schedule that reads validation losses: its rates are those of the rule, worked out beside it.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use std::sync::Arc;

use descender_compare::contender::{Contender, Steering};
use descender_compare::trial::Trial;
use descender_optim::{Method, Schedule};
use descender_task::{Descent, NetworkDescent, Split, StartPoint, Task};

#[test]
fn a_linear_decay_is_cut_at_epochs_whose_validation_loss_has_risen() {
    let task = Arc::new(Task::small());
    let schedule = Schedule::by_name("linear-cut").unwrap();
    let steering = Steering::Schedule {
        schedule: schedule.with_setting("factor", "0.5").unwrap(),
        peak: 2.0,
        warmup: 0.0,
    };
    let contender = Contender::rival("linear-cut:2;factor=0.5", Method::Sgd, steering);
    let (epoch, steps) = (task.steps_per_epoch() as u64, 310);
    let start = StartPoint::default();
    let trial = Trial::run(&task, &contender, start, steps, 0.02).unwrap();

    let mut descent = NetworkDescent::new(Arc::clone(&task), Method::Sgd).unwrap();
    descent.reset(start);
    let (mut level, mut last, mut cuts) = (1.0, f32::INFINITY, 0);
    for t in 0..steps {
        if t > 0 && t % epoch == 0 {
            let loss = descent.evaluate(Split::Validation).unwrap().loss;
            if last < loss {
                (level, cuts) = (level * 0.5, cuts + 1);
            }
            last = loss;
        }
        let rate = trial.learning_rates[t as usize];
        let expected = 2.0 * (1.0 - t as f64 / steps as f64) * level;
        assert!((f64::from(rate) - expected).abs() < 1e-6, "step {t}");
        let loss = descent.step(&[Method::Sgd.hyper_parameters(rate)]).loss;
        assert_eq!(
            trial.losses[t as usize].to_bits(),
            loss.to_bits(),
            "step {t}"
        );
    }
    assert!(cuts > 0, "at so high a rate the validation loss rises");
}
