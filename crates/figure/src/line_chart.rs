//! Curves against a common x axis, with bands around them.

use super::axis::{Axis, AxisScale};
use super::hover::Hover;
use super::legend::{self, Entry, Swatch};
use super::series::{BandPoint, Mark, Reference, Series};
use super::sheet::{self, Format, Plot, Sheet, TEXT};
use super::text::shortened;
use super::thin::{MOST_POINTS, thin, thin_evenly};
use descender_statistics::number::setting;

/// A chart of lines, dots and bands.
#[derive(Clone, Debug, PartialEq)]
pub struct LineChart {
    /// The title above the chart; may be empty.
    pub title: String,
    /// What the x axis shows, with its unit.
    pub x_label: String,
    /// What the y axis shows, with its unit.
    pub y_label: String,
    /// What stands behind a value where one points, such as ` %`; mostly empty.
    pub unit: String,
    /// The scale of the x axis.
    pub x_scale: AxisScale,
    /// The scale of the y axis.
    pub y_scale: AxisScale,
    /// The series in the order of the legend. The first is drawn last, over the others.
    pub series: Vec<Series>,
    /// Horizontal lines that the curves are read against.
    pub references: Vec<Reference>,
    /// The width of the chart alone in a file, in pixels; at least 240. In a page it has the page's widths.
    pub width: u32,
    /// The height, in pixels; at least 160.
    pub height: u32,
}

impl Default for LineChart {
    /// An empty chart, 760 × 340 pixels, with linear axes.
    fn default() -> Self {
        Self {
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            unit: String::new(),
            x_scale: AxisScale::Linear,
            y_scale: AxisScale::Linear,
            series: Vec::new(),
            references: Vec::new(),
            width: 760,
            height: 340,
        }
    }
}

/// The height of a chart in a page where it has the width of a phone.
const LOW: f64 = 280.0;
/// More bands than these are shown one at a time, when one points at their line, except the thick lines'.
const MOST_BANDS: usize = 4;

/// A series in the axes' own units: only what can be shown, thinned.
struct Placed<'a> {
    series: &'a Series,
    index: usize,
    points: Vec<(f64, f64)>,
    band: Vec<BandPoint>,
}

impl LineChart {
    /// The chart as a standalone SVG file, in light colours.
    #[must_use]
    pub fn to_svg(&self) -> String {
        self.draw(Format::alone(self.width))
    }

    /// The values for the script of a page.
    pub(super) fn hover(&self) -> String {
        let mut hover = Hover::new(&self.x_label, &self.y_label, &self.unit, true);
        for (index, series) in self.series.iter().enumerate() {
            if !series.points.is_empty() && series.mark != Mark::Dots {
                let named = (series.name.as_str(), series.style);
                hover.add(
                    index,
                    named,
                    series.mark.is_step(),
                    &series.points,
                    &series.band,
                );
            }
        }
        hover.json()
    }

