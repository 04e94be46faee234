//! Each form is evaluated by an evaluator of its own and agrees with the controller.

use std::process::Command;

use descender_nn::{Activation, NetworkSpecification};
use descender_optim::{Feedback, Job, Method, StepStatistics, Targets};

use super::PolicyExportError;
use crate::*;

/// Numbers that look random, in [−1, 1].
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.0 >> 40) as f32) / (1_u64 << 23) as f32 - 1.0
    }

    fn list(&mut self, count: usize, size: f32) -> Vec<f32> {
        (0..count).map(|_| size * self.next()).collect()
    }
}

fn controller(
    observation: impl Into<ObservationSettings>,
    change: impl Fn(&mut ControlSettings, &mut Anchored),
    hidden: &[usize],
    activation: Activation,
) -> Controller {
    let mut anchored = Anchored {
        dimensions: [
            (Parameter::LearningRate, 0.0002, 0.6, Scale::Logarithmic),
            (Parameter::Momentum, 0.0, 0.99, Scale::Complement),
            (Parameter::A3, -0.5, 0.25, Scale::Linear),
            (Parameter::WeightDecay, 0.5, 400.0, Scale::Logarithmic),
        ]
        .map(|(parameter, low, high, scale)| Dimension {
            parameter,
            low,
            high,
            scale,
        })
        .into(),
        ..Anchored::default()
    };
    let mut control = ControlSettings {
        interval: 3,
        observation: observation.into(),
        ..ControlSettings::default()
    };
    change(&mut control, &mut anchored);
    let inputs = control.observation.feature_names().len();
    let network = NetworkSpecification::multi_layer_perceptron(
        inputs,
        hidden,
        anchored.dimensions.len(),
        activation,
    );
    control.action = ActionSettings::Anchored(anchored);
    let count = descender_nn::Network::new(network.clone())
        .unwrap()
        .parameter_count();
    let parameters = Numbers(7).list(count, 0.4);
    let policy = Policy::with_head(PolicyHead::Squashed, network, parameters).unwrap();
    let method = Method::by_name("adamw").unwrap();
    Controller::new(policy, control, method, Provenance::default()).unwrap()
}

fn greedy() -> Controller {
    let network = NetworkSpecification::multi_layer_perceptron(5, &[8], 3, Activation::Relu);
    let parameters = Numbers(3).list(5 * 8 + 8 + 8 * 3 + 3, 0.7);
    let control = ControlSettings {
        observation: ObservationSettings::Compact(
            serde_json::from_str("{}").expect("all settings have defaults"),
        ),
        ..ControlSettings::default()
    };
    let policy = Policy::new(network, parameters).unwrap();
    Controller::new(policy, control, Method::Sgd, Provenance::default()).unwrap()
}

/// Controllers of every observation that C has, with probes, warm-up, each schedule, hidden layers.
fn steering() -> Vec<(&'static str, Controller)> {
    let job = |probe_every| JobObservationSettings {
        centre: [0.5; READINGS],
        spread: [1.5; READINGS],
        least: [0.5; OF_THE_JOB],
        most: [2.5; OF_THE_JOB],
        precision: {
            let mut numbers = Numbers(11);
            [(); OF_THE_JOB].map(|()| [(); OF_THE_JOB].map(|()| 1.0 + 0.5 * numbers.next()))
        },
        reach: 2.0,
        probe_every,
        probe_examples: 32,
        ..JobObservationSettings::default()
    };
    let relative = |control: &mut ControlSettings, anchored: &mut Anchored| {
        control.decisions = 40;
        anchored.schedule = BaseSchedule::Linear;
    };
    let fixed = |schedule, warm_up| {
        move |_: &mut ControlSettings, anchored: &mut Anchored| {
            anchored.schedule = schedule;
            anchored.warm_up = warm_up;
            anchored.total_steps = 90.0;
        }
    };
    let progress = ProgressObservationSettings {
        total_steps: 90.0,
        ..ProgressObservationSettings::default()
    };
    let timetable = TimetableObservationSettings {
        total_steps: 90.0,
        ..TimetableObservationSettings::default()
    };
    let pretrained = ShippedController::by_name("pretrained")
        .unwrap()
        .controller();
    vec![
        ("pretrained", pretrained),
        (
            "probed",
            controller(job(2), relative, &[], Activation::Relu),
        ),
        (
            "deep",
            controller(job(1), relative, &[12, 6], Activation::Tanh),
        ),
        (
            "of one job",
            controller(
                JobObservationSettings {
                    job: Job {
                        steps: 90,
                        batch_size: Some(5),
                        targets: Some(Targets::Classes(4)),
                        input_scale: Some(0.7),
                        ..Job::default()
                    },
                    ..job(2)
                },
                fixed(BaseSchedule::Linear, 0.1),
                &[],
                Activation::Relu,
            ),
        ),
        (
            "progress",
            controller(
                progress,
                fixed(BaseSchedule::Cosine, 0.2),
                &[7],
                Activation::Relu,
            ),
        ),
        (
            "timetable",
            controller(
                timetable,
                fixed(BaseSchedule::Constant, 0.0),
                &[],
                Activation::Relu,
            ),
        ),
    ]
}

