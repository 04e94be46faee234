//! The names of the paper's figures.

use serde::{Deserialize, Serialize};

/// A figure of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FigureName {
    /// Constant learning rates.
    Fig1,
    /// A fixed start point.
    Fig2,
    /// Random start points: the training.
    Fig3,
    /// The course of η as the training goes on.
    Fig4,
    /// Validation data.
    Fig5,
}

impl FigureName {
    /// All figures, in their order.
    pub const ALL: [Self; 5] = [Self::Fig1, Self::Fig2, Self::Fig3, Self::Fig4, Self::Fig5];

    /// The name, as on the command line and of the files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fig1 => "fig1",
            Self::Fig2 => "fig2",
            Self::Fig3 => "fig3",
            Self::Fig4 => "fig4",
            Self::Fig5 => "fig5",
        }
    }

    /// What it shows.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fig1 => "Figure 1: constant learning rates",
            Self::Fig2 => "Figure 2: a controller trained from a fixed start point",
            Self::Fig3 => "Figure 3: training from random start points",
            Self::Fig4 => "Figure 4: the course of η as the training goes on",
            Self::Fig5 => "Figure 5: the chosen controller on validation data",
        }
    }
}
