//! An axis: its range, where its ticks stand, and what they say.

use super::text::text_width;
use descender_statistics::number::significant;

/// How an axis spreads its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AxisScale {
    /// Equal differences are equally far apart.
    #[default]
    Linear,
    /// Equal ratios are equally far apart; only positive values can be shown.
    Logarithmic,
}

/// Values beyond this size are treated as infinite.
const LARGEST: f64 = 1e100;
/// The narrowest range, as a part of the larger of its ends: ticks closer together could not be told apart.
const NARROWEST: f64 = 1e-6;

impl AxisScale {
    /// Where a value stands on the axis, in the axis' own unit (the logarithm to base 10 on a logarithmic one);
    /// `None` for a value that cannot be shown.
    pub(super) fn place(self, value: f64) -> Option<f64> {
        match self {
            Self::Linear => (value.abs() <= LARGEST).then_some(value),
            Self::Logarithmic => (1.0 / LARGEST..=LARGEST)
                .contains(&value)
                .then(|| value.log10()),
        }
    }
}

/// A place on an axis with a label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Where, in the axis' own unit.
    pub(super) place: f64,
    /// The value there, as text.
    pub(super) label: String,
}

/// An axis that shows a range of places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// The lower end, in the axis' own unit.
    pub(super) low: f64,
    /// The upper end, above the lower.
    pub(super) high: f64,
    /// The ticks, rising, all inside the range.
    pub(super) ticks: Vec<Tick>,
}

impl Axis {
    /// An axis over `places`, widened at both ends by the part `margin` of its length, with about `count` ticks.
    ///
    /// A linear axis is not widened across zero. `None` without a place.
    pub(super) fn over(
        places: impl IntoIterator<Item = f64>,
        scale: AxisScale,
        margin: f64,
        count: usize,
    ) -> Option<Self> {
        let (low, high) = places
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| {
                (low.min(place), high.max(place))
            });
        if low > high {
            return None;
        }
        let (low, high) = widened(low, high, scale, margin);
        let ticks = match scale {
            AxisScale::Linear => linear_ticks(low, high, count),
            AxisScale::Logarithmic => logarithmic_ticks(low, high, count),
        };
        Some(Self { low, high, ticks })
    }

    /// Where a place lies between the lower end (0) and the upper end (1).
    pub(super) fn part(&self, place: f64) -> f64 {
        (place - self.low) / (self.high - self.low)
    }

    /// The width of the widest label, in pixels.
    pub(super) fn label_width(&self, size: f64) -> f64 {
        let widths = self.ticks.iter().map(|tick| text_width(&tick.label, size));
        widths.fold(0.0, f64::max)
    }
}