#[test]
fn the_json_document_is_the_whole_controller() {
    for controller in steering()
        .into_iter()
        .map(|(_, controller)| controller)
        .chain([greedy()])
    {
        let document: serde_json::Value =
            serde_json::from_str(&controller.to_json().unwrap()).unwrap();
        let description: Description =
            serde_json::from_value(document["controller"].clone()).unwrap();
        assert_eq!(description, controller.description());
        let inputs = controller.policy().network().input_count();
        let features = Numbers(5).list(inputs, 1.0);
        let mut values: Vec<f64> = features.iter().map(|x| f64::from(*x)).collect();
        for layer in document["layers"].as_array().unwrap() {
            values = match layer["kind"].as_str().unwrap() {
                "linear" => {
                    let row = |row: &serde_json::Value| -> Vec<f64> {
                        row.as_array()
                            .unwrap()
                            .iter()
                            .map(|x| x.as_f64().unwrap())
                            .collect()
                    };
                    let mut sums = row(&layer["bias"]);
                    for (x, weights) in values.iter().zip(layer["weight"].as_array().unwrap()) {
                        for (sum, weight) in sums.iter_mut().zip(row(weights)) {
                            *sum += x * weight;
                        }
                    }
                    sums
                }
                "relu" => values.iter().map(|x| x.max(0.0)).collect(),
                "tanh" => values.iter().map(|x| x.tanh()).collect(),
                other => panic!("{other}"),
            };
        }
        let mut policy = controller.policy().clone();
        for (own, found) in policy.outputs(&features).iter().zip(values) {
            assert!((f64::from(*own) - found).abs() < 1e-5, "{own} {found}");
        }
    }
}

/// A message's fields: number, and bytes or number.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Vec<u8>, u64)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[0];
            *bytes = &bytes[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let value = varint(&mut bytes);
        match tag & 7 {
            0 => fields.push((tag >> 3, Vec::new(), value)),
            2 => {
                let (own, rest) = bytes.split_at(value as usize);
                fields.push((tag >> 3, own.to_vec(), 0));
                bytes = rest;
            }
            other => panic!("wire type {other}"),
        }
    }
    fields
}

fn texts(fields: &[(u64, Vec<u8>, u64)], number: u64) -> Vec<String> {
    let of = fields.iter().filter(|field| field.0 == number);
    of.map(|field| String::from_utf8(field.1.clone()).unwrap())
        .collect()
}

/// Evaluates the graph of a model.
fn evaluate(model: &[u8], features: &[f32]) -> Vec<f32> {
    let model = fields(model);
    let of = |number| model.iter().find(|field| field.0 == number).unwrap();
    assert_eq!((of(1).2, fields(&of(8).1)[0].2), (7, 13));
    let graph = fields(&of(7).1);
    let mut known: std::collections::HashMap<String, Vec<f32>> = std::collections::HashMap::new();
    for (_, tensor, _) in graph.iter().filter(|field| field.0 == 5) {
        let tensor = fields(tensor);
        let raw = &tensor.iter().find(|field| field.0 == 9).unwrap().1;
        let values = raw
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()));
        let values: Vec<f32> = values.collect();
        let shape: u64 = tensor
            .iter()
            .filter(|field| field.0 == 1)
            .map(|field| field.2)
            .product();
        assert_eq!(values.len() as u64, shape);
        known.insert(texts(&tensor, 8).remove(0), values);
    }
    known.insert("features".to_owned(), features.to_vec());
    for (_, node, _) in graph.iter().filter(|field| field.0 == 1) {
        let node = fields(node);
        let inputs: Vec<&Vec<f32>> = texts(&node, 1).iter().map(|name| &known[name]).collect();
        let values = match texts(&node, 4).remove(0).as_str() {
            "Gemm" => {
                let outputs = inputs[2].len();
                (0..outputs)
                    .map(|o| {
                        let products = inputs[0]
                            .iter()
                            .enumerate()
                            .map(|(i, x)| x * inputs[1][i * outputs + o]);
                        inputs[2][o] + products.sum::<f32>()
                    })
                    .collect()
            }
            "Relu" => inputs[0].iter().map(|x| x.max(0.0)).collect(),
            "Tanh" => inputs[0].iter().map(|x| x.tanh()).collect(),
            "ArgMax" => vec![highest(inputs[0]) as f32],
            other => panic!("{other}"),
        };
        known.insert(texts(&node, 2).remove(0), values);
    }
    known.remove("action").unwrap()
}

