//! What is no controller is refused with one line that says what it is and what was expected.

use descender_nn::{Activation, Network, NetworkSpecification};

use super::super::assembly::check_head;
use super::super::format::{KEY, encode, encode_envelope};
use super::super::*;
use super::{controller, entry, parameters};
use crate::test_chain::chain;
use crate::{
    ActionSettings, ActionSpace, Bounds, ControlSettings, ObservationSettings, Policy, PolicyHead,
};

/// The message for `bytes`, which is one line.
fn refusal(bytes: &[u8]) -> String {
    let message = chain(&Controller::from_bytes(bytes).expect_err("refused"));
    assert!(!message.contains(char::is_control), "{message:?}");
    message
}

/// The message for the controller above after `change` to the description, with a checksum that fits.
fn refusal_of(change: impl FnOnce(&mut Description)) -> String {
    let controller = controller();
    let mut description = controller.description();
    change(&mut description);
    refusal(&encode(
        &description,
        controller.policy.network(),
        controller.policy.parameters(),
    ))
}

/// The message for the controller above after `change` to the text of the metadata entry.
fn refusal_of_entry(change: impl FnOnce(String) -> String) -> String {
    let controller = controller();
    let entry = change(entry(&controller.to_bytes()));
    refusal(&encode_envelope(
        &entry,
        controller.policy.network(),
        controller.policy.parameters(),
    ))
}

#[test]
fn bytes_that_are_no_safetensors_file_are_refused() {
    assert_eq!(
        refusal(&[]),
        "the file is empty: expected a controller in a safetensors file"
    );
    assert_eq!(
        refusal(&[1, 2, 3]),
        "truncated, or not a safetensors file: 3 bytes, expected 8"
    );
    assert!(
        refusal(b"Descender is a trained hand on the rope")
            .starts_with("not a valid safetensors file: ")
    );
    let mut longer = controller().to_bytes();
    longer.push(0);
    assert!(refusal(&longer).starts_with("not a valid safetensors file: "));
}

#[test]
fn every_truncation_is_called_one() {
    let bytes = controller().to_bytes();
    for length in 1..bytes.len() {
        match Controller::from_bytes(&bytes[..length]) {
            Err(FormatError::Truncated { found, expected }) => {
                assert_eq!(found, length);
                assert!(length as u64 <= expected && expected <= bytes.len() as u64);
            }
            other => panic!("{length} of {} bytes: {other:?}", bytes.len()),
        }
    }
}

