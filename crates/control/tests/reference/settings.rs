//! The controllers of the cases: every observation, action, head, layer, method and rule of the safety net at least once.

use descender_control::{
    ActionSettings, Anchored, BaseSchedule, Bounds, CompactObservationSettings, ControlSettings,
    Controller, Dimension, JobObservationSettings, ObservationSettings, PaperObservationSettings,
    Parameter, Policy, PolicyHead, ProgressObservationSettings, Provenance, SafetySettings, Scale,
    ShippedController, TimetableObservationSettings,
};
use descender_nn::{Activation, DropoutRate, Layer, Network, NetworkSpecification};
use descender_optim::{HyperParameters, Job, Method, Schedule, Targets};
use serde::{Deserialize, Serialize};

use crate::case::ships;

/// What a case is made from.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) controller: Controller,
    pub(crate) job: Option<Job>,
    pub(crate) recording: &'static str,
    pub(crate) steps: usize,
}

impl Plan {
    /// The controller's file.
    pub(crate) fn file(&self) -> &str {
        match ships(&self.controller) {
            true => "pretrained",
            false => self.name,
        }
    }
}

/// An optimizer and its μ.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MethodValues {
    method: Method,
    usual_learning_rate: f32,
    /// With η = 0.1.
    hyper_parameters: HyperParameters,
}

/// Every optimizer, as it is and with other settings.
pub(crate) fn methods() -> Vec<MethodValues> {
    let mut methods: Vec<Method> = Method::names().iter().map(|info| info.method).collect();
    for method in methods.clone() {
        for (key, value) in [
            ("beta1", "0.8"),
            ("beta2", "0.98"),
            ("momentum", "0.7"),
            ("dampening", "0.3"),
            ("decay", "0.95"),
            ("epsilon", "0.001"),
            ("epsilon_place", "inside"),
            ("b1", "-0.5"),
        ] {
            methods.extend(method.with_setting(key, value).ok());
        }
    }
    (methods.into_iter())
        .map(|method| MethodValues {
            usual_learning_rate: method.usual_learning_rate(),
            hyper_parameters: method.hyper_parameters(0.1),
            method,
        })
        .collect()
}

/// A job, and what of it is outside of what `pretrained` was learned for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outside {
    job: Job,
    texts: Vec<String>,
}

pub(crate) fn outside() -> Vec<Outside> {
    let jobs = [
        full(400),
        Job {
            batch_size: Some(1024),
            examples: Some(50_000),
            parameters: Some(11_689_512),
            input_scale: Some(0.0001),
            ..full(100_000)
        },
        Job {
            targets: Some(Targets::Classes(1000)),
            layers: Some(62),
            fan_in: Some(1.0),
            ..full(5000)
        },
        Job {
            targets: Some(Targets::Numbers(3)),
            ..full(7)
        },
    ];
    let pretrained = pretrained();
    (jobs.into_iter())
        .map(|job| Outside {
            job,
            texts: pretrained.control().outside(&job),
        })
        .collect()
}

fn pretrained() -> Controller {
    ShippedController::by_name("pretrained")
        .expect("it ships")
        .controller()
}

/// A job of which everything is known.
fn full(steps: u64) -> Job {
    Job {
        steps,
        batch_size: Some(64),
        examples: Some(8000),
        parameters: Some(28_938),
        input_scale: Some(1.0),
        targets: Some(Targets::Classes(10)),
        layers: Some(3),
        fan_in: Some(138.0),
    }
}

fn method(name: &str) -> Method {
    Method::by_name(name).expect("an optimizer of this name")
}

