//! Colours that people with a colour-vision deficiency can tell apart, on white.
//!
//! The palette is that of M. Okabe and K. Ito, "Color Universal Design" (2008), without its yellow, which is too
//! light for a line on white, and with the colours that differ most first. When the colours are used up, they
//! come again with dashed lines and hollow dots.

use plotters::style::RGBColor;

const COLOURS: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xB2), // blue
    RGBColor(0xD5, 0x5E, 0x00), // vermilion
    RGBColor(0x00, 0x9E, 0x73), // bluish green
    RGBColor(0xCC, 0x79, 0xA7), // reddish purple
    RGBColor(0xE6, 0x9F, 0x00), // orange
    RGBColor(0x56, 0xB4, 0xE9), // sky blue
    RGBColor(0x00, 0x00, 0x00), // black
];

/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(0x1F, 0x29, 0x33);
/// Secondary text.
pub(super) const GREY: RGBColor = RGBColor(0x5B, 0x67, 0x70);
/// Grid lines.
pub(super) const GRID: RGBColor = RGBColor(0xE3, 0xE7, 0xEB);

/// The colour of a style index.
pub(super) const fn line_colour(style: usize) -> RGBColor {
    COLOURS[style % COLOURS.len()]
}

/// Whether lines of a style index are dashed, and dots hollow.
pub(crate) const fn dashed(style: usize) -> bool {
    (style / COLOURS.len()) % 2 == 1
}

/// The colour of a style index as `#rrggbb`, for text that belongs to a figure.
#[must_use]
pub fn colour(style: usize) -> String {
    let RGBColor(red, green, blue) = line_colour(style);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourteen_styles_differ() {
        let styles: Vec<_> = (0..14)
            .map(|style| (colour(style), dashed(style)))
            .collect();
        for (index, style) in styles.iter().enumerate() {
            assert!(!styles[..index].contains(style), "{style:?}");
        }
        assert_eq!(colour(0), "#0072b2");
    }
}
