//! Start points: where a descent begins and in which order it sees its examples.

use descender_random::{ChaCha8Rng, Purpose, stream};
use serde::{Deserialize, Serialize};

const TRAINING_START: Purpose = Purpose::new(1, "training start");
const SELECTION_START: Purpose = Purpose::new(2, "selection start");
const REPORT_START: Purpose = Purpose::new(3, "report start");
const CALIBRATION_START: Purpose = Purpose::new(9, "calibration start");
const TUNING_START: Purpose = Purpose::new(10, "tuning start");
const DROPOUT: Purpose = Purpose::new(18, "dropout");

/// A step has 2 to the power of this many words of the dropout stream: more than a batch can need.
const WORDS: u32 = 36;

/// What a start point is used for. Points of different purposes never share a random number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartPurpose {
    /// Training a controller.
    #[default]
    Training,
    /// Choosing between checkpoints and settings.
    Selection,
    /// Reporting results; nothing may be chosen on these.
    Report,
    /// Watching a controller, so that negative controls can be made of it.
    Calibration,
    /// Tuning the rivals of a comparison.
    Tuning,
}

/// The beginning of a descent: it fixes the initial parameters and the batch order of every epoch.
///
/// A *fixed* start is one start point used again and again; *random* starts count the index up. Each point draws
/// from three streams of its own under the seed, for the parameters, the batch order and the masks of dropout, so methods
/// that are compared from one start point see the same parameters, batches and masks, whatever they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StartPoint {
    /// What the point is used for.
    pub purpose: StartPurpose,
    /// The seed of the whole study.
    pub seed: u64,
    /// Number of the point, from 0; taken modulo 2⁵⁵.
    pub index: u64,
}

impl StartPoint {
    /// The generator of the initial parameters: stream 2·index of the purpose.
    #[must_use]
    pub fn parameter_generator(&self) -> ChaCha8Rng {
        self.generator(0)
    }

    /// The generator of the batch order: stream 2·index + 1 of the purpose.
    #[must_use]
    pub fn batch_generator(&self) -> ChaCha8Rng {
        self.generator(1)
    }

    /// The generator of the dropout masks of step number `step`: stream 8·index + purpose of their own purpose, from word
    /// 2³⁶·step on (modulo 2⁶⁸). It depends on nothing else, so neither an evaluation nor a resume shifts the masks.
    #[must_use]
    pub fn dropout_generator(&self, step: u64) -> ChaCha8Rng {
        let index = self.index.wrapping_mul(8);
        let mut generator = stream(self.seed, DROPOUT, index.wrapping_add(self.purpose as u64));
        generator.set_word_pos(u128::from(step & u64::from(u32::MAX)) << WORDS);
        generator
    }

    fn generator(&self, part: u64) -> ChaCha8Rng {
        let purpose = match self.purpose {
            StartPurpose::Training => TRAINING_START,
            StartPurpose::Selection => SELECTION_START,
            StartPurpose::Report => REPORT_START,
            StartPurpose::Calibration => CALIBRATION_START,
            StartPurpose::Tuning => TUNING_START,
        };
        stream(
            self.seed,
            purpose,
            self.index.wrapping_mul(2).wrapping_add(part),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use std::collections::BTreeSet;

    const PURPOSES: [StartPurpose; 5] = [
        StartPurpose::Training,
        StartPurpose::Selection,
        StartPurpose::Report,
        StartPurpose::Calibration,
        StartPurpose::Tuning,
    ];

    #[test]
    fn no_two_start_points_share_a_stream() {
        let mut seen = BTreeSet::new();
        let mut points = 0;
        for purpose in PURPOSES {
            for seed in 0..3 {
                for index in (0..200).chain([(1 << 55) - 1]) {
                    let start = StartPoint {
                        purpose,
                        seed,
                        index,
                    };
                    for mut generator in [start.parameter_generator(), start.batch_generator()] {
                        seen.insert([generator.next_u64(), generator.next_u64()]);
                        points += 1;
                    }
                }
            }
        }
        assert_eq!(seen.len(), points);
    }

    #[test]
    fn dropout_masks_differ_by_start_and_step_and_are_found_again() {
        let mut seen = BTreeSet::new();
        for purpose in PURPOSES {
            for index in 0..20 {
                let start = StartPoint {
                    purpose,
                    seed: 3,
                    index,
                };
                for step in [0, 1, 2, 1000, 1 << 31] {
                    let draw = |step| start.dropout_generator(step).next_u64();
                    assert_eq!(draw(step), draw(step));
                    seen.insert(draw(step));
                }
                for mut generator in [start.parameter_generator(), start.batch_generator()] {
                    seen.insert(generator.next_u64());
                }
            }
        }
        assert_eq!(seen.len(), 5 * 20 * 7);
    }

    /// Under one seed the streams of two purposes are different streams of one key, so they differ for good.
    #[test]
    fn purposes_have_different_streams_of_the_same_key() {
        for index in 0..100 {
            let generators = PURPOSES.map(|purpose| {
                StartPoint {
                    purpose,
                    seed: 7,
                    index,
                }
                .parameter_generator()
            });
            assert_eq!(generators[0].get_seed(), generators[2].get_seed());
            let streams: BTreeSet<u64> = generators.iter().map(ChaCha8Rng::get_stream).collect();
            assert_eq!(streams.len(), PURPOSES.len());
        }
    }
}
