//! Dots with intervals, one row each: the "forest plot" of a comparison.

use super::axis::{Axis, Scale};
use super::canvas::{self, DrawingError, FINE, Sheet, TEXT, shortened, text_width};
use super::palette::{GREY, INK, dashed, line_colour};
use plotters::element::{Circle, DashedPathElement, EmptyElement, PathElement, Polygon};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, WHITE};

/// A chart with one dot and its interval in each row.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalChart {
    /// The title above the chart; may be empty.
    pub title: String,
    /// What the axis shows, with its unit.
    pub x_label: String,
    /// The scale of the axis.
    pub scale: Scale,
    /// The rows, from top to bottom.
    pub rows: Vec<IntervalRow>,
    /// A value that the rows are read against, drawn as a dashed line; NaN for none.
    pub reference: f64,
    /// Where the axis ends at the latest: a row beyond it gets an arrow, so that one far value doesn't squeeze the
    /// others; ∞ for no limit.
    pub limit: f64,
    /// The width as shown, in pixels; at least 240. The height follows from the rows.
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
    /// The figures as text, written at the right.
    pub text: String,
    /// The style index: the colour, and a hollow dot from 7 on.
    pub style: usize,
}

impl Default for IntervalChart {
    /// An empty chart, 960 pixels wide, with a linear axis and no reference.
    fn default() -> Self {
        Self {
            title: String::new(),
            x_label: String::new(),
            scale: Scale::Linear,
            rows: Vec::new(),
            reference: f64::NAN,
            limit: f64::INFINITY,
            width: 960,
        }
    }
}

/// The height of a row in pixels.
const ROW: u32 = 28;

