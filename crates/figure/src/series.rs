//! What a line chart draws: series, bands and reference lines.

/// One series of a line chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The name in the legend; without a name the series isn't in the legend.
    pub name: String,
    /// The points (x, y), in the order in which they are joined. More than 600 are thinned.
    pub points: Vec<(f64, f64)>,
    /// The band around the line; empty for none.
    pub band: Vec<BandPoint>,
    /// How the points are drawn.
    pub mark: Mark,
    /// The style index: 0 for the one that stands out, 1 and up for others (dashed from 9 on), or one of
    /// [`control`](crate::control) and [`action`](crate::action). One method has one index in all
    /// figures.
    pub style: usize,
}

/// The bounds of a band at one x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandPoint {
    /// Where.
    pub x: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// As a line.
    #[default]
    Line,
    /// As a thick line, for the one that matters most.
    BoldLine,
    /// As a line of steps: a value holds until the next point.
    Step,
    /// As a thick line of steps.
    BoldStep,
    /// As a line with a dot at each point, for few points.
    LineAndDots,
    /// As pale dots, for single values behind their average.
    Dots,
    /// As large dots, for a few values that matter.
    BoldDots,
}

/// A horizontal line with a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Where it lies.
    pub value: f64,
    /// What it is.
    pub label: String,
}

impl Series {
    /// A line without a band.
    #[must_use]
    pub fn line(name: impl Into<String>, points: Vec<(f64, f64)>, style: usize) -> Self {
        Self {
            name: name.into(),
            points,
            band: Vec::new(),
            mark: Mark::Line,
            style,
        }
    }

    /// The same series with a band.
    #[must_use]
    pub fn with_band(self, band: Vec<BandPoint>) -> Self {
        Self { band, ..self }
    }

    /// The same series drawn in another way.
    #[must_use]
    pub fn with_mark(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }
}

impl Mark {
    /// Whether points are joined.
    pub(super) const fn is_line(self) -> bool {
        !matches!(self, Self::Dots | Self::BoldDots)
    }

    /// Whether a value holds until the next point.
    pub(super) const fn is_step(self) -> bool {
        matches!(self, Self::Step | Self::BoldStep)
    }

    /// Whether the line is thick.
    pub(super) const fn is_bold(self) -> bool {
        matches!(self, Self::BoldLine | Self::BoldStep)
    }
}
