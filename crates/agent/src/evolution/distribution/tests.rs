//! Known functions are minimised in known numbers of generations, and random ranks change nothing on average.

use super::*;
use crate::purpose;
use descender_random::{stream, unit};

/// One generation of `population` points, in pairs.
fn sample(
    distribution: &Distribution,
    population: usize,
    generator: &mut ChaCha8Rng,
) -> Vec<Vec<f64>> {
    let (mut directions, mut points) = (Vec::new(), Vec::new());
    while points.len() < population {
        let direction = distribution.direction(&directions, generator);
        points.extend(distribution.pair(&direction));
        directions.push(direction);
    }
    points
}

/// Follows a generation in the order of these costs.
fn follow(distribution: &mut Distribution, points: &[Vec<f64>], costs: &[f64]) {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| costs[a].total_cmp(&costs[b]));
    let ranked: Vec<Ranked<'_>> = order
        .iter()
        .map(|&place| Ranked {
            point: &points[place],
            wins: (costs[place], place) < (costs[place ^ 1], place ^ 1),
        })
        .collect();
    distribution.follow(&ranked, true);
}

/// Generations of λ = 16 until the mean costs less than 10⁻⁸, from (x, …, x) in 15 dimensions; the median of five seeds.
fn generations(cost: impl Fn(&[f64]) -> f64, x: f64) -> usize {
    let mut needed: Vec<usize> = (0..5)
        .map(|seed| {
            let mut generator = stream(seed, purpose::EXPLORATION, 0);
            let mut distribution = Distribution::new(vec![x; 15], 0.3);
            for generation in 0..2000 {
                if cost(distribution.mean()) < 1e-8 {
                    return generation;
                }
                let points = sample(&distribution, 16, &mut generator);
                let costs: Vec<f64> = points.iter().map(|point| cost(point)).collect();
                follow(&mut distribution, &points, &costs);
            }
            assert!(distribution.fits(15));
            2000
        })
        .collect();
    needed.sort_unstable();
    needed[2]
}

/// pycma with active weights and independent points needs about 140 generations on the sphere, 490 on the ellipsoid and 810
/// on Rosenbrock's function.
#[test]
fn known_functions_are_minimised_as_fast_as_by_the_reference() {
    let sphere = generations(|x| dot(x, x), 1.0);
    let ellipsoid = generations(
        |x| {
            let terms = x.iter().enumerate();
            terms
                .map(|(i, x)| 10_f64.powf(6.0 * i as f64 / 14.0) * x * x)
                .sum()
        },
        1.0,
    );
    let rosenbrock = generations(
        |x| {
            x.windows(2)
                .map(|pair| 100.0 * (pair[1] - pair[0] * pair[0]).powi(2) + (1.0 - pair[0]).powi(2))
                .sum()
        },
        0.0,
    );
    println!("sphere {sphere}, ellipsoid {ellipsoid}, Rosenbrock {rosenbrock} generations");
    assert!(sphere <= 140, "sphere: {sphere} generations");
    assert!(ellipsoid <= 490, "ellipsoid: {ellipsoid} generations");
    assert!(rosenbrock <= 810, "Rosenbrock: {rosenbrock} generations");
}

/// The known bias of mirrored pairs: if both could move the mean, σ would fall to 3 % here.
#[test]
fn random_ranks_neither_shrink_nor_widen_the_distribution() {
    let runs = 40;
    let (mut spread, mut volume) = (0.0, 0.0);
    for seed in 0..runs {
        let mut generator = stream(seed, purpose::EXPLORATION, 0);
        let mut distribution = Distribution::new(vec![0.0; 8], 0.3);
        for _ in 0..100 {
            let points = sample(&distribution, 12, &mut generator);
            let costs: Vec<f64> = points.iter().map(|_| unit(&mut generator)).collect();
            follow(&mut distribution, &points, &costs);
        }
        spread += (distribution.spread() / 0.3).ln() / runs as f64;
        let scales = distribution.scales.iter().map(|scale| scale.ln());
        volume += scales.sum::<f64>() / 8.0 / runs as f64;
    }
    println!("mean of ln σ/σ₀ {spread:.2}, of ln D {volume:.2}");
    assert!(spread.abs() < 0.5, "ln σ drifts by {spread}");
    assert!(volume.abs() < 0.7, "ln D drifts by {volume}");
}

#[test]
fn the_first_points_have_the_spread_that_was_asked_for() {
    let distribution = Distribution::new(vec![2.0, -1.0], 0.5);
    let mut generator = stream(1, purpose::EXPLORATION, 0);
    let points = sample(&distribution, 4000, &mut generator);
    for (i, centre) in [2.0, -1.0].into_iter().enumerate() {
        let mean = points.iter().map(|point| point[i]).sum::<f64>() / 4000.0;
        let variance = points
            .iter()
            .map(|point| (point[i] - mean).powi(2))
            .sum::<f64>()
            / 4000.0;
        // Pairs are mirrored; the standard error of the variance is at most 0.25·√(2/2000) = 0.008.
        assert!((mean - centre).abs() < 1e-9 && (variance - 0.25).abs() < 0.03);
    }
}

#[test]
fn the_directions_of_a_generation_are_orthogonal() {
    let distribution = Distribution::new(vec![0.0; 5], 0.5);
    let mut generator = stream(1, purpose::EXPLORATION, 0);
    let mut directions: Vec<Vec<f64>> = Vec::new();
    for _ in 0..8 {
        directions.push(distribution.direction(&directions, &mut generator));
    }
    for (place, one) in directions.iter().enumerate() {
        for other in &directions[place / 5 * 5..place] {
            assert!(dot(one, other).abs() < 1e-9);
        }
    }
    // More than 5 can't be: the sixth begins anew.
    assert!(dot(&directions[5], &directions[0]).abs() > 1e-3);
}

#[test]
fn ranks_that_are_not_reliable_leave_the_spread() {
    let mut generator = stream(1, purpose::EXPLORATION, 0);
    let mut distribution = Distribution::new(vec![0.0; 4], 0.25);
    let points = sample(&distribution, 8, &mut generator);
    let ranked: Vec<Ranked<'_>> = points
        .iter()
        .enumerate()
        .map(|(place, point)| Ranked {
            point,
            wins: place % 2 == 0,
        })
        .collect();
    distribution.follow(&ranked, false);
    assert!(distribution.spread() == 0.25 && distribution.mean() != [0.0; 4]);
}

#[test]
fn equal_points_don_t_break_it() {
    let mut distribution = Distribution::new(vec![0.0; 3], 0.4);
    let point = [0.1, 0.2, 0.3];
    for _ in 0..200 {
        let ranked = [true, true, true, false, false, false].map(|wins| Ranked {
            point: &point,
            wins,
        });
        distribution.follow(&ranked, true);
    }
    assert!(distribution.fits(3), "{distribution:?}");
}
