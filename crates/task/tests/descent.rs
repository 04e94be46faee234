//! What every user of a descent relies on: the same start gives the same bits, a descent learns, a saved one goes
//! on as if nothing had happened, and neither divergence nor a damaged state makes it panic.

use std::sync::Arc;

use descender_nn::loss::cross_entropy_per_example;
use descender_nn::{Activation, Network, NetworkSpecification, Workspace};
use descender_optim::{HyperParameters, Method};
use descender_task::{
    Answers, Descent, Evaluation, NetworkDescent, Split, StartPoint, StartPurpose, Task,
};
use proptest::prelude::*;

fn descent(task: &Arc<Task>, method: &str) -> (NetworkDescent, HyperParameters) {
    let method = Method::by_name(method).expect("the optimizer exists");
    let descent = NetworkDescent::new(Arc::clone(task), method).expect("its defaults are right");
    (descent, method.hyper_parameters(0.05))
}

fn small() -> Arc<Task> {
    Arc::new(Task::small())
}

fn start(index: u64) -> StartPoint {
    StartPoint {
        purpose: StartPurpose::Report,
        seed: 5,
        index,
    }
}

/// The bits of the losses of some steps and of the parameters after them.
fn bits(descent: &mut NetworkDescent, mu: &HyperParameters, steps: usize) -> Vec<u32> {
    let mut bits: Vec<u32> = (0..steps)
        .map(|_| descent.step(std::slice::from_ref(mu)).loss.to_bits())
        .collect();
    bits.extend(
        descent
            .parameters()
            .iter()
            .map(|parameter| parameter.to_bits()),
    );
    bits
}

#[test]
fn sgd_learns_the_papers_task_in_a_hundred_steps_and_begins_again_with_the_same_bits() {
    let mu = Method::Sgd.hyper_parameters(0.1);
    let mut descent = NetworkDescent::new(Arc::new(Task::paper()), Method::Sgd).unwrap();
    descent.reset(start(0));
    let losses: Vec<f32> = (0..100).map(|_| descent.step(&[mu]).loss).collect();
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    // Chance is ln 10 = 2.303.
    assert!(
        (mean(&losses[..5]) - 2.3).abs() < 0.1,
        "{}",
        mean(&losses[..5])
    );
    assert!(mean(&losses[80..]) < 0.6, "{}", mean(&losses[80..]));
    let Evaluation { loss, accuracy, .. } = descent.evaluate(Split::Validation).unwrap();
    assert!(loss < 0.6 && accuracy > 0.8, "{loss} {accuracy}");

    descent.reset(start(0));
    for (step, loss) in losses.iter().take(20).enumerate() {
        assert_eq!(
            descent.step(&[mu]).loss.to_bits(),
            loss.to_bits(),
            "step {step}"
        );
    }
}

#[test]
fn the_same_start_gives_the_same_bits_whatever_ran_before_and_between() {
    let task = small();
    let (mut first, mu) = descent(&task, "momentum");
    first.reset(start(1));
    let expected = bits(&mut first, &mu, 70);

    let (mut second, mu) = descent(&task, "momentum");
    second.reset(start(2));
    assert_ne!(bits(&mut second, &mu, 70), expected, "another start");
    second.reset(start(1));
    let mut found = Vec::new();
    let mut probes = Vec::new();
    for step in 0..70 {
        let feedback = second.step(&[mu]);
        assert_eq!(feedback.step, step);
        found.push(feedback.loss.to_bits());
        second.evaluate(Split::Validation);
        assert!(second.probe(Split::Training, 256, &mut probes));
    }
    found.extend(
        second
            .parameters()
            .iter()
            .map(|parameter| parameter.to_bits()),
    );
    assert_eq!(found, expected);
}

#[test]
fn the_purposes_of_start_points_give_other_parameters_and_other_batches() {
    let (mut descent, mu) = descent(&small(), "sgd");
    let mut seen = Vec::new();
    for purpose in [
        StartPurpose::Training,
        StartPurpose::Selection,
        StartPurpose::Report,
    ] {
        descent.reset(StartPoint {
            purpose,
            seed: 0,
            index: 0,
        });
        seen.push((descent.parameters().to_vec(), descent.step(&[mu]).loss));
    }
    assert!(seen[0].0 != seen[1].0 && seen[1].0 != seen[2].0 && seen[0].0 != seen[2].0);
}

