//! The sheet that a figure is drawn on: where its parts lie, and the SVG text of lines, areas, dots and words.
//!
//! A figure is drawn for a [`Format`]: alone in a file, or in a page at one of two widths. All sizes are in pixels of
//! the figure; numbers are written to a tenth of a pixel.

use super::axis::{Axis, AxisScale};
use super::look::{self, Shape};
use super::text::shortened;
use crate::escape::escape;
use std::fmt::Write;

/// The size of ordinary text in pixels.
pub(super) const TEXT: f64 = 12.5;
/// The size of a title in pixels.
const TITLE: f64 = 15.0;
/// The faces that a figure alone in its file asks for; in a page it has those of the page.
const FACES: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// The narrowest and lowest figure that has room for its axes, in pixels.
const SMALLEST: (u32, u32) = (240, 160);
/// Below this width a figure is laid out for a phone.
const NARROW: f64 = 520.0;

/// For what a figure is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Format {
    /// The width in pixels.
    pub(super) width: f64,
    /// Whether it stands alone in a file, with its title and its style.
    pub(super) alone: bool,
}

impl Format {
    /// A file of its own.
    pub(super) fn alone(width: u32) -> Self {
        Self {
            width: f64::from(width.clamp(SMALLEST.0, 10_000)),
            alone: true,
        }
    }

    /// A part of a page.
    pub(super) const fn in_page(width: f64) -> Self {
        Self {
            width,
            alone: false,
        }
    }

    /// Whether there is no room beside the plot.
    pub(super) fn narrow(self) -> bool {
        self.width < NARROW
    }
}

/// The smallest height of a figure.
pub(super) fn height(height: u32) -> f64 {
    f64::from(height.clamp(SMALLEST.1, 10_000))
}

/// An SVG element under way.
#[derive(Debug)]
pub(super) struct Sheet {
    format: Format,
    title: String,
    /// What the script that shows values needs to know.
    facts: String,
    body: String,
    /// How far down the sheet is used.
    pub(super) top: f64,
}

impl Sheet {
    /// An empty sheet, with the title if the figure stands alone.
    pub(super) fn new(format: Format, title: &str) -> Self {
        let mut sheet = Self {
            format,
            title: title.to_owned(),
            facts: String::new(),
            body: String::new(),
            top: 4.0,
        };
        if format.alone && !title.is_empty() {
            let title = shortened(title, format.width - 24.0, TITLE * 1.06);
            sheet.raw(&format!(
                "<text class=\"head\" x=\"12\" y=\"22\" font-size=\"{TITLE}\">{}</text>\n",
                escape(&title)
            ));
            sheet.top = 36.0;
        }
        sheet
    }

    /// The format.
    pub(super) const fn format(&self) -> Format {
        self.format
    }

    /// Adds SVG text as it is.
    pub(super) fn raw(&mut self, svg: &str) {
        self.body.push_str(svg);
    }

    /// Opens a group of a style, whose parts light up together. `title` is its text for people who point at it
    /// where no script runs.
    pub(super) fn open(&mut self, style: usize, index: usize, title: &str) {
        self.raw(&format!(
            "<g class=\"{}\" data-s=\"{index}\">",
            look::class(style)
        ));
        if !title.is_empty() {
            self.raw(&format!("<title>{}</title>", escape(title)));
        }
    }

    /// Closes the group.
    pub(super) fn close(&mut self) {
        self.raw("</g>\n");
    }

