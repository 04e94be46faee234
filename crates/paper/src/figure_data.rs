//! What every figure has: its findings and its pictures.

use descender_figure::LineChart;
use serde::{Serialize, de::DeserializeOwned};

use crate::finding::PaperFinding;

/// What a figure's file holds beside its head, and what is made from it.
pub(crate) trait FigureData: Serialize + DeserializeOwned {
    /// The findings, by the rules of the figure's module.
    fn findings(&self, seed: u64) -> Vec<PaperFinding>;
    /// The pictures.
    fn panels(&self) -> Vec<Panel>;
}

/// A picture with the words below it.
pub(crate) struct Panel {
    pub(crate) chart: LineChart,
    pub(crate) caption: String,
}