/// A controller whose network has these hidden layers, and parameters between ±`size`.
fn controller(
    control: ControlSettings,
    method: Method,
    hidden: Vec<Layer>,
    size: f32,
) -> Controller {
    let inputs = control.observation.feature_names().len();
    let (head, outputs) = match &control.action {
        ActionSettings::Factors(factors) => (PolicyHead::GreedyValues, factors.factors.len()),
        action => (PolicyHead::Squashed, action.descriptions().len()),
    };
    let mut specification =
        NetworkSpecification::multi_layer_perceptron(inputs, &[], outputs, Activation::Relu);
    specification.layers.splice(0..0, hidden);
    let count = Network::new(specification.clone())
        .expect("a network")
        .parameter_count();
    let parameters = (0..count).map(|place| size * (1.7 * place as f32 + 0.5).sin());
    let policy = Policy::with_head(head, specification, parameters.collect()).expect("a policy");
    let provenance = Provenance {
        task: "reference".into(),
        agent: "a formula".into(),
        ..Provenance::default()
    };
    Controller::new(policy, control, method, provenance).expect("a controller")
}

fn hidden(widths: &[usize], activation: Activation) -> Vec<Layer> {
    let layers =
        (widths.iter()).flat_map(|&outputs| [Layer::Linear { outputs }, activation.layer()]);
    layers.collect()
}

fn dimension(parameter: Parameter, low: f32, high: f32, scale: Scale) -> Dimension {
    Dimension {
        parameter,
        low,
        high,
        scale,
    }
}

fn anchored(schedule: BaseSchedule, total_steps: f32, warm_up: f32) -> Anchored {
    Anchored {
        schedule,
        total_steps,
        warm_up,
        dimensions: vec![
            dimension(Parameter::LearningRate, 0.01, 0.8, Scale::Logarithmic),
            dimension(Parameter::Momentum, 0.2, 0.97, Scale::Complement),
        ],
    }
}

/// The paper's range is narrow; a policy that is a formula soon leaves it.
const WIDE: Bounds = Bounds {
    lower: 1e-6,
    upper: 10.0,
};

fn job_observation(probe_every: u32) -> JobObservationSettings {
    JobObservationSettings {
        centre: [
            5.0, 3.0, 6.5, 8.0, 0.0, 1.7, 0.1, 1.0, 3.6, 0.6, -0.2, 0.0, 0.2, 0.2, 0.5,
        ],
        spread: [
            0.5, 0.9, 1.3, 1.7, 1.4, 0.8, 0.3, 0.4, 0.7, 1.8, 1.2, 0.9, 1.1, 1.4, 1.5,
        ],
        probe_every,
        ..JobObservationSettings::default()
    }
}

/// The observations, each with a size of parameters that moves its policy and doesn't fix it at an end.
fn observations() -> [(&'static str, &'static str, ObservationSettings, f32); 5] {
    [
        (
            "paper-factors",
            "paper-anchored",
            PaperObservationSettings { total_steps: 150.0 }.into(),
            0.4,
        ),
        (
            "compact-factors",
            "compact-anchored",
            CompactObservationSettings {
                total_steps: 150.0,
                ..CompactObservationSettings::default()
            }
            .into(),
            1.0,
        ),
        (
            "progress-factors",
            "progress-anchored",
            ProgressObservationSettings {
                fast_window: 4.0,
                slow_window: 20.0,
                total_steps: 150.0,
            }
            .into(),
            1.0,
        ),
        (
            "timetable-factors",
            "timetable-anchored",
            TimetableObservationSettings {
                total_steps: 150.0,
                ..TimetableObservationSettings::default()
            }
            .into(),
            1.0,
        ),
        (
            "job-factors",
            "job-anchored",
            job_observation(2).into(),
            0.1,
        ),
    ]
}

/// Every case.
pub(crate) fn plans() -> Vec<Plan> {
    let mut plans = shipped();
    plans.extend(observed());
    plans.extend(acted());
    plans.extend(layered());
    plans.extend(guarded());
    plans
}

