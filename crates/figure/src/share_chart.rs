//! Shares that add up to one, stacked against a common x axis.

use super::axis::{Axis, AxisScale};
use super::hover::Hover;
use super::legend::{self, Entry, Swatch};
use super::sheet::{self, Format, Sheet};

/// A chart of stacked shares.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareChart {
    /// The title above the chart; may be empty.
    pub title: String,
    /// What the x axis shows, with its unit.
    pub x_label: String,
    /// What the shares are shares of.
    pub y_label: String,
    /// Where along the x axis, rising.
    pub xs: Vec<f64>,
    /// The layers, from the bottom to the top.
    pub layers: Vec<ShareLayer>,
    /// The width of the chart alone in a file, in pixels; at least 240. In a page it has the page's widths.
    pub width: u32,
    /// The height, in pixels; at least 160.
    pub height: u32,
}

/// One layer of a [`ShareChart`].
#[derive(Clone, Debug, PartialEq)]
pub struct ShareLayer {
    /// Its name.
    pub name: String,
    /// The share at each x, in [0, 1]; what is missing or not finite counts as 0.
    pub shares: Vec<f64>,
    /// The style index; see [`crate::Series::style`].
    pub style: usize,
}

impl Default for ShareChart {
    /// An empty chart, 760 × 300 pixels.
    fn default() -> Self {
        Self {
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            xs: Vec::new(),
            layers: Vec::new(),
            width: 760,
            height: 300,
        }
    }
}

impl ShareLayer {
    fn share(&self, index: usize) -> f64 {
        let share = self.shares.get(index).copied().unwrap_or(0.0);
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

impl ShareChart {
    /// The chart as a standalone SVG file, in light colours.
    #[must_use]
    pub fn to_svg(&self) -> String {
        self.draw(Format::alone(self.width))
    }

    /// The values for the script of a page, the uppermost layer first.
    pub(super) fn hover(&self) -> String {
        let mut hover = Hover::new(&self.x_label, &self.y_label, " %", false);
        for (number, layer) in self.layers.iter().enumerate().rev() {
            let points: Vec<(f64, f64)> = self
                .xs
                .iter()
                .enumerate()
                .map(|(index, &x)| (x, (layer.share(index) * 1000.0).round() / 10.0))
                .collect();
            hover.add(number, (&layer.name, layer.style), false, &points, &[]);
        }
        hover.json()
    }

    /// The chart in a format.
    pub(super) fn draw(&self, format: Format) -> String {
        let mut sheet = Sheet::new(format, &self.title);
        let ticks = (format.width / 85.0).clamp(3.0, 10.0) as usize;
        let places: Option<Vec<f64>> = self
            .xs
            .iter()
            .map(|&x| AxisScale::Linear.place(x))
            .collect();
        let x = places.and_then(|places| Axis::over(places, AxisScale::Linear, 0.0, ticks));
        let y = Axis::over([0.0, 100.0], AxisScale::Linear, 0.0, 5);
        let (Some(x), Some(mut y), false) = (x, y, self.layers.is_empty()) else {
            return sheet.finish_empty();
        };
        for tick in &mut y.ticks {
            tick.label.push_str(" %");
        }
        let entries: Vec<Entry<'_>> = self
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| Entry {
                index,
                name: &layer.name,
                style: layer.style,
                swatch: Swatch::Area,
            })
            .collect();
        let height = sheet::height(self.height);
        let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
        let room = legend::room_beside(&sheet, &names, height);
        let top = sheet.top;
        if room.is_none() {
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
            (AxisScale::Linear, AxisScale::Linear),
            (&self.x_label, &self.y_label),
            height,
            room.unwrap_or(12.0),
        );
        let mut below = vec![0.0; self.xs.len()];
        let mut ends = Vec::new();
        for (layer, entry) in self.layers.iter().zip(&entries) {
            let lower: Vec<(f64, f64)> = self.points(&below);
            for (index, height) in below.iter_mut().enumerate() {
                *height = (*height + layer.share(index)).min(1.0);
            }
            let upper = self.points(&below);
            if let (Some(low), Some(high)) = (lower.last(), upper.last()) {
                ends.push((*entry, plot.point((high.0, (low.1 + high.1) / 2.0))));
            }
            let outline: Vec<(f64, f64)> = upper
                .into_iter()
                .chain(lower.into_iter().rev())
                .map(|point| plot.point(point))
                .collect();
            sheet.open(layer.style, entry.index, &layer.name);
            sheet.area("fill cut", &outline);
            sheet.close();
        }
        if room.is_some() {
            legend::beside(&mut sheet, &plot, &ends);
        }
        sheet.finish(height)
    }

    /// The heights as points in per cent.
    fn points(&self, heights: &[f64]) -> Vec<(f64, f64)> {
        let heights = heights.iter().map(|height| height * 100.0);
        self.xs.iter().copied().zip(heights).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action;

    fn chart() -> ShareChart {
        let layer = |name: &str, shares: [f64; 3], index| ShareLayer {
            name: name.to_owned(),
            shares: shares.to_vec(),
            style: action(index, 2),
        };
        ShareChart {
            xs: vec![0.0, 10.0, 20.0],
            layers: vec![
                layer("η <down>", [0.25, 0.5, 1.0], 0),
                layer("up", [0.75, 0.5, 0.0], 1),
            ],
            ..ShareChart::default()
        }
    }

    #[test]
    fn layers_lie_on_each_other_and_fill_the_plot() {
        let svg = chart().to_svg();
        let areas: Vec<Vec<f64>> = svg
            .split("class=\"fill cut\" d=\"M")
            .skip(1)
            .map(|rest| {
                let path = rest.split('Z').next().unwrap();
                path.split([' ', 'L'])
                    .map(|number| number.parse().unwrap())
                    .collect()
            })
            .collect();
        assert_eq!(areas.len(), 2);
        // The upper edge of the lower layer is the lower edge of the upper one, backwards.
        let edge = |area: &[f64], from: usize| -> Vec<(f64, f64)> {
            (from..from + 3)
                .map(|index| (area[2 * index], area[2 * index + 1]))
                .collect()
        };
        let mut lower_edge_of_upper = edge(&areas[1], 3);
        lower_edge_of_upper.reverse();
        assert_eq!(edge(&areas[0], 0), lower_edge_of_upper);
        assert!(svg.contains("η &lt;down&gt;") && svg.contains("100 %"));
    }

    #[test]
    fn hover_values_are_per_cent() {
        let json: serde_json::Value = serde_json::from_str(&chart().hover()).unwrap();
        assert_eq!(json["series"][0]["name"], "up");
        assert_eq!(json["series"][0]["values"], serde_json::json!([75, 50, 0]));
    }

    #[test]
    fn odd_shares_do_no_harm() {
        let mut odd = chart();
        odd.layers[0].shares = vec![f64::NAN, 7.0];
        let svg = odd.to_svg();
        assert!(!svg.contains("NaN") && svg.contains("fill cut"));
        odd.xs[1] = f64::INFINITY;
        assert!(odd.to_svg().contains("No data to show."));
        assert!(ShareChart::default().to_svg().contains("No data to show."));
    }
}
