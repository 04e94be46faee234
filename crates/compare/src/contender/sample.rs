//! Small controllers for tests, which steer momentum SGD.

use descender_control::{
    ActionSettings, Anchored, BaseSchedule, Bounds, ControlLoop, ControlSettings, Controller,
    Dimension, ObservationSettings, Parameter, Policy, PolicyHead, ProgressObservationSettings,
    Provenance, SafetySettings, Scale,
};
use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Method, Momentum};

/// A controller over momentum SGD: η from 0.02, halved, kept or doubled every 5 steps by a linear policy. It doubles a
/// small η and halves a large one, and the trend of the loss has a say, so that descents differ.
pub(crate) fn controller() -> Controller {
    let method = Method::Momentum(Momentum::default());
    let control = |initial_learning_rate| ControlSettings {
        decisions: 0,
        interval: 5,
        initial_learning_rate,
        bounds: Bounds {
            lower: 0.005,
            upper: 0.1,
        },
        observation: ObservationSettings::compact(),
        action: ActionSettings::factors(vec![0.5, 1.0, 2.0]),
        safety: SafetySettings::default(),
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

/// A controller over momentum SGD that places η and b1 (with b2 = 1 − b1) anew every 5 steps by the trend of the loss.
pub(crate) fn anchored_controller() -> Controller {
    let dimension = |parameter, low, high, scale| Dimension {
        parameter,
        low,
        high,
        scale,
    };
    let control = ControlSettings {
        decisions: 0,
        interval: 5,
        initial_learning_rate: 0.05,
        bounds: Bounds::default(),
        observation: ObservationSettings::Progress(ProgressObservationSettings {
            fast_window: 10.0,
            slow_window: 50.0,
            total_steps: 100.0,
        }),
        action: ActionSettings::Anchored(Anchored {
            schedule: BaseSchedule::Linear,
            total_steps: 200.0,
            warm_up: 0.0,
            dimensions: vec![
                dimension(Parameter::LearningRate, 0.02, 0.4, Scale::Logarithmic),
                dimension(Parameter::Momentum, 0.0, 0.95, Scale::Complement),
            ],
        }),
        safety: SafetySettings::default(),
    };
    let network = NetworkSpecification::multi_layer_perceptron(4, &[], 2, Activation::Relu);
    // Loss, trend and time move both.
    let parameters = vec![0.5, -0.5, 3.0, -4.0, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0];
    let policy = Policy::with_head(PolicyHead::Squashed, network, parameters).unwrap();
    let method = Method::Momentum(Momentum::default());
    Controller::new(policy, control, method, Provenance::default()).unwrap()
}
