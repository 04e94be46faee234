//! Curves against a common x axis, with bands around them.

use super::axis::{Axis, Scale};
use super::canvas::{self, DrawingError, FINE, Grid, Sheet, Swatch, TEXT, text_width};
use super::palette::{GREY, dashed, line_colour};
use super::series::{BandPoint, Mark, Reference, Series};
use super::thin::{MOST_POINTS, thin, thin_evenly};
use plotters::element::{Circle, DashedPathElement, EmptyElement, PathElement, Polygon, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A chart of lines, dots and bands.
#[derive(Clone, Debug, PartialEq)]
pub struct LineChart {
    /// The title above the chart; may be empty.
    pub title: String,
    /// What the x axis shows, with its unit.
    pub x_label: String,
    /// What the y axis shows, with its unit.
    pub y_label: String,
    /// The scale of the x axis.
    pub x_scale: Scale,
    /// The scale of the y axis.
    pub y_scale: Scale,
    /// The series in the order of the legend. The first is drawn last, over the others.
    pub series: Vec<Series>,
    /// Horizontal lines that the curves are read against.
    pub references: Vec<Reference>,
    /// The width as shown, in pixels; at least 240.
    pub width: u32,
    /// The height as shown, in pixels; at least 160.
    pub height: u32,
}

impl Default for LineChart {
    /// An empty chart, 640 × 340 pixels, with linear axes.
    fn default() -> Self {
        Self {
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
            series: Vec::new(),
            references: Vec::new(),
            width: 640,
            height: 340,
        }
    }
}

/// A series in the axes' own units: only what can be shown, thinned.
struct Placed<'a> {
    series: &'a Series,
    points: Vec<(f64, f64)>,
    band: Vec<BandPoint>,
}

impl LineChart {
    /// The chart as a standalone SVG element.
    #[must_use]
    pub fn to_svg(&self) -> String {
        canvas::svg(&self.title, (self.width, self.height), |sheet| {
            self.draw(sheet)
        })
    }

    fn place<'a>(&self, series: &'a Series) -> Placed<'a> {
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
            points: thin(points, MOST_POINTS),
            band: thin_evenly(band, MOST_POINTS / 2),
        }
    }

    /// Whether there was anything to draw.
    fn draw(&self, sheet: &Sheet<'_>) -> Result<bool, DrawingError> {
        let placed: Vec<Placed<'_>> = self
            .series
            .iter()
            .map(|series| self.place(series))
            .collect();
        let x_places = placed
            .iter()
            .flat_map(|placed| placed.points.iter().map(|point| point.0));
        let y_places = placed
            .iter()
            .flat_map(|placed| placed.points.iter().map(|point| point.1));
        let bounds = placed
            .iter()
            .flat_map(|placed| placed.band.iter().flat_map(|point| [point.low, point.high]));
        let references = self
            .references
            .iter()
            .filter_map(|line| self.y_scale.place(line.value));
        let ticks = (self.width / 90).clamp(3, 12) as usize;
        // Lines may touch the ends of the x axis; large dots need room.
        let large = |series: &Series| matches!(series.mark, Mark::BoldDots | Mark::LineAndDots);
        let margin = if self.series.iter().any(large) {
            0.02
        } else {
            0.0
        };
        // A chart of nothing but references has no x axis, and so nothing to show.
        let Some(x) = Axis::over(x_places, self.x_scale, margin, ticks) else {
            return Ok(false);
        };
        let Some(y) = Axis::over(
            y_places.chain(bounds).chain(references),
            self.y_scale,
            0.04,
            6,
        ) else {
            return Ok(false);
        };
        let entries: Vec<_> = self
            .series
            .iter()
            .filter(|series| !series.name.is_empty())
            .map(|series| {
                let swatch = match series.mark {
                    Mark::Dots | Mark::BoldDots => Swatch::Dot,
                    Mark::Line | Mark::BoldLine | Mark::LineAndDots => Swatch::Line,
                };
                (series.name.as_str(), series.style, swatch)
            })
            .collect();
        let below = canvas::legend(sheet, &entries)?;
        let left = text_width(&"0".repeat(y.longest_label()), TEXT) as i32
            + 14
            + if self.y_label.is_empty() { 0 } else { 20 };
        let mut grid = canvas::grid(&below, (&x, &y), (&self.x_label, &self.y_label), (left, 16))?;
        self.draw_references(&mut grid, &x)?;
        // All bands lie behind all lines.
        let bands = placed
            .iter()
            .filter(|placed| !placed.band.is_empty())
            .count();
        let opacity = if bands > 3 { 0.1 } else { 0.18 };
        for placed in placed.iter().rev() {
            draw_band(&mut grid, placed, opacity)?;
        }
        for placed in placed.iter().rev() {
            draw_series(&mut grid, placed)?;
        }
        Ok(true)
    }

    fn draw_references(&self, grid: &mut Grid<'_, '_>, x: &Axis) -> Result<(), DrawingError> {
        for line in &self.references {
            let Some(y) = self.y_scale.place(line.value) else {
                continue;
            };
            let stroke = GREY.stroke_width(FINE.unsigned_abs());
            grid.draw_series([DashedPathElement::new(
                [(x.low, y), (x.high, y)],
                3 * FINE,
                3 * FINE,
                stroke,
            )])?;
            let style =
                canvas::style(TEXT - 1.0, GREY, false).pos(Pos::new(HPos::Right, VPos::Bottom));
            let label = EmptyElement::at((x.high, y))
                + Text::new(line.label.clone(), (-4 * FINE, -2 * FINE), style);
            grid.draw_series([label])?;
        }
        Ok(())
    }
}

