//! The controller file: what was written is read back, and everything else is refused with one clear line.

use std::fs;

use descender_nn::{Activation, Network, NetworkSpecification};
use proptest::prelude::*;

use super::format::{KEY, encode, encode_envelope};
use super::*;
use crate::{ActionSettings, Bounds, ObservationSettings};

fn parameters(network: &Network) -> Vec<f32> {
    (0..network.parameter_count())
        .map(|index| (index as f32 * 0.37).sin())
        .collect()
}

fn controller() -> Controller {
    let control = ControlSettings {
        interval: 10,
        observation: ObservationSettings::compact(),
        action: ActionSettings::Factors {
            factors: vec![0.5, 1.0, 2.0],
        },
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

/// The message for `bytes`, which is one line.
fn refusal(bytes: &[u8]) -> String {
    let message = Controller::from_bytes(bytes)
        .expect_err("refused")
        .to_string();
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

/// The metadata entry of `bytes`.
fn entry(bytes: &[u8]) -> String {
    let (_, header) = safetensors::SafeTensors::read_metadata(bytes).unwrap();
    header.metadata().as_ref().unwrap()[KEY].clone()
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
            description.control.action = ActionSettings::Factors {
                factors: vec![0.5, 2.0],
            };
        }),
        "there are 2 actions, but the policy network has 3 outputs"
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
        settings(|control| control.action = ActionSettings::Factors {
            factors: vec![1.0, 0.0, 1.0]
        })
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

#[test]
fn what_is_no_readable_file_is_refused_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &std::path::Path| {
        let message = Controller::load(path).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("controller file {}: ", path.display())),
            "{message}"
        );
        assert!(!message.contains(char::is_control), "{message:?}");
        message
    };
    let missing = folder.path().join("missing");
    assert!(message(&missing).contains("cannot be read: "));
    assert!(message(folder.path()).ends_with("is a directory: expected a file"));
    let empty = folder.path().join("empty");
    fs::write(&empty, []).unwrap();
    assert!(message(&empty).contains("the file is empty"));
    let huge = folder.path().join("huge");
    fs::File::create(&huge).unwrap().set_len(1 << 40).unwrap(); // sparse: takes no room
    assert!(message(&huge).contains("has 1099511627776 bytes: expected at most"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert!(message("/dev/zero".as_ref()).contains("expected a file"));
        let secret = folder.path().join("secret");
        controller().save(&secret).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read everything, so there this case does not exist.
        if fs::File::open(&secret).is_err() {
            assert!(message(&secret).contains("cannot be read: "));
        }
    }
}

#[test]
fn what_cannot_be_written_is_told_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().join("no/such/folder"),
        folder.path().to_owned(),
        folder.path().join(".."),
    ] {
        let message = controller().save(&path).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!(
                "controller file {}: cannot be written: ",
                path.display()
            )),
            "{message}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
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
        "5 → linear 4 → relu → linear 3, 39 parameters",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

/// Controllers of all observations with arbitrary finite settings.
fn any_controller() -> impl Strategy<Value = Controller> {
    let learning_rates = (1e-6_f32..1.0, 1.0_f32..100.0, 0.0_f32..=1.0);
    let factors = prop::collection::vec(1e-3_f32..1e3, 1..6);
    let texts = prop::array::uniform4(any::<String>());
    let finite = any::<f32>().prop_filter("finite", |x| x.is_finite());
    let weights = prop::collection::vec(finite, 1..30);
    (
        learning_rates,
        factors,
        texts,
        weights,
        any::<(u64, u64, bool, u32)>(),
        1.0_f32..1e6,
        0.0_f32..0.99,
    )
        .prop_map(
            |(
                (lower, width, share),
                factors,
                texts,
                weights,
                (seed, episodes, compact, interval),
                steps,
                momentum,
            )| {
                let upper = lower * width;
                let specification = NetworkSpecification::multi_layer_perceptron(
                    if compact { 5 } else { 18 },
                    &[3],
                    factors.len(),
                    Activation::Tanh,
                );
                let count = Network::new(specification.clone())
                    .unwrap()
                    .parameter_count();
                let parameters = weights.iter().copied().cycle().take(count).collect();
                let control = ControlSettings {
                    interval: interval.max(1),
                    initial_learning_rate: (lower + share * (upper - lower)).clamp(lower, upper),
                    bounds: Bounds { lower, upper },
                    observation: match compact {
                        true => ObservationSettings::Compact {
                            fast_window: steps,
                            slow_window: 2.0 * steps,
                            total_steps: steps,
                        },
                        false => ObservationSettings::Paper { total_steps: steps },
                    },
                    action: ActionSettings::Factors { factors },
                };
                let method = Method::by_name("momentum")
                    .unwrap()
                    .with_setting("momentum", &momentum.to_string())
                    .unwrap();
                let [task, agent, reward, program_version] = texts;
                let provenance = Provenance {
                    task,
                    agent,
                    reward,
                    seed,
                    episodes,
                    program_version,
                };
                let policy = Policy::new(specification, parameters).unwrap();
                Controller::new(policy, control, method, provenance).unwrap()
            },
        )
}

proptest! {
    #[test]
    fn any_controller_is_read_back_to_the_same_bytes(controller in any_controller()) {
        let bytes = controller.to_bytes();
        let read = Controller::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &controller);
        prop_assert_eq!(read.to_bytes(), bytes);
    }

    #[test]
    fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Controller::from_bytes(&bytes).is_err());
        let mut framed = (bytes.len() as u64).to_le_bytes().to_vec();
        framed.extend(bytes);
        prop_assert!(Controller::from_bytes(&framed).is_err());
    }

    #[test]
    fn no_header_makes_a_panic(text in "[\\[\\]{}:,\"0-9a-z_.\\\\ ]{0,120}") {
        let controller = controller();
        let network = controller.policy.network();
        prop_assert!(Controller::from_bytes(&encode_envelope(&text, network, controller.policy.parameters())).is_err());
        let mut header = format!("{{\"__metadata__\":{text}}}").into_bytes();
        header.splice(0..0, (header.len() as u64).to_le_bytes());
        prop_assert!(Controller::from_bytes(&header).is_err());
    }

    #[test]
    fn changed_bytes_are_refused_or_make_no_difference(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let controller = controller();
        let mut bytes = controller.to_bytes();
        for (index, value) in changes {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if let Ok(read) = Controller::from_bytes(&bytes) {
            prop_assert_eq!(read, controller);
        }
    }
}
