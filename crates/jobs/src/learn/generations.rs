//! Weights by an evolution: a round is a generation, whose policies steer the same jobs.

use descender_control::Controller;
use descender_random::{Purpose, stream};
use descender_task::StartPurpose;

use super::error::LearnError;
use super::evolution::Separable;
use super::learner::{Candidate, LearnStage, Learner, OUTLIER};
use crate::draw::Draw;

const GENERATIONS: Purpose = Purpose::new(24, "generations of policies");

/// The spread of the first generation of an evolution, in a policy's weights.
const FIRST_SPREAD: f64 = 0.05;

impl Learner<'_> {
    /// The candidates of an evolution, the first controller first. A round is a generation, whose policies steer the same
    /// jobs.
    pub(super) fn evolution(
        &self,
        first: Controller,
    ) -> Result<Option<Vec<Candidate>>, LearnError> {
        let settings = self.settings;
        let free = self.free();
        let beginning = first.policy().parameters();
        let mean = free
            .iter()
            .map(|&place| f64::from(beginning[place]))
            .collect();
        let mut strategy = Separable::new(mean, FIRST_SPREAD);
        let with = |point: &[f64], round| {
            let mut weights = first.policy().parameters().to_vec();
            for (&place, value) in free.iter().zip(point) {
                weights[place] = *value as f32;
            }
            self.with_weights(&first, weights, round)
        };
        let mut candidates = vec![Candidate::new("as it began", &first)];
        let mut later: Vec<Vec<f32>> = Vec::new();
        for round in 1..=settings.rounds {
            let mut draw = Draw::new(stream(settings.seed, GENERATIONS, u64::from(round)));
            let points = strategy.points(&mut draw);
            let members = (points.iter())
                .map(|point| with(point, round))
                .collect::<Result<Vec<_>, _>>()?;
            let Some(losses) = self.generation(&members, round)? else {
                return Ok(None);
            };
            strategy.follow(&points, &scores(&losses));
            let controller = with(strategy.mean(), round)?;
            if 2 * round > settings.rounds {
                later.push(controller.policy().parameters().to_vec());
            }
            if round == settings.rounds.div_ceil(2) || round == settings.rounds {
                candidates.push(Candidate::new(&format!("round {round}"), &controller));
            }
        }
        candidates.extend(self.averages(&first, &later)?);
        Ok(Some(candidates))
    }

    /// The loss of each member of a generation on each of its jobs, `[job][member]`.
    fn generation(
        &self,
        members: &[Controller],
        round: u32,
    ) -> Result<Option<Vec<Vec<f64>>>, LearnError> {
        let count = self.settings.instances;
        let first = u64::from(round - 1) * count;
        let stage = LearnStage::Perturbing { round };
        let name = format!("round-{round}");
        self.results(&name, first..first + count, stage, |number| {
            let instance = self.jobs.instance(StartPurpose::Training, number);
            (members.iter())
                .map(|member| Ok(self.descent(member, &instance, &[])?.0))
                .collect()
        })
    }
}

/// The mean difference of each member's log loss from the mean of all, over the jobs, `[job][member]`.
fn scores(losses: &[Vec<f64>]) -> Vec<f64> {
    let mut scores = vec![0.0; losses.first().map_or(0, Vec::len)];
    for job in losses {
        let mean = job.iter().map(|loss| loss.ln()).sum::<f64>() / job.len() as f64;
        for (score, loss) in scores.iter_mut().zip(job) {
            *score += (loss.ln() - mean).clamp(-OUTLIER, OUTLIER);
        }
    }
    scores
}
