//! Train a controller on a built-in task, save it, and let it steer a new descent.
//!
//! `cargo run --release --example train_and_use`

#![allow(clippy::print_stdout, reason = "an example shows what came of it")]

use std::ops::ControlFlow;

use descender::Training;
use descender::compare::comparison::table;
use descender::control::Controller;
use descender::env::{Guarded, Stop, steer};
use descender::task::{Problem, Split, StartPoint, StartPurpose, Task};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let trained = Training::on(Task::small())
        .steps(200)
        .episodes(320)
        .threshold(0.5)
        .against("sgd:0.1,adam:0.001,tuned:adam,untrained", 32)
        .run()?;
    print!("{}", table(trained.comparison()));
    let file = std::env::temp_dir().join("descender-train-and-use.safetensors");
    trained.save(&file)?;

    let controller = Controller::load(&file)?;
    let mut descent = Task::small().descent(*controller.method())?;
    descent.reset(StartPoint {
        purpose: StartPurpose::Report,
        seed: 7,
        index: 0,
    });
    let mut guarded = Guarded::new(controller.start(), &*descent)?;
    steer(&mut *descent, &mut guarded, 200, &Stop::default(), |step| {
        if step.feedback.step % 50 == 0 {
            let rate = step.hyper_parameters[0].learning_rate;
            println!(
                "step {}: loss {:.3}, learning rate {rate:.4}",
                step.feedback.step, step.feedback.loss
            );
        }
        ControlFlow::Continue(())
    });
    let end = descent
        .evaluate(Split::Validation)
        .ok_or("a task has validation data")?;
    println!(
        "validation loss {:.3}, accuracy {:.1} %",
        end.loss,
        100.0 * end.accuracy
    );
    std::fs::remove_file(&file)?;
    Ok(())
}