impl IntervalChart {
    /// The chart as a standalone SVG element.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let title = if self.title.is_empty() { 0 } else { 28 };
        let rows = u32::try_from(self.rows.len())
            .unwrap_or(u32::MAX)
            .clamp(1, 300);
        // Above and below the rows: the margins, the ticks and the name of the axis.
        let around = 12 + if self.x_label.is_empty() { 26 } else { 44 };
        canvas::svg(
            &self.title,
            (self.width, title + around + rows * ROW),
            |sheet| self.draw(sheet),
        )
    }

    /// Whether there was anything to draw.
    fn draw(&self, sheet: &Sheet<'_>) -> Result<bool, DrawingError> {
        let values = self
            .rows
            .iter()
            .flat_map(|row| [row.low, row.center, row.high])
            .chain([self.reference]);
        let width = f64::from(sheet.dim_in_pixel().0) / f64::from(FINE);
        let widest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text_width(text, TEXT)).fold(0.0, f64::max)
        };
        let name_room = widest(&mut self.rows.iter().map(|row| row.name.as_str())).min(width * 0.3);
        let text_room = widest(&mut self.rows.iter().map(|row| row.text.as_str())).min(width * 0.3);
        let ticks = ((width - name_room - text_room) / 80.0).clamp(2.0, 10.0) as usize;
        let limit = if self.limit.is_nan() {
            f64::INFINITY
        } else {
            self.limit
        };
        let shown = values
            .filter(|&value| value <= limit)
            .filter_map(|value| self.scale.place(value));
        let Some(x) = Axis::over(shown, self.scale, 0.06, ticks) else {
            return Ok(false);
        };
        let count = self.rows.len() as f64;
        let y = Axis {
            low: 0.0,
            high: count.max(1.0),
            ticks: Vec::new(),
        };
        let (left, right) = (name_room as i32 + 20, text_room as i32 + 24);
        let mut grid = canvas::grid(sheet, (&x, &y), (&self.x_label, ""), (left, right))?;
        if let Some(place) = self.scale.place(self.reference) {
            let stroke = GREY.stroke_width(FINE.unsigned_abs());
            grid.draw_series([DashedPathElement::new(
                [(place, y.low), (place, y.high)],
                3 * FINE,
                3 * FINE,
                stroke,
            )])?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            let height = count - index as f64 - 0.5;
            let colour = line_colour(row.style);
            if let (Some(low), Some(high)) = (self.scale.place(row.low), self.scale.place(row.high))
            {
                let stroke = colour.stroke_width(2 * FINE.unsigned_abs());
                if low <= x.high {
                    grid.draw_series([PathElement::new(
                        vec![(low, height), (high.min(x.high), height)],
                        stroke,
                    )])?;
                }
            }
            match self.scale.place(row.center) {
                Some(center) if center <= x.high => {
                    grid.draw_series([Circle::new((center, height), 5 * FINE, colour.filled())])?;
                    if dashed(row.style) {
                        grid.draw_series([Circle::new(
                            (center, height),
                            3 * FINE,
                            WHITE.filled(),
                        )])?;
                    }
                }
                Some(_) => {
                    let arrow = [(0, 0), (-11, -6), (-11, 6)].map(|(x, y)| (x * FINE, y * FINE));
                    let arrow = EmptyElement::at((x.high, height))
                        + Polygon::new(arrow.to_vec(), colour.filled());
                    grid.draw_series([arrow])?;
                }
                None => {}
            }
            // Names and figures stand beside the grid, at the height of their row.
            let (_, pixel) = grid.backend_coord(&(x.low, height));
            let middle = (pixel - sheet.get_pixel_range().1.start) / FINE;
            let plain = canvas::style(TEXT, INK, false);
            let name = shortened(&row.name, name_room, TEXT);
            canvas::write(
                sheet,
                &name,
                (left - 6, middle),
                &plain.pos(Pos::new(HPos::Right, VPos::Center)),
            )?;
            let text = shortened(&row.text, text_room, TEXT);
            let text_left = width as i32 - right + 10;
            canvas::write(
                sheet,
                &text,
                (text_left, middle),
                &plain.pos(Pos::new(HPos::Left, VPos::Center)),
            )?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, center: f64, style: usize) -> IntervalRow {
        IntervalRow {
            name: name.to_owned(),
            center,
            low: center - 10.0,
            high: center + 15.0,
            text: format!("{center} [..]"),
            style,
        }
    }

    /// The x and y of each dot.
    fn dots(svg: &str) -> Vec<(f64, f64)> {
        let number = |line: &str, name: &str| -> Option<f64> {
            line.split(&format!(" {name}=\""))
                .nth(1)?
                .split('"')
                .next()?
                .parse()
                .ok()
        };
        svg.lines()
            .filter(|line| line.starts_with("<circle"))
            .filter_map(|line| Some((number(line, "cx")?, number(line, "cy")?)))
            .collect()
    }

    #[test]
    fn rows_stand_in_order_at_their_values() {
        let rows = vec![
            row("controller", 185.0, 0),
            row("adam & co", 335.0, 1),
            row("sgd", 260.0, 2),
        ];
        let svg = IntervalChart {
            rows,
            reference: 185.0,
            x_label: "step".to_owned(),
            ..Default::default()
        }
        .to_svg();
        let dots = dots(&svg);
        assert_eq!(dots.len(), 3);
        assert!(dots[0].1 < dots[1].1 && dots[1].1 < dots[2].1, "{dots:?}");
        // 260 lies in the middle of 185 and 335.
        assert!(
            (dots[2].0 * 2.0 - dots[0].0 - dots[1].0).abs() <= 4.0,
            "{dots:?}"
        );
        assert!(svg.contains("adam &amp; co") && svg.contains("260 [..]"));
    }

    #[test]
    fn a_row_without_a_value_keeps_its_name_and_its_text() {
        let mut never = row("sgd:0.01", f64::NAN, 1);
        never.text = "never".to_owned();
        let svg = IntervalChart {
            rows: vec![row("a", 1.0, 0), never],
            ..Default::default()
        }
        .to_svg();
        assert_eq!(dots(&svg).len(), 1);
        assert!(svg.contains("sgd:0.01") && svg.contains("never") && !svg.contains("NaN"));
    }

    #[test]
    fn a_row_beyond_the_limit_gets_an_arrow_and_squeezes_nobody() {
        let rows = vec![row("a", 100.0, 0), row("b", 150.0, 1), row("dead", 1e6, 2)];
        let chart = IntervalChart {
            rows,
            limit: 400.0,
            ..Default::default()
        };
        let svg = chart.to_svg();
        let near = dots(&svg);
        assert_eq!((near.len(), svg.matches("<polygon").count()), (2, 1));
        assert!(near[1].0 - near[0].0 > 200.0, "{near:?}");
        let all = dots(
            &IntervalChart {
                limit: f64::NAN,
                ..chart
            }
            .to_svg(),
        );
        assert!(all.len() == 3 && all[1].0 - all[0].0 < 2.0, "{all:?}");
    }

    #[test]
    fn nothing_to_show_is_said() {
        assert!(
            IntervalChart::default()
                .to_svg()
                .contains("No data to show.")
        );
        let rows = vec![row("a", f64::NAN, 0); 3];
        assert!(
            IntervalChart {
                rows,
                ..Default::default()
            }
            .to_svg()
            .contains("No data to show.")
        );
        let rows = vec![row(&"long ".repeat(100), 0.0, 0); 400];
        assert!(
            IntervalChart {
                rows,
                width: 0,
                ..Default::default()
            }
            .to_svg()
            .contains("…")
        );
    }
}
