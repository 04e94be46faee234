//! Outputs, losses and gradients against PyTorch (`reference/nn.py` and `reference/nn_layers.py` made the values;
//! they are not needed here).

#![allow(clippy::unwrap_used)]

use descender_nn::{InstructionSet, Layer, Network, NetworkSpecification, Workspace, loss};
use serde_json::Value;

/// The formula of `reference/nn.py`.
fn noise(seed: u64, index: usize) -> f64 {
    let step = (index as u64 + 1).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(step);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^= state >> 31;
    (state >> 40) as f64 / f64::from(1 << 23) - 1.0
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

/// The largest difference, as a share of the largest value.
fn difference(ours: impl Iterator<Item = f64>, theirs: &[f64], largest: f64) -> f64 {
    let ours: Vec<f64> = ours.collect();
    assert_eq!(ours.len(), theirs.len());
    ours.iter()
        .zip(theirs)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
        / largest
}

/// Ours are f32 sums, theirs f64.
const TOLERANCE: f64 = 3e-6;

/// Recurrent layers round once more in each time step.
const TOLERANCE_OVER_TIME: f64 = 8e-6;

#[test]
fn networks_agree_with_pytorch_on_every_instruction_set() {
    compare_all(include_str!("../../../reference/nn.json"), 7, TOLERANCE);
}

#[test]
fn recurrent_and_further_layers_agree_with_pytorch_on_every_instruction_set() {
    compare_all(
        include_str!("../../../reference/nn_layers.json"),
        9,
        TOLERANCE_OVER_TIME,
    );
}

fn compare_all(file: &str, count: usize, tolerance: f64) {
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), count);
    for case in cases {
        for set in InstructionSet::available() {
            compare(case, set, tolerance);
        }
    }
}

fn compare(case: &Value, set: InstructionSet, tolerance: f64) {
    let name = format!("{} on {set}", case["name"]);
    let specification: NetworkSpecification =
        serde_json::from_value(case["specification"].clone()).unwrap();
    let network = Network::with_instruction_set(specification, set).unwrap();
    let batch = case["batch"].as_u64().unwrap() as usize;
    let classes = network.output_count();

    let mut parameters = vec![0.0; network.parameter_count()];
    for (index, tensor) in network.tensors().iter().enumerate() {
        let bound = f64::from((1.0 / (tensor.fan_in as f64).sqrt()) as f32);
        for (position, parameter) in parameters[tensor.range.clone()].iter_mut().enumerate() {
            *parameter = (bound * noise(10 + index as u64, position)) as f32;
        }
    }
    let first = network.specification().layers.first();
    let inputs: Vec<f32> = (0..batch * network.input_count())
        .map(|index| match first {
            Some(Layer::Embedding { vocabulary, .. }) => (index * 7 % vocabulary) as f32,
            _ if noise(3, index) < -0.5 => 0.0,
            _ => noise(2, index) as f32,
        })
        .collect();
    let labels: Vec<u8> = (0..batch)
        .map(|example| (example % classes) as u8)
        .collect();

    let mut workspace = Workspace::new(&network, batch);
    let outputs = network
        .forward(&mut workspace, &parameters, &inputs, batch)
        .to_vec();
    let theirs = numbers(&case["outputs"]);
    let largest = theirs
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let off = difference(
        outputs.iter().map(|value| f64::from(*value)),
        &theirs,
        largest,
    );
    assert!(off < tolerance, "{name}: outputs off by {off:e}");

    let mut losses = vec![0.0; batch];
    loss::cross_entropy_per_example(&outputs, &labels, classes, &mut losses);
    let off = difference(
        losses.iter().map(|loss| f64::from(*loss)),
        &numbers(&case["losses"]),
        1.0,
    );
    assert!(off < tolerance, "{name}: losses off by {off:e}");

    let mut logit_gradient = vec![0.0; outputs.len()];
    let loss = loss::softmax_cross_entropy(&outputs, &labels, classes, &mut logit_gradient);
    let off = (f64::from(loss) - case["loss"].as_f64().unwrap()).abs();
    assert!(off < tolerance, "{name}: loss off by {off:e}");

    let mut gradient = vec![0.0; parameters.len()];
    network.backward(
        &mut workspace,
        &parameters,
        &inputs,
        &logit_gradient,
        &mut gradient,
    );
    let largest = numbers(&case["gradient_largest"]);
    let step = case["step"].as_u64().unwrap() as usize;
    let theirs = numbers(&case["gradient"]);
    assert_eq!(theirs.len(), gradient.len().div_ceil(step));
    for (index, theirs) in theirs.iter().enumerate() {
        let position = index * step;
        let tensor = network
            .tensors()
            .iter()
            .position(|tensor| tensor.range.contains(&position))
            .unwrap();
        let off = (f64::from(gradient[position]) - theirs).abs() / largest[tensor];
        assert!(
            off < tolerance,
            "{name}: gradient {position} in tensor {tensor} off by {off:e}"
        );
    }
    for (index, (tensor, theirs)) in network
        .tensors()
        .iter()
        .zip(numbers(&case["gradient_sums"]))
        .enumerate()
    {
        let sum: f64 = gradient[tensor.range.clone()]
            .iter()
            .map(|value| f64::from(*value))
            .sum();
        let off = (sum - theirs).abs() / (largest[index] * tensor.range.len() as f64);
        assert!(
            off < tolerance,
            "{name}: sum of tensor {index} off by {off:e}"
        );
    }
}