/// The range with its margins; a range that is too narrow to have ticks is widened around its middle.
fn widened(low: f64, high: f64, scale: AxisScale, margin: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low <= size * NARROWEST || high == low {
        // On a logarithmic axis 0.3 is a factor of two at each side.
        let by = match scale {
            AxisScale::Linear if size > 0.0 => size * 0.1,
            AxisScale::Linear => 1.0,
            AxisScale::Logarithmic => 0.3,
        };
        return (low - by, high + by);
    }
    let by = (high - low) * margin;
    match scale {
        AxisScale::Linear => (
            if low >= 0.0 {
                (low - by).max(0.0)
            } else {
                low - by
            },
            if high <= 0.0 {
                (high + by).min(0.0)
            } else {
                high + by
            },
        ),
        AxisScale::Logarithmic => (low - by, high + by),
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that makes at most `count` steps of the length.
fn tick_step(length: f64, count: usize) -> f64 {
    let wanted = length / count.max(1) as f64;
    let power = 10.0_f64.powf(wanted.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&step| step >= wanted * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// Multiples of a round step inside [low, high] with their labels.
fn linear_ticks(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let step = tick_step(high - low, count);
    // A little tolerance, so that an end that is a multiple in all but its last bit keeps its tick.
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    let largest = low.abs().max(high.abs());
    (first..=last)
        .map(|multiple| {
            let value = multiple as f64 * step;
            Tick {
                place: value.clamp(low, high),
                label: tick_label(value, step, largest),
            }
        })
        .collect()
}

/// A value on an axis whose ticks are `step` apart and reach `largest`, with the digits that tell them apart.
fn tick_label(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e6).contains(&largest) {
        let digits = (largest.log10().floor() - step.log10().floor()) as i32 + 1;
        return significant(value, digits.clamp(2, 8));
    }
    let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{value:.decimals$}").replacen('-', "−", 1)
}

/// Ticks of a logarithmic axis from 10^low to 10^high.
fn logarithmic_ticks(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let decades = high - low;
    if decades < 0.7 {
        // Too few powers of ten: round values, as on a linear axis.
        return linear_ticks(10.0_f64.powf(low), 10.0_f64.powf(high), count)
            .into_iter()
            .filter_map(|tick| label_value(&tick.label).map(|value| (value.log10(), tick.label)))
            .filter(|(place, _)| (low..=high).contains(place))
            .map(|(place, label)| Tick { place, label })
            .collect();
    }
    let factors: &[f64] = match decades {
        ..1.5 => &[1.0, 2.0, 3.0, 5.0],
        ..3.2 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let every = (decades / (1.5 * count.max(1) as f64)).ceil().max(1.0) as i32;
    let mut ticks = Vec::new();
    for exponent in low.floor() as i32..=high.ceil() as i32 {
        for factor in factors {
            let place = f64::from(exponent) + factor.log10();
            if exponent % every == 0 && (low..=high).contains(&place) {
                ticks.push(Tick {
                    place,
                    label: power_label(*factor, exponent),
                });
            }
        }
    }
    ticks
}

/// The value that a label shows.
fn label_value(label: &str) -> Option<f64> {
    label.replace('−', "-").parse().ok()
}

/// `factor` · 10^`exponent`, written out unless that takes many zeros.
fn power_label(factor: f64, exponent: i32) -> String {
    if (-4..6).contains(&exponent) {
        let value = factor * 10.0_f64.powi(exponent);
        format!("{value:.*}", (-exponent).max(0) as usize)
    } else {
        format!("{factor}e{exponent}").replacen('-', "−", 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(places: &[f64], scale: AxisScale) -> Vec<String> {
        let places = places.iter().filter_map(|&value| scale.place(value));
        Axis::over(places, scale, 0.0, 6)
            .unwrap()
            .ticks
            .into_iter()
            .map(|tick| tick.label)
            .collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            labels(&[0.0, 500.0], AxisScale::Linear),
            ["0", "100", "200", "300", "400", "500"]
        );
        assert_eq!(
            labels(&[-0.3, 0.9], AxisScale::Linear),
            ["−0.2", "0", "0.2", "0.4", "0.6", "0.8"]
        );
        assert_eq!(
            labels(&[0.01, 0.055], AxisScale::Linear),
            ["0.01", "0.02", "0.03", "0.04", "0.05"]
        );
        assert_eq!(
            labels(&[0.0, 4e7], AxisScale::Linear),
            ["0", "1.0e7", "2.0e7", "3.0e7", "4.0e7"]
        );
        assert_eq!(
            labels(&[0.02, 3.0], AxisScale::Logarithmic),
            ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]
        );
        assert_eq!(
            labels(&[0.028, 0.36], AxisScale::Logarithmic),
            ["0.03", "0.05", "0.1", "0.2", "0.3"]
        );
        assert_eq!(
            labels(&[1e-3, 3000.0], AxisScale::Logarithmic),
            ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]
        );
        assert_eq!(
            labels(&[0.1, 0.32], AxisScale::Logarithmic),
            ["0.10", "0.15", "0.20", "0.25", "0.30"]
        );
    }

    #[test]
    fn what_cannot_be_shown_has_no_place() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
            assert_eq!(AxisScale::Linear.place(value), None);
            assert_eq!(AxisScale::Logarithmic.place(value), None);
        }
        assert_eq!(AxisScale::Logarithmic.place(0.0), None);
        assert_eq!(AxisScale::Logarithmic.place(-1.0), None);
        assert_eq!(AxisScale::Logarithmic.place(100.0), Some(2.0));
        assert_eq!(Axis::over([], AxisScale::Linear, 0.1, 5), None);
    }

    #[test]
    fn margins_do_not_cross_zero() {
        let axis = Axis::over([0.0, 10.0], AxisScale::Linear, 0.05, 5).unwrap();
        assert_eq!((axis.low, axis.high), (0.0, 10.5));
        let axis = Axis::over([-10.0, 0.0], AxisScale::Linear, 0.05, 5).unwrap();
        assert_eq!((axis.low, axis.high), (-10.5, 0.0));
    }

    proptest::proptest! {
        #[test]
        fn every_range_has_a_few_ticks_inside(
            a in -1.0..1.0_f64, b in -1.0..1.0_f64, exponent in -95..95_i32, closeness in 0..30_i32,
        ) {
            let size = 10.0_f64.powi(exponent);
            let (a, b) = (a * size, (a + b * 10.0_f64.powi(-closeness)) * size);
            for scale in [AxisScale::Linear, AxisScale::Logarithmic] {
                let Some(axis) = Axis::over([a, b].into_iter().filter_map(|v| scale.place(v)), scale, 0.04, 6) else {
                    continue;
                };
                proptest::prop_assert!(axis.low < axis.high);
                let ticks = axis.ticks.len();
                proptest::prop_assert!((1..=20).contains(&ticks), "{a} {b} {scale:?}: {axis:?}");
                proptest::prop_assert!(axis.ticks.iter().all(|tick| (axis.low..=axis.high).contains(&tick.place)));
            }
        }
    }
}
