//! A made-up report with everything in it: sixteen methods, four of them negative controls.

use descender_compare::behaviour::{Behaviour, Decision, Importance};
use descender_compare::comparison::{
    CONTROLLER, Comparison, Curves, FirstHit, MethodResult, Role, SchemaVersion, StartResult,
    Tuning,
};
use descender_figure::LineChart;
use descender_random::{Purpose, stream};
use descender_record::{Phase, PhaseTime};
use descender_report::{Facts, Report, ReportFigure, RunReport};
use descender_statistics::{Bootstrap, Estimate, PairedComparison};
use descender_train::CandidateScore;
use descender_train::episode_record::EpisodeRecord;
use rand::Rng;

const STEPS: u64 = 500;
const STARTS: u64 = 32;

/// A made-up method: name, typical first hit, η at the start and at the end, loss at the end.
type Method = (&'static str, f64, [f64; 2], f64);

const METHODS: [Method; 16] = [
    (CONTROLLER, 185.0, [0.1, 0.24], 0.071),
    ("sgd:0.1", 293.0, [0.1, 0.1], 0.095),
    ("adam:0.001", 338.0, [0.001, 0.001], 0.089),
    ("sgd:0.25", 203.0, [0.25, 0.25], 0.074),
    ("momentum:0.05", 147.0, [0.05, 0.05], 0.066),
    ("linear:0.25;end=0.001", 231.0, [0.25, 0.001], 0.061),
    ("sgd:0.4", 263.0, [0.4, 0.4], 0.104),
    ("sgd:0.5", 900.0, [0.5, 0.5], 2.3),
    ("schedule:<mean η>.csv", 190.0, [0.1, 0.25], 0.073),
    ("schedule-free-adamw:0.0025", 240.0, [0.0025, 0.0025], 0.077),
    ("prodigy", 275.0, [0.0004, 0.002], 0.081),
    ("tuned:sgd", 198.0, [0.2, 0.2], 0.072),
    ("random-actions", 330.0, [0.1, 0.13], 0.098),
    ("untrained-policy", 420.0, [0.1, 0.02], 0.2),
    ("state-blind-policy", 215.0, [0.1, 0.22], 0.076),
    ("own-mean-schedule", 188.0, [0.1, 0.24], 0.073),
];

/// The first of the negative controls.
const FIRST_CONTROL: usize = 12;

fn method(index: usize, &(name, hit, rates, loss): &Method) -> MethodResult {
    let mut generator = stream(1, Purpose::new(6, "exploration"), index as u64);
    let mut jitter = || f64::from(generator.next_u32()) / 4_294_967_296.0 - 0.5;
    let bootstrap = Bootstrap::new(1);
    let (mut hits, mut losses, mut learning_rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let own = hit * (1.0 + 0.8 * jitter());
        hits.push((own < STEPS as f64).then_some(own as u64));
        let floor = loss * (1.0 + 0.5 * jitter());
        let speed = 40.0 * (1.0 + 0.5 * jitter());
        let at = |step: u64| step as f64 / STEPS as f64;
        losses.push(
            (0..STEPS)
                .map(|step| {
                    ((floor + (2.3 - floor).max(0.0) * (-(step as f64) / speed).exp())
                        * (1.0 + 0.6 * jitter())) as f32
                })
                .collect::<Vec<f32>>(),
        );
        let wobble = if name == "controller" {
            0.6 * jitter()
        } else {
            0.0
        };
        learning_rates.push(
            (0..STEPS)
                .map(|step| {
                    (rates[0] + (rates[1] - rates[0]) * at(step).sqrt() * (1.0 + wobble)) as f32
                })
                .collect::<Vec<f32>>(),
        );
    }
    let estimate = |values: Vec<f64>| bootstrap.interquartile_mean(&values, 0);
    let finals: Vec<f64> = losses
        .iter()
        .map(|losses| {
            losses[450..]
                .iter()
                .map(|&loss| f64::from(loss))
                .sum::<f64>()
                / 50.0
        })
        .collect();
    let unknown = name == "sgd:0.5";
    MethodResult {
        controller_against: (index > 0).then(|| {
            let own: Vec<f64> = (0..STARTS)
                .map(|start| 150.0 + 2.0 * start as f64)
                .collect();
            let others: Vec<f64> = hits.iter().map(|hit| hit.unwrap_or(STEPS) as f64).collect();
            PairedComparison::of(&own, &others, &bootstrap, 0).unwrap()
        }),
        role: match index {
            0 => Role::Controller,
            1..FIRST_CONTROL => Role::Rival,
            _ => Role::Control,
        },
        tuning: name.starts_with("tuned").then(|| Tuning {
            objective: "first-hit".to_owned(),
            tried: 4,
            grid: vec![0.05, 0.1, 0.2, 0.4],
            scores: vec![320.0, 293.0, 198.0, 263.0],
            starts: 8,
            steps: 16_000,
        }),
        by_start: hits
            .iter()
            .zip(&finals)
            .map(|(&first_hit, &loss)| StartResult {
                first_hit,
                final_train_loss: if unknown { f64::NAN } else { loss },
                final_validation_loss: loss * 1.4 + 0.01,
                validation_accuracy: (0.99 - 0.3 * loss).max(0.1),
                diverged: unknown,
                interventions: 0,
            })
            .collect(),
        name: name.to_owned(),
        settings: serde_json::json!({"name": "sgd", "learning_rate": rates[0]}),
        first_hit: FirstHit::of(&hits, STEPS, &bootstrap, 0),
        final_train_loss: if unknown {
            Estimate::UNKNOWN
        } else {
            estimate(finals.clone())
        },
        final_validation_loss: estimate(finals.iter().map(|loss| loss * 1.4 + 0.01).collect()),
        validation_accuracy: estimate(
            finals
                .iter()
                .map(|loss| (0.99 - 0.3 * loss).max(0.1))
                .collect(),
        ),
        validation_metrics: std::collections::BTreeMap::new(),
        diverged: if unknown { 29 } else { 0 },
        interventions: 0,
        curves: Some(Curves::of(&losses, &learning_rates, 20, 250)),
    }
}

/// Made-up episodes that get better.
fn episodes(count: u64) -> Vec<EpisodeRecord> {
    (0..count)
        .map(|episode| {
            // A jitter that looks random and is not.
            let jitter = (episode as f32 * 12.9898).sin();
            let progress = episode as f32 / count as f32;
            EpisodeRecord {
                episode,
                environment: episode % 2,
                start: episode,
                steps: 500,
                score: f64::from(-40.0 + 60.0 * progress + 12.0 * jitter),
                end: "time".to_owned(),
                first_hit: (episode % 7 != 3)
                    .then_some((420.0 - 200.0 * progress + 40.0 * jitter) as u64),
                minimum_loss: 0.01,
                final_loss: 0.09,
                mean_learning_rate: 0.05 + 0.2 * progress + 0.02 * jitter,
                minimum_learning_rate: 0.03,
                maximum_learning_rate: 0.1 + 0.25 * progress,
                epsilon: 0.6 - 0.5 * progress,
                learner_loss: if episode == 0 {
                    f32::NAN
                } else {
                    0.4 * (-3.0 * progress).exp() + 0.02 * jitter
                },
            }
        })
        .collect()
}

/// A made-up controller: η rises, then rests.
fn behaviour() -> Behaviour {
    let decisions = (0..100).map(|index| {
        let at = index as f32 / 100.0;
        let wobble = 0.05 * (index as f32 * 7.7).sin();
        let up = (0.7 - 0.6 * at + wobble).clamp(0.0, 1.0);
        let down = (0.1 + 0.2 * at - wobble).clamp(0.0, 1.0 - up);
        Decision {
            step: index * 5,
            shares: vec![down, 1.0 - up - down, up],
            outputs: vec![-2.0 + at, -1.8 + 1.1 * at + wobble, -1.5 + 0.7 * at],
        }
    });
    let importance = (0..18).map(|index| {
        let share = 0.4 / (1.0 + index as f64) - 0.01;
        Importance {
            feature: match index {
                0 => "logarithm of the current learning rate".to_owned(),
                _ => format!("feature {index} <of 18>"),
            },
            share: share.max(0.0),
            ci95: [(share - 0.02).max(0.0), share.max(0.0) + 0.02],
        }
    });
    Behaviour {
        starts: 8,
        interval: 5,
        actions: vec![
            "η × 0.9".to_owned(),
            "η × 1".to_owned(),
            "η × 1.11".to_owned(),
        ],
        output: "Q-value".to_owned(),
        decisions: decisions.collect(),
        importance: importance.collect(),
    }
}

/// A report of one run with everything in it.
pub(crate) fn report() -> Report {
    let comparison = Comparison {
        version: SchemaVersion,
        threshold: 0.02,
        task: "mnist".to_owned(),
        metric: "first_hit".to_owned(),
        steps: STEPS,
        starts: STARTS,
        seed: 4711,
        methods: METHODS
            .iter()
            .enumerate()
            .map(|(index, sample)| method(index, sample))
            .collect(),
    };
    let facts = Facts {
        trained: "A dqn agent learned to steer sgd on mnist in 200 episodes.".to_owned(),
        configuration: "seed = 4711\ntask = \"mnist\"\n".to_owned(),
        task: "mnist".to_owned(),
        preset: "quick".to_owned(),
        seed: 4711,
        version: "0.1.0".to_owned(),
        command: "descender train --seed 4711 <&>".to_owned(),
        threshold: 0.02,
        more: vec![
            ("Threads".to_owned(), "2".to_owned()),
            ("Empty".to_owned(), String::new()),
        ],
    };
    let candidates = (1..=8)
        .map(|number| CandidateScore {
            episodes: number * 25,
            score: 340.0 / (number as f64).sqrt() + 25.0 * (number as f64 * 2.4).sin(),
            final_score: if number >= 5 {
                330.0 / (number as f64).sqrt() + 60.0
            } else {
                f64::NAN
            },
            chosen: number == 8,
        })
        .collect();
    let run = RunReport {
        name: "quick-4711".to_owned(),
        facts,
        comparison: Some(comparison),
        lead: Vec::new(),
        episodes: episodes(200),
        behaviour: Some(behaviour()),
        phases: [
            (Phase::Descending, 301.5),
            (Phase::Choosing, 60.25),
            (Phase::Comparing, 128.0),
            (Phase::Reporting, 0.2),
        ]
        .map(|(phase, seconds)| PhaseTime { phase, seconds })
        .to_vec(),
        candidates,
        measure: "expected first hit, step".to_owned(),
        agent: "dqn".to_owned(),
        figures: vec![ReportFigure {
            chart: LineChart::default().into(),
            caption: "An empty figure.".to_owned(),
        }],
    };
    Report {
        title: "Descender: controller trained with preset quick".to_owned(),
        runs: vec![run],
    }
}

/// A run that was stopped in its training.
pub(crate) fn without_comparison() -> Report {
    let mut report = report();
    let run = &mut report.runs[0];
    run.comparison = None;
    run.behaviour = None;
    run.candidates.clear();
    run.figures.clear();
    run.episodes.truncate(37);
    report
}

/// Three runs in one page: a whole one, an unfinished one, and a comparison alone with two methods.
pub(crate) fn several() -> Report {
    let mut several = report();
    several.runs.extend(without_comparison().runs);
    let mut comparison = several.runs[0].comparison.clone().unwrap();
    comparison.methods.truncate(2);
    several.runs.push(RunReport {
        name: "a-folder/with-a-name-that-is-long-and-has-no-space-in-it-at-all/comparison"
            .to_owned(),
        comparison: Some(comparison),
        ..RunReport::default()
    });
    several.title = "3 runs".to_owned();
    several
}
