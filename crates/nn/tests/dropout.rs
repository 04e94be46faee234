//! Dropout: its expectation, its gradient, and what its masks depend on.

#![allow(clippy::unwrap_used)]

use descender_nn::{
    DropoutRate, Layer, Network, NetworkError, NetworkSpecification, Shape, Workspace,
};
use descender_random::{ChaCha8Rng, Purpose, stream};

fn dropout(rate: f32) -> Layer {
    Layer::Dropout {
        rate: DropoutRate::new(rate).unwrap(),
    }
}

fn network(inputs: usize, layers: Vec<Layer>) -> Network {
    Network::new(NetworkSpecification {
        input: Shape::flat(inputs),
        layers,
    })
    .unwrap()
}

fn noise(index: u64) -> ChaCha8Rng {
    stream(1, Purpose::new(200, "masks of a test"), index)
}

#[test]
fn a_share_of_the_values_is_dropped_and_the_mean_is_kept() {
    for rate in [0.0_f32, 0.2, 0.5, 0.9] {
        let network = network(500, vec![dropout(rate)]);
        let mut workspace = Workspace::new(&network, 40);
        let inputs = vec![2.0; 40 * 500];
        let masks = &mut noise(0);
        let outputs = network.forward_training(&mut workspace, &[], &inputs, 40, &mut [], masks);
        let kept = 2.0 / (1.0 - f64::from(rate));
        let mut zeros = 0;
        for &output in outputs {
            zeros += usize::from(output == 0.0);
            let expected = if output == 0.0 { 0.0 } else { kept };
            assert!((f64::from(output) - expected).abs() < 1e-5, "{output}");
        }
        // Six standard deviations of 20,000 draws.
        let share = zeros as f64 / 20_000.0;
        let width = 6.0 * (f64::from(rate) * (1.0 - f64::from(rate)) / 20_000.0).sqrt();
        assert!((share - f64::from(rate)).abs() <= width, "{rate}: {share}");
    }
}

#[test]
fn other_passes_drop_nothing_and_backward_follows_the_last_pass() {
    let layers = vec![Layer::Linear { outputs: 30 }, dropout(0.5)];
    let network = network(4, layers);
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(&mut noise(9), &mut parameters);
    let plain = self::network(4, vec![Layer::Linear { outputs: 30 }]);
    let inputs = [0.3, -1.0, 0.7, 2.0];
    let slopes: Vec<f32> = (0..30).map(|index| index as f32 - 11.5).collect();
    let mut workspace = Workspace::new(&network, 1);
    let mut gradient = vec![f32::NAN; parameters.len()];
    let trained = network
        .forward_training(
            &mut workspace,
            &parameters,
            &inputs,
            1,
            &mut [],
            &mut noise(0),
        )
        .to_vec();
    assert!(trained.contains(&0.0));
    network.backward(&mut workspace, &parameters, &inputs, &slopes, &mut gradient);
    // The bias's gradient shows the masks: dropped outputs have none.
    let bias = &gradient[network.tensors()[1].range.clone()];
    for ((output, gradient), slope) in trained.iter().zip(bias).zip(&slopes) {
        let expected = if *output == 0.0 { 0.0 } else { 2.0 * slope };
        assert_eq!(*gradient, expected);
    }
    let outputs = network
        .forward(&mut workspace, &parameters, &inputs, 1)
        .to_vec();
    network.backward(&mut workspace, &parameters, &inputs, &slopes, &mut gradient);
    let mut workspace = Workspace::new(&plain, 1);
    assert_eq!(
        outputs,
        plain.forward(&mut workspace, &parameters, &inputs, 1)
    );
    let mut expected = vec![0.0; parameters.len()];
    plain.backward(&mut workspace, &parameters, &inputs, &slopes, &mut expected);
    assert_eq!(gradient, expected);
}

