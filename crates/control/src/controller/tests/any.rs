//! What must hold of every controller and of all bytes.

use descender_nn::{Activation, Network, NetworkSpecification};
use descender_optim::Method;
use proptest::prelude::*;

use super::super::format::encode_envelope;
use super::super::*;
use super::controller;
use crate::{
    ActionSettings, Bounds, CompactObservationSettings, ControlSettings, PaperObservationSettings,
    Policy, SafetySettings,
};

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
                    decisions: 0,
                    interval: interval.max(1),
                    initial_learning_rate: (lower + share * (upper - lower)).clamp(lower, upper),
                    bounds: Bounds { lower, upper },
                    observation: match compact {
                        true => CompactObservationSettings {
                            fast_window: steps,
                            slow_window: 2.0 * steps,
                            total_steps: steps,
                        }
                        .into(),
                        false => PaperObservationSettings { total_steps: steps }.into(),
                    },
                    action: ActionSettings::factors(factors),
                    safety: SafetySettings {
                        enabled: compact,
                        ..SafetySettings::default()
                    },
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
