//! A made-up report for tests.

use super::{CandidateScore, Facts, Report, ReportFigure, RunReport};
use crate::comparison::{Comparison, Curves, FirstHit, MethodResult, Role};
use crate::episode_record;
use crate::figure::LineChart;
use crate::statistics::{Bootstrap, Estimate};
use descender_nn::random::{Purpose, stream};
use rand::Rng;

const STEPS: u64 = 500;
const STARTS: u64 = 32;

/// A made-up method: name, typical first hit, η at the start and at the end, loss at the end.
type Method = (&'static str, f64, [f64; 2], f64);

const METHODS: [Method; 9] = [
    ("controller", 185.0, [0.1, 0.24], 0.071),
    ("sgd:0.1", 293.0, [0.1, 0.1], 0.095),
    ("adam:0.001", 338.0, [0.001, 0.001], 0.089),
    ("sgd:0.25", 203.0, [0.25, 0.25], 0.074),
    ("momentum:0.05", 147.0, [0.05, 0.05], 0.066),
    ("linear:0.25;end=0.001", 231.0, [0.25, 0.001], 0.061),
    ("sgd:0.4", 263.0, [0.4, 0.4], 0.104),
    ("sgd:0.5", 900.0, [0.5, 0.5], 2.3),
    ("schedule:<mean η>.csv", 190.0, [0.1, 0.25], 0.073),
];

fn method(index: usize, &(name, hit, rates, loss): &Method) -> MethodResult {
    let mut generator = stream(1, Purpose::Exploration, index as u64);
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
        controller_against: None,
        role: match index {
            0 => Role::Controller,
            _ => Role::Rival,
        },
        tuning: None,
        by_start: Vec::new(),
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
        diverged: if unknown { 29 } else { 0 },
        curves: Some(Curves::of(&losses, &learning_rates, 20, 250)),
    }
}

/// A report of one run with everything in it.
pub(crate) fn report() -> Report {
    let comparison = Comparison {
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
        episodes: episode_record::tests::sample(200),
        candidates,
        measure: "expected first hit, step".to_owned(),
        behaviour: None,
        figures: vec![ReportFigure {
            svg: LineChart::default().to_svg(),
            caption: "An empty figure.".to_owned(),
        }],
    };
    Report {
        title: "Descender: controller trained with preset quick".to_owned(),
        runs: vec![run],
    }
}
