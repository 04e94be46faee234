//! Permutation importance of the features of recorded observations.
//!
//! The n-th permutation is one and the same for every feature (stream n of [`Purpose::Permutation`]), so that what
//! differs between two features is not the luck of the draw, and no feature's figure depends on how many there are.

use descender_control::{Action, Controller};
use descender_nn::random::{Purpose, below, stream};
use rayon::prelude::*;

use super::Importance;
use super::recording::Recording;
use crate::statistics::Bootstrap;
use crate::statistics::bootstrap::draw_counts;

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
            // Permutations in which the decision changed, for each decision.
            let mut changes = vec![0_u64; observations.len()];
            let mut policy = controller.policy().clone();
            let mut altered = Vec::new();
            for permutation in &permutations {
                for (number, &other) in permutation.iter().enumerate() {
                    altered.clear();
                    altered.extend_from_slice(observations[number]);
                    altered[feature] = observations[other][feature];
                    changes[number] += u64::from(policy.act(&altered) != *actions[number]);
                }
            }
            estimate(name, &changes, &lengths, seed)
        })
        .collect()
}

/// A permutation of the numbers below `count`, each with the same probability: R. Durstenfeld, "Algorithm 235" (1964).
pub(super) fn permutation(count: usize, seed: u64, number: u64) -> Vec<usize> {
    let mut generator = stream(seed, Purpose::Permutation, number);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, below(&mut generator, last + 1));
    }
    order
}

/// The share of changed decisions and its interval, from the changes of each decision and the number of decisions of
/// each descent.
fn estimate(feature: &str, changes: &[u64], lengths: &[usize], seed: u64) -> Importance {
    let mut rest = changes;
    let descents: Vec<(u64, u64)> = lengths
        .iter()
        .map(|&length| {
            let (own, others) = rest.split_at(length);
            rest = others;
            let trials = length as u64 * Importance::PERMUTATIONS;
            (own.iter().sum(), trials)
        })
        .collect();
    let share = |counts: &[usize]| {
        let (mut changed, mut trials) = (0, 0);
        for (&(own_changed, own_trials), &count) in descents.iter().zip(counts) {
            changed += own_changed * count as u64;
            trials += own_trials * count as u64;
        }
        changed as f64 / trials as f64
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
