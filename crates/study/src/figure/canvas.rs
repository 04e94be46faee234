//! What every figure has: the sheet, the title, the legend, and the grid.
//!
//! plotters places everything on whole pixels, which makes curves jagged, so figures are drawn [`FINE`] times as
//! large as they are shown; the `viewBox` scales them back. Sizes in this folder are those of the figure as
//! shown, and are multiplied where they meet plotters. Without fonts nobody knows how wide a text is;
//! [`text_width`] estimates it for a usual sans-serif face.

use super::axis::Axis;
use super::palette::{GREY, GRID, INK, dashed, line_colour};
use plotters::backend::SVGBackend;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, DashedPathElement, PathElement, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, TextStyle, WHITE};

/// How many drawn pixels make one pixel as shown, in each direction.
pub(super) const FINE: i32 = 2;
/// The size of ordinary text in pixels.
pub(super) const TEXT: f64 = 12.0;
/// The size of a title in pixels.
const TITLE: f64 = 14.0;
/// The faces that figures ask for.
const FACES: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/// The height of one line of a legend.
const LEGEND_LINE: i32 = 18;
/// The narrowest and lowest figure that has room for its axes, in pixels.
const SMALLEST: (u32, u32) = (240, 160);

/// A drawing error. Writing into a string causes none; plotters' types allow for them.
pub(super) type DrawingError = DrawingAreaErrorKind<std::io::Error>;
/// A sheet or a part of one.
pub(super) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A grid with its two axes, in the axes' own units.
pub(super) type Grid<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// How an entry of a legend is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swatch {
    /// A short line.
    Line,
    /// A dot.
    Dot,
}

/// Draws a figure of the given size in pixels and gives its SVG text.
///
/// `draw` gets the sheet below the title. When it says that there is nothing to show (`false`), the sheet says
/// so. The figure's element carries the title for people who don't see it.
pub(super) fn svg(
    title: &str,
    (width, height): (u32, u32),
    draw: impl FnOnce(&Sheet<'_>) -> Result<bool, DrawingError>,
) -> String {
    let (width, height) = (
        width.clamp(SMALLEST.0, 10_000),
        height.clamp(SMALLEST.1, 10_000),
    );
    let fine = FINE.unsigned_abs();
    let mut text = String::new();
    let drawn = {
        let sheet =
            SVGBackend::with_string(&mut text, (width * fine, height * fine)).into_drawing_area();
        draw_sheet(&sheet, title, width, draw)
    };
    if let Err(error) = drawn {
        // Unreachable while text goes into a string; a message is better than a broken figure.
        return format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\"><text x=\"10\" y=\"20\">{}</text></svg>\n",
            crate::escape::escape(&error.to_string())
        );
    }
    let head_end = text.find('>').map_or(0, |end| end + 1);
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
        width * fine,
        height * fine,
        crate::escape::escape(title)
    );
    head + &text[head_end..]
}

fn draw_sheet(
    sheet: &Sheet<'_>,
    title: &str,
    width: u32,
    draw: impl FnOnce(&Sheet<'_>) -> Result<bool, DrawingError>,
) -> Result<(), DrawingError> {
    sheet.fill(&WHITE)?;
    let below = if title.is_empty() {
        sheet.clone()
    } else {
        let title = shortened(title, f64::from(width) - 24.0, TITLE);
        write(
            sheet,
            &title,
            (12, 15),
            &style(TITLE, INK, true).pos(Pos::new(HPos::Left, VPos::Center)),
        )?;
        sheet.clone().split_vertically(28 * FINE).1
    };
    if !draw(&below)? {
        let (width, height) = below.dim_in_pixel();
        let centre = (width as i32 / 2 / FINE, height as i32 / 2 / FINE);
        write(
            &below,
            "No data to show.",
            centre,
            &style(TEXT, GREY, false).pos(Pos::new(HPos::Center, VPos::Center)),
        )?;
    }
    sheet.present()
}

/// A text style of a size in pixels as shown.
pub(super) fn style(size: f64, colour: RGBColor, bold: bool) -> TextStyle<'static> {
    // The SVG backend divides every size by 1.24.
    let font = (FACES, size * f64::from(FINE) * 1.24).into_font();
    let font = if bold {
        font.style(FontStyle::Bold)
    } else {
        font
    };
    let mut style = TextStyle::from(font);
    style.color = colour.to_backend_color();
    style
}

/// Writes a text at a place in pixels as shown.
pub(super) fn write(
    sheet: &Sheet<'_>,
    text: &str,
    (x, y): (i32, i32),
    style: &TextStyle<'static>,
) -> Result<(), DrawingError> {
    sheet.draw(&Text::new(
        text.to_owned(),
        (x * FINE, y * FINE),
        style.clone(),
    ))
}

/// About how many pixels wide a text is, in one of the wider of the usual faces.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(character_width).sum::<f64>() * size
}

/// About how wide a character is, as a part of the text's size.
fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '·' => 0.33,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 0.41,
        'm' | 'w' | 'M' | 'W' | '…' | '%' | '@' => 0.98,
        'A'..='Z' | '<' | '>' | '=' | '+' | '−' => 0.76,
        _ => 0.64,
    }
}

