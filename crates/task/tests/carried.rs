//! Descents whose recurrent states are carried from window to window.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use descender_nn::{DropoutRate, Layer, NetworkSpecification, SequenceOutput, Shape, Workspace};
use descender_optim::{HyperParameters, Method};
use descender_task::{Answers, Dataset, Descent, Loss, NetworkDescent, Split, StartPoint, Task};

/// Symbols, and steps of a window.
const SYMBOLS: usize = 5;
const WINDOW: usize = 6;

/// Windows of a sequence whose next symbol can be told from the two before.
fn windows(count: usize) -> Arc<Dataset> {
    let mut symbols = vec![1_u8, 3];
    while symbols.len() <= count * WINDOW {
        let [.., before, last] = symbols[..] else {
            panic!("there are two");
        };
        let place = symbols.len() as u8;
        symbols.push((before + 2 * last + u8::from(place.is_multiple_of(7))) % SYMBOLS as u8);
    }
    Arc::new(Dataset {
        name: "sequence".into(),
        shape: Shape {
            height: WINDOW,
            width: 1,
            channels: 1,
        },
        inputs: symbols[..count * WINDOW]
            .iter()
            .map(|&symbol| symbol.into())
            .collect(),
        answers: Answers::Classes {
            count: SYMBOLS,
            positions: WINDOW,
            labels: symbols[1..=count * WINDOW].to_vec(),
        },
    })
}

fn task(carry: bool) -> Arc<Task> {
    let (train, validation) = (windows(50), windows(71));
    let output = SequenceOutput::All;
    let network = NetworkSpecification {
        input: train.shape,
        layers: vec![
            Layer::Embedding {
                vocabulary: SYMBOLS,
                features: 4,
            },
            Layer::Lstm { hidden: 6, output },
            Layer::Gru { hidden: 5, output },
            Layer::Conv2d {
                out_channels: SYMBOLS,
                kernel: 1,
                stride: 1,
                padding: 0,
            },
        ],
    };
    let task = Task::new("sequence", "", train, validation, network, 4).unwrap();
    Arc::new(Task {
        carry,
        loss: Loss::NextToken,
        ..task
    })
}

/// The task with states carried and a dropout between its recurrent layers.
fn dropped() -> Arc<Task> {
    let mut task = Arc::unwrap_or_clone(task(true));
    let rate = DropoutRate::new(0.3).unwrap();
    let mut specification = task.network.specification().clone();
    specification.layers.insert(2, Layer::Dropout { rate });
    task.network = descender_nn::Network::new(specification).unwrap();
    Arc::new(task)
}

fn descent(task: &Arc<Task>) -> (NetworkDescent, HyperParameters) {
    let method = Method::by_name("adam").unwrap();
    let mut descent = NetworkDescent::new(Arc::clone(task), method).unwrap();
    descent.reset(StartPoint {
        seed: 3,
        ..StartPoint::default()
    });
    (descent, method.hyper_parameters(0.01))
}

fn bits(descent: &mut NetworkDescent, mu: &HyperParameters, steps: usize) -> Vec<u32> {
    (0..steps)
        .map(|_| descent.step(&[*mu]).loss.to_bits())
        .collect()
}

#[test]
fn a_batch_begins_where_the_one_before_ended() {
    let task = task(true);
    // η = 0: the network stays as it is, so the losses can be computed again along whole tracks.
    let (mut descent, mu) = descent(&task);
    let mu = HyperParameters {
        learning_rate: 0.0,
        ..mu
    };
    let losses: Vec<f32> = (0..30).map(|_| descent.step(&[mu]).loss).collect();
    let network = &task.network;
    let mut workspace = Workspace::new(network, 4);
    // Four tracks of twelve windows.
    let track = |first: usize| -> Vec<f32> {
        let mut states = vec![0.0; 4 * network.state_count()];
        let mut workspace = Workspace::new(network, 4);
        (first..12)
            .map(|step| {
                let windows = [0, 12, 24, 36].map(|begin| begin + step);
                let batch = task.train.picked(windows);
                let parameters = descent.parameters();
                let outputs = network.forward_carried(
                    &mut workspace,
                    parameters,
                    &batch.inputs,
                    4,
                    &mut states,
                );
                let mut gradient = vec![0.0; outputs.len()];
                task.loss.mean(outputs, &batch.answers, &mut gradient)
            })
            .collect()
    };
    // The place where a descent begins belongs to its start; then the tracks are whole.
    let expected = |first: usize| [track(first), track(0), track(0), track(0)].concat();
    let first = (0..12).find(|&first| expected(first)[..30] == losses);
    assert!(first.is_some(), "{losses:?}");
    // Without states, the same windows have other losses.
    let batch = task.train.picked([1, 13, 25, 37]);
    let outputs = network.forward(&mut workspace, descent.parameters(), &batch.inputs, 4);
    let fresh = task
        .loss
        .mean(outputs, &batch.answers, &mut vec![0.0; outputs.len()]);
    assert_ne!(fresh, track(0)[1]);
}

