//! A descent of a network with dropout: its masks depend on the start and the step alone, and evaluations have none.

use std::sync::Arc;

use descender_nn::{DropoutRate, Layer, Network, NetworkSpecification, Shape};
use descender_optim::Method;
use descender_task::{Descent, NetworkDescent, Split, StartPoint, StartPurpose, Task};

fn start(index: u64) -> StartPoint {
    StartPoint {
        purpose: StartPurpose::Report,
        seed: 5,
        index,
    }
}

/// The small task, its hidden layer with dropout.
fn descent(rate: f32) -> NetworkDescent {
    let mut task = Task::small();
    let rate = DropoutRate::new(rate).expect("a rate");
    let layers = vec![
        Layer::Linear { outputs: 32 },
        Layer::Relu,
        Layer::Dropout { rate },
        Layer::Linear { outputs: 10 },
    ];
    let input = Shape::flat(task.network.input_count());
    task.network = Network::new(NetworkSpecification { input, layers }).expect("a network");
    let mut descent = NetworkDescent::new(Arc::new(task), Method::Sgd).expect("a descent");
    descent.reset(start(0));
    descent
}

fn losses(descent: &mut NetworkDescent, rate: f32, steps: usize) -> Vec<u32> {
    let mu = Method::Sgd.hyper_parameters(rate);
    let loss = |_| descent.step(&[mu]).loss.to_bits();
    (0..steps).map(loss).collect()
}

#[test]
fn a_restored_descent_goes_on_with_the_same_masks_and_evaluations_shift_none() {
    let mut plain = descent(0.3);
    let expected = losses(&mut plain, 0.1, 80);

    let mut watched = descent(0.3);
    let mut found = Vec::new();
    let mut probes = Vec::new();
    for step in 0..80 {
        found.extend(losses(&mut watched, 0.1, 1));
        watched.evaluate(Split::Validation);
        assert!(watched.probe(Split::Training, 40, &mut probes));
        if step % 13 == 0 {
            let state = watched.save().expect("it can be saved");
            watched = descent(0.3);
            losses(&mut watched, 0.1, 3);
            watched.restore(&state).expect("it can be restored");
        }
    }
    assert_eq!(found, expected);
    plain.reset(start(0));
    assert_eq!(losses(&mut plain, 0.1, 80), expected);
}

#[test]
fn each_step_and_each_start_has_masks_of_its_own() {
    // With η = 0 and the whole data set as the batch, nothing but the masks changes.
    let mut task = Task::small();
    task.batch_size = task.train.len();
    let rate = DropoutRate::new(0.5).expect("a rate");
    let layers = vec![Layer::Dropout { rate }, Layer::Linear { outputs: 10 }];
    let input = Shape::flat(task.network.input_count());
    task.network = Network::new(NetworkSpecification { input, layers }).expect("a network");
    let mut descent = NetworkDescent::new(Arc::new(task), Method::Sgd).expect("a descent");
    descent.reset(start(0));
    let mut seen = losses(&mut descent, 0.0, 6);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 6);
}

#[test]
fn evaluations_are_those_of_the_network_without_dropout() {
    let [mut with, mut without] = [descent(0.4), descent(0.0)];
    // The same initial parameters, because dropout has none.
    assert_eq!(with.parameters(), without.parameters());
    let evaluations = [&mut with, &mut without].map(|descent| descent.evaluate(Split::Validation));
    assert_eq!(evaluations[0], evaluations[1]);
    assert_ne!(losses(&mut with, 0.1, 1), losses(&mut without, 0.1, 1));
}