/// The text, or its beginning and `…` where it would be wider than `room` pixels; at least one character.
pub(super) fn shortened(text: &str, room: f64, size: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - text_width("…", size);
    let kept = text.chars().enumerate().take_while(|&(index, character)| {
        left -= character_width(character) * size;
        left >= 0.0 || index == 0
    });
    kept.map(|(_, character)| character).chain(['…']).collect()
}

/// Draws a legend in as many lines as it needs and gives what is left of the sheet below it.
pub(super) fn legend<'a>(
    sheet: &Sheet<'a>,
    entries: &[(&str, usize, Swatch)],
) -> Result<Sheet<'a>, DrawingError> {
    if entries.is_empty() {
        return Ok(sheet.clone());
    }
    let room = f64::from(sheet.dim_in_pixel().0) / f64::from(FINE) - 24.0;
    let (mut x, mut line) = (0.0, 0);
    for &(name, style_index, swatch) in entries {
        let name = shortened(name, room - 30.0, TEXT);
        let width = 26.0 + text_width(&name, TEXT) + 14.0;
        if x > 0.0 && x + width - 14.0 > room {
            (x, line) = (0.0, line + 1);
        }
        let (left, middle) = (12 + x as i32, 8 + line * LEGEND_LINE);
        let colour = line_colour(style_index);
        match swatch {
            Swatch::Line => {
                let ends = [
                    (left * FINE, middle * FINE),
                    ((left + 20) * FINE, middle * FINE),
                ];
                stroke(sheet, ends.to_vec(), style_index)?;
            }
            Swatch::Dot => {
                sheet.draw(&Circle::new(
                    ((left + 10) * FINE, middle * FINE),
                    3 * FINE,
                    colour.filled(),
                ))?;
            }
        }
        let text_style = style(TEXT, INK, false).pos(Pos::new(HPos::Left, VPos::Center));
        write(sheet, &name, (left + 26, middle), &text_style)?;
        x += width;
    }
    Ok(sheet
        .clone()
        .split_vertically(((line + 1) * LEGEND_LINE + 2) * FINE)
        .1)
}

fn stroke(
    sheet: &Sheet<'_>,
    points: Vec<(i32, i32)>,
    style_index: usize,
) -> Result<(), DrawingError> {
    let stroke = line_colour(style_index).stroke_width(2 * FINE.unsigned_abs());
    if dashed(style_index) {
        sheet.draw(&DashedPathElement::new(points, 5 * FINE, 4 * FINE, stroke))
    } else {
        sheet.draw(&PathElement::new(points, stroke))
    }
}

/// Draws axes, ticks and grid lines over the sheet. `left` pixels are kept for the labels of the y axis, or for
/// the caller's own when `y` has no ticks; `right` pixels stay free.
pub(super) fn grid<'a, 'b>(
    sheet: &'a Sheet<'b>,
    (x, y): (&Axis, &Axis),
    (x_label, y_label): (&str, &str),
    (left, right): (i32, i32),
) -> Result<Grid<'a, 'b>, DrawingError> {
    let below = if x_label.is_empty() { 26 } else { 44 };
    let mut grid = ChartBuilder::on(sheet)
        .margin_top(8 * FINE)
        .margin_right(right * FINE)
        .margin_bottom(4 * FINE)
        .margin_left(6 * FINE)
        .x_label_area_size(below * FINE)
        .y_label_area_size(left * FINE)
        .build_cartesian_2d(x.clone(), y.clone())?;
    let axis = style(TEXT, GREY, false);
    grid.configure_mesh()
        .bold_line_style(GRID.stroke_width(FINE.unsigned_abs()))
        .light_line_style(GRID.mix(0.0))
        .axis_style(GREY.stroke_width(FINE.unsigned_abs()))
        .label_style(axis.clone())
        .set_all_tick_mark_size(4 * FINE)
        .draw()?;
    // The names of the axes are ours to place: plotters' own estimate puts them under the tick labels.
    let (width, height) = sheet.dim_in_pixel();
    let (width, height) = (width as i32 / FINE, height as i32 / FINE);
    let middle_x = (6 + left + width - right) / 2;
    write(
        sheet,
        x_label,
        (middle_x, height - 12),
        &axis.pos(Pos::new(HPos::Center, VPos::Center)),
    )?;
    if !y_label.is_empty() {
        let middle_y = (8 + height - below - 4) / 2;
        let turned = axis
            .transform(FontTransform::Rotate270)
            .pos(Pos::new(HPos::Center, VPos::Center));
        write(sheet, y_label, (13, middle_y), &turned)?;
    }
    Ok(grid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shortened("adam", 100.0, 12.0), "adam");
        let short = shortened(&"η".repeat(500), 100.0, 12.0);
        assert!(
            short.ends_with('…') && text_width(&short, 12.0) <= 100.0,
            "{short}"
        );
        assert_eq!(shortened("abc", 0.0, 12.0), "a…");
    }

    #[test]
    fn an_empty_figure_says_so_and_its_title_is_escaped() {
        let svg = svg("a < b & \"c\"", (0, 0), |_| Ok(false));
        assert!(svg.contains("No data to show."));
        assert!(svg.contains("aria-label=\"a &lt; b &amp; &quot;c&quot;\""));
        assert!(svg.contains("a &lt; b &amp;"));
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    }
}
