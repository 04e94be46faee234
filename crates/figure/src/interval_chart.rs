//! Dots with intervals, one row each: the "forest plot" of a comparison. Also bars with intervals.

use super::axis::{Axis, AxisScale};
use super::look::is_control;
use super::sheet::{Format, Plot, Sheet, TEXT, number};
use super::text::{shortened, text_width};

/// A chart with one dot and its interval in each row.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalChart {
    /// The title above the chart; may be empty.
    pub title: String,
    /// What the axis shows, with its unit.
    pub x_label: String,
    /// The scale of the axis.
    pub scale: AxisScale,
    /// The rows, from top to bottom. Rows of negative controls ([`control`](crate::control)) are set apart
    /// under a heading where they begin.
    pub rows: Vec<IntervalRow>,
    /// A value that the rows are read against, drawn as a dashed line; NaN for none.
    pub reference: f64,
    /// Where the axis ends at the latest: a row beyond it gets an arrow, so that one far value doesn't squeeze the
    /// others; ∞ for no limit.
    pub limit: f64,
    /// Bars from zero instead of dots; meant for a linear scale.
    pub bars: bool,
    /// The width of the chart alone in a file, in pixels; at least 240. The height follows from the rows.
    pub width: u32,
}

/// One row of an interval chart.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalRow {
    /// What the row is about, written at its left.
    pub name: String,
    /// The value; the row has no dot when it can't be shown.
    pub center: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// The single values behind the interval, drawn as pale dots; may be empty.
    pub points: Vec<f64>,
    /// The figures as text, written at the right.
    pub text: String,
    /// The style index; see [`crate::Series::style`].
    pub style: usize,
}

impl Default for IntervalChart {
    /// An empty chart, 760 pixels wide, with a linear axis and no reference.
    fn default() -> Self {
        Self {
            title: String::new(),
            x_label: String::new(),
            scale: AxisScale::Linear,
            rows: Vec::new(),
            reference: f64::NAN,
            limit: f64::INFINITY,
            bars: false,
            width: 760,
        }
    }
}

impl Default for IntervalRow {
    /// A row without a value.
    fn default() -> Self {
        Self {
            name: String::new(),
            center: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
            points: Vec::new(),
            text: String::new(),
            style: 0,
        }
    }
}

/// The most rows that are drawn.
const MOST_ROWS: usize = 300;
/// The heading above the negative controls.
const CONTROLS: &str = "Negative controls";

/// How the rows lie: beside their names where there is room, else below them.
struct Layout {
    /// The height of a row.
    row: f64,
    /// The height of the heading of a group.
    heading: f64,
    /// From the top of a row to the middle of its name and text.
    name: f64,
    /// From the top of a row to the middle of its interval.
    middle: f64,
    /// Where the plot begins and how wide it is.
    left: f64,
    width: f64,
}

impl IntervalChart {
    /// The chart as a standalone SVG file, in light colours.
    #[must_use]
    pub fn to_svg(&self) -> String {
        self.draw(Format::alone(self.width))
    }

    fn rows(&self) -> &[IntervalRow] {
        &self.rows[..self.rows.len().min(MOST_ROWS)]
    }