    /// A word at a place; `class` names its colour and its anchor.
    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), size: f64, text: &str) {
        self.raw(&format!(
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{size}\">{}</text>\n",
            number(x),
            number(y + size * 0.35),
            escape(text)
        ));
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.raw(&format!(
            "<path class=\"{class}\" d=\"M{} {}L{} {}\"/>",
            number(x1),
            number(y1),
            number(x2),
            number(y2)
        ));
    }

    /// A line of a style through points.
    pub(super) fn curve(&mut self, style: usize, bold: bool, points: &[(f64, f64)]) {
        let class = if bold { "line bold" } else { "line" };
        let dashes = match look::dashes(style) {
            "" => String::new(),
            dashes => format!(" stroke-dasharray=\"{dashes}\""),
        };
        self.raw(&format!(
            "<path class=\"{class}\"{dashes} d=\"{}\"/>",
            path(points)
        ));
    }

    /// A filled area within points.
    pub(super) fn area(&mut self, class: &str, points: &[(f64, f64)]) {
        self.raw(&format!(
            "<path class=\"{class}\" d=\"{}Z\"/>",
            path(points)
        ));
    }

    /// A rectangle.
    pub(super) fn rectangle(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
    ) {
        self.raw(&format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            number(x),
            number(y),
            number(width.max(0.0)),
            number(height.max(0.0))
        ));
    }

    /// A dot in the shape of a style.
    pub(super) fn dot(&mut self, style: usize, (x, y): (f64, f64), radius: f64) {
        match look::shape(style) {
            Shape::Disc => self.circle("fill", (x, y), radius),
            Shape::Ring => self.circle("fill ring", (x, y), radius - 1.0),
            Shape::Square => {
                let side = radius * 1.8;
                self.rectangle("fill", (x - side / 2.0, y - side / 2.0), (side, side));
            }
        }
    }

    /// Many round dots in one element; `class` adds to what they look like.
    pub(super) fn dots(&mut self, class: &str, points: &[(f64, f64)]) {
        let places: String = points
            .iter()
            .map(|&(x, y)| format!("M{} {}h0", number(x), number(y)))
            .collect();
        self.raw(&format!("<path class=\"dots{class}\" d=\"{places}\"/>"));
    }

    /// A disc.
    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        self.raw(&format!(
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{radius}\"/>",
            number(x),
            number(y)
        ));
    }

    /// A plot between the margins from here to `height`: horizontal grid lines, axes, ticks and names.
    pub(super) fn plot(
        &mut self,
        (x, y): (Axis, Axis),
        (x_scale, y_scale): (AxisScale, AxisScale),
        (x_label, y_label): (&str, &str),
        height: f64,
        right: f64,
    ) -> Plot {
        let left = (y.label_width(TEXT) + 12.0).max(14.0);
        let mut top = self.top + 8.0;
        if !y_label.is_empty() {
            let label = shortened(y_label, self.format.width - 8.0, TEXT);
            self.text("q", (2.0, self.top + 8.0), TEXT, &label);
            top += 16.0;
        }
        let below = if x_label.is_empty() { 24.0 } else { 42.0 };
        let plot = Plot {
            left,
            top,
            width: self.format.width - left - right,
            height: (height - top - below).max(30.0),
            x,
            y,
        };
        let end = plot.left + plot.width;
        for tick in &plot.y.ticks {
            let at = plot.y(tick.place);
            self.line("grid", (plot.left, at), (end, at));
            self.text("q end", (plot.left - 6.0, at), TEXT, &tick.label);
        }
        self.raw("\n");
        self.x_axis(&plot, x_label);
        let ends = |axis: &Axis, scale: AxisScale| {
            let name = match scale {
                AxisScale::Linear => "lin",
                AxisScale::Logarithmic => "log",
            };
            format!("{} {} {name}", axis.low, axis.high)
        };
        self.facts = format!(
            " data-plot=\"{} {} {} {}\" data-x=\"{}\" data-y=\"{}\"",
            number(plot.left),
            number(plot.top),
            number(plot.width),
            number(plot.height),
            ends(&plot.x, x_scale),
            ends(&plot.y, y_scale)
        );
        plot
    }

    /// The x axis of a plot with its ticks and its name.
    pub(super) fn x_axis(&mut self, plot: &Plot, label: &str) {
        let (bottom, end) = (plot.top + plot.height, plot.left + plot.width);
        self.line("axis", (plot.left, bottom), (end, bottom));
        for tick in &plot.x.ticks {
            let at = plot.x(tick.place);
            self.line("axis", (at, bottom), (at, bottom + 4.0));
            // A label at an end of the axis stays on the sheet.
            let half = super::text::text_width(&tick.label, TEXT) / 2.0;
            let middle = at.min(self.format.width - half - 1.0).max(half + 1.0);
            self.text("q mid", (middle, bottom + 13.0), TEXT, &tick.label);
        }
        if !label.is_empty() {
            let label = shortened(label, self.format.width - 4.0, TEXT);
            let half = super::text::text_width(&label, TEXT) / 2.0;
            let middle = (plot.left + plot.width / 2.0)
                .min(self.format.width - half - 1.0)
                .max(half + 1.0);
            self.text("q mid", (middle, bottom + 31.0), TEXT, &label);
        }
        self.raw("\n");
    }

    /// The element, `height` pixels high.
    pub(super) fn finish(self, height: f64) -> String {
        let (width, height) = (number(self.format.width), number(height));
        let head = if self.format.alone {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"{FACES}\""
            )
        } else {
            "<svg".to_owned()
        };
        let style = if self.format.alone {
            format!(
                "<style>\n{}</style>\n<rect class=\"sheet\" width=\"{width}\" height=\"{height}\"/>\n",
                look::standalone_style()
            )
        } else {
            String::new()
        };
        format!(
            "{head} viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\"{}>\n{style}{}</svg>\n",
            escape(&self.title),
            self.facts,
            self.body
        )
    }

    /// An element that says nothing to people who don't see it.
    pub(super) fn decoration(self, height: f64) -> String {
        format!(
            "<svg class=\"swatch\" viewBox=\"0 0 {} {}\" aria-hidden=\"true\">{}</svg>",
            number(self.format.width),
            number(height),
            self.body.trim_end()
        )
    }

    /// The element of a figure that has nothing to show.
    pub(super) fn finish_empty(mut self) -> String {
        let middle = (self.format.width / 2.0, self.top + 40.0);
        self.text("q mid", middle, TEXT, "No data to show.");
        let height = self.top + 80.0;
        self.finish(height)
    }
}

