//! Weights by regression on pairs of descents whose outputs are moved in opposite directions.

use descender_control::{Controller, OF_THE_JOB, READINGS};
use descender_random::{Purpose, stream};
use descender_task::StartPurpose;

use super::error::LearnError;
use super::learner::{Candidate, LearnStage, Learner};
use super::round::{Pair, PastRound, Row};
use super::surface::{SHARES, Surface};
use crate::draw::Draw;

const OFFSETS: Purpose = Purpose::new(23, "offsets of perturbed descents");

/// A share of a descent at which an offset of its own has the usual size.
const USUAL_SHARE: f64 = 0.2;

impl Learner<'_> {
    /// The candidates of a regression, the first controller first.
    pub(super) fn regression(
        &self,
        mut controller: Controller,
    ) -> Result<Option<Vec<Candidate>>, LearnError> {
        let settings = self.settings;
        let mut surface = Surface::new(settings, self.dimensions());
        let mut candidates = vec![Candidate::new("as it began", &controller)];
        let mut later: Vec<Vec<f32>> = Vec::new();
        for round in 1..=settings.rounds {
            let Some(rows) = self.rows(&controller, round)? else {
                return Ok(None);
            };
            surface.add(PastRound {
                rows,
                weights: controller.policy().parameters().to_vec(),
            });
            let step = surface
                .step(|feature| self.uses(feature, round))
                .ok_or(LearnError::Undetermined(round))?;
            let left = 1.0 - f64::from(round - 1) / f64::from(settings.rounds);
            let weights = controller
                .policy()
                .parameters()
                .iter()
                .zip(step.iter().chain(std::iter::repeat(&0.0))); // the biases stay
            let stride = settings.stride * left;
            let moved: Vec<f32> = weights
                .map(|(weight, step)| weight + (stride * step) as f32)
                .collect();
            controller = self.with_weights(&controller, moved, round)?;
            if 2 * round > settings.rounds {
                later.push(controller.policy().parameters().to_vec());
            }
            if round == settings.rounds.div_ceil(2) || round == settings.rounds {
                candidates.push(Candidate::new(&format!("round {round}"), &controller));
            }
        }
        candidates.extend(self.averages(&controller, &later)?);
        Ok(Some(candidates))
    }

    /// Whether a round uses a feature: those of the job, and in the later half those of how it goes as well. What can be
    /// known at the beginning is then left to what is known there.
    fn uses(&self, feature: usize, round: u32) -> bool {
        let how_it_goes = feature > OF_THE_JOB && feature <= READINGS;
        let of_the_job = (self.settings.used().iter()).any(|reading| *reading < OF_THE_JOB);
        !how_it_goes || !of_the_job || 2 * round > self.settings.rounds
    }

    /// The perturbed descents of a round.
    fn rows(&self, controller: &Controller, round: u32) -> Result<Option<Vec<Row>>, LearnError> {
        let count = self.settings.instances;
        let first = u64::from(round - 1) * count;
        let stage = LearnStage::Perturbing { round };
        let name = format!("round-{round}");
        self.results(&name, first..first + count, stage, |number| {
            let instance = self.jobs.instance(StartPurpose::Training, number);
            let (base, seen) = self.descent(controller, &instance, &[])?;
            let mut draw = Draw::new(stream(self.settings.seed, OFFSETS, number));
            let pairs = (0..self.settings.pairs)
                .map(|_| {
                    let offsets = self.offsets(&mut draw);
                    let opposite: Vec<f64> = offsets.iter().map(|offset| -offset).collect();
                    let (plus, _) = self.descent(controller, &instance, &offsets)?;
                    let (minus, _) = self.descent(controller, &instance, &opposite)?;
                    Ok(Pair {
                        offsets,
                        plus,
                        minus,
                    })
                })
                .collect::<Result<_, LearnError>>()?;
            Ok(Row { seen, base, pairs })
        })
    }

    /// Offsets of each output at each point: one for the whole descent, and one of each point.
    fn offsets(&self, draw: &mut Draw) -> Vec<f64> {
        let size = self.settings.spread;
        let whole: Vec<f64> = (0..self.dimensions())
            .map(|dimension| draw.normal() * if dimension == 0 { 0.09 } else { 0.2 })
            .collect();
        let mut offsets = Vec::with_capacity(SHARES.len() * whole.len());
        for share in SHARES {
            for (dimension, whole) in whole.iter().enumerate() {
                // What matters less is moved more.
                let own = if dimension == 0 { 0.1 } else { 0.15 } * (USUAL_SHARE / share).sqrt();
                offsets.push(size * (whole + draw.normal() * own));
            }
        }
        offsets
    }
}
