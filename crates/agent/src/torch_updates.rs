//! What tests of actors and critics need to repeat the updates of `reference/actor_critic.py` in PyTorch.

use descender_random::{normal_pair, stream};
use serde::Deserialize;

use crate::actor_critic::Learner;
use crate::purpose;
use crate::replay::Batch;
use crate::trained_network::TrainedNetwork;

/// Widths of the hidden layers, learning rates and τ of the reference.
pub(crate) const HIDDEN: [usize; 1] = [4];
pub(crate) const RATE: f32 = 0.02;
pub(crate) const POLICY_RATE: f32 = 0.01;
pub(crate) const TEMPERATURE_RATE: f32 = 0.03;
pub(crate) const TARGET_RATE: f32 = 0.1;

/// What three updates came to.
#[derive(Deserialize)]
pub(crate) struct Updated {
    pub(crate) actor: Vec<f64>,
    pub(crate) actor_target: Option<Vec<f64>>,
    pub(crate) critics: Vec<Vec<f64>>,
    pub(crate) targets: Vec<Vec<f64>>,
    pub(crate) losses: [f64; 3],
    pub(crate) temperature: Option<f64>,
}

fn document() -> serde_json::Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../reference/actor_critic.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The reference of one agent.
pub(crate) fn updated(agent: &str) -> Updated {
    serde_json::from_value(document()[agent].clone()).unwrap()
}

/// Gives a network the weights that the reference begins with; `number` is 0 for the actor, 1 and 2 for the critics.
pub(crate) fn begin(learned: &mut TrainedNetwork, number: u8) {
    for (index, weight) in learned.state.weights.iter_mut().enumerate() {
        *weight = (0.6 * (index as f64 + 10.0 * f64::from(number)).sin()) as f32;
    }
    learned.state.target.clone_from(&learned.state.weights);
}

/// Three updates by the reference's batch: the loss of each.
pub(crate) fn three_updates<L: Learner>(learner: &mut L) -> [f64; 3] {
    let mut noise = stream(1, purpose::REPLAY, 1);
    [0, 1, 2].map(|_| {
        let mut batch = Batch::new(3, 3);
        batch.observations = vec![0.3, -0.7, 0.5, -0.2, 0.9, -0.4, 1.1, 0.4, 0.2];
        batch.next_observations = vec![0.1, -0.3, 0.0, 0.6, 0.8, 0.0, -0.9, 0.2, 0.0];
        batch.rewards = vec![1.0, -0.5, 2.0];
        batch.discounts = vec![0.9, 0.0, 0.9];
        f64::from(learner.update(&mut batch, &mut noise).unwrap().loss)
    })
}

/// Holds our numbers against the reference's.
pub(crate) fn assert_close(what: &str, ours: &[f32], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (index, (&ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (f64::from(ours) - theirs).abs() < 3e-6,
            "{what}, number {index}: {ours} and {theirs}"
        );
    }
}

/// The same of losses.
pub(crate) fn assert_losses(ours: [f64; 3], theirs: [f64; 3]) {
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-5, "loss {ours} and {theirs}");
    }
}

#[test]
fn the_reference_has_the_stream_s_noise() {
    let told = |agent: &str| -> Vec<f32> {
        serde_json::from_value(document()["noise"][agent].clone()).unwrap()
    };
    let mut generator = stream(1, purpose::REPLAY, 1);
    let td3: Vec<f32> = (0..9)
        .map(|_| normal_pair(&mut generator)[0] as f32)
        .collect();
    assert_eq!(told("td3"), td3);
    let mut generator = stream(1, purpose::REPLAY, 1);
    let mut sac = Vec::new();
    for _ in 0..6 {
        let [[first, second], [third, _]] = [(); 2].map(|()| normal_pair(&mut generator));
        sac.extend([first, second, third].map(|draw| draw as f32));
    }
    assert_eq!(told("sac"), sac);
}