fn shipped() -> Vec<Plan> {
    let plan = |name, job, recording, steps| Plan {
        name,
        controller: pretrained(),
        job: Some(job),
        recording,
        steps,
    };
    let unknown = Job {
        steps: 120,
        ..Job::default()
    };
    let numbers = Job {
        targets: Some(Targets::Numbers(2)),
        input_scale: Some(40.0),
        ..full(60)
    };
    vec![
        plan("pretrained", full(200), "falls", 200),
        plan("pretrained-unknown", unknown, "falls", 120),
        plan("pretrained-numbers", numbers, "falls", 60),
        plan("pretrained-long", full(100_000), "falls", 30),
        plan("pretrained-breaks", full(160), "breaks", 160),
    ]
}

/// Each observation with factors and with anchored actions; hidden layers and activations in turn.
fn observed() -> Vec<Plan> {
    let mut plans = Vec::new();
    let activations = [Activation::Relu, Activation::Tanh, Activation::Sigmoid];
    for (place, (factors, placed, observation, size)) in observations().into_iter().enumerate() {
        let activation = activations[place % activations.len()];
        let widths: &[usize] = [&[][..], &[6], &[5, 4]][place % 3];
        let control = ControlSettings {
            interval: 3,
            bounds: WIDE,
            observation: observation.clone(),
            action: ActionSettings::factors(vec![0.5, 0.9, 1.0, 1.1, 1.7]),
            ..ControlSettings::default()
        };
        plans.push(Plan {
            name: factors,
            controller: controller(
                control,
                method("momentum"),
                hidden(widths, activation),
                size,
            ),
            job: None,
            recording: "odd",
            steps: 90,
        });
        let control = ControlSettings {
            decisions: 15,
            bounds: WIDE,
            observation,
            action: anchored(BaseSchedule::Cosine, 500.0, 0.1).into(),
            ..ControlSettings::default()
        };
        plans.push(Plan {
            name: placed,
            controller: controller(control, method("adam"), hidden(widths, activation), size),
            job: Some(full(90)),
            recording: if place % 2 == 0 { "falls" } else { "breaks" },
            steps: 90,
        });
    }
    plans
}

/// Every hyper-parameter, scale and base schedule; bounds that hold; the paper's own settings.
fn acted() -> Vec<Plan> {
    use Parameter as P;
    use Scale::{Complement, Linear, Logarithmic};
    let compact = |action: Anchored, bounds| ControlSettings {
        interval: 7,
        bounds,
        initial_learning_rate: 0.05,
        observation: ObservationSettings::compact(),
        action: action.into(),
        ..ControlSettings::default()
    };
    let pairs = Anchored {
        dimensions: vec![
            dimension(P::WeightDecay, 0.5, 400.0, Logarithmic),
            dimension(P::LearningRate, 0.001, 0.6, Linear),
            dimension(P::SecondMoment, 0.9, 0.9999, Complement),
            dimension(P::A3, -1.0, 3.0, Linear),
            dimension(P::B3, -0.01, 0.01, Linear),
            dimension(P::Averaging, 0.5, 20.0, Logarithmic),
        ],
        ..anchored(BaseSchedule::Linear, 60.0, 0.0)
    };
    let alone = Anchored {
        dimensions: vec![
            dimension(P::A1, 0.0, 0.99, Complement),
            dimension(P::A2, 0.001, 1.0, Logarithmic),
            dimension(P::B1, -0.5, 0.9, Linear),
            dimension(P::B2, 0.1, 2.0, Logarithmic),
        ],
        ..anchored(BaseSchedule::Constant, 60.0, 0.2)
    };
    let narrow = Bounds {
        lower: 0.05,
        upper: 0.2,
    };
    let plan = |name, control, method_name: &str, size| Plan {
        name,
        controller: controller(control, method(method_name), Vec::new(), size),
        job: None,
        recording: "falls",
        steps: 80,
    };
    vec![
        plan("anchored-pairs", compact(pairs, WIDE), "adamw", 0.9),
        plan("anchored-alone", compact(alone, WIDE), "family", 0.9),
        plan(
            "anchored-bounded",
            compact(anchored(BaseSchedule::Linear, 80.0, 0.3), narrow),
            "schedule-free-adamw",
            1.5,
        ),
        plan("paper-default", ControlSettings::default(), "sgd", 0.5),
    ]
}

