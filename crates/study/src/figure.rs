//! Figures as standalone SVG text: line charts with bands, and charts of dots with intervals.
//!
//! A figure is described by plain data ([`LineChart`], [`IntervalChart`]) and turned into SVG by `to_svg`, which
//! cannot fail: points that are not finite, or not positive on a logarithmic axis, are skipped, and a figure
//! without a single point says so. Text stays text and is set by whoever shows the figure, so no font is
//! needed here. The same data give the same bytes.
//!
//! ```
//! use descender_study::figure::{LineChart, Scale, Series};
//! let points = (1..100).map(|step| (f64::from(step), 2.3 / f64::from(step))).collect();
//! let svg = LineChart {
//!     title: "Loss".to_owned(),
//!     x_label: "step".to_owned(),
//!     y_label: "batch loss".to_owned(),
//!     y_scale: Scale::Logarithmic,
//!     series: vec![Series::line("sgd:0.1", points, 0)],
//!     ..LineChart::default()
//! }
//! .to_svg();
//! assert!(svg.starts_with("<svg") && svg.contains("sgd:0.1"));
//! ```

mod axis;
mod canvas;
mod interval_chart;
mod line_chart;
mod palette;
mod series;
mod thin;

pub use axis::Scale;
pub use interval_chart::{IntervalChart, IntervalRow};
pub use line_chart::LineChart;
pub use palette::colour;
pub(crate) use palette::dashed;
pub use series::{BandPoint, Mark, Reference, Series};
