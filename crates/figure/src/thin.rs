//! Fewer points for the same picture.

/// The most points of one series in a figure.
pub(super) const MOST_POINTS: usize = 600;

/// At most `most` (at least 4) of the points, in their order: the first, the last, and from each of equal runs
/// between them the lowest and the highest, so that no spike is lost.
pub(super) fn thin(points: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    let most = most.max(4);
    if points.len() <= most {
        return points;
    }
    let inner = 1..points.len() - 1;
    let runs = (most - 2) / 2;
    let mut kept = vec![points[0]];
    for run in 0..runs {
        let first = inner.start + run * inner.len() / runs;
        let end = inner.start + (run + 1) * inner.len() / runs;
        let lowest = (first..end).min_by(|&a, &b| points[a].1.total_cmp(&points[b].1));
        let highest = (first..end).max_by(|&a, &b| points[a].1.total_cmp(&points[b].1));
        if let (Some(lowest), Some(highest)) = (lowest, highest) {
            kept.push(points[lowest.min(highest)]);
            if lowest != highest {
                kept.push(points[lowest.max(highest)]);
            }
        }
    }
    kept.push(points[points.len() - 1]);
    kept
}

/// At most `most` (at least 2) of the items, evenly spread, the first and the last among them.
pub(super) fn thin_evenly<T: Copy>(items: Vec<T>, most: usize) -> Vec<T> {
    let most = most.max(2);
    if items.len() <= most {
        return items;
    }
    (0..most)
        .map(|index| items[index * (items.len() - 1) / (most - 1)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_ends_spikes_and_order() {
        let points: Vec<(f64, f64)> = (0..100_000)
            .map(|step| {
                (
                    f64::from(step),
                    match step {
                        41_234 => 9.0,
                        77_777 => -9.0,
                        _ => (f64::from(step) * 0.1).sin(),
                    },
                )
            })
            .collect();
        let thinned = thin(points.clone(), MOST_POINTS);
        assert!(
            thinned.len() <= MOST_POINTS && thinned.len() > MOST_POINTS / 2,
            "{}",
            thinned.len()
        );
        assert_eq!(
            (thinned[0], thinned[thinned.len() - 1]),
            (points[0], points[99_999])
        );
        assert!(thinned.contains(&(41_234.0, 9.0)) && thinned.contains(&(77_777.0, -9.0)));
        assert!(thinned.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(thin(points[..600].to_vec(), 600), points[..600]);
        assert!(thin(points[..601].to_vec(), 600).len() <= 600);
    }

    #[test]
    fn even_thinning_keeps_the_ends() {
        assert_eq!(thin_evenly((0..101).collect(), 3), [0, 50, 100]);
        assert_eq!(thin_evenly(vec![1, 2], 600), [1, 2]);
        assert!(thin_evenly(Vec::<u8>::new(), 0).is_empty());
    }
}
