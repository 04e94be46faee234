//! Permutation importance of the features of recorded observations.
//!
//! The n-th permutation is the same for every feature (stream n of its purpose). So differences between features are
//! not due to different draws, and no feature's result depends on the number of features.

use descender_control::{Action, Controller};
use descender_random::{Purpose, below, stream};
use rayon::prelude::*;

use super::decision::Importance;
use super::recording::Recording;
use descender_statistics::Bootstrap;
use descender_statistics::bootstrap::draw_counts;

const PERMUTATION: Purpose = Purpose::new(13, "permutations of observations");

/// The importance of each feature of the controller's observation.
pub(super) fn importance(
    controller: &Controller,
    recordings: &[Recording],
    seed: u64,
) -> Vec<Importance> {
    let observations: Vec<&[f32]> = recordings
        .iter()
        .flat_map(|one| one.observations.iter().map(Vec::as_slice))
        .collect();
    let actions: Vec<&Action> = recordings.iter().flat_map(|one| &one.actions).collect();
    let permutations: Vec<Vec<usize>> = (0..Importance::PERMUTATIONS)
        .map(|number| permutation(observations.len(), seed, number))
        .collect();
    let lengths: Vec<usize> = recordings.iter().map(|one| one.actions.len()).collect();
    let features = controller.control().observation.feature_names();
    features
        .par_iter()
        .enumerate()
        .map(|(feature, name)| {
            // The sum of how far the permutations moved each decision.
            let mut changes = vec![0.0; observations.len()];
            let mut policy = controller.policy().clone();
            let mut altered = Vec::new();
            for permutation in &permutations {
                for (number, &other) in permutation.iter().enumerate() {
                    altered.clear();
                    altered.extend_from_slice(observations[number]);
                    altered[feature] = observations[other][feature];
                    changes[number] += change(&policy.act(&altered), actions[number]);
                }
            }
            estimate(name, &changes, &lengths, seed)
        })
        .collect()
}

/// How far apart two decisions are, from 0 to 1. For choices from a list, it is 1 if they differ. For points of
/// [−1, 1], it is the mean distance over the dimensions, as a share of their range.
fn change(one: &Action, other: &Action) -> f64 {
    match (one, other) {
        (Action::Continuous(one), Action::Continuous(other)) if one.len() == other.len() => {
            let distances = one
                .iter()
                .zip(other)
                .map(|(a, b)| f64::from((a - b).abs()) / 2.0);
            distances.sum::<f64>() / one.len() as f64
        }
        _ => f64::from(u8::from(one != other)),
    }
}

/// A permutation of the numbers below `count`, each with the same probability: R. Durstenfeld, "Algorithm 235" (1964).
pub(super) fn permutation(count: usize, seed: u64, number: u64) -> Vec<usize> {
    let mut generator = stream(seed, PERMUTATION, number);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, below(&mut generator, last + 1));
    }
    order
}

/// The share of changed decisions and its interval, from the changes of each decision and the number of decisions of
/// each descent.
fn estimate(feature: &str, changes: &[f64], lengths: &[usize], seed: u64) -> Importance {
    let mut rest = changes;
    let descents: Vec<(f64, u64)> = lengths
        .iter()
        .map(|&length| {
            let (own, others) = rest.split_at(length);
            rest = others;
            let trials = length as u64 * Importance::PERMUTATIONS;
            (own.iter().sum(), trials)
        })
        .collect();
    let share = |counts: &[usize]| {
        let (mut changed, mut trials) = (0.0, 0);
        for (&(own_changed, own_trials), &count) in descents.iter().zip(counts) {
            changed += own_changed * count as f64;
            trials += own_trials * count as u64;
        }
        changed / trials as f64
    };
    let mut counts = vec![1; descents.len()];
    let whole = share(&counts);
    // Stream 0 for every feature: the same descents are drawn for each.
    let ci95 = Bootstrap::new(seed).percentile_interval(0, |generator| {
        draw_counts(generator, &mut counts);
        share(&counts)
    });
    Importance {
        feature: feature.to_owned(),
        share: whole,
        ci95,
    }
}