#[test]
fn the_onnx_model_decides_as_the_policy_does() {
    for controller in steering()
        .into_iter()
        .map(|(_, controller)| controller)
        .chain([greedy()])
    {
        let model = controller.to_onnx().unwrap();
        let mut policy = controller.policy().clone();
        for seed in 0..4 {
            let features = Numbers(seed).list(policy.network().input_count(), 1.0);
            let found = evaluate(&model, &features);
            match policy.act(&features) {
                Action::Discrete(action) => assert_eq!(found, [action as f32]),
                Action::Continuous(action) => {
                    for (own, found) in action.iter().zip(found) {
                        assert!((own - found).abs() < 1e-5, "{own} {found}");
                    }
                }
            }
        }
        let metadata = fields(
            &fields(&model)
                .iter()
                .find(|field| field.0 == 14)
                .unwrap()
                .1
                .clone(),
        );
        let description: Description = serde_json::from_str(&texts(&metadata, 2)[0]).unwrap();
        assert_eq!(description, controller.description());
    }
}

const STEPS: u64 = 100;

/// What a descent might tell, with losses that are not finite, and a probe.
fn told(step: u64) -> (f32, f32) {
    let mut numbers = Numbers(step);
    numbers.next();
    let loss = 2.3 * (-(step as f32) / 40.0).exp() + 0.2 + 0.1 * numbers.next();
    match step {
        31 => (f32::NAN, loss),
        52 => (f32::INFINITY, loss),
        _ => (loss, loss + 0.1 * numbers.next()),
    }
}

fn jobs() -> [(&'static str, Job); 3] {
    let whole = Job {
        steps: STEPS,
        batch_size: Some(12),
        examples: Some(3_000),
        parameters: Some(5_000),
        input_scale: Some(0.3),
        targets: Some(Targets::Classes(10)),
        layers: Some(3),
        fan_in: Some(40.0),
    };
    let little = Job {
        steps: STEPS,
        targets: Some(Targets::Numbers(2)),
        ..Job::default()
    };
    [
        (
            "{.steps = 100, .batch_size = 12, .examples = 3000, .parameters = 5000, .input_scale = 0.3f, .classes = 10, .layers = 3, .fan_in = 40.0f}",
            whole,
        ),
        ("{.steps = 100, .numbers = 2}", little),
        // Without steps: the job that the controller was made with.
        ("{.steps = 0, .batch_size = 12}", Job::default()),
    ]
}

/// Runs the C file as a program of its own, which prints the hyper-parameters before each step.
fn run_c(code: &str, job: &str) -> Vec<[f32; 9]> {
    let folder = tempfile::tempdir().unwrap();
    let number = |x: f32| match x {
        x if x.is_nan() => "NAN".to_owned(),
        x if x.is_infinite() => "INFINITY".to_owned(),
        x => format!("{x:e}f"),
    };
    let losses: Vec<String> = (0..STEPS).map(|step| number(told(step).0)).collect();
    let probes: Vec<String> = (0..STEPS).map(|step| number(told(step).1)).collect();
    let program = format!(
        "{code}\n#include <stdio.h>\nint main(void)\n{{\n    static const float losses[] = {{{}}}, probes[] = {{{}}};\n    descender_state state;\n    descender_job job = {job};\n    int i;\n    descender_start(&state, &job);\n    for (i = 0; i < {STEPS}; i++) {{\n        const descender_hyper_parameters *mu = &state.mu;\n        printf(\"%.9g %.9g %.9g %.9g %.9g %.9g %.9g %.9g %.9g\\n\", (double)mu->learning_rate, (double)mu->a1, (double)mu->a2, (double)mu->a3, (double)mu->b1, (double)mu->b2, (double)mu->b3, (double)mu->c, (double)mu->w);\n        if (descender_wants_probe(&state))\n            descender_probe(&state, probes[i]);\n        descender_step(&state, losses[i]);\n    }}\n    return 0;\n}}\n",
        losses.join(", "),
        probes.join(", ")
    );
    let (source, binary) = (folder.path().join("steer.c"), folder.path().join("steer"));
    std::fs::write(&source, program).unwrap();
    let compiled = Command::new("cc")
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-pedantic",
            "-O1",
            "-o",
        ])
        .args([&binary, &source])
        .arg("-lm")
        .output()
        .expect("Rust links with cc, so it is there");
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let output = Command::new(&binary).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let row = |line: &str| {
        let numbers: Vec<f32> = line
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect();
        numbers.try_into().unwrap()
    };
    text.lines().map(row).collect()
}

