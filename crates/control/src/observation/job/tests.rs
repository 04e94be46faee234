use descender_optim::{Method, StepStatistics};

use super::*;

fn job() -> Job {
    Job {
        steps: 100,
        batch_size: Some(32),
        examples: Some(3200),
        parameters: Some(1000),
        input_scale: Some(0.5),
        targets: Some(Targets::Classes(10)),
        layers: Some(2),
        fan_in: Some(1.0),
    }
}

fn observation(settings: JobObservationSettings) -> JobObservation {
    let mut observation = JobObservation::new(settings);
    observation.reset(&Method::Sgd.hyper_parameters(0.1));
    observation
}

/// Records `losses`, with a decision after each two, and the probe `probe` times as large before each that wants one.
fn run(observation: &mut JobObservation, losses: &[f32], probe: Option<f32>) -> Vec<Vec<f32>> {
    let mu = Method::Sgd.hyper_parameters(0.1);
    let mut written = Vec::new();
    for (step, &loss) in losses.iter().enumerate() {
        let decides = step % 2 == 1;
        if let (true, Some(_), Some(factor)) = (decides, observation.wants_probe(), probe) {
            observation.probe(factor * loss);
        }
        let statistics = StepStatistics::default();
        let step = step as u64;
        observation.record(
            &Feedback {
                step,
                loss,
                statistics,
            },
            &mu,
        );
        if decides {
            let mut out = vec![f32::NAN; JobObservationSettings::features().len()];
            observation.write(&mut out);
            written.push(out);
            observation.note_action(&mu, &mu);
        }
    }
    written
}

const LOSSES: [f32; 8] = [2.0, 1.5, 1.2, 1.4, 0.9, 0.8, 1.1, 0.5];

#[test]
fn a_feature_is_a_point_of_time_times_a_reading() {
    let mut settings = JobObservationSettings {
        job: job(),
        ..JobObservationSettings::default()
    };
    settings.centre[3] = 1000.0_f32.ln() - 1.0;
    settings.spread[3] = 0.5;
    let names = JobObservationSettings::features();
    let written = run(&mut observation(settings), &LOSSES, None);
    // After 4 of 100 steps the time is at the second point.
    for (name, value) in names.iter().zip(&written[1]) {
        let expected = match *name {
            "at_4" => 1.0,
            "at_4 × parameters" => 2.0,
            // Cut at 2.5 spreads; the spread is 1.
            "at_4 × steps" | "at_4 × batch" | "at_4 × examples" => 2.5,
            "at_4 × input_scale" => 0.5_f32.ln(),
            "at_4 × classes" => 10.0_f32.ln(),
            "at_4 × layers" => 2.0_f32.ln(),
            name if name.matches('×').count() > 1 => *value, // products: below
            _ => 0.0,
        };
        assert!((value - expected).abs() < 1e-5, "{name}: {value}");
    }
}

#[test]
fn what_goes_on_is_read_one_decision_later() {
    let settings = JobObservationSettings {
        probe_every: 2,
        ..JobObservationSettings::default()
    };
    let written = run(&mut observation(settings), &LOSSES, Some(2.0));
    let reading = |decision: usize, name: &str| -> f32 {
        let features = JobObservationSettings::features()
            .iter()
            .zip(&written[decision]);
        let of = features.filter(|(feature, _)| feature.ends_with(name));
        of.map(|(_, value)| value).sum()
    };
    assert_eq!(reading(0, "× loss_fall"), 0.0, "nothing is known yet");
    assert_eq!(
        reading(1, "× loss_fall"),
        0.0,
        "that of the first is its own"
    );
    let first = (2.0_f32 + 1.5) / 2.0;
    assert!((reading(2, "× loss_fall") - (1.3 / first).ln()).abs() < 1e-5);
    // The probe of the first decision, 3, is seen at the second, and until the third one's is.
    assert!((reading(1, "× probe_gap") - (3.0 / first).ln()).abs() < 1e-5);
    assert!((reading(2, "× probe_gap") - (3.0 / first).ln()).abs() < 1e-5);
    assert!((reading(3, "× probe_fall") - (1.6_f32 / 3.0).ln()).abs() < 1e-5);
    assert_eq!(reading(3, "× probe_rise"), 0.0);
}

#[test]
fn a_loss_in_other_units_is_read_alike() {
    let settings = JobObservationSettings {
        job: job(),
        ..JobObservationSettings::default()
    };
    let scaled = LOSSES.map(|loss| loss * 16.0);
    let [plain, scaled] =
        [LOSSES, scaled].map(|losses| run(&mut observation(settings), &losses, Some(1.5)));
    for (plain, scaled) in plain.iter().flatten().zip(scaled.iter().flatten()) {
        assert!((plain - scaled).abs() < 1e-5, "{plain} {scaled}");
    }
}

#[test]
fn what_is_not_known_is_the_usual() {
    let unknown = JobObservationSettings {
        job: Job {
            steps: 100,
            ..Job::default()
        },
        ..JobObservationSettings::default()
    };
    let written = run(&mut observation(unknown), &LOSSES, None);
    for (name, value) in JobObservationSettings::features().iter().zip(&written[3]) {
        let known = ["steps", "loss_fall", "loss_trend"];
        let mut readings = name.split(" × ").skip(1);
        let masked = readings.any(|reading| !known.contains(&reading));
        assert!(!masked || *value == 0.0, "{name}: {value}");
    }
}

