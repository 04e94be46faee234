//! Policies that are compared with each other on common starts, and what the comparison says.

use serde::{Deserialize, Serialize};

use super::distribution::Ranked;
use super::ranks::correlation;

/// A generation: the members are the points that are sampled from the distribution, in mirrored pairs, and after them
/// the points that are reviewed. Its episodes are numbered start by start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Generation {
    /// Number of its first episode.
    pub(super) first_episode: u64,
    /// Number of its first start.
    pub(super) first_start: u64,
    /// Starts from which each member descends.
    pub(super) starts: usize,
    /// λ, the members that are sampled.
    pub(super) population: usize,
    /// The directions of the pairs that were sampled so far.
    pub(super) directions: Vec<Vec<f64>>,
    /// The points that were sampled so far.
    pub(super) points: Vec<Vec<f64>>,
    /// What is reviewed: first the mean of the distribution. Empty in most generations.
    pub(super) reviewed: Vec<Vec<f64>>,
    /// For each start and member the return; `None` before the end of the episode, and −∞ for one that broke.
    pub(super) returns: Vec<Vec<Option<f64>>>,
}

/// What a generation shows.
pub(super) struct Outcome {
    /// The mean returns of the sampled points with their places, the best first.
    pub(super) ranking: Vec<(f64, usize)>,
    /// Spearman's correlation of their mean returns on the first half of the starts and on the second; `None` if there
    /// is one start.
    pub(super) agreement: Option<f64>,
}

impl Generation {
    pub(super) fn new(
        first_episode: u64,
        first_start: u64,
        starts: usize,
        population: usize,
        reviewed: Vec<Vec<f64>>,
    ) -> Self {
        let members = population + reviewed.len();
        Self {
            first_episode,
            first_start,
            starts,
            population,
            directions: Vec::new(),
            points: Vec::new(),
            reviewed,
            returns: vec![vec![None; members]; starts],
        }
    }

    fn members(&self) -> usize {
        self.population + self.reviewed.len()
    }

    /// Number of the first episode after it.
    pub(super) fn end(&self) -> u64 {
        self.first_episode + (self.members() * self.starts) as u64
    }

    /// Number of the first start after it.
    pub(super) fn end_of_starts(&self) -> u64 {
        self.first_start + self.starts as u64
    }

    /// Start (counted from the generation's first) and member of one of its episodes.
    pub(super) fn place(&self, episode: u64) -> (usize, usize) {
        let within = (episode - self.first_episode) as usize;
        (within / self.members(), within % self.members())
    }

    /// The point of a member, if it was sampled.
    pub(super) fn point(&self, member: usize) -> Option<&[f64]> {
        let point = match member.checked_sub(self.population) {
            Some(place) => self.reviewed.get(place),
            None => self.points.get(member),
        };
        point.map(Vec::as_slice)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.returns.iter().flatten().all(Option::is_some)
    }

    /// Leaves out the starts that are not complete, if any is; whether it is complete then.
    pub(super) fn cut_to_complete_starts(&mut self) -> bool {
        let complete = |returns: &Vec<Option<f64>>| returns.iter().all(Option::is_some);
        if !self.returns.iter().any(complete) {
            return false;
        }
        self.returns.retain(complete);
        self.starts = self.returns.len();
        true
    }

    /// The returns of a member from each start of a complete generation.
    fn returns_of(&self, member: usize) -> Vec<f64> {
        let broken = f64::NEG_INFINITY;
        let returns = self.returns.iter();
        returns
            .map(|returns| returns[member].unwrap_or(broken))
            .collect()
    }

    /// What a complete generation shows about its sampled points.
    pub(super) fn outcome(&self) -> Outcome {
        let returns: Vec<Vec<f64>> = (0..self.population)
            .map(|member| self.returns_of(member))
            .collect();
        let mut ranking: Vec<(f64, usize)> = returns.iter().map(|own| mean(own)).zip(0..).collect();
        // Stable: of equals the earlier one is first.
        ranking.sort_by(|a, b| b.0.total_cmp(&a.0));
        let half = self.starts / 2;
        let means = |of: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
            returns.iter().map(|own| of(own)).collect()
        };
        Outcome {
            ranking,
            agreement: (half > 0).then(|| {
                let (first, second) = (
                    means(&|own| mean(&own[..half])),
                    means(&|own| mean(&own[half..])),
                );
                correlation(&first, &second)
            }),
        }
    }

    /// The points in the order of a ranking, with the winner of each pair.
    pub(super) fn ranked(&self, ranking: &[(f64, usize)]) -> Vec<Ranked<'_>> {
        let mut met = vec![false; self.population];
        ranking
            .iter()
            .map(|&(_, place)| {
                met[place] = true;
                Ranked {
                    point: &self.points[place],
                    wins: !met[place ^ 1],
                }
            })
            .collect()
    }

    /// Which of the reviewed points is clearly better than the mean, the first of them: the one with the largest mean
    /// difference of returns, start by start, of those whose difference is more than twice its standard error. `None` if
    /// there is none.
    pub(super) fn proven(&self) -> Option<&[f64]> {
        let mean_of_distribution = self.returns_of(self.population);
        let mut best: Option<(f64, &[f64])> = None;
        for (place, point) in self.reviewed.iter().enumerate().skip(1) {
            let own = self.returns_of(self.population + place);
            let advantage = clear_advantage(&own, &mean_of_distribution);
            if let Some(advantage) = advantage
                && best.is_none_or(|(highest, _)| advantage > highest)
            {
                best = Some((advantage, point));
            }
        }
        best.map(|(_, point)| point)
    }
}

