//! The candidates that a training keeps: those that can still be chosen, and a bounded number of others.
//!
//! A candidate is chosen among the few with the best scores, the finalists. Scores never change, so a candidate that has
//! as many better ones can't be chosen any more. It is kept nevertheless, with its policy, while there is
//! room: for the picture of the selection, and for the figures that show a controller at several ages. A long training
//! thins these evenly over its episodes, so that neither memory nor checkpoint grow with it.

use serde::{Deserialize, Serialize};

use crate::candidate::Candidate;

/// So many candidates are kept, or one more than the finalists if that is more.
pub const KEPT_CANDIDATES: usize = 64;

/// Candidates in the order of their episodes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Candidates {
    kept: Vec<Candidate>,
    taken: u64,
}

impl Candidates {
    /// The candidates that are kept, in the order of their episodes. The best ones and the last one are among them.
    #[must_use]
    pub fn kept(&self) -> &[Candidate] {
        &self.kept
    }

    /// How many there were.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The places of the kept candidates, the best first; of equals the earlier one is first.
    #[must_use]
    pub fn ranking(&self) -> Vec<usize> {
        // Those that can't be used are the last.
        let quality = |candidate: &Candidate| (!candidate.is_usable(), candidate.score());
        let mut ranked: Vec<_> = self.kept.iter().map(quality).zip(0..).collect();
        ranked.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        ranked.into_iter().map(|(_, place)| place).collect()
    }

    /// Adds the newest candidate. If there are too many, the one whose neighbours are closest together goes, unless it can
    /// become one of so many finalists.
    pub fn add(&mut self, candidate: Candidate, finalists: usize) {
        self.kept.push(candidate);
        self.taken += 1;
        if self.kept.len() <= KEPT_CANDIDATES.max(finalists.saturating_add(1)) {
            return;
        }
        let last = self.kept.len() - 1;
        let distance = |place: &usize| {
            let before = place.checked_sub(1);
            let before = before.map_or(0, |before| self.kept[before].episodes);
            self.kept[place + 1].episodes - before
        };
        let rest = self.ranking().into_iter().skip(finalists);
        let goes = rest
            .filter(|&place| place != last)
            .min_by_key(|place| (distance(place), *place));
        if let Some(place) = goes {
            self.kept.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Preset;
    use crate::trainer::Trainer;
    use descender_record::checkpoint;
    use descender_task::Task;

    /// The scores of made-up candidates; some are equal.
    fn score(number: u64) -> f64 {
        ((number as f64 * 12.9898).sin() * 40.0).round()
    }

    fn trainer() -> Trainer {
        let mut settings = Preset::by_name("dqn").unwrap().configuration();
        settings.selection.finalists = 5;
        Trainer::new(settings, &Task::small()).unwrap()
    }

    fn add(trainer: &mut Trainer, numbers: std::ops::Range<u64>) {
        for number in numbers {
            trainer.add_candidate(Candidate {
                episodes: 8 * (number + 1),
                policy: trainer.policy(),
                scores: vec![score(number); 8],
                final_scores: Vec::new(),
            });
        }
    }

    #[test]
    fn many_candidates_don_t_grow_the_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let size = |trainer: &Trainer| {
            let path = folder.path().join("state");
            let state = trainer
                .save(0)
                .expect("the descents of a task can be saved");
            checkpoint::write(&path, &state).unwrap();
            std::fs::metadata(path).unwrap().len() as f64
        };
        let mut trainer = trainer();
        add(&mut trainer, 0..100);
        let after_hundred = size(&trainer);
        add(&mut trainer, 100..500);
        let after_all = size(&trainer);
        assert!(
            after_all < 1.2 * after_hundred,
            "{after_hundred} bytes after 100 candidates, {after_all} after 500"
        );
        assert_eq!(trainer.progress().candidates.taken(), 500);
    }

    #[test]
    fn the_finalists_are_those_of_all_candidates() {
        let mut trainer = trainer();
        let mut all: Vec<u64> = Vec::new();
        for number in 0..300 {
            add(&mut trainer, number..number + 1);
            all.push(number);
            all.sort_by(|&a, &b| score(a).total_cmp(&score(b)));
            let candidates = &trainer.progress().candidates;
            let finalists: Vec<u64> = (candidates.ranking().iter().take(5))
                .map(|&place| candidates.kept()[place].episodes / 8 - 1)
                .collect();
            assert_eq!(finalists, all[..finalists.len()]);
            assert_eq!(candidates.kept().last().unwrap().episodes, 8 * (number + 1));
        }
        // The others are spread over all episodes.
        let kept = trainer.progress().candidates.kept();
        assert_eq!(kept.len(), KEPT_CANDIDATES);
        let widest = kept
            .windows(2)
            .map(|pair| pair[1].episodes - pair[0].episodes);
        assert!(widest.max() <= Some(8 * 300 / 16));
    }

    #[test]
    fn as_many_finalists_as_asked_for_are_kept() {
        let mut candidates = Candidates::default();
        let mut trainer = trainer();
        add(&mut trainer, 0..1);
        let first = trainer.progress().candidates.kept()[0].clone();
        for number in 0..200 {
            let mut candidate = first.clone();
            (candidate.episodes, candidate.scores) = (8 * (number + 1), vec![score(number)]);
            candidates.add(candidate, 100);
        }
        assert_eq!(candidates.kept().len(), 101);
    }

    #[test]
    fn a_policy_that_is_no_number_is_the_worst() {
        let mut trainer = trainer();
        add(&mut trainer, 0..1);
        let mut lost = trainer.progress().candidates.kept()[0].clone();
        (lost.episodes, lost.scores) = (16, vec![f64::INFINITY]);
        let mut broken = lost.clone();
        let parameters = vec![f32::NAN; broken.policy.parameters().len()];
        broken.policy = descender_control::Policy::with_head(
            broken.policy.head(),
            broken.policy.specification().clone(),
            parameters,
        )
        .unwrap();
        let mut candidates = Candidates::default();
        candidates.add(broken, 2);
        candidates.add(lost, 2);
        assert_eq!(candidates.ranking(), [1, 0]);
    }
}