#[test]
fn every_flipped_bit_is_refused_or_makes_no_difference() {
    let controller = controller();
    let mut bytes = controller.to_bytes();
    let mut refused = 0;
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        match Controller::from_bytes(&bytes) {
            Ok(read) => assert_eq!(read, controller, "bit {bit}"),
            Err(error) => {
                refused += 1;
                assert!(
                    !error.to_string().contains(char::is_control),
                    "bit {bit}: {error}"
                );
            }
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(
        refused >= 8 * bytes.len() - 8,
        "{refused} of {} flips were refused",
        8 * bytes.len()
    );
}

#[test]
fn a_flipped_bit_in_a_weight_is_told_by_the_checksum() {
    let mut bytes = controller().to_bytes();
    *bytes.last_mut().unwrap() ^= 1;
    let message = refusal(&bytes);
    assert!(
        message.starts_with("checksum crc32:") && message.contains("changed after it was written"),
        "{message}"
    );
}

#[test]
fn a_safetensors_file_of_something_else_is_refused() {
    let bytes = safetensors::serialize(
        Vec::<(String, safetensors::tensor::TensorView)>::new(),
        None,
    )
    .unwrap();
    assert_eq!(
        refusal(&bytes),
        "not a controller: the header's metadata has no \"descender.controller\""
    );
}

#[test]
fn another_version_is_refused_before_anything_else_is_read() {
    let message = "format version 2: this program reads version 1";
    assert_eq!(
        refusal_of_entry(|entry| entry.replace("\"format_version\":1", "\"format_version\":2")),
        message
    );
    assert_eq!(
        refusal_of_entry(|_| r#"{"format_version": 2, "whatever": []}"#.into()),
        message
    );
}

#[test]
fn a_description_that_cannot_be_read_is_refused() {
    let start = "the description in the header cannot be read: ";
    for change in [
        |_| String::new(),
        |_| "[]".into(),
        |_| r#"{"format_version": 1}"#.into(),
        |entry: String| entry.replace("\"interval\":10", "\"interval\":-1"),
        |entry: String| entry.replace("\"interval\"", "\"intervall\""),
        |entry: String| entry.replace("\"compact\"", "\"compressed\""),
        |entry: String| entry.replace("\"greedy-values\"", "\"gaussian\""),
        |entry: String| entry.replace("\"seed\"", "\"seed\\n\""),
        |entry: String| entry.replace("\"mnist\"", "7"),
    ] {
        let message = refusal_of_entry(change);
        assert!(
            message.starts_with(start) && message.len() > start.len(),
            "{message}"
        );
    }
}

#[test]
fn tensors_that_are_not_the_network_s_are_refused() {
    let controller = controller();
    let layer = |widths: &[usize]| {
        let specification =
            NetworkSpecification::multi_layer_perceptron(5, widths, 3, Activation::Relu);
        let network = Network::new(specification.clone()).unwrap();
        (specification, network)
    };
    let message = |described: &[usize], stored: &[usize]| {
        let description = Description {
            network: layer(described).0,
            ..controller.description()
        };
        let network = layer(stored).1;
        refusal(&encode(&description, &network, &parameters(&network)))
    };
    assert_eq!(
        message(&[4], &[6]),
        "tensor \"policy.0.weight\" has shape [5, 6]: expected [5, 4]"
    );
    assert_eq!(
        message(&[4, 4], &[4]),
        "tensor \"policy.2.weight\" has shape [4, 3]: expected [4, 4]"
    );
    assert_eq!(
        message(&[4], &[4, 4]),
        "unexpected tensor \"policy.4.bias\": the policy network has none of this name"
    );
    assert_eq!(
        message(&[], &[4]),
        "unexpected tensor \"policy.2.bias\": the policy network has none of this name"
    );

    let bytes = controller.to_bytes();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let header = std::collections::HashMap::from([(KEY.to_owned(), entry(&bytes))]);
    let rest: Vec<_> = file
        .tensors()
        .into_iter()
        .filter(|(name, _)| name != "policy.2.bias")
        .collect();
    let missing = safetensors::serialize(rest.clone(), Some(header.clone())).unwrap();
    assert_eq!(refusal(&missing), "tensor \"policy.2.bias\" is missing");
    let doubles =
        safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![3], &[0; 24]).unwrap();
    let typed = rest
        .into_iter()
        .chain([("policy.2.bias".to_owned(), doubles)]);
    let typed = safetensors::serialize(typed, Some(header)).unwrap();
    assert_eq!(
        refusal(&typed),
        "tensor \"policy.2.bias\" has type F64: expected F32"
    );
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let controller = controller();
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut parameters = controller.policy.parameters().to_vec();
        parameters[21] = value;
        let bytes = encode(
            &controller.description(),
            controller.policy.network(),
            &parameters,
        );
        let expected =
            format!("entry 1 of tensor \"policy.0.bias\" is {value}: expected finite numbers");
        assert_eq!(refusal(&bytes), expected);
    }
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    assert_eq!(
        refusal_of(|description| {
            description.control.observation = ObservationSettings::paper();
            description.features = ObservationSettings::paper()
                .feature_names()
                .iter()
                .map(|&x| x.into())
                .collect();
        }),
        "the observation has 18 features, but the policy network has 5 inputs"
    );
    assert_eq!(
        refusal_of(|description| {
            description.control.action = ActionSettings::factors(vec![0.5, 2.0]);
        }),
        "there are 2 actions, but the policy network has 3 outputs"
    );
    let continuous = ActionSpace::Continuous { dimensions: 3 };
    let refused = check_head(PolicyHead::GreedyValues, continuous, 3).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a policy with the head greedy-values cannot decide between continuous actions of 3 dimensions: expected \
         discrete actions"
    );
    assert_eq!(
        refusal_of(|description| description.features[1] = "loss\n".into()),
        "feature 2 of the observation is \"loss\\n\": this program's observation has \"loss\" there"
    );
    assert_eq!(
        refusal_of(|description| description.features.push("hour".into())),
        "feature 6 of the observation is \"hour\": this program's observation has \"\" there"
    );
    assert!(
        refusal_of(|description| description.network.layers.clear())
            .starts_with("policy network: ")
    );
}

#[test]
fn impossible_settings_are_refused() {
    let settings = |change: fn(&mut ControlSettings)| {
        refusal_of(|description| change(&mut description.control))
    };
    assert!(settings(|control| control.interval = 0).starts_with("interval = 0: expected "));
    assert!(
        settings(|control| control.bounds.lower = -1.0)
            .starts_with("bounds.lower = -1.0: expected ")
    );
    assert!(
        settings(|control| control.bounds = Bounds {
            lower: 0.3,
            upper: 0.2
        })
        .starts_with("bounds.upper = 0.2: ")
    );
    assert!(
        settings(|control| control.initial_learning_rate = 2.0)
            .starts_with("initial_learning_rate = 2.0: ")
    );
    assert!(
        settings(|control| control.action = ActionSettings::factors(vec![1.0, 0.0, 1.0]))
            .starts_with("action.factors[1] = 0.0: expected ")
    );
    // JSON has no number that is not finite, so such a setting is unreadable.
    assert!(settings(|control| control.bounds.upper = f32::NAN).contains("cannot be read"));
    let method = refusal_of_entry(|entry| {
        entry.replace(
            r#""method":{"name":"sgd"}"#,
            r#""method":{"name":"momentum","momentum":-3.0}"#,
        )
    });
    assert!(method.starts_with("optimizer: "), "{method}");
}

#[test]
fn a_controller_of_parts_that_do_not_fit_cannot_be_made() {
    let Controller {
        policy,
        control,
        method,
        provenance,
    } = controller();
    let paper = ControlSettings {
        observation: ObservationSettings::paper(),
        ..control.clone()
    };
    assert!(matches!(
        Controller::new(policy.clone(), paper, method, provenance.clone()),
        Err(ImpossibleController::Observation {
            features: 18,
            inputs: 5
        })
    ));
    let specification = policy.specification().clone();
    let broken = Policy::new(specification, vec![f32::NAN; policy.parameters().len()]).unwrap();
    assert!(matches!(
        Controller::new(broken, control, method, provenance),
        Err(ImpossibleController::Parameter { index: 0, .. })
    ));
}