/// A plot's place on its sheet, with its axes.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// The left end, in pixels.
    pub(super) left: f64,
    /// The upper end.
    pub(super) top: f64,
    /// The width.
    pub(super) width: f64,
    /// The height.
    pub(super) height: f64,
    /// What lies along it.
    pub(super) x: Axis,
    /// What lies up it.
    pub(super) y: Axis,
}

impl Plot {
    /// The pixel of a place on the x axis.
    pub(super) fn x(&self, place: f64) -> f64 {
        self.left + self.x.part(place) * self.width
    }

    /// The pixel of a place on the y axis.
    pub(super) fn y(&self, place: f64) -> f64 {
        self.top + (1.0 - self.y.part(place)) * self.height
    }

    /// The pixels of a point.
    pub(super) fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.x(x), self.y(y))
    }
}

/// A number of pixels, to a tenth.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// The path through points.
fn path(points: &[(f64, f64)]) -> String {
    let mut path = String::with_capacity(points.len() * 12);
    for (index, &(x, y)) in points.iter().enumerate() {
        let command = match index {
            0 => "M",
            1 => "L",
            _ => " ",
        };
        // Writing into a string cannot fail.
        let _ = write!(path, "{command}{} {}", number(x), number(y));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_figure_says_so_and_its_title_is_escaped() {
        let svg = Sheet::new(Format::alone(0), "a < b & \"c\"").finish_empty();
        assert!(svg.contains("No data to show."));
        assert!(svg.contains("aria-label=\"a &lt; b &amp; &quot;c&quot;\""));
        assert!(svg.contains(">a &lt; b &amp;"));
        assert!(svg.starts_with("<svg xmlns") && svg.trim_end().ends_with("</svg>"));
        let svg = Sheet::new(Format::in_page(350.0), "a").finish_empty();
        assert!(svg.starts_with("<svg viewBox") && !svg.contains("<style"));
    }

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (1e4, "10000")] {
            assert_eq!(number(value), expected);
        }
    }
}
