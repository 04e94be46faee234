//! A small controller for tests, which steers momentum SGD.

use descender_control::{
    ActionSettings, Bounds, ControlLoop, ControlSettings, Controller, ObservationSettings, Policy,
    Provenance,
};
use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Method, Momentum};

/// A controller over momentum SGD: η from 0.02, halved, kept or doubled every 5 steps by a linear policy. It doubles a
/// small η and halves a large one, and the trend of the loss has a say, so that descents differ.
pub(crate) fn controller() -> Controller {
    let method = Method::Momentum(Momentum::default());
    let control = |initial_learning_rate| ControlSettings {
        interval: 5,
        initial_learning_rate,
        bounds: Bounds {
            lower: 0.005,
            upper: 0.1,
        },
        observation: ObservationSettings::compact(),
        action: ActionSettings::Factors {
            factors: vec![0.5, 1.0, 2.0],
        },
    };
    // The first feature tells η; the third compares a fast average of the loss with a slow one.
    let observed = |learning_rate| {
        let control = ControlLoop::new(&control(learning_rate), method).unwrap();
        let mut features = [0.0; 5];
        control.observation(&mut features);
        features[0]
    };
    let middle = (observed(0.02) + observed(0.04)) / 2.0;
    let weights = [4.0, 0.0, 4.0, 0.0, 0.0];
    let mut parameters: Vec<f32> = weights
        .into_iter()
        .flat_map(|weight| [weight, 0.0, -weight])
        .collect();
    parameters.extend([-4.0 * middle, 0.0, 4.0 * middle]);
    let network = NetworkSpecification::multi_layer_perceptron(5, &[], 3, Activation::Relu);
    let policy = Policy::new(network, parameters).unwrap();
    Controller::new(policy, control(0.02), method, Provenance::default()).unwrap()
}