#[test]
fn a_descent_restored_at_any_step_goes_on_with_the_same_bits() {
    let task = small();
    for method in Method::names().iter().map(|known| known.name) {
        let (mut original, mu) = descent(&task, method);
        original.reset(start(3));
        // An epoch has 31 steps: the saves fall before, at and after its end.
        for gap in [0, 1, 29, 1, 1, 9] {
            bits(&mut original, &mu, gap);
            let state = original.save().unwrap();
            let (mut restored, _) = descent(&task, method);
            bits(&mut restored, &mu, 5);
            restored.restore(&state).unwrap();
            assert_eq!(restored.save().unwrap(), state, "{method}");
            assert_eq!(
                (restored.start(), restored.steps()),
                (start(3), original.steps())
            );

            let expected = bits(&mut original, &mu, 40);
            assert_eq!(bits(&mut restored, &mu, 40), expected, "{method}");
            assert_eq!(
                restored.evaluate(Split::Validation),
                original.evaluate(Split::Validation),
                "{method}"
            );
            original.restore(&state).unwrap();
        }
    }
}

#[test]
fn a_state_that_does_not_fit_is_refused_and_changes_nothing() {
    let task = small();
    let (mut victim, mu) = descent(&task, "adam");
    bits(&mut victim, &mu, 3);
    let before = victim.save().unwrap();
    let mut refused = |state: &[u8], part: &str| {
        let message = victim.restore(state).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
        assert_eq!(victim.save().unwrap(), before);
    };

    for length in (0..before.len()).step_by(97) {
        refused(&before[..length], "can't be read");
    }
    let mut longer = before.clone();
    longer.push(0);
    refused(&longer, "1 bytes too many");
    refused(b"not a state at all", "can't be read");
    refused(
        &descent(&task, "sgd").0.save().unwrap(),
        "optimizer is another method or setting",
    );
    refused(
        &descent(&Arc::new(Task::paper()), "adam").0.save().unwrap(),
        "task is mnist-cnn, expected mnist-small",
    );

    let mut of_another_task = |change: fn(&mut Task), part: &str| {
        let mut task = Task::small();
        change(&mut task);
        refused(&descent(&Arc::new(task), "adam").0.save().unwrap(), part);
    };
    of_another_task(
        |task| {
            let wider =
                NetworkSpecification::multi_layer_perceptron(49, &[17], 10, Activation::Relu);
            task.network = Network::new(wider).unwrap();
        },
        "network is [Linear { outputs: 17 }",
    );
    of_another_task(|task| task.batch_size = 31, "batch size is 31, expected 32");
    of_another_task(
        |task| task.train = Arc::new(task.train.first(900)),
        "training examples is 900, expected 1000",
    );
    of_another_task(
        |task| {
            let Answers::Classes { labels, .. } = &mut Arc::make_mut(&mut task.train).answers
            else {
                panic!("images have labels");
            };
            labels[5] ^= 1;
        },
        "checksum of the training data",
    );
    of_another_task(
        |task| Arc::make_mut(&mut task.train).inputs[5_000] += 0.125,
        "checksum of the training data",
    );
}

#[test]
fn a_diverged_descent_reports_losses_that_are_not_finite_until_it_is_reset() {
    let task = small();
    for rate in [1e30, f32::INFINITY, f32::NAN, f32::NEG_INFINITY, f32::MAX] {
        for method in ["sgd", "momentum", "adam"] {
            let (mut descent, good) = descent(&task, method);
            let bad = HyperParameters {
                learning_rate: rate,
                ..good
            };
            descent.reset(start(4));
            let expected = bits(&mut descent, &good, 10);
            descent.reset(start(4));
            let mut losses: Vec<f32> = (0..10).map(|_| descent.step(&[bad]).loss).collect();
            losses.extend((0..10).map(|_| descent.step(&[good]).loss));
            let first = losses.iter().position(|loss| !loss.is_finite());
            // Adam's steps are as large as η, so that 1e30 overflows; all of these diverge.
            let first =
                first.unwrap_or_else(|| panic!("{method} at {rate} has not diverged: {losses:?}"));
            assert!(
                losses[first..].iter().all(|loss| !loss.is_finite()),
                "{method} at {rate}: {losses:?}"
            );

            let mut probes = Vec::new();
            assert!(descent.probe(Split::Training, 256, &mut probes));
            assert_eq!(probes.len(), 256);
            assert!(descent.evaluate(Split::Validation).unwrap().accuracy <= 1.0);
            let state = descent.save().unwrap();
            let (mut restored, _) = self::descent(&task, method);
            restored.restore(&state).unwrap();
            assert!(!restored.step(&[good]).loss.is_finite());
            assert_eq!(restored.steps(), 21);

            descent.reset(start(4));
            assert_eq!(
                bits(&mut descent, &good, 10),
                expected,
                "{method} after {rate}"
            );
        }
    }
}

