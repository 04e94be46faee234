//! Numbers as people read them, the same in the terminal, the figures and the report.

use crate::Estimate;

/// What stands for a number that is not finite.
pub const UNKNOWN: &str = "–";

/// A number with `digits` significant digits, without an exponent between 0.0001 and a million, `–` if it is
/// not finite. Digits before the point are never rounded away.
#[must_use]
pub fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return UNKNOWN.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rounded first, so that 9.996 has the digits of 10.0.
    let exponent = rounded_exponent(value, digits);
    if !(-5..6).contains(&exponent) {
        return minus(&format!("{value:.*e}", (digits - 1).max(0) as usize));
    }
    minus(&format!(
        "{value:.*}",
        (digits - 1 - exponent).max(0) as usize
    ))
}

/// A setting as it was typed, as far as four significant digits go: 0.02, not 0.0200 or 0.019999999553.
#[must_use]
pub fn setting(value: f64) -> String {
    let text = significant(value, 4);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The decimal exponent of the value when it is rounded to the digits.
fn rounded_exponent(value: f64, digits: i32) -> i32 {
    let text = format!("{value:.*e}", (digits - 1).max(0) as usize);
    text.split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0)
}

/// A typographic minus sign for a hyphen in front.
fn minus(text: &str) -> String {
    text.replacen('-', "−", usize::from(text.starts_with('-')))
}

/// `value [low, high]`, each as `show` writes it. Where the value is not known and the interval has one end, `≥ low` or
/// `≤ high`: what is certain to 97.5 %. `–` alone when nothing is known.
fn with_interval(estimate: &Estimate, show: impl Fn(f64) -> String) -> String {
    let Estimate {
        iqm,
        ci95: [low, high],
    } = *estimate;
    match [iqm, low, high].map(f64::is_finite) {
        [false, false, false] => UNKNOWN.to_owned(),
        [false, true, false] => format!("≥ {}", show(low)),
        [false, false, true] => format!("≤ {}", show(high)),
        _ => format!("{} [{}, {}]", show(iqm), show(low), show(high)),
    }
}

/// A number with one digit after the point.
#[must_use]
pub fn tenths(value: f64) -> String {
    if value.is_finite() {
        minus(&format!("{value:.1}"))
    } else {
        UNKNOWN.to_owned()
    }
}

/// `value [low, high]` of a mean number of steps, to a tenth.
#[must_use]
pub fn step_interval_text(estimate: &Estimate) -> String {
    with_interval(estimate, tenths)
}

/// `value [low, high]` with three significant digits each.
#[must_use]
pub fn interval_text(estimate: &Estimate) -> String {
    with_interval(estimate, |value| significant(value, 3))
}

/// `value [low, high]` of shares in [0, 1], in per cent to a tenth.
#[must_use]
pub fn percent_interval_text(estimate: &Estimate) -> String {
    with_interval(estimate, |share| tenths(share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn significant_digits() {
        for (value, expected) in [
            (0.0, "0"),
            (0.012_345, "0.0123"),
            (0.099_96, "0.100"),
            (1.0, "1.00"),
            (2.304_9, "2.30"),
            (9.996, "10.0"),
            (-0.5, "−0.500"),
            (184.6, "185"),
            (12_345.6, "12346"),
            (1.5e9, "1.50e9"),
            (2e-7, "2.00e-7"),
            (f64::NAN, "–"),
            (f64::NEG_INFINITY, "–"),
        ] {
            assert_eq!(significant(value, 3), expected, "{value}");
        }
    }

    #[test]
    fn settings() {
        for (value, expected) in [
            (f64::from(0.02_f32), "0.02"),
            (0.025, "0.025"),
            (1.0, "1"),
            (500.0, "500"),
            (f64::INFINITY, "–"),
        ] {
            assert_eq!(setting(value), expected);
        }
    }

    #[test]
    fn intervals() {
        let estimate = Estimate {
            iqm: 0.971_5,
            ci95: [0.968, f64::NAN],
        };
        assert_eq!(percent_interval_text(&estimate), "97.2 [96.8, –]");
        assert_eq!(
            interval_text(&Estimate {
                iqm: 0.089,
                ci95: [0.08, 0.1]
            }),
            "0.0890 [0.0800, 0.100]"
        );
        assert_eq!(tenths(-184.56), "−184.6");
        let one_sided = |low, high| {
            step_interval_text(&Estimate {
                iqm: f64::NAN,
                ci95: [low, high],
            })
        };
        assert_eq!(one_sided(f64::NEG_INFINITY, -265.0), "≤ −265.0");
        assert_eq!(one_sided(12.0, f64::NAN), "≥ 12.0");
        assert_eq!(step_interval_text(&Estimate::UNKNOWN), "–");
    }
}