/// A network of the layers that a policy of numbers can have.
fn layered() -> Vec<Plan> {
    let rate = DropoutRate::new(0.25).expect("a rate");
    let inner = vec![
        Layer::LayerNorm,
        Layer::Linear { outputs: 7 },
        Layer::Residual(vec![Layer::Tanh, Layer::Linear { outputs: 7 }]),
        Layer::Relu,
    ];
    let layers = vec![
        Layer::Linear { outputs: 7 },
        Layer::Dropout { rate },
        Layer::Residual(inner),
        Layer::Sigmoid,
    ];
    let control = ControlSettings {
        interval: 5,
        bounds: WIDE,
        observation: ObservationSettings::compact(),
        action: anchored(BaseSchedule::Constant, 100.0, 0.0).into(),
        ..ControlSettings::default()
    };
    vec![Plan {
        name: "layers",
        controller: controller(control, method("nesterov"), layers, 1.0),
        job: None,
        recording: "falls",
        steps: 80,
    }]
}

/// The safety net: each cause, the policy asked again, and each schedule to fall back on.
fn guarded() -> Vec<Plan> {
    let net = |change: &dyn Fn(&mut SafetySettings)| {
        let mut safety = SafetySettings {
            enabled: true,
            ..SafetySettings::default()
        };
        change(&mut safety);
        safety
    };
    let compact = |safety: SafetySettings| ControlSettings {
        interval: 4,
        bounds: WIDE,
        observation: ObservationSettings::compact(),
        action: ActionSettings::factors(vec![0.8, 1.0, 1.3]),
        safety,
        ..ControlSettings::default()
    };
    let relative = |safety: SafetySettings| ControlSettings {
        decisions: 20,
        bounds: WIDE,
        observation: job_observation(3).into(),
        action: anchored(BaseSchedule::Linear, 500.0, 0.0).into(),
        safety,
        ..ControlSettings::default()
    };
    let paper = |safety: SafetySettings| ControlSettings {
        safety,
        ..ControlSettings::default()
    };
    let plan = |name, control: ControlSettings, recording, size| Plan {
        name,
        job: (control.is_relative()).then(|| full(200)),
        controller: controller(control, method("adam"), Vec::new(), size),
        recording,
        steps: 200,
    };
    let mut plans = vec![
        plan("net-rises", compact(net(&|_| ())), "rises", 1.0),
        plan("net-breaks", compact(net(&|_| ())), "breaks", 1.0),
        plan("net-explodes", compact(net(&|_| ())), "explodes", 1.0),
        plan("net-stalls", compact(net(&|_| ())), "stalls", 1.0),
        plan("net-paper-breaks", paper(net(&|_| ())), "breaks", 0.4),
        plan("net-job-rises", relative(net(&|_| ())), "rises", 0.1),
        plan(
            "net-job-breaks",
            relative(net(&|safety| safety.hold = 13)),
            "breaks",
            0.1,
        ),
    ];
    for (name, schedule) in [
        ("fallback-constant", "constant"),
        ("fallback-step", "step"),
        ("fallback-exponential", "exponential"),
        ("fallback-linear", "linear"),
        ("fallback-cosine", "cosine"),
        ("fallback-sgdr", "sgdr"),
        ("fallback-one-cycle", "one-cycle"),
    ] {
        let safety = net(&|safety| {
            safety.trips = 1;
            safety.fallback.schedule = Schedule::by_name(schedule).expect("a schedule");
            safety.fallback.peak_learning_rate = 0.07;
            safety.fallback.descent_steps = 150;
        });
        let mut fallback = plan(name, compact(safety), "explodes", 0.2);
        fallback.steps = 110;
        plans.push(fallback);
    }
    plans
}