#[test]
fn the_c_code_steers_as_a_session_does() {
    for (name, controller) in steering() {
        let code = controller.to_c().unwrap();
        for (words, job) in jobs() {
            let found = run_c(&code, words);
            let mut session = controller.start_for(&job);
            let mut decided = 0;
            for step in 0..STEPS {
                let mu = *session.hyper_parameters();
                let own = [
                    mu.learning_rate,
                    mu.a1,
                    mu.a2,
                    mu.a3,
                    mu.b1,
                    mu.b2,
                    mu.b3,
                    mu.c,
                    mu.w,
                ];
                for (place, (own, found)) in own.iter().zip(found[step as usize]).enumerate() {
                    // Relative for the learning rate; the others are near 1, or pass through 0.
                    let size = own.abs().max(if place == 0 { 0.0 } else { 0.1 });
                    let near = (own - found).abs() <= 2e-5 * size;
                    assert!(near, "{name}, step {step}: {own} {found}");
                }
                let (loss, probe) = told(step);
                if session.wants_probe().is_some() {
                    session.probe(probe);
                }
                let statistics = StepStatistics::default();
                session.record(&Feedback {
                    step,
                    loss,
                    statistics,
                });
                decided += u32::from(session.observed().is_some());
            }
            assert!(decided > 20, "{name}");
        }
    }
}

#[test]
fn what_a_form_lacks_is_refused_by_name() {
    let error = greedy().to_c().unwrap_err().to_string();
    assert!(error.contains("no actions factors"), "{error}");
    let compact = ObservationSettings::Compact(serde_json::from_str("{}").unwrap());
    let controller = controller(compact, |_, _| {}, &[], Activation::Relu);
    let error = controller.to_c().unwrap_err();
    assert_eq!(error, PolicyExportError::Observation("compact".to_owned()));
}

#[test]
fn a_head_that_onnx_has_no_word_for_is_refused() {
    let plain = greedy();
    let network = NetworkSpecification::multi_layer_perceptron(5, &[], 9, Activation::Relu);
    let head = PolicyHead::GreedyExpectation {
        atoms: 3,
        least: -1.0,
        most: 1.0,
    };
    let policy = Policy::with_head(head, network, Numbers(5).list(6 * 9, 0.7)).unwrap();
    let control = plain.control().clone();
    let controller = Controller::new(policy, control, Method::Sgd, Provenance::default()).unwrap();
    assert_eq!(controller.to_onnx(), Err(PolicyExportError::Head(head)));
    assert_eq!(
        PolicyExportError::Head(head).to_string(),
        "an ONNX model has no policy head greedy-expectation: expected greedy-values or squashed, or --format json"
    );
    // Actions between which it decides are those that C lacks.
    assert!(matches!(
        controller.to_c(),
        Err(PolicyExportError::Action(_))
    ));
    let document: serde_json::Value = serde_json::from_str(&controller.to_json().unwrap()).unwrap();
    let written = &document["controller"]["head"]["greedy-expectation"];
    assert_eq!(written["atoms"], 3);
    // The file holds it, too.
    let read = Controller::from_bytes(&controller.to_bytes()).unwrap();
    assert_eq!(read.policy(), controller.policy());
    assert!(controller.to_string().contains("highest expected return"));
}
