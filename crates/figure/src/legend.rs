//! Names for the series of a figure: at the right-hand ends of their lines where there is room, or in lines above.

use super::sheet::{Plot, Sheet, TEXT};
use super::text::{shortened, text_width};

/// The height of one line of a legend.
const LINE: f64 = 19.0;
/// The least distance between two names at the right.
const APART: f64 = 15.0;
/// The most that a name at the right may stand above or below the end of its line.
const FAR: f64 = 90.0;
/// The most lines that may end in one place and have their names beside them.
const TOGETHER: usize = 2;
/// The widest name at the right, in pixels.
const WIDEST: f64 = 160.0;

/// How an entry is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Swatch {
    /// A short line.
    Line,
    /// A short thick line.
    BoldLine,
    /// A dot.
    Dot,
    /// A square of an area's colour.
    Area,
}

/// An entry of a legend.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The number of the series.
    pub(super) index: usize,
    /// Its name.
    pub(super) name: &'a str,
    /// Its style index.
    pub(super) style: usize,
    /// How it is marked.
    pub(super) swatch: Swatch,
}

/// Draws the entries at the top of the sheet, in as many lines as they need.
pub(super) fn above(sheet: &mut Sheet, entries: &[Entry<'_>]) {
    if entries.is_empty() {
        return;
    }
    let room = sheet.format().width - 4.0;
    let (mut x, mut y) = (2.0, sheet.top + LINE / 2.0);
    for entry in entries {
        let name = shortened(entry.name, room - 36.0, TEXT);
        let width = 28.0 + text_width(&name, TEXT);
        if x > 2.0 && x + width > room {
            (x, y) = (2.0, y + LINE);
        }
        sheet.open(entry.style, entry.index, entry.name);
        match entry.swatch {
            Swatch::Line | Swatch::BoldLine => {
                let bold = entry.swatch == Swatch::BoldLine;
                sheet.curve(entry.style, bold, &[(x, y), (x + 22.0, y)]);
            }
            Swatch::Dot => sheet.dot(entry.style, (x + 11.0, y), 3.5),
            Swatch::Area => sheet.rectangle("fill", (x + 5.0, y - 6.0), (12.0, 12.0)),
        }
        sheet.text("t", (x + 28.0, y), TEXT, &name);
        sheet.close();
        x += width + 12.0;
    }
    sheet.top = y + LINE / 2.0 + 8.0;
}

/// Whether names at the right of a plot of this height would stand near the ends of their lines, and no more than
/// [`TOGETHER`] lines end in one place.
pub(super) fn near(mut ends: Vec<f64>, height: f64) -> bool {
    ends.sort_by(f64::total_cmp);
    if ends
        .windows(TOGETHER + 1)
        .any(|ends| ends[TOGETHER] - ends[0] < 2.0)
    {
        return false;
    }
    let moved = spread(&ends, 0.0, height);
    ends.iter()
        .zip(moved)
        .all(|(end, place)| (end - place).abs() <= FAR)
}

/// The room that names at the right need, with their leaders; `None` where they don't fit.
pub(super) fn room_beside(sheet: &Sheet, names: &[&str], height: f64) -> Option<f64> {
    if sheet.format().narrow() || names.is_empty() {
        return None;
    }
    let widest = names.iter().map(|name| text_width(name, TEXT));
    let fits = names.len() as f64 * APART <= height - sheet.top - 60.0;
    fits.then(|| widest.fold(0.0, f64::max).min(WIDEST) + 30.0)
}

/// Draws names at the right of a plot, each as near to the end of its line (in pixels) as the others allow.
pub(super) fn beside(sheet: &mut Sheet, plot: &Plot, entries: &[(Entry<'_>, (f64, f64))]) {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&a, &b| entries[a].1.1.total_cmp(&entries[b].1.1));
    let wanted: Vec<f64> = order.iter().map(|&index| entries[index].1.1).collect();
    let places = spread(&wanted, plot.top, plot.top + plot.height);
    let edge = plot.left + plot.width;
    for (&index, place) in order.iter().zip(places) {
        let (entry, (x, y)) = entries[index];
        let name = shortened(entry.name, WIDEST, TEXT);
        sheet.open(entry.style, entry.index, entry.name);
        sheet.raw(&format!(
            "<path class=\"leader\" d=\"M{} {y:.1}C{} {y:.1} {} {place:.1} {} {place:.1}\"/>",
            super::sheet::number(x + 2.0),
            super::sheet::number(edge + 10.0),
            super::sheet::number(edge + 10.0),
            super::sheet::number(edge + 20.0),
        ));
        sheet.text("t", (edge + 24.0, place), TEXT, &name);
        sheet.close();
    }
}

/// Places as near to the wanted ones (rising) as they can be with [`APART`] between them inside [low, high].
fn spread(wanted: &[f64], low: f64, high: f64) -> Vec<f64> {
    // Blocks of touching names: (how many, sum of what their first one wants to be).
    let mut blocks: Vec<(usize, f64)> = Vec::new();
    let first = |&(count, sum): &(usize, f64)| {
        let last = high - (count - 1) as f64 * APART;
        (sum / count as f64).min(last).max(low)
    };
    for &place in wanted {
        let mut block = (1, place);
        while let Some(above) = blocks.last() {
            if first(above) + above.0 as f64 * APART <= first(&block) {
                break;
            }
            let (count, sum) = *above;
            // A name further down in the block wants its first one to be that much higher.
            block = (
                count + block.0,
                sum + block.1 - block.0 as f64 * count as f64 * APART,
            );
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
        .iter()
        .flat_map(|block| (0..block.0).map(move |index| first(block) + index as f64 * APART))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_place_where_they_can_and_their_distance_where_they_cannot() {
        assert_eq!(spread(&[10.0, 50.0, 90.0], 0.0, 100.0), [10.0, 50.0, 90.0]);
        assert_eq!(spread(&[50.0, 50.0], 0.0, 100.0), [42.5, 57.5]);
        assert_eq!(spread(&[99.0, 100.0], 0.0, 100.0), [85.0, 100.0]);
        assert_eq!(spread(&[0.0, 1.0, 2.0], 0.0, 100.0), [0.0, 15.0, 30.0]);
        assert!(spread(&[], 0.0, 1.0).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn names_never_touch_and_keep_their_order(mut wanted in proptest::collection::vec(0.0..300.0_f64, 0..20)) {
            wanted.sort_by(f64::total_cmp);
            let places = spread(&wanted, 0.0, 300.0);
            proptest::prop_assert_eq!(places.len(), wanted.len());
            proptest::prop_assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= APART - 1e-9), "{:?}", places);
            proptest::prop_assert!(places.iter().all(|&place| (-1e-9..=300.0 + 1e-9).contains(&place)), "{:?}", places);
        }
    }
}
