//! What the heading of a column stands for.

use descender_optim::HyperParameter::{self, A1, A2, B1, B2, LearningRate};
use descender_record::settings_text::nearest;

/// Entries of μ with their values, step by step.
pub(super) type Columns = Vec<(HyperParameter, Vec<f32>)>;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Heading {
    /// The number of the step.
    Step,
    /// The optimizer.
    Optimizer,
    /// What a log has besides: no part of a schedule.
    Log,
    /// Entries of μ that follow from its numbers.
    Entries(&'static [(HyperParameter, Part)]),
}

/// How an entry of μ follows from the number of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    /// It is the number.
    Whole,
    /// It is 1 − the number: the weight of what is new in an exponential average.
    Rest,
}

impl Part {
    /// The entry.
    pub(super) fn of(self, number: f64) -> f32 {
        match self {
            Self::Whole => number as f32,
            Self::Rest => (1.0 - number) as f32,
        }
    }

    /// The entry, from text; `None` if it is no number. A number that was written as an `f32` comes back with its bits.
    pub(super) fn of_text(self, text: &str) -> Option<f32> {
        match self {
            Self::Whole => text.parse().ok(),
            Self::Rest => text.parse().ok().map(|number| self.of(number)),
        }
    }
}

/// Names in small letters with `_`, and what they stand for. An empty name is that of the numbers of the rows, as R and
/// pandas write it.
const NAMES: [(&str, Heading); 26] = [
    ("step", Heading::Step),
    ("iteration", Heading::Step),
    ("", Heading::Step),
    ("optimizer", Heading::Optimizer),
    (
        "learning_rate",
        Heading::Entries(&[(LearningRate, Part::Whole)]),
    ),
    ("lr", Heading::Entries(&[(LearningRate, Part::Whole)])),
    ("eta", Heading::Entries(&[(LearningRate, Part::Whole)])),
    ("a1", Heading::Entries(&[(A1, Part::Whole)])),
    ("a2", Heading::Entries(&[(A2, Part::Whole)])),
    ("a3", Heading::Entries(&[(HyperParameter::A3, Part::Whole)])),
    ("b1", Heading::Entries(&[(B1, Part::Whole)])),
    ("b2", Heading::Entries(&[(B2, Part::Whole)])),
    ("b3", Heading::Entries(&[(HyperParameter::B3, Part::Whole)])),
    ("c", Heading::Entries(&[(HyperParameter::C, Part::Whole)])),
    ("w", Heading::Entries(&[(HyperParameter::W, Part::Whole)])),
    // SGD with momentum: Q ← b1·Q + g.
    ("momentum", Heading::Entries(&[(B1, Part::Whole)])),
    // Adam: both moments are averages.
    (
        "beta1",
        Heading::Entries(&[(B1, Part::Whole), (B2, Part::Rest)]),
    ),
    (
        "beta_1",
        Heading::Entries(&[(B1, Part::Whole), (B2, Part::Rest)]),
    ),
    (
        "beta2",
        Heading::Entries(&[(A1, Part::Whole), (A2, Part::Rest)]),
    ),
    (
        "beta_2",
        Heading::Entries(&[(A1, Part::Whole), (A2, Part::Rest)]),
    ),
    ("epoch", Heading::Log),
    ("loss", Heading::Log),
    ("train_loss", Heading::Log),
    ("validation_loss", Heading::Log),
    ("val_loss", Heading::Log),
    ("time", Heading::Log),
];

impl Heading {
    /// What a heading stands for, in capitals or not; `None` if it is unknown.
    pub(super) fn of(heading: &str) -> Option<Self> {
        let name = heading.trim().to_lowercase().replace([' ', '-', '.'], "_");
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, heading)| *heading)
    }
}

/// The name of an entry of μ that is most like `name`.
pub(super) fn nearest_entry(name: &str) -> &'static str {
    nearest(name, HyperParameter::ALL.map(HyperParameter::name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_known_by_its_own_name() {
        for entry in HyperParameter::ALL {
            let Some(Heading::Entries(&[found])) = Heading::of(entry.name()) else {
                panic!("{entry} is no heading");
            };
            assert_eq!(found, (entry, Part::Whole));
        }
    }
}