/// The mean of a − b if it is more than twice its standard error.
fn clear_advantage(a: &[f64], b: &[f64]) -> Option<f64> {
    let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    if a.len() < 2 || !finite(a) {
        return None;
    }
    if !finite(b) {
        return Some(f64::INFINITY);
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let advantage = mean(&differences);
    let squares: f64 = (differences.iter())
        .map(|difference| (difference - advantage).powi(2))
        .sum();
    let count = differences.len() as f64;
    let error = (squares / (count - 1.0) / count).sqrt();
    (advantage > 2.0 * error).then_some(advantage)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four sampled members and three reviewed ones, with returns start by start.
    fn generation(returns: &[[f64; 7]]) -> Generation {
        let reviewed = vec![vec![0.0], vec![1.0], vec![2.0]];
        let mut generation = Generation::new(100, 20, returns.len(), 4, reviewed);
        generation.points = [0.1, -0.1, 0.2, -0.2].map(|x| vec![x]).to_vec();
        for (row, returns) in generation.returns.iter_mut().zip(returns) {
            *row = returns.iter().copied().map(Some).collect();
        }
        generation
    }

    #[test]
    fn a_point_must_be_clearly_better_than_the_mean() {
        let sampled = [0.0; 4];
        let with = |mean: f64, a: f64, b: f64| {
            let [s, t, u, v] = sampled;
            [s, t, u, v, mean, a, b]
        };
        // Differences of a: 3, −1, 3, −1, its mean is 1 and its standard error 1.15; of b: 0.5 ± 0.06.
        let clear = generation(&[
            with(0.0, 3.0, 0.4),
            with(5.0, 4.0, 5.6),
            with(2.0, 5.0, 2.4),
            with(9.0, 8.0, 9.6),
        ]);
        assert_eq!(clear.proven(), Some(&[2.0][..]));
        let unclear = generation(&[with(0.0, 3.0, 0.1), with(5.0, 4.0, 4.9)]);
        assert_eq!(unclear.proven(), None);
        let one = generation(&[with(0.0, 3.0, 0.1)]);
        assert_eq!(one.proven(), None, "one start tells nothing of the noise");
        let broken = generation(&[
            with(f64::NEG_INFINITY, 1.0, 1.0),
            with(0.0, f64::NEG_INFINITY, 1.0),
        ]);
        assert_eq!(broken.proven(), Some(&[2.0][..]));
    }

    #[test]
    fn the_halves_are_compared_and_pairs_have_one_winner() {
        let row = |a, b, c, d| [a, b, c, d, 0.0, 0.0, 0.0];
        let agrees = generation(&[row(1.0, 2.0, 3.0, 4.0), row(1.0, 2.0, 3.0, 4.0)]);
        let outcome = agrees.outcome();
        assert_eq!(outcome.agreement, Some(1.0));
        assert_eq!(outcome.ranking, [(4.0, 3), (3.0, 2), (2.0, 1), (1.0, 0)]);
        let wins: Vec<bool> = (agrees.ranked(&outcome.ranking).iter())
            .map(|ranked| ranked.wins)
            .collect();
        assert_eq!(wins, [true, false, true, false]);
        let opposed = generation(&[row(1.0, 2.0, 3.0, 4.0), row(4.0, 3.0, 2.0, 1.0)]);
        assert_eq!(opposed.outcome().agreement, Some(-1.0));
        let single = generation(&[row(1.0, 2.0, 3.0, 4.0)]);
        assert_eq!(single.outcome().agreement, None);
    }

    #[test]
    fn a_generation_can_be_cut_to_its_complete_starts() {
        let mut cut = generation(&[[1.0; 7], [2.0; 7], [3.0; 7]]);
        cut.returns[2][5] = None;
        assert!(!cut.is_complete());
        assert!(cut.cut_to_complete_starts() && cut.is_complete() && cut.starts == 2);
        let mut empty = Generation::new(0, 0, 2, 4, Vec::new());
        assert!(!empty.cut_to_complete_starts() && !empty.is_complete());
    }
}