#[test]
fn evaluation_and_probe_agree_with_a_forward_pass_example_by_example() {
    for method in ["sgd", "schedule-free-adamw", "dog"] {
        evaluation_agrees(method);
    }
}

fn evaluation_agrees(method: &str) {
    let task = small();
    let (mut descent, mu) = descent(&task, method);
    bits(&mut descent, &mu, 50);
    // Methods that average their iterates are evaluated at the average.
    let elsewhere = descent.parameters() != descent.evaluation_parameters();
    assert_eq!(elsewhere, method != "sgd");
    let mut workspace = Workspace::new(&task.network, 1);
    let mut loss_of = |set: &descender_task::Dataset, example: usize| {
        let logits = task.network.forward(
            &mut workspace,
            descent.evaluation_parameters(),
            set.input(example),
            1,
        );
        let Answers::Classes { labels, .. } = &set.answers else {
            panic!("images have labels");
        };
        let label = labels[example];
        let mut loss = [0.0];
        cross_entropy_per_example(logits, &[label], 10, &mut loss);
        let largest = (0..10)
            .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
            .expect("ten classes");
        (loss[0], largest == usize::from(label))
    };
    let validation: Vec<_> = (0..500)
        .map(|example| loss_of(&task.validation, example))
        .collect();
    let probed: Vec<f32> = (0..256)
        .map(|probe| loss_of(&task.train, probe * 1_000 / 256).0)
        .collect();

    let mean: f64 = validation
        .iter()
        .map(|&(loss, _)| f64::from(loss))
        .sum::<f64>()
        / 500.0;
    let right = validation.iter().filter(|(_, right)| *right).count();
    let evaluation = descent
        .evaluate(Split::Validation)
        .expect("a task has validation data");
    assert!(
        (f64::from(evaluation.loss) - mean).abs() < 1e-5,
        "{} {mean}",
        evaluation.loss
    );
    assert_eq!(evaluation.accuracy, right as f32 / 500.0);

    let mut losses = vec![7.0; 3];
    assert!(descent.probe(Split::Training, 256, &mut losses));
    assert_eq!(losses.len(), 256);
    for (found, expected) in losses.iter().zip(&probed) {
        assert!(
            (found - expected).abs() < 1e-5 * expected.max(1.0),
            "{found} {expected}"
        );
    }
}

#[test]
fn a_task_with_few_examples_has_one_batch_an_epoch_and_probes_them_all() {
    let mut task = Task::small();
    task.train = Arc::new(task.train.first(40));
    task.validation = Arc::new(task.validation.first(1));
    let (mut descent, mu) = descent(&Arc::new(task), "adam");
    let losses: Vec<f32> = (0..200).map(|_| descent.step(&[mu]).loss).collect();
    assert!(losses[199] < losses[0]);
    let mut probes = Vec::new();
    assert!(descent.probe(Split::Training, 256, &mut probes));
    assert_eq!(probes.len(), 40);
    assert!([0.0, 1.0].contains(&descent.evaluate(Split::Validation).unwrap().accuracy));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_state_is_refused_or_survived(
        position in any::<proptest::sample::Index>(),
        flip in 1..=255_u8,
        which in 0..3_usize,
    ) {
        thread_local! {
            static SAVED: (Arc<Task>, [Vec<u8>; 3]) = {
                let task = small();
                let states = METHODS.map(|method| {
                    let (mut descent, mu) = descent(&task, method);
                    bits(&mut descent, &mu, 5);
                    descent.save().unwrap()
                });
                (task, states)
            };
        }
        const METHODS: [&str; 3] = ["adam", "prodigy", "schedule-free-adamw"];
        let (task, mut states) = SAVED.with(Clone::clone);
        let state = &mut states[which];
        // Half of the flips hit the first bytes, where names, counts and the parameters' length stand.
        let reach = if flip % 2 == 0 { 40 } else { state.len() };
        let position = position.index(reach);
        state[position] ^= flip;
        let (mut descent, mu) = descent(&task, METHODS[which]);
        if descent.restore(state).is_ok() {
            bits(&mut descent, &mu, 40);
            descent.evaluate(Split::Validation);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_survived(state: Vec<u8>) {
        let task = small();
        let (mut descent, _) = descent(&task, "sgd");
        prop_assert!(descent.restore(&state).is_err());
    }
}
