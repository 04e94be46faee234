//! A curve in one line of text, of the blocks ▁ to █.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Values from which on the scale leaves out the extremes.
const MANY: usize = 20;

/// The last `width` values, one character each: the smallest of them is ▁, the largest █. All equal: ▄. Where there are
/// many, the scale goes from the lowest twentieth to the highest, so that a single wild value doesn't flatten the
/// others. A value that is not a number is a gap; an infinite one stands at its end of the scale.
pub(crate) fn sparkline(values: impl DoubleEndedIterator<Item = f64>, width: usize) -> String {
    let mut shown: Vec<f64> = values.rev().take(width).collect();
    shown.reverse();
    let mut finite: Vec<f64> = shown
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    finite.sort_by(f64::total_cmp);
    let left_out = if finite.len() >= MANY {
        finite.len() / 20
    } else {
        0
    };
    let (lowest, highest) = match finite.get(left_out..finite.len() - left_out) {
        Some([lowest, .., highest]) => (*lowest, *highest),
        _ => (0.0, 0.0),
    };
    let block = |value: &f64| {
        if value.is_nan() {
            ' '
        } else if value.is_infinite() {
            BLOCKS[if *value > 0.0 { 7 } else { 0 }]
        } else if highest > lowest {
            let share = (value - lowest) / (highest - lowest);
            BLOCKS[(share * 8.0).clamp(0.0, 7.0) as usize]
        } else {
            BLOCKS[3]
        }
    };
    shown.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64], width: usize) -> String {
        sparkline(values.iter().copied(), width)
    }

    #[test]
    fn values_rise_from_the_lowest_block_to_the_highest() {
        let rising: Vec<f64> = (0..8).map(f64::from).collect();
        assert_eq!(of(&rising, 8), "▁▂▃▄▅▆▇█");
        assert_eq!(of(&[-1.0, 1.0, 0.0], 10), "▁█▅");
    }

    #[test]
    fn only_the_latest_are_shown_and_set_the_scale() {
        assert_eq!(of(&[1000.0, 0.0, 1.0], 2), "▁█");
        assert_eq!(of(&[1.0, 2.0], 0), "");
        assert_eq!(of(&[], 5), "");
    }

    #[test]
    fn values_without_a_place_on_the_scale_do_no_harm() {
        assert_eq!(of(&[2.0, 2.0], 5), "▄▄");
        assert_eq!(
            of(&[f64::NAN, 0.0, f64::NEG_INFINITY, 1.0, f64::INFINITY], 5),
            " ▁▁██"
        );
        assert_eq!(of(&[f64::INFINITY, f64::NAN], 5), "█ ");
        assert_eq!(of(&[-f64::MAX, f64::MAX], 5).chars().count(), 2);
    }

    #[test]
    fn a_wild_value_among_many_does_not_flatten_the_others() {
        let mut values: Vec<f64> = (0..40).map(|number| f64::from(number % 8)).collect();
        values[3] = 1e6;
        values[20] = -1e6;
        let text: Vec<char> = of(&values, 40).chars().collect();
        assert_eq!((text[3], text[20]), ('█', '▁'));
        assert_eq!(text[32..], BLOCKS);
    }
}
