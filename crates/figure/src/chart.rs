//! A chart of any kind, and how it goes into a page.

use super::sheet::Format;
use super::{IntervalChart, LineChart, ShareChart};
use crate::escape::escape;

/// The width of a figure that has the page's width, in pixels.
const WIDE: f64 = 880.0;
/// The width of a figure that shares a line with another.
const HALF: f64 = 390.0;
/// The width of a figure on a phone.
const PHONE: f64 = 350.0;

/// A chart of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// Lines with bands.
    Line(LineChart),
    /// Dots or bars with intervals.
    Interval(IntervalChart),
    /// Stacked shares.
    Share(ShareChart),
}

impl Default for Chart {
    /// An empty line chart.
    fn default() -> Self {
        Self::Line(LineChart::default())
    }
}

macro_rules! from {
    ($kind:ident, $chart:ty) => {
        impl From<$chart> for Chart {
            fn from(chart: $chart) -> Self {
                Self::$kind(chart)
            }
        }
    };
}
from!(Line, LineChart);
from!(Interval, IntervalChart);
from!(Share, ShareChart);

impl Chart {
    /// The chart as a standalone SVG file, in light colours.
    #[must_use]
    pub fn to_svg(&self) -> String {
        match self {
            Self::Line(chart) => chart.to_svg(),
            Self::Interval(chart) => chart.to_svg(),
            Self::Share(chart) => chart.to_svg(),
        }
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::Line(chart) => &chart.title,
            Self::Interval(chart) => &chart.title,
            Self::Share(chart) => &chart.title,
        }
    }

    /// The chart in the format.
    fn draw(&self, format: Format) -> String {
        match self {
            Self::Line(chart) => chart.draw(format),
            Self::Interval(chart) => chart.draw(format),
            Self::Share(chart) => chart.draw(format),
        }
    }

    /// The chart as an HTML figure with its title, its caption and the values for the script of the page. A wide
    /// figure is drawn twice, for a page's width and for a phone's; the style sheet shows one of them.
    pub fn to_html(&self, caption: &str, wide: bool) -> String {
        let hover = match self {
            Self::Line(chart) => chart.hover(),
            Self::Share(chart) => chart.hover(),
            // The rows' own titles are shown.
            Self::Interval(_) => String::new(),
        };
        let class = if wide { "chart wide" } else { "chart" };
        let mut text = format!("<figure class=\"{class}\"");
        if !hover.is_empty() {
            text.push_str(&format!(" data-hover=\"{}\"", escape(&hover)));
        }
        text.push_str(">\n");
        if !self.title().is_empty() {
            text.push_str(&format!("<h3>{}</h3>\n", escape(self.title())));
        }
        if wide {
            text.push_str(&format!(
                "<div class=\"on-page\">{}</div>\n<div class=\"on-phone\">{}</div>\n",
                self.draw(Format::in_page(WIDE)),
                self.draw(Format::in_page(PHONE))
            ));
        } else {
            text.push_str(&self.draw(Format::in_page(HALF)));
        }
        if !caption.is_empty() {
            text.push_str(&format!("<figcaption>{}</figcaption>\n", escape(caption)));
        }
        text.push_str("</figure>\n");
        text
    }
}

/// A sample of a style's line with its dot, to stand beside a name in a page's text.
pub fn swatch(style: usize) -> String {
    let mut sheet = super::sheet::Sheet::new(Format::in_page(26.0), "");
    sheet.open(style, 0, "");
    sheet.curve(style, style == 0, &[(0.0, 6.0), (26.0, 6.0)]);
    sheet.dot(style, (13.0, 6.0), 4.0);
    sheet.close();
    sheet.decoration(12.0)
}
