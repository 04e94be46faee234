//! Figures as SVG: line charts with bands, charts of dots or bars with intervals, and stacked shares.
//!
//! A figure is described by plain data ([`LineChart`], [`IntervalChart`], [`ShareChart`]) and turned into SVG by
//! `to_svg`, which cannot fail: points that are not finite, or not positive on a logarithmic axis, are skipped, and a
//! figure without a single point says so. Text stays text and is set by whoever shows the figure, so no font is
//! needed here. The same data give the same bytes.
//!
//! The report draws the same data again for a page: without a style of its own, at the widths of a page and of a
//! phone, and with the values for its script. What an index of style looks like stands in `look`.
//!
//! Why no library draws them: the usual one knows neither classes (so no dark mode), nor a layout for a phone, nor
//! names at the ends of lines; placing texts and lines by hand takes fewer lines than working around it.
//!
//! ```
//! use descender_figure::{LineChart, AxisScale, Series};
//! let points = (1..100).map(|step| (f64::from(step), 2.3 / f64::from(step))).collect();
//! let svg = LineChart {
//!     title: "Loss".to_owned(),
//!     x_label: "step".to_owned(),
//!     y_label: "batch loss".to_owned(),
//!     y_scale: AxisScale::Logarithmic,
//!     series: vec![Series::line("sgd:0.1", points, 0)],
//!     ..LineChart::default()
//! }
//! .to_svg();
//! assert!(svg.starts_with("<svg") && svg.contains("sgd:0.1"));
//! ```

#![forbid(unsafe_code)]

mod axis;
mod chart;
mod escape;
mod hover;
mod interval_chart;
mod legend;
mod line_chart;
mod look;
mod series;
mod share_chart;
mod sheet;
mod text;
mod thin;

pub use axis::AxisScale;
pub use chart::{Chart, swatch};
pub use escape::escape;
pub use interval_chart::{IntervalChart, IntervalRow};
pub use line_chart::LineChart;
pub use look::{action, class, control, page_style, variables};
pub use series::{BandPoint, Mark, Reference, Series};
pub use share_chart::{ShareChart, ShareLayer};