#[test]
fn masks_follow_the_generator_alone() {
    let layers = vec![
        dropout(0.3),
        Layer::Residual(vec![Layer::Tanh, dropout(0.3)]),
        dropout(0.0),
    ];
    let network = network(64, layers);
    let inputs = vec![1.0; 5 * 64];
    let run = |index, before: bool| {
        let mut workspace = Workspace::new(&network, 6);
        if before {
            network.forward(&mut workspace, &[], &inputs, 5);
            network.forward_training(
                &mut workspace,
                &[],
                &inputs[..64],
                1,
                &mut [],
                &mut noise(7),
            );
        }
        let outputs =
            network.forward_training(&mut workspace, &[], &inputs, 5, &mut [], &mut noise(index));
        outputs.to_vec()
    };
    assert_eq!(run(3, false), run(3, true));
    assert_ne!(run(3, false), run(4, false));
}

/// Central differences with the masks fixed by the generator.
#[test]
fn the_gradient_is_the_slope_for_fixed_masks() {
    let layers = vec![
        Layer::Linear { outputs: 12 },
        Layer::Tanh,
        dropout(0.4),
        Layer::Residual(vec![
            Layer::LayerNorm,
            dropout(0.25),
            Layer::Linear { outputs: 12 },
        ]),
        Layer::Tanh,
        Layer::Linear { outputs: 3 },
        dropout(0.1),
    ];
    let network = network(6, layers);
    let batch = 4;
    let mut parameters = vec![0.0; network.parameter_count()];
    network.initialize(&mut noise(5), &mut parameters);
    let wave = |index: usize, speed: f64| (index as f64 * speed + 0.3).sin() as f32;
    let inputs: Vec<f32> = (0..batch * 6).map(|index| wave(index, 1.7)).collect();
    let slopes: Vec<f32> = (0..batch * 3).map(|index| wave(index, 2.3)).collect();
    let mut workspace = Workspace::new(&network, batch);
    let value = |workspace: &mut Workspace, parameters: &[f32]| -> f64 {
        let outputs = network.forward_training(
            workspace,
            parameters,
            &inputs,
            batch,
            &mut [],
            &mut noise(2),
        );
        let products = outputs.iter().zip(&slopes);
        products
            .map(|(output, slope)| f64::from(*output) * f64::from(*slope))
            .sum()
    };
    value(&mut workspace, &parameters);
    let mut gradient = vec![0.0; parameters.len()];
    network.backward(&mut workspace, &parameters, &inputs, &slopes, &mut gradient);
    let largest = gradient
        .iter()
        .fold(0.0_f32, |most, value| most.max(value.abs()));
    for index in 0..parameters.len() {
        let own = parameters[index];
        let mut difference = |step: f32| {
            parameters[index] = own + step;
            let (above, up) = (value(&mut workspace, &parameters), parameters[index]);
            parameters[index] = own - step;
            let (below, down) = (value(&mut workspace, &parameters), parameters[index]);
            parameters[index] = own;
            (above - below) / f64::from(up - down)
        };
        let (wide, narrow) = (difference(0.02), difference(0.01));
        let slope = (4.0 * narrow - wide) / 3.0;
        let off = (slope - f64::from(gradient[index])).abs() / f64::from(largest);
        assert!(
            off < 3e-4,
            "parameter {index}: {slope} and {}",
            gradient[index]
        );
    }
}

#[test]
fn impossible_rates_are_refused_in_programs_and_in_files() {
    for rate in [-0.1, 1.0, 2.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(
            DropoutRate::new(rate),
            Err(NetworkError::DropoutRate(_))
        ));
    }
    let read = |text: &str| serde_json::from_str::<Layer>(text);
    assert_eq!(
        read(r#"{"dropout": {"rate": 0.25}}"#).unwrap(),
        dropout(0.25)
    );
    let refused = read(r#"{"dropout": {"rate": 1.5}}"#).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("a dropout rate of 1.5; expected at least 0 and below 1")
    );
}
