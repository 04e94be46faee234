//! The cases of the safety net: each cause, the policy asked again, and each schedule to fall back on.

use descender_control::{
    ActionSettings, BaseSchedule, ControlSettings, ObservationSettings, SafetySettings,
};
use descender_optim::Schedule;

use crate::settings::{Plan, WIDE, anchored, controller, full, job_observation, method};

/// Descents that go wrong, and descents that seem to.
pub(crate) fn plans() -> Vec<Plan> {
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
    let plan = |name, control: ControlSettings, recording, parameters| Plan {
        name,
        job: (control.is_relative()).then(|| full(200)),
        controller: controller(control, method("adam"), Vec::new(), parameters),
        recording,
        steps: 200,
    };
    let mut plans = vec![
        plan("net-rises", compact(net(&|_| ())), "rises", (1.0, 1.0)),
        plan("net-breaks", compact(net(&|_| ())), "breaks", (1.0, 0.5)),
        plan(
            "net-explodes",
            compact(net(&|_| ())),
            "explodes",
            (1.0, 0.5),
        ),
        plan("net-stalls", compact(net(&|_| ())), "stalls", (1.0, 0.75)),
        plan(
            "net-stalls-high",
            compact(net(&|safety| safety.fallback.peak_learning_rate = 5.0)),
            "stalls",
            (1.0, 0.75),
        ),
        plan(
            "net-rises-in-warm-up",
            compact(net(&|safety| safety.warm_up = 64)),
            "rises",
            (1.0, 1.0),
        ),
        plan(
            "net-paper-breaks",
            paper(net(&|_| ())),
            "breaks",
            (0.4, 1.0),
        ),
        plan("net-job-rises", relative(net(&|_| ())), "rises", (0.1, 0.5)),
        plan(
            "net-job-breaks",
            relative(net(&|safety| safety.hold = 13)),
            "breaks",
            (0.1, 0.5),
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
        let mut fallback = plan(name, compact(safety), "explodes", (0.2, 0.5));
        fallback.steps = 110;
        plans.push(fallback);
    }
    plans
}
