//! A curve in one line of text, of the blocks ▁ to █.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last `width` values, one character each: the smallest of them is ▁, the largest █. All equal: ▄. A value that is
/// not a number is a gap; an infinite one stands at its end of the scale.
pub fn sparkline(values: impl DoubleEndedIterator<Item = f64>, width: usize) -> String {
    let mut shown: Vec<f64> = values.rev().take(width).collect();
    shown.reverse();
    let finite = || shown.iter().copied().filter(|value| value.is_finite());
    let lowest = finite().fold(f64::INFINITY, f64::min);
    let highest = finite().fold(f64::NEG_INFINITY, f64::max);
    let block = |value: &f64| {
        if value.is_nan() {
            ' '
        } else if value.is_infinite() {
            BLOCKS[if *value > 0.0 { 7 } else { 0 }]
        } else if highest > lowest {
            let share = (value - lowest) / (highest - lowest);
            BLOCKS[(share * 8.0).min(7.0) as usize]
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
        assert_eq!(of(&[-f64::MAX, f64::MAX], 5), "▁█");
    }
}
