//! The controllers of the cases: every observation, action, head and layer at least once.

use descender_control::{
    ActionSettings, Anchored, BaseSchedule, Bounds, CompactObservationSettings, ControlSettings,
    Controller, Dimension, JobObservationSettings, ObservationSettings, PaperObservationSettings,
    Parameter, Policy, PolicyHead, ProgressObservationSettings, Provenance, Scale,
    ShippedController, TimetableObservationSettings,
};
use descender_nn::{Activation, DropoutRate, Layer, Network, NetworkSpecification};
use descender_optim::{Job, Method, Targets};

/// What a case is made from.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) controller: Controller,
    pub(crate) job: Option<Job>,
    pub(crate) recording: &'static str,
    pub(crate) steps: usize,
}

impl Plan {
    /// The controller's file, or the name of the one that ships.
    pub(crate) fn file(&self) -> &str {
        match self.controller == pretrained() {
            true => "pretrained",
            false => self.name,
        }
    }
}

pub(crate) fn pretrained() -> Controller {
    ShippedController::by_name("pretrained")
        .expect("it ships")
        .controller()
}

/// A job of which everything is known.
pub(crate) fn full(steps: u64) -> Job {
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

pub(crate) fn method(name: &str) -> Method {
    Method::by_name(name).expect("an optimizer of this name")
}

/// A controller whose network has these hidden layers, and parameters between ±`size` that begin at `phase`.
pub(crate) fn controller(
    control: ControlSettings,
    method: Method,
    hidden: Vec<Layer>,
    (size, phase): (f32, f32),
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
    let parameters = (0..count).map(|place| size * (1.7 * place as f32 + phase).sin());
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

pub(crate) fn anchored(schedule: BaseSchedule, total_steps: f32, warm_up: f32) -> Anchored {
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
pub(crate) const WIDE: Bounds = Bounds {
    lower: 1e-6,
    upper: 10.0,
};

pub(crate) fn job_observation(probe_every: u32) -> JobObservationSettings {
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

/// An observation, under factors and under anchored actions.
struct Observed {
    factors: &'static str,
    anchored: &'static str,
    observation: ObservationSettings,
    /// Size and phase of the parameters under factors: they choose several.
    of_factors: (f32, f32),
    /// Size of the parameters under anchored actions: they don't fix them at an end.
    of_anchored: f32,
}

fn observations() -> [Observed; 5] {
    let compact = CompactObservationSettings {
        total_steps: 150.0,
        ..CompactObservationSettings::default()
    };
    let progress = ProgressObservationSettings {
        fast_window: 4.0,
        slow_window: 20.0,
        total_steps: 150.0,
    };
    let timetable = TimetableObservationSettings {
        total_steps: 150.0,
        ..TimetableObservationSettings::default()
    };
    [
        Observed {
            factors: "paper-factors",
            anchored: "paper-anchored",
            observation: PaperObservationSettings { total_steps: 150.0 }.into(),
            of_factors: (0.4, 6.25),
            of_anchored: 0.4,
        },
        Observed {
            factors: "compact-factors",
            anchored: "compact-anchored",
            observation: compact.into(),
            of_factors: (2.0, 6.0),
            of_anchored: 1.0,
        },
        Observed {
            factors: "progress-factors",
            anchored: "progress-anchored",
            observation: progress.into(),
            of_factors: (2.0, 3.5),
            of_anchored: 1.0,
        },
        Observed {
            factors: "timetable-factors",
            anchored: "timetable-anchored",
            observation: timetable.into(),
            of_factors: (2.0, 3.5),
            of_anchored: 1.0,
        },
        Observed {
            factors: "job-factors",
            anchored: "job-anchored",
            observation: job_observation(2).into(),
            of_factors: (0.4, 4.0),
            of_anchored: 0.1,
        },
    ]
}

/// Every case but those of the safety net.
pub(crate) fn plans() -> Vec<Plan> {
    let mut plans = shipped();
    plans.extend(observed());
    plans.extend(acted());
    plans.extend(layered());
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
    for (place, observed) in observations().into_iter().enumerate() {
        let Observed {
            factors,
            anchored: placed,
            observation,
            of_factors,
            of_anchored,
        } = observed;
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
                of_factors,
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
            controller: controller(
                control,
                method("adam"),
                hidden(widths, activation),
                (of_anchored, 0.5),
            ),
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
    let plan = |name, control, method_name: &str, parameters| Plan {
        name,
        controller: controller(control, method(method_name), Vec::new(), parameters),
        job: None,
        recording: "falls",
        steps: 80,
    };
    vec![
        plan("anchored-pairs", compact(pairs, WIDE), "adamw", (0.9, 0.5)),
        plan("anchored-alone", compact(alone, WIDE), "family", (0.9, 0.5)),
        plan(
            "anchored-bounded",
            compact(anchored(BaseSchedule::Linear, 80.0, 0.3), narrow),
            "schedule-free-adamw",
            (1.5, 4.25),
        ),
        plan(
            "paper-default",
            ControlSettings::default(),
            "sgd",
            (0.5, 2.5),
        ),
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
        controller: controller(control, method("nesterov"), layers, (1.0, 0.5)),
        job: None,
        recording: "falls",
        steps: 80,
    }]
}