fn draw_band(
    grid: &mut Grid<'_, '_>,
    placed: &Placed<'_>,
    opacity: f64,
) -> Result<(), DrawingError> {
    if placed.band.len() < 2 {
        return Ok(());
    }
    let there = placed.band.iter().map(|point| (point.x, point.high));
    let back = placed.band.iter().rev().map(|point| (point.x, point.low));
    let outline: Vec<(f64, f64)> = there.chain(back).collect();
    grid.draw_series([Polygon::new(
        outline,
        line_colour(placed.series.style).mix(opacity),
    )])?;
    Ok(())
}

fn draw_series(grid: &mut Grid<'_, '_>, placed: &Placed<'_>) -> Result<(), DrawingError> {
    let colour = line_colour(placed.series.style);
    let dots = |radius: i32, opacity: f64| {
        placed
            .points
            .iter()
            .map(move |&point| Circle::new(point, radius, colour.mix(opacity).filled()))
    };
    // A single point makes no line, so it is shown as a dot.
    match placed.series.mark {
        Mark::Dots => return grid.draw_series(dots(4, 0.35)).map(|_| ()),
        Mark::BoldDots => return grid.draw_series(dots(5 * FINE, 0.9)).map(|_| ()),
        _ => {}
    }
    if placed.series.mark == Mark::LineAndDots || placed.points.len() == 1 {
        grid.draw_series(dots(3 * FINE, 1.0))?;
    }
    let stroke = colour.stroke_width(if placed.series.mark == Mark::BoldLine {
        6
    } else {
        3
    });
    if dashed(placed.series.style) {
        let points = placed.points.clone();
        grid.draw_series([DashedPathElement::new(points, 5 * FINE, 4 * FINE, stroke)])?;
    } else {
        grid.draw_series([PathElement::new(placed.points.clone(), stroke)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::colour;

    fn chart(series: Vec<Series>) -> LineChart {
        LineChart {
            title: "Loss".to_owned(),
            x_label: "step".to_owned(),
            series,
            ..LineChart::default()
        }
    }

    fn count(svg: &str, text: &str) -> usize {
        svg.matches(text).count()
    }

    /// The coordinates of the lines drawn with data's width.
    fn lines(svg: &str) -> Vec<Vec<(f64, f64)>> {
        svg.lines()
            .filter(|line| line.starts_with("<polyline") && line.contains("stroke-width=\"3\""))
            .filter_map(|line| line.split("points=\"").nth(1)?.split('"').next())
            .map(|points| {
                let numbers = |pair: &str| {
                    pair.split_once(',')
                        .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                };
                points.split_whitespace().filter_map(numbers).collect()
            })
            .collect()
    }

    #[test]
    fn lines_bands_legend_and_labels_are_drawn() {
        let points: Vec<(f64, f64)> = (0..50)
            .map(|step| (f64::from(step), f64::from(step).sqrt()))
            .collect();
        let band = points
            .iter()
            .map(|&(x, y)| BandPoint {
                x,
                low: y - 1.0,
                high: y + 1.0,
            })
            .collect();
        let mut chart = chart(vec![
            Series::line("sgd <1>", points.clone(), 0).with_band(band),
            Series::line("adam", points, 1).with_mark(Mark::Dots),
        ]);
        chart.references.push(Reference {
            value: 2.5,
            label: "threshold".to_owned(),
        });
        let svg = chart.to_svg();
        assert_eq!(count(&svg, "<polygon"), 1);
        assert_eq!(lines(&svg).len(), 1);
        assert_eq!(count(&svg, "<circle"), 50 + 1);
        for text in ["sgd &lt;1&gt;", "adam", "Loss", "step", "threshold"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(svg.contains(&colour(0).to_uppercase()) && svg.contains(&colour(1).to_uppercase()));
        assert_eq!(chart.to_svg(), svg);
    }

    #[test]
    fn a_logarithmic_axis_spaces_ratios_equally() {
        let points = vec![(0.0, 0.01), (1.0, 0.1), (2.0, 1.0), (3.0, 0.0), (4.0, -1.0)];
        let mut chart = chart(vec![Series::line("a", points, 0)]);
        chart.y_scale = Scale::Logarithmic;
        let svg = chart.to_svg();
        let line = &lines(&svg)[0];
        assert_eq!(line.len(), 3, "what is not positive is skipped");
        let (first, second) = (line[0].1 - line[1].1, line[1].1 - line[2].1);
        assert!((first - second).abs() <= 1.0 && first > 50.0, "{line:?}");
    }

    #[test]
    fn many_points_are_thinned() {
        let points = (0..50_000)
            .map(|step| (f64::from(step), f64::from(step % 97)))
            .collect();
        let svg = chart(vec![Series::line("a", points, 0)]).to_svg();
        assert!(lines(&svg)[0].len() <= 600);
        assert!(svg.len() < 30_000, "{}", svg.len());
    }

    #[test]
    fn nothing_to_show_is_said_and_odd_numbers_are_skipped() {
        for series in [
            vec![],
            vec![Series::line("a", vec![], 0)],
            vec![Series::line(
                "a",
                vec![(f64::NAN, 1.0), (1.0, f64::INFINITY)],
                0,
            )],
        ] {
            assert!(chart(series).to_svg().contains("No data to show."));
        }
        let odd = vec![
            (0.0, 1.0),
            (1.0, f64::NAN),
            (2.0, 1e300),
            (3.0, 1.0),
            (f64::INFINITY, 2.0),
        ];
        let band = vec![
            BandPoint {
                x: 0.0,
                low: f64::NAN,
                high: 1.0
            };
            3
        ];
        let svg = chart(vec![Series::line("a", odd, 0).with_band(band)]).to_svg();
        assert_eq!(lines(&svg)[0].len(), 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf") && count(&svg, "<polygon") == 0);
        // One point, and a style past the palette.
        let svg = chart(vec![Series::line("a", vec![(1.0, 1.0)], 9)]).to_svg();
        assert!(svg.contains("<circle"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_data_makes_it_panic(
            values in proptest::collection::vec((proptest::num::f64::ANY, proptest::num::f64::ANY), 0..40),
            width in 0..2000_u32, height in 0..900_u32, style in 0..20_usize, logarithmic: bool,
        ) {
            let band = values.iter().map(|&(x, y)| BandPoint { x, low: y / 2.0, high: y }).collect();
            let scale = if logarithmic { Scale::Logarithmic } else { Scale::Linear };
            let svg = LineChart {
                width, height, x_scale: scale, y_scale: scale,
                series: vec![Series::line("a", values, style).with_band(band)],
                ..LineChart::default()
            }.to_svg();
            proptest::prop_assert!(svg.trim_end().ends_with("</svg>"));
        }
    }
}
