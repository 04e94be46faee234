//! The values of a figure for the script of a page, which shows them where one points.
//!
//! One JSON object serves all sizes in which a figure is drawn. It is found in the `data-hover` attribute of the
//! figure; how pixels become places stands at each SVG element (`data-plot`, `data-x`, `data-y`).

use super::look;
use super::series::BandPoint;
use serde::Serialize;
use serde_json::{Value, json};

/// The most x of one series.
const MOST: usize = 300;

/// The values of a figure.
#[derive(Debug, Serialize)]
pub(super) struct Hover {
    /// The name of the x axis.
    x: String,
    /// The name of the y axis.
    y: String,
    /// What stands behind each value.
    unit: String,
    /// Whether the values lie on the y axis, where a dot can mark them.
    dots: bool,
    /// The distinct lists of x.
    xs: Vec<Vec<Value>>,
    series: Vec<HoverSeries>,
}

#[derive(Debug, Serialize)]
struct HoverSeries {
    name: String,
    /// The class of its colour.
    class: String,
    /// The number of the series in the figure.
    index: usize,
    /// Which list of x.
    x: usize,
    /// Whether a value holds until the next x.
    step: bool,
    values: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    low: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    high: Vec<Value>,
}

impl Hover {
    /// A figure without series.
    pub(super) fn new(x: &str, y: &str, unit: &str, dots: bool) -> Self {
        Self {
            x: x.to_owned(),
            y: y.to_owned(),
            unit: unit.to_owned(),
            dots,
            xs: Vec::new(),
            series: Vec::new(),
        }
    }

    /// Adds a series; a band counts where it has as many points as the series.
    pub(super) fn add(
        &mut self,
        index: usize,
        (name, style): (&str, usize),
        step: bool,
        points: &[(f64, f64)],
        band: &[BandPoint],
    ) {
        let kept = kept(points.len());
        let numbers = |value: &dyn Fn(usize) -> f64| -> Vec<Value> {
            kept.iter().map(|&index| rounded(value(index), 3)).collect()
        };
        let xs: Vec<Value> = kept
            .iter()
            .map(|&index| rounded(points[index].0, 5))
            .collect();
        let x = self.xs.iter().position(|known| *known == xs);
        let x = x.unwrap_or_else(|| {
            self.xs.push(xs);
            self.xs.len() - 1
        });
        let with_band = band.len() == points.len();
        let bounds = |value: &dyn Fn(usize) -> f64| {
            if with_band {
                numbers(value)
            } else {
                Vec::new()
            }
        };
        self.series.push(HoverSeries {
            name: name.to_owned(),
            class: look::class(style),
            index,
            x,
            step,
            values: numbers(&|index| points[index].1),
            low: bounds(&|index| band[index].low),
            high: bounds(&|index| band[index].high),
        });
    }

    /// The JSON text.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// At most [`MOST`] of `count` indices, evenly spread, the first and the last among them.
fn kept(count: usize) -> Vec<usize> {
    if count <= MOST {
        return (0..count).collect();
    }
    (0..MOST)
        .map(|index| index * (count - 1) / (MOST - 1))
        .collect()
}

/// The number to so many significant digits, and to a whole if it is large; `null` if it is not finite.
fn rounded(value: f64, digits: usize) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    // Digits before the point are never rounded away.
    if value.abs() >= 10_f64.powi(digits as i32 - 1) && value.abs() < 1e15 {
        return json!(value.round() as i64);
    }
    let short: f64 = format!("{value:.*e}", digits - 1).parse().unwrap_or(value);
    if short.fract() == 0.0 && short.abs() < 1e15 {
        return json!(short as i64);
    }
    json!(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short_and_lists_of_x_are_shared() {
        let mut hover = Hover::new("step", "loss", "", true);
        let points = [(0.0, 0.123_456), (1.0, f64::NAN), (12_345.6, 2.0)];
        let band = points.map(|(x, y)| BandPoint {
            x,
            low: y - 1.0,
            high: y + 1.0,
        });
        hover.add(0, ("a\"<", 0), false, &points, &band);
        hover.add(1, ("b", 1), true, &points, &[]);
        let json: Value = serde_json::from_str(&hover.json()).unwrap();
        assert_eq!(json["xs"], json!([[0, 1, 12_346]]));
        assert_eq!(json["series"][0]["values"], json!([0.123, null, 2]));
        assert_eq!(json["series"][0]["low"], json!([-0.877, null, 1]));
        assert_eq!(json["series"][1].get("low"), None);
        assert_eq!(
            (&json["series"][0]["name"], &json["series"][1]["x"]),
            (&json!("a\"<"), &json!(0))
        );
    }

    #[test]
    fn long_series_keep_their_ends() {
        let kept = kept(100_000);
        assert_eq!((kept.len(), kept[0], kept[MOST - 1]), (MOST, 0, 99_999));
    }
}