    fn layout(&self, format: Format) -> Layout {
        let widest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text_width(text, TEXT)).fold(0.0, f64::max)
        };
        if format.narrow() {
            return Layout {
                row: 40.0,
                heading: 34.0,
                name: 11.0,
                middle: 28.0,
                left: 10.0,
                width: format.width - 24.0,
            };
        }
        let share = format.width * 0.27;
        let names = widest(&mut self.rows().iter().map(|row| row.name.as_str())).min(share);
        let texts = widest(&mut self.rows().iter().map(|row| row.text.as_str())).min(share);
        Layout {
            row: 28.0,
            heading: 34.0,
            name: 14.0,
            middle: 14.0,
            left: names + 22.0,
            width: format.width - names - texts - 42.0,
        }
    }

    /// The axis; `None` where there is nothing to show.
    fn axis(&self, limit: f64, width: f64) -> Option<Axis> {
        let values = self
            .rows()
            .iter()
            .flat_map(|row| {
                [row.low, row.center, row.high]
                    .into_iter()
                    .chain(row.points.iter().copied())
            })
            .chain([self.reference]);
        let places: Vec<f64> = values
            .filter(|&value| value <= limit)
            .filter_map(|value| self.scale.place(value))
            .collect();
        let zero =
            (self.bars && self.scale == AxisScale::Linear && !places.is_empty()).then_some(0.0);
        let ticks = (width / 80.0).clamp(2.0, 8.0) as usize;
        Axis::over(places.into_iter().chain(zero), self.scale, 0.05, ticks)
    }

    /// The chart in a format.
    pub(super) fn draw(&self, format: Format) -> String {
        let mut sheet = Sheet::new(format, &self.title);
        let layout = self.layout(format);
        let limit = if self.limit.is_nan() {
            f64::INFINITY
        } else {
            self.limit
        };
        let Some(x) = self.axis(limit, layout.width) else {
            return sheet.finish_empty();
        };
        let rows = self.rows();
        let first_control = rows.iter().position(|row| is_control(row.style));
        let top = sheet.top + 4.0;
        let height = rows.len() as f64 * layout.row + first_control.map_or(0.0, |_| layout.heading);
        let plot = Plot {
            left: layout.left,
            top,
            width: layout.width,
            height,
            x,
            y: Axis {
                low: 0.0,
                high: 1.0,
                ticks: Vec::new(),
            },
        };
        let bottom = top + height;
        for tick in &plot.x.ticks {
            let at = plot.x(tick.place);
            sheet.line("grid", (at, top), (at, bottom));
        }
        sheet.x_axis(&plot, &self.x_label);
        if let Some(place) = self
            .scale
            .place(self.reference)
            .filter(|&place| place <= plot.x.high)
        {
            let at = plot.x(place);
            sheet.line("reference", (at, top), (at, bottom));
        }
        let mut y = top;
        for (index, row) in rows.iter().enumerate() {
            if first_control == Some(index) {
                sheet.line("axis", (0.0, y + 6.0), (format.width, y + 6.0));
                sheet.text("q halo", (2.0, y + 22.0), TEXT, CONTROLS);
                y += layout.heading;
            }
            self.draw_row(&mut sheet, &plot, &layout, (index, row), y);
            y += layout.row;
        }
        let below = if self.x_label.is_empty() { 26.0 } else { 44.0 };
        sheet.finish(bottom + below)
    }

    fn draw_row(
        &self,
        sheet: &mut Sheet,
        plot: &Plot,
        layout: &Layout,
        (index, row): (usize, &IntervalRow),
        top: f64,
    ) {
        let width = sheet.format().width;
        sheet.open(row.style, index, &format!("{}: {}", row.name, row.text));
        sheet.rectangle("hit", (0.0, top), (width, layout.row));
        let (name_room, text_room, text_at) = if sheet.format().narrow() {
            let text = text_width(&row.text, TEXT).min(width * 0.62);
            (width - text - 12.0, text, None)
        } else {
            let right = plot.left + plot.width + 14.0;
            (plot.left - 18.0, width - right, Some(right))
        };
        let y = top + layout.name;
        let name = shortened(&row.name, name_room, TEXT);
        // On a phone the words stand on the grid.
        let class = if text_at.is_none() { "t halo" } else { "t" };
        sheet.text(class, (2.0, y), TEXT, &name);
        let text = shortened(&row.text, text_room, TEXT);
        match text_at {
            Some(x) => sheet.text("t", (x, y), TEXT, &text),
            None => sheet.text("q end halo", (width - 2.0, y), TEXT, &text),
        }
        self.draw_marks(sheet, plot, row, top + layout.middle);
        sheet.close();
    }

    /// The single values, the interval and the dot or the bar of a row.
    fn draw_marks(&self, sheet: &mut Sheet, plot: &Plot, row: &IntervalRow, y: f64) {
        let place = |value: f64| {
            self.scale
                .place(value)
                .filter(|&place| place <= plot.x.high)
        };
        let points: Vec<(f64, f64)> = row
            .points
            .iter()
            .enumerate()
            // Spread a little, so that equal values don't hide each other.
            .filter_map(|(index, &value)| {
                Some((plot.x(place(value)?), y + ((index * 3) % 7) as f64 - 3.0))
            })
            .collect();
        if !points.is_empty() {
            sheet.dots("", &points);
        }
        if self.bars
            && let Some(end) = place(row.center)
        {
            let (zero, end) = (plot.x(0.0_f64.clamp(plot.x.low, plot.x.high)), plot.x(end));
            sheet.rectangle(
                "fill bar",
                (zero.min(end), y - 7.0),
                ((end - zero).abs().max(1.0), 14.0),
            );
        }
        if let (Some(low), Some(high)) = (self.scale.place(row.low), self.scale.place(row.high))
            && low <= plot.x.high
        {
            let ends = [(plot.x(low), y), (plot.x(high.min(plot.x.high)), y)];
            sheet.raw(&format!(
                "<path class=\"line bold\" d=\"M{} {}H{}\"/>",
                number(ends[0].0),
                number(y),
                number(ends[1].0)
            ));
        }
        match self.scale.place(row.center) {
            Some(_) if self.bars => {}
            Some(center) if center <= plot.x.high => {
                let radius = if row.style == 0 { 6.0 } else { 5.0 };
                sheet.dot(row.style, (plot.x(center), y), radius);
            }
            Some(_) => {
                let end = plot.left + plot.width;
                sheet.area(
                    "fill",
                    &[(end, y), (end - 11.0, y - 6.0), (end - 11.0, y + 6.0)],
                );
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