    fn place<'a>(&self, (index, series): (usize, &'a Series)) -> Placed<'a> {
        let place = |x, y| Some((self.x_scale.place(x)?, self.y_scale.place(y)?));
        let points = series
            .points
            .iter()
            .filter_map(|&(x, y)| place(x, y))
            .collect();
        let band = series
            .band
            .iter()
            .filter_map(|point| {
                let (x, low) = place(point.x, point.low)?;
                Some(BandPoint {
                    x,
                    low,
                    high: self.y_scale.place(point.high)?,
                })
            })
            .collect();
        Placed {
            series,
            index,
            points: thin(points, MOST_POINTS),
            band: thin_evenly(band, MOST_POINTS / 2),
        }
    }

    /// Both axes; `None` where there is nothing to show.
    fn axes(&self, placed: &[Placed<'_>], width: f64) -> Option<(Axis, Axis)> {
        let points = || placed.iter().flat_map(|placed| &placed.points);
        let bounds = placed
            .iter()
            .flat_map(|placed| placed.band.iter().flat_map(|point| [point.low, point.high]));
        let references = self
            .references
            .iter()
            .filter_map(|line| self.y_scale.place(line.value));
        let ticks = (width / 85.0).clamp(3.0, 10.0) as usize;
        // Lines may touch the ends of the x axis; large dots need room.
        let large = |series: &Series| matches!(series.mark, Mark::BoldDots | Mark::LineAndDots);
        let margin = if self.series.iter().any(large) {
            0.02
        } else {
            0.0
        };
        // A chart of nothing but references has no x axis, and so nothing to show.
        let x = Axis::over(points().map(|point| point.0), self.x_scale, margin, ticks)?;
        let places = points()
            .map(|point| point.1)
            .chain(bounds)
            .chain(references);
        let y = Axis::over(places, self.y_scale, 0.04, 6)?;
        Some((x, y))
    }

    /// The chart in a format.
    pub(super) fn draw(&self, format: Format) -> String {
        let mut sheet = Sheet::new(format, &self.title);
        let placed: Vec<Placed<'_>> = self
            .series
            .iter()
            .enumerate()
            .map(|series| self.place(series))
            .collect();
        let Some((x, y)) = self.axes(&placed, format.width) else {
            return sheet.finish_empty();
        };
        let height = match sheet::height(self.height) {
            height if format.alone => height,
            height if format.narrow() => height.min(LOW),
            height => height,
        };
        let named: Vec<(Entry<'_>, &Placed<'_>)> = placed
            .iter()
            .filter(|placed| !placed.series.name.is_empty() && !placed.points.is_empty())
            .map(|placed| (entry(placed), placed))
            .collect();
        let lines = named.iter().all(|(_, placed)| placed.series.mark.is_line());
        let names: Vec<&str> = named.iter().map(|(entry, _)| entry.name).collect();
        // Where many lines end in one place, names beside them would tell nothing.
        let ends = named.iter().filter_map(|(_, placed)| placed.points.last());
        let ends: Vec<f64> = ends
            .map(|point| (1.0 - y.part(point.1)) * (height - 80.0))
            .collect();
        let room = (lines && legend::near(ends, height - 80.0))
            .then(|| legend::room_beside(&sheet, &names, height))
            .flatten();
        let top = sheet.top;
        if room.is_none() {
            let entries: Vec<Entry<'_>> = named.iter().map(|(entry, _)| *entry).collect();
            legend::above(&mut sheet, &entries);
        }
        // A file has the height that was asked for; in a page the legend is added to it.
        let height = if format.alone {
            height
        } else {
            height + (sheet.top - top)
        };
        let plot = sheet.plot(
            (x, y),
            (self.x_scale, self.y_scale),
            (&self.x_label, &self.y_label),
            height,
            room.unwrap_or(12.0),
        );
        self.draw_references(&mut sheet, &plot);
        // All bands lie behind all lines.
        let bands = placed.iter().filter(|placed| placed.band.len() > 1).count();
        for placed in placed.iter().rev() {
            draw_band(&mut sheet, &plot, placed, bands > MOST_BANDS);
        }
        for placed in placed.iter().rev() {
            draw_series(&mut sheet, &plot, placed);
        }
        if room.is_some() {
            let ends: Vec<_> = named
                .iter()
                .filter_map(|(entry, placed)| Some((*entry, plot.point(*placed.points.last()?))))
                .collect();
            legend::beside(&mut sheet, &plot, &ends);
        }
        sheet.finish(height)
    }

    fn draw_references(&self, sheet: &mut Sheet, plot: &Plot) {
        for line in &self.references {
            let Some(place) = self.y_scale.place(line.value) else {
                continue;
            };
            let (y, end) = (plot.y(place), plot.left + plot.width);
            sheet.line("reference", (plot.left, y), (end, y));
            // Above the line, or below it at the top of the plot.
            let above = if y - plot.top > 16.0 { -8.0 } else { 9.0 };
            let label = shortened(&line.label, plot.width - 8.0, TEXT);
            sheet.text("q end", (end - 4.0, y + above), TEXT, &label);
        }
    }
}

fn entry<'a>(placed: &Placed<'a>) -> Entry<'a> {
    Entry {
        index: placed.index,
        name: &placed.series.name,
        style: placed.series.style,
        swatch: match placed.series.mark {
            mark if mark.is_bold() => Swatch::BoldLine,
            mark if mark.is_line() => Swatch::Line,
            _ => Swatch::Dot,
        },
    }
}

fn draw_band(sheet: &mut Sheet, plot: &Plot, placed: &Placed<'_>, crowded: bool) {
    if placed.band.len() < 2 {
        return;
    }
    let there = placed.band.iter().map(|point| (point.x, point.high));
    let back = placed.band.iter().rev().map(|point| (point.x, point.low));
    let outline: Vec<(f64, f64)> = there.chain(back).map(|point| plot.point(point)).collect();
    let hidden = crowded && !placed.series.mark.is_bold();
    sheet.open(placed.series.style, placed.index, "");
    sheet.area(
        if hidden {
            "fill band spare"
        } else {
            "fill band"
        },
        &outline,
    );
    sheet.close();
}

fn draw_series(sheet: &mut Sheet, plot: &Plot, placed: &Placed<'_>) {
    let series = placed.series;
    let points: Vec<(f64, f64)> = placed
        .points
        .iter()
        .map(|&point| plot.point(point))
        .collect();
    if points.is_empty() {
        return;
    }
    let title = match series.points.last() {
        Some(&(x, y)) => format!(
            "{}: {}{} at {}",
            series.name,
            setting(y),
            if y.is_finite() { "" } else { " (not known)" },
            setting(x)
        ),
        None => String::new(),
    };
    sheet.open(series.style, placed.index, &title);
    // A single point makes no line, so it is shown as a dot.
    let dots = series.mark == Mark::LineAndDots || points.len() == 1;
    match series.mark {
        Mark::Dots => sheet.dots("", &points),
        Mark::BoldDots => sheet.dots(" large", &points),
        mark if mark.is_step() => {
            let mut stairs = Vec::with_capacity(points.len() * 2);
            for (index, &(x, y)) in points.iter().enumerate() {
                if index > 0 {
                    stairs.push((x, points[index - 1].1));
                }
                stairs.push((x, y));
            }
            sheet.curve(series.style, mark.is_bold(), &stairs);
        }
        mark => sheet.curve(series.style, mark.is_bold(), &points),
    }
    if dots && series.mark.is_line() {
        for &point in &points {
            sheet.dot(series.style, point, 3.2);
        }
    }
    sheet.close();
}

#[cfg(test)]
mod tests;