#[test]
fn a_job_outside_of_the_training_is_told() {
    let mut settings = JobObservationSettings::default();
    (settings.least[0], settings.most[0]) = (60.0_f32.ln(), 400.0_f32.ln());
    (settings.least[6], settings.most[6]) = (0.0, 0.0);
    assert_eq!(settings.outside(&job()), [""; 0]);
    let long = Job {
        steps: 5000,
        targets: Some(Targets::Numbers(1)),
        ..job()
    };
    assert_eq!(
        settings.outside(&long),
        [
            "steps 5000 (trained for 60 to 400)",
            "it predicts numbers, which no job of the training did"
        ]
    );
}

#[test]
fn a_job_outside_of_the_training_is_read_as_one_at_its_edge() {
    let mut settings = JobObservationSettings {
        job: job(),
        ..JobObservationSettings::default()
    };
    let readings = readings_of(&job()).map(|value| value.unwrap_or(0.0));
    (settings.least, settings.most) = (readings, readings);
    let edge = observation(settings).readings;
    for factor in [1, 1_000] {
        settings.job.steps = job().steps * factor;
        settings.job.parameters = job().parameters.map(|count| count * factor);
        settings.job.targets = Some(Targets::Classes(100 * factor));
        assert_eq!(observation(settings).readings, edge);
    }
    settings.most = [f32::MAX; OF_THE_JOB];
    assert_ne!(observation(settings).readings, edge);
}

#[test]
fn readings_that_are_together_too_far_are_taken_towards_the_usual() {
    let mut settings = JobObservationSettings {
        job: job(),
        ..JobObservationSettings::default()
    };
    settings.centre[..OF_THE_JOB].fill(2.0);
    let free = observation(settings).readings;
    // Distances: 2·√(Σr²), by a diagonal P of 4.
    for (place, row) in settings.precision.iter_mut().enumerate() {
        row[place] = 4.0;
    }
    let distance = |readings: &[f32]| {
        let square: f32 = readings[..OF_THE_JOB].iter().map(|r| 4.0 * r * r).sum();
        square.sqrt()
    };
    settings.reach = distance(&free) + 0.1;
    assert_eq!(observation(settings).readings, free);
    settings.reach = distance(&free) / 2.0;
    let held = observation(settings).readings;
    assert!((distance(&held) / settings.reach - 1.0).abs() < 1e-5);
    for (held, free) in held.iter().zip(free) {
        assert!((held - free / 2.0).abs() < 1e-5);
    }
    settings.reach = 0.0;
    let error = settings.check().unwrap_err().to_string();
    assert!(error.starts_with("reach = 0.0"), "{error}");
}

#[test]
fn a_restored_observation_goes_on_with_the_same_bits() {
    let settings = JobObservationSettings {
        job: job(),
        probe_every: 1,
        ..JobObservationSettings::default()
    };
    let mut whole = observation(settings);
    run(&mut whole, &LOSSES[..4], Some(1.1));
    let mut state = Vec::new();
    whole.save(&mut state);
    let mut other = observation(settings);
    other.restore(&state).unwrap();
    assert_eq!(
        run(&mut whole, &LOSSES[4..], Some(0.9)),
        run(&mut other, &LOSSES[4..], Some(0.9))
    );
    let mut shorter = settings;
    shorter.job.steps = 50;
    assert!(observation(shorter).restore(&state).is_err());
}

#[test]
fn impossible_settings_are_refused_by_name() {
    let message = |change: fn(&mut JobObservationSettings)| {
        let mut settings = JobObservationSettings::default();
        change(&mut settings);
        settings.check().unwrap_err().to_string()
    };
    assert!(message(|settings| settings.job.steps = 0).starts_with("job.steps"));
    assert!(message(|settings| settings.spread[1] = 0.0).starts_with("spread[1] (batch)"));
    assert!(message(|settings| settings.centre[2] = f32::NAN).starts_with("centre[2] (examples)"));
    assert!(message(|settings| settings.probe_examples = 0).starts_with("probe_examples"));
}

#[test]
fn products_are_those_of_two_readings_of_the_job() {
    let settings = JobObservationSettings {
        job: job(),
        ..JobObservationSettings::default()
    };
    let written = run(&mut observation(settings), &LOSSES, None);
    let names = JobObservationSettings::features();
    let value = |name: &str| {
        let place = names.iter().position(|known| *known == name);
        written[1][place.unwrap_or_else(|| panic!("{name}"))]
    };
    assert_eq!(names.len(), 6 * AT_A_POINT);
    for (first, second) in product_pairs() {
        let [first, second] = [first, second].map(|reading| READING_NAMES[reading]);
        let product = value(&format!("at_4 × {first} × {second}"));
        let expected = value(&format!("at_4 × {first}")) * value(&format!("at_4 × {second}"));
        assert_eq!(product, expected, "{first} × {second}");
    }
}

#[test]
fn a_probe_looks_at_two_batches_at_most() {
    let of = |batch_size| {
        let job = Job {
            batch_size,
            ..job()
        };
        observation(JobObservationSettings {
            job,
            ..JobObservationSettings::default()
        })
        .wants_probe()
    };
    assert_eq!(of(Some(8)), Some(16));
    assert_eq!(of(Some(64)), Some(32));
    assert_eq!(of(None), Some(32));
}
