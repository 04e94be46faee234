//! Measures of a network on data, beside the loss.

use serde::{Deserialize, Serialize};

use crate::descent::{Evaluation, Fit};

/// A measure of a network on data, beside the loss that every problem has. A problem says which it has
/// ([`Problem::metrics`](crate::Problem::metrics)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// Share of the examples, or of the positions of all sequences, whose class is predicted rightly, in [0, 1].
    Accuracy,
    /// The mean loss of a character in bits, L / ln 2, of a text under a cross-entropy.
    BitsPerCharacter,
    /// √(mean of (output − number)²) over all numbers, in their unit: for the target of a table, its standard deviation.
    RootMeanSquareError,
    /// The coefficient of determination, R² = 1 − Σ(output − number)² / Σ(number − mean)², the mean being that of the same
    /// numbers of the data that are evaluated; at most 1, and 0 for who always says the mean.
    RSquared,
}

impl Metric {
    /// The name in files, such as `r_squared`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::BitsPerCharacter => "bits_per_character",
            Metric::RootMeanSquareError => "root_mean_square_error",
            Metric::RSquared => "r_squared",
        }
    }

    /// What it is called in a table.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::BitsPerCharacter => "bits per character",
            Metric::RootMeanSquareError => "RMSE",
            Metric::RSquared => "R²",
        }
    }

    /// Whether a larger value is better.
    #[must_use]
    pub const fn larger_is_better(self) -> bool {
        match self {
            Metric::Accuracy | Metric::RSquared => true,
            Metric::BitsPerCharacter | Metric::RootMeanSquareError => false,
        }
    }

    /// Its value; NaN where the evaluation doesn't have it.
    #[must_use]
    pub fn of(self, evaluation: &Evaluation) -> f32 {
        let fit = |of: fn(&Fit) -> f32| evaluation.fit.as_ref().map_or(f32::NAN, of);
        match self {
            Metric::Accuracy => evaluation.accuracy,
            Metric::BitsPerCharacter => evaluation.loss / std::f32::consts::LN_2,
            Metric::RootMeanSquareError => fit(|fit| fit.root_mean_square_error),
            Metric::RSquared => fit(|fit| fit.r_squared),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_of_ln_2_is_a_bit_and_what_is_missing_is_no_number() {
        let evaluation = Evaluation::of_loss(2.0 * std::f32::consts::LN_2);
        assert_eq!(Metric::BitsPerCharacter.of(&evaluation), 2.0);
        for metric in [
            Metric::Accuracy,
            Metric::RootMeanSquareError,
            Metric::RSquared,
        ] {
            assert!(metric.of(&evaluation).is_nan(), "{metric:?}");
            let worst = metric.of(&Evaluation::worst());
            assert!(worst == 0.0 || worst.is_infinite());
        }
    }
}
