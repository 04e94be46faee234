//! A training loop of your own under a controller: a least-squares fit, written by hand.
//!
//! The loop asks the controller for the hyper-parameters of each step and tells it what came of the step. Where the
//! controller has a safety net, the loop keeps and restores its state as the net advises.
//!
//! `cargo run --release --example own_loop [CONTROLLER]`

#![allow(clippy::print_stdout, reason = "an example shows what came of it")]

use descender::control::{Advice, Controller, Keeper};
use descender::optim::{Feedback, Method, Optimizer};
use descender::random::{Purpose, normal_pair, stream};

const FEATURES: usize = 50;
/// The budget that the controller was trained for.
const STEPS: u64 = 500;
const DATA: Purpose = Purpose::new(200, "data of the example");

/// Loss and gradient of a batch of 32 examples y = Σx + noise, the features of unlike scales.
fn batch(theta: &[f32; FEATURES], step: u64) -> (f32, [f32; FEATURES]) {
    let mut random = stream(1, DATA, step);
    let (mut loss, mut gradient) = (0.0, [0.0; FEATURES]);
    for _ in 0..32 {
        let mut x = [0.0; FEATURES];
        for (number, x) in x.iter_mut().enumerate() {
            *x = normal_pair(&mut random)[0] as f32 / (1.0 + number as f32 / 10.0);
        }
        let target = x.iter().sum::<f32>() + 0.3 * normal_pair(&mut random)[0] as f32;
        let error = theta.iter().zip(&x).map(|(t, x)| t * x).sum::<f32>() - target;
        loss += error * error / 64.0;
        for (gradient, x) in gradient.iter_mut().zip(&x) {
            *gradient += error * x / 32.0;
        }
    }
    (loss, gradient)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../results/quick-1/controller.safetensors"
    );
    let file = std::env::args().nth(1).unwrap_or(shipped.to_owned());
    let controller = Controller::load(file)?;
    let mut session = controller.start();
    let mut optimizer = Optimizer::new(*controller.method(), FEATURES)?;
    let mut theta = [0.0; FEATURES];
    let mut keeper = Keeper::new((theta, optimizer.clone()));
    let mut last = 0.0;
    for step in 0..STEPS {
        let (loss, gradient) = batch(&theta, step);
        let statistics = optimizer.step(session.hyper_parameters(), &mut theta, &gradient);
        session.record(&Feedback {
            step,
            loss,
            statistics,
        });
        match session.advice() {
            Advice::Proceed => {}
            Advice::Save => keeper.save((theta, optimizer.clone())),
            Advice::Restore => (theta, optimizer) = keeper.restore().clone(),
            Advice::Restart => (theta, optimizer) = keeper.restart().clone(),
        }
        if step % 100 == 0 {
            let rate = session.hyper_parameters().learning_rate;
            println!("step {step}: loss {loss:.4}, learning rate {rate:.5}");
        }
        last = loss;
    }
    println!(
        "controller: loss {last:.4} at the end, {} interventions",
        session.interventions().len()
    );

    for learning_rate in [0.001, 0.003, 0.01, 0.03] {
        let method = Method::by_name("adam").ok_or("Adam is built in")?;
        let (mut optimizer, mut theta) = (Optimizer::new(method, FEATURES)?, [0.0; FEATURES]);
        for step in 0..STEPS {
            let (loss, gradient) = batch(&theta, step);
            optimizer.step(
                &method.hyper_parameters(learning_rate),
                &mut theta,
                &gradient,
            );
            last = loss;
        }
        println!("adam:{learning_rate}: loss {last:.4} at the end");
    }
    Ok(())
}