#[test]
fn an_evaluation_carries_states_along_tracks_and_changes_nothing() {
    let carried = task(true);
    let (mut descent, mu) = descent(&carried);
    bits(&mut descent, &mu, 40);
    let state = descent.save();
    let found = descent.evaluate(Split::Validation).unwrap();
    // 71 windows in 32 tracks: seven of three windows, then 25 of two. Each by itself:
    let network = &carried.network;
    let mut workspace = Workspace::new(network, 1);
    let (mut sum, mut begin) = (0.0, 0);
    for track in 0..32 {
        let length = if track < 7 { 3 } else { 2 };
        let mut states = vec![0.0; network.state_count()];
        for window in begin..begin + length {
            let batch = carried.validation.picked([window]);
            let parameters = descent.evaluation_parameters();
            let outputs =
                network.forward_carried(&mut workspace, parameters, &batch.inputs, 1, &mut states);
            let mut loss = [0.0];
            carried.loss.of_each(outputs, &batch.answers, &mut loss);
            sum += f64::from(loss[0]);
        }
        begin += length;
    }
    assert_eq!(begin, 71);
    assert!(
        (f64::from(found.loss) - sum / 71.0).abs() < 1e-5,
        "{found:?}"
    );
    assert!(found.accuracy > 0.2 && found.accuracy < 1.0, "{found:?}");
    let mut probes = Vec::new();
    assert!(descent.probe(Split::Validation, 40, &mut probes));
    assert!(probes.len() == 40 && probes.iter().all(|loss| loss.is_finite()));
    assert_eq!(descent.save(), state);
}

#[test]
fn a_saved_descent_goes_on_with_the_same_states_bit_for_bit() {
    let losses = [task(true), dropped()].map(|task| goes_on(&task));
    assert_ne!(losses[0], losses[1], "dropout has an effect");
}

/// The first losses of the task, whose descents were saved and restored at several places.
fn goes_on(task: &Arc<Task>) -> Vec<u32> {
    // Before, at and behind the end of the tracks.
    for steps in [0, 1, 5, 11, 12, 13, 30] {
        let (mut whole, mu) = descent(task);
        bits(&mut whole, &mu, steps);
        let state = whole.save().unwrap();
        let expected = bits(&mut whole, &mu, 30);
        let (mut resumed, _) = descent(task);
        bits(&mut resumed, &mu, 7);
        resumed.restore(&state).unwrap();
        // A look changes nothing, and no mask depends on it.
        assert!(resumed.evaluate(Split::Validation).is_some());
        assert_eq!(resumed.save().unwrap(), state);
        assert_eq!(bits(&mut resumed, &mu, 30), expected, "after {steps} steps");
        assert_eq!(resumed.save(), whole.save());
        // A start without states.
        let (mut anew, _) = descent(task);
        let first = bits(&mut anew, &mu, 20);
        whole.reset(anew.start());
        assert_eq!(bits(&mut whole, &mu, 20), first);
    }
    let (mut first, mu) = descent(task);
    bits(&mut first, &mu, 3)
}

#[test]
fn states_of_another_kind_are_refused() {
    let (mut carrying, mu) = descent(&task(true));
    let (mut plain, _) = descent(&task(false));
    bits(&mut carrying, &mu, 3);
    bits(&mut plain, &mu, 3);
    let (with, without) = (carrying.save().unwrap(), plain.save().unwrap());
    let message = carrying.restore(&without).unwrap_err().to_string();
    assert!(message.contains("the carried states"), "{message}");
    let message = plain.restore(&with).unwrap_err().to_string();
    assert!(message.contains("bytes too many"), "{message}");
    // One state too few: the last value, and one less in the count before the 17 · 4 values.
    let values = 4 * 17 * 4;
    let count = with.len() - values - 1;
    assert_eq!(with[count], 4 * 17);
    let mut short = with[..with.len() - 4].to_vec();
    short[count] -= 1;
    let message = carrying.restore(&short).unwrap_err().to_string();
    assert!(
        message.contains("number of carried states is 67, expected 68"),
        "{message}"
    );
    assert_eq!(carrying.save().unwrap(), with);
    carrying.restore(&with).unwrap();
}

#[test]
fn other_starts_begin_at_other_places() {
    let (mut descent, mu) = descent(&task(true));
    let mut losses: Vec<u32> = (0..8)
        .map(|index| {
            descent.reset(StartPoint {
                index,
                ..StartPoint::default()
            });
            bits(&mut descent, &mu, 1)[0]
        })
        .collect();
    losses.sort_unstable();
    losses.dedup();
    assert_eq!(losses.len(), 8);
}
