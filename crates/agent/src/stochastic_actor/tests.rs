//! The gradient against finite differences, and the frozen policy.

use super::*;
use crate::critic::Critic;
use crate::purpose;
use descender_control::Action;
use descender_random::stream;

const PARTS: StateAction = StateAction {
    observation_len: 2,
    dimensions: 2,
};
const PAIRS: [f32; 12] = [0.3, -0.7, 9.0, 9.0, -0.2, 0.9, 9.0, 9.0, 1.1, 0.4, 9.0, 9.0];

fn actor(hidden: &[usize]) -> StochasticActor {
    let mut generator = stream(3, purpose::WEIGHTS, 0);
    StochasticActor::new(PARTS, hidden, 3, 0.1, &mut generator).unwrap()
}

#[test]
fn the_gradient_is_the_finite_difference_with_the_same_noise() {
    let mut actor = actor(&[8]);
    let critics = [1, 2].map(|number| {
        let mut generator = stream(3, purpose::WEIGHTS, number);
        Critic::new(PARTS, &[16], 3, 0.1, &mut generator).unwrap()
    });
    let mut twins = TwinCritics::new(critics, PARTS.len(), 3);
    fill_normal(&mut stream(3, purpose::REPLAY, 1), &mut actor.noise);
    // Values that are alike in the mean, so that each critic has the smaller one somewhere.
    let mut pairs = PAIRS;
    actor.write_drawn_actions(&mut pairs);
    let means = [0, 1].map(|number| {
        let values = twins.critics[number].learned.forward(&pairs);
        values.iter().sum::<f32>() / 3.0
    });
    let weights = &mut twins.critics[1].learned.state.weights;
    *weights.last_mut().unwrap() += means[0] - means[1];

    let temperature = 0.4;
    let mean = actor
        .differentiate(&mut twins, temperature, &mut PAIRS.clone())
        .unwrap();
    assert!((mean - actor.log_densities.iter().sum::<f32>() / 3.0).abs() < 1e-6);
    let gradient = actor.learned.gradient.clone();
    // Both critics count somewhere.
    let [first, second] = [0, 1].map(|number| twins.critics[number].learned.gradient.clone());
    assert!(first.iter().any(|g| *g != 0.0) && second.iter().any(|g| *g != 0.0));

    let step = 5e-3;
    for (place, ours) in gradient.iter().enumerate() {
        let mut loss_at = |offset: f32| -> f64 {
            let mut pairs = PAIRS;
            actor.learned.state.weights[place] += offset;
            let log_densities = actor.write_drawn_actions(&mut pairs);
            let entropy: f64 = log_densities.iter().map(|&x| f64::from(x)).sum();
            actor.learned.state.weights[place] -= offset;
            let [first, second] = &mut twins.critics;
            let values = first.learned.forward(&pairs).iter();
            let values: f64 = values
                .zip(second.learned.forward(&pairs))
                .map(|(one, two)| f64::from(one.min(*two)))
                .sum();
            (f64::from(temperature) * entropy - values) / 3.0
        };
        let difference = (loss_at(step) - loss_at(-step)) / (2.0 * f64::from(step));
        assert!(
            (f64::from(*ours) - difference).abs() < 1e-3,
            "weight {place}: {ours} and {difference}"
        );
    }
}

#[test]
fn the_frozen_policy_takes_the_mean_actions() {
    for hidden in [&[8, 5][..], &[]] {
        let mut actor = actor(hidden);
        let observation = [0.3, -0.7];
        let means = actor.learned.forward(&observation)[..2].to_vec();
        let expected = Action::Continuous(means.iter().map(|z| z.tanh()).collect());
        let mut policy = actor.policy().unwrap();
        assert_eq!(policy.act(&observation), expected);
        // As random actions with no noise are, too.
        actor.noise.fill(0.0);
        let mut pairs = PAIRS;
        actor.write_drawn_actions(&mut pairs);
        assert_eq!(Action::Continuous(pairs[2..4].to_vec()), expected);
    }
}

#[test]
fn actions_are_spread_as_the_log_deviations_say() {
    let mut actor = actor(&[]);
    // Means 0.2 and −0.1, log-deviations ln ½ and ln ¼, whatever is seen.
    actor.learned.state.weights.fill(0.0);
    let biases = [0.2, -0.1, 0.5_f32.ln(), 0.25_f32.ln()];
    actor.learned.state.weights[8..].copy_from_slice(&biases);
    let mut generator = stream(3, purpose::EXPLORATION, 0);
    let (mut action, count) = ([0.0; 2], 20_000);
    let (mut sums, mut squares) = ([0.0; 2], [0.0; 2]);
    for _ in 0..count {
        actor.act(&[0.3, -0.7], &mut generator, &mut action);
        for index in 0..2 {
            let u = f64::from(action[index].atanh()) - f64::from(biases[index]);
            sums[index] += u / f64::from(count);
            squares[index] += u * u / f64::from(count);
        }
    }
    for (index, deviation) in [0.5, 0.25].into_iter().enumerate() {
        assert!(sums[index].abs() < 0.02 * deviation * 2.0);
        let variance = deviation * deviation;
        assert!(
            (squares[index] / variance - 1.0).abs() < 0.05,
            "{squares:?}"
        );
    }
}
