//! Which examples an evaluation or a probe looks at, and in which rounds.
//!
//! Without carried states the examples come in their order, a chunk at a time. With them they are as many tracks as a chunk
//! holds, and a round is one example of each track, so that an example comes behind the one before it.

/// Examples that are looked at in a round, at most.
pub(super) const CHUNK: usize = 32;

/// Some of a data set's examples, in rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Looks {
    /// Examples that are looked at.
    count: usize,
    /// Examples of the data set, at least `count`.
    of: usize,
    /// Whether they are in tracks.
    tracks: bool,
}

impl Looks {
    /// `count` of the `of` examples (all, if there are fewer), evenly spaced: one by one, or in tracks that are.
    pub(super) fn new(count: usize, of: usize, tracks: bool) -> Looks {
        Looks {
            count: count.min(of),
            of,
            tracks,
        }
    }

    /// Number of examples.
    pub(super) fn count(self) -> usize {
        self.count
    }

    /// Examples side by side in every round but the last, which may have fewer.
    pub(super) fn width(self) -> usize {
        CHUNK.min(self.count)
    }

    /// Number of rounds.
    pub(super) fn rounds(self) -> usize {
        self.count.div_ceil(CHUNK)
    }

    /// Number of examples in a round.
    pub(super) fn in_round(self, round: usize) -> usize {
        CHUNK.min(self.count - round * CHUNK)
    }

    /// The example at a place of a round. A track has one in each round; the first ones have one in the last round.
    pub(super) fn example(self, round: usize, place: usize) -> usize {
        if !self.tracks {
            return (round * CHUNK + place) * self.of / self.count;
        }
        let width = self.width();
        let (shortest, longer) = (self.count / width, self.count % width);
        // Those of the tracks before, and the track's share of the examples that are not looked at.
        let before = place * shortest + place.min(longer);
        before + place * (self.of - self.count) / width + round
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(looks: Looks) -> Vec<Vec<usize>> {
        let round = |round| {
            (0..looks.in_round(round))
                .map(|place| looks.example(round, place))
                .collect()
        };
        (0..looks.rounds()).map(round).collect()
    }

    #[test]
    fn every_look_is_at_another_example_and_a_whole_look_at_each() {
        for (count, of) in [
            (1, 1),
            (5, 5),
            (32, 32),
            (33, 33),
            (100, 100),
            (7, 9),
            (33, 40),
            (64, 1000),
            (95, 96),
        ] {
            for tracks in [false, true] {
                let mut seen = all(Looks::new(count, of, tracks)).concat();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), count, "{count} of {of}, tracks: {tracks}");
                assert!(seen.iter().all(|example| *example < of));
            }
        }
        let whole = all(Looks::new(70, 70, false)).concat();
        assert_eq!(whole, (0..70).collect::<Vec<_>>());
    }

    #[test]
    fn a_track_goes_from_example_to_example() {
        for (count, of) in [(70, 70), (33, 40), (96, 1000)] {
            let rounds = all(Looks::new(count, of, true));
            for (before, round) in rounds.iter().zip(&rounds[1..]) {
                let next: Vec<usize> = before.iter().map(|example| example + 1).collect();
                assert_eq!(*round, next[..round.len()]);
            }
        }
    }
}
