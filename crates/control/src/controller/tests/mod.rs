//! The controller file: what was written is read back; the modules test what is refused, and what holds of all bytes.

mod any;
mod file;
mod own;
mod refusal;

use std::fs;

use descender_nn::{Activation, Network, NetworkSpecification};
use descender_optim::Method;

use super::format::KEY;
use super::*;
use crate::{ActionSettings, ControlSettings, ObservationSettings, Policy};

fn parameters(network: &Network) -> Vec<f32> {
    (0..network.parameter_count())
        .map(|index| (index as f32 * 0.37).sin())
        .collect()
}

fn controller() -> Controller {
    let control = ControlSettings {
        interval: 10,
        observation: ObservationSettings::compact(),
        action: ActionSettings::factors(vec![0.5, 1.0, 2.0]),
        ..ControlSettings::default()
    };
    let specification = NetworkSpecification::multi_layer_perceptron(5, &[4], 3, Activation::Relu);
    let parameters = parameters(&Network::new(specification.clone()).unwrap());
    let provenance = Provenance {
        task: "mnist".into(),
        agent: "dqn".into(),
        reward: "log-loss".into(),
        seed: u64::MAX,
        episodes: 1,
        program_version: "0.1.0".into(),
    };
    let policy = Policy::new(specification, parameters).unwrap();
    Controller::new(policy, control, Method::Sgd, provenance).unwrap()
}

/// The metadata entry of `bytes`.
fn entry(bytes: &[u8]) -> String {
    let (_, header) = safetensors::SafeTensors::read_metadata(bytes).unwrap();
    header.metadata().as_ref().unwrap()[KEY].clone()
}

#[test]
fn a_saved_controller_is_read_back_the_same_and_has_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("controller.safetensors");
    let controller = controller();
    controller.save(&path).unwrap();
    assert_eq!(Controller::load(&path).unwrap(), controller);
    assert_eq!(fs::read(&path).unwrap(), controller.to_bytes());
    assert_eq!(
        Controller::load(&path).unwrap().to_bytes(),
        controller.to_bytes()
    );

    let mut other = controller.clone();
    other.provenance.episodes = 2;
    other.save(&path).unwrap();
    assert_eq!(
        Controller::load(&path).unwrap(),
        other,
        "an existing file is replaced"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no temporary file is left"
    );
}

#[test]
fn a_file_that_names_no_head_is_one_of_greedy_values() {
    let controller = controller();
    let mut description = serde_json::to_value(controller.description()).unwrap();
    let head = description.as_object_mut().unwrap().remove("head").unwrap();
    assert_eq!(head, "greedy-values");
    let description: Description = serde_json::from_value(description).unwrap();
    assert_eq!(description, controller.description());
}

#[test]
fn any_safetensors_reader_finds_the_tensors() {
    let controller = controller();
    let bytes = controller.to_bytes();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let shapes = [
        "policy.0.weight",
        "policy.0.bias",
        "policy.2.weight",
        "policy.2.bias",
    ]
    .map(|name| file.tensor(name).unwrap().shape().to_vec());
    assert_eq!(shapes, [vec![5, 4], vec![4], vec![4, 3], vec![3]]);
    let bias = file.tensor("policy.0.bias").unwrap();
    let expected: Vec<u8> = controller.policy.parameters()[20..24]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    assert_eq!(bias.data(), expected);
}

#[test]
fn the_explanation_has_everything_a_reader_asks_for() {
    let text = controller().to_string();
    for part in [
        "sgd",
        "task mnist",
        "agent dqn",
        "reward log-loss",
        "1 episode,",
        "seed 18446744073709551615",
        "descender 0.1.0",
        "every 10 steps",
        "starts at 0.1 and stays in [0.001, 0.5]",
        "compact, 5 features",
        "  3  loss_trend",
        "  2  multiply the learning rate by 2",
        "highest output",
        "5 → linear 4 → relu → linear 3, 39 parameters",
        "Safety     η goes to 0.001 after a loss that is not finite",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn the_explanation_of_a_guarded_controller_says_what_the_net_does() {
    let mut controller = controller();
    controller.control.safety.enabled = true;
    let text = controller.to_string();
    for part in [
        "Safety     a net that trips where the loss is not finite,",
        "over 10 steps is above 1.5 times",
        "below 0.955 times the first loss for 100 steps",
        "one is kept every 10 steps",
        "after 3 such interventions the fallback stays",
        "the schedule linear from the optimizer's usual learning rate over 500 steps",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(!text.contains("η goes to 0.001"));
}
