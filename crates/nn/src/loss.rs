//! Losses over a batch of network outputs, with their gradients.

/// Softmax cross-entropy of `logits` (`[batch, classes]`) against `labels`, the mean over the batch.
///
/// Writes the gradient of that mean, (softmax(logits) − one-hot(label)) / batch, to `logit_gradient`. A label
/// that is not below `classes` gives a loss of NaN, and a logit that is not finite gives NaN or infinity. Neither panics.
///
/// # Panics
/// If the lengths of the slices do not match.
pub fn softmax_cross_entropy(
    logits: &[f32],
    labels: &[u8],
    classes: usize,
    logit_gradient: &mut [f32],
) -> f32 {
    assert_eq!(
        logits.len(),
        labels.len() * classes,
        "logits must be [batch, classes]"
    );
    assert_eq!(
        logit_gradient.len(),
        logits.len(),
        "the gradient must have the logits' shape"
    );
    let scale = 1.0 / labels.len() as f32;
    let mut total = 0.0_f32;
    let rows = logits
        .chunks_exact(classes)
        .zip(logit_gradient.chunks_exact_mut(classes));
    for ((row, gradient), &label) in rows.zip(labels) {
        let largest = maximum(row);
        let mut sum = 0.0_f32;
        for (slot, &logit) in gradient.iter_mut().zip(row) {
            *slot = (logit - largest).exp();
            sum += *slot;
        }
        let factor = scale / sum;
        gradient.iter_mut().for_each(|slot| *slot *= factor);
        if let Some(slot) = gradient.get_mut(usize::from(label)) {
            *slot -= scale;
        }
        total += row_loss(row, label, largest, sum);
    }
    total * scale
}

/// Softmax cross-entropy of each example, written to `losses` (`[batch]`).
///
/// # Panics
/// If the lengths of the slices do not match.
pub fn cross_entropy_per_example(
    logits: &[f32],
    labels: &[u8],
    classes: usize,
    losses: &mut [f32],
) {
    assert_eq!(
        logits.len(),
        labels.len() * classes,
        "logits must be [batch, classes]"
    );
    assert_eq!(
        losses.len(),
        labels.len(),
        "there must be one loss for each example"
    );
    for ((row, &label), loss) in logits.chunks_exact(classes).zip(labels).zip(losses) {
        let largest = maximum(row);
        let sum = row.iter().map(|logit| (logit - largest).exp()).sum();
        *loss = row_loss(row, label, largest, sum);
    }
}

/// Number of examples whose largest logit is the label's (among equal logits the first one counts; NaN is never correct).
///
/// # Panics
/// If the lengths of the slices do not match.
#[must_use]
pub fn count_correct(logits: &[f32], labels: &[u8], classes: usize) -> usize {
    assert_eq!(
        logits.len(),
        labels.len() * classes,
        "logits must be [batch, classes]"
    );
    let right = |(row, label): &(&[f32], &u8)| {
        let label = usize::from(**label);
        let Some(own) = row.get(label) else {
            return false;
        };
        row[..label].iter().all(|other| other < own)
            && row[label + 1..].iter().all(|other| other <= own)
    };
    logits
        .chunks_exact(classes)
        .zip(labels)
        .filter(right)
        .count()
}

/// The mean of the squared differences of `outputs` and `targets`; its gradient, 2·(output − target) / n, goes to
/// `gradient`.
///
/// # Panics
/// If the lengths of the slices do not match.
pub fn squared(outputs: &[f32], targets: &[f32], gradient: &mut [f32]) -> f32 {
    of_differences(outputs, targets, gradient, |difference| {
        (difference * difference, 2.0 * difference)
    })
}

/// The mean of Huber's loss of the differences d of `outputs` and `targets`, d²/2 up to |d| = 1 and |d| − 1/2 beyond; its
/// gradient, d / n within [−1/n, 1/n], goes to `gradient`.
///
/// # Panics
/// If the lengths of the slices do not match.
pub fn huber(outputs: &[f32], targets: &[f32], gradient: &mut [f32]) -> f32 {
    of_differences(outputs, targets, gradient, |difference| {
        (huber_of(difference), difference.clamp(-1.0, 1.0))
    })
}

/// [`squared`] of each example, written to `losses` (`[batch]`).
///
/// # Panics
/// If the lengths of the slices do not match.
pub fn squared_per_example(outputs: &[f32], targets: &[f32], losses: &mut [f32]) {
    of_examples(outputs, targets, losses, |difference| {
        difference * difference
    });
}

/// [`huber`] of each example, written to `losses` (`[batch]`).
///
/// # Panics
/// If the lengths of the slices do not match.
pub fn huber_per_example(outputs: &[f32], targets: &[f32], losses: &mut [f32]) {
    of_examples(outputs, targets, losses, huber_of);
}

fn huber_of(difference: f32) -> f32 {
    let size = difference.abs();
    if size > 1.0 {
        size - 0.5
    } else {
        size * size / 2.0
    }
}

/// The mean of a function of the differences, which gives its value and its slope.
fn of_differences(
    outputs: &[f32],
    targets: &[f32],
    gradient: &mut [f32],
    of: impl Fn(f32) -> (f32, f32),
) -> f32 {
    assert_eq!(
        (outputs.len(), gradient.len()),
        (targets.len(), targets.len()),
        "there must be one output and one slope for each target"
    );
    let scale = 1.0 / targets.len() as f32;
    let mut total = 0.0_f32;
    for ((output, target), slot) in outputs.iter().zip(targets).zip(gradient) {
        let (value, slope) = of(output - target);
        total += value;
        *slot = slope * scale;
    }
    total * scale
}

/// The mean of a function of the differences over the numbers of each example.
fn of_examples(outputs: &[f32], targets: &[f32], losses: &mut [f32], of: impl Fn(f32) -> f32) {
    let width = targets.len() / losses.len().max(1);
    assert_eq!(
        (outputs.len(), width * losses.len()),
        (targets.len(), targets.len()),
        "there must be one output for each target, and as many in each example"
    );
    let rows = outputs
        .chunks_exact(width.max(1))
        .zip(targets.chunks_exact(width.max(1)));
    for ((outputs, targets), loss) in rows.zip(losses) {
        let differences = outputs.iter().zip(targets);
        let sum: f32 = differences
            .map(|(output, target)| of(output - target))
            .sum();
        *loss = sum / width as f32;
    }
}

fn maximum(row: &[f32]) -> f32 {
    row.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// ln Σ exp(logit) − logit(label), from the sum of exp(logit − largest).
fn row_loss(row: &[f32], label: u8, largest: f32, sum: f32) -> f32 {
    row.get(usize::from(label))
        .map_or(f32::NAN, |own| sum.ln() + (largest - own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_lose_the_logarithm_of_the_number_of_classes() {
        let mut gradient = [0.0; 8];
        let loss = softmax_cross_entropy(&[3.0; 8], &[1, 0], 4, &mut gradient);
        assert!((loss - 4.0_f32.ln()).abs() < 1e-6);
        assert_eq!(
            gradient,
            [0.125, -0.375, 0.125, 0.125, -0.375, 0.125, 0.125, 0.125]
        );
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let mut gradient = [0.0; 3];
        let loss = softmax_cross_entropy(&[1e4, -1e4, 9.99e3], &[2], 3, &mut gradient);
        assert!((loss - 10.0).abs() < 1e-3, "{loss}");
        assert!((gradient[0] - 1.0).abs() < 1e-4 && (gradient[2] + 1.0).abs() < 1e-4);
    }

    #[test]
    fn what_is_not_finite_or_no_class_gives_no_finite_loss() {
        let mut gradient = [0.0; 2];
        for (logits, label) in [
            ([f32::NAN, 0.0], 0),
            ([f32::INFINITY, 0.0], 0),
            ([0.0, 0.0], 2),
        ] {
            assert!(!softmax_cross_entropy(&logits, &[label], 2, &mut gradient).is_finite());
            let mut losses = [0.0];
            cross_entropy_per_example(&logits, &[label], 2, &mut losses);
            assert!(!losses[0].is_finite());
        }
    }

    #[test]
    fn losses_of_examples_average_to_the_batch_loss() {
        let logits: Vec<f32> = (0..30).map(|index| (index as f32).sin() * 3.0).collect();
        let labels = [0, 2, 1, 2, 0, 1, 1, 0, 2, 0];
        let mut losses = [0.0; 10];
        cross_entropy_per_example(&logits, &labels, 3, &mut losses);
        let mean = losses.iter().sum::<f32>() / 10.0;
        assert!((mean - softmax_cross_entropy(&logits, &labels, 3, &mut [0.0; 30])).abs() < 1e-6);
    }

    #[test]
    fn an_example_is_right_if_its_label_is_the_first_largest() {
        let logits = [
            1.0,
            2.0,
            2.0,
            1.0,
            2.0,
            2.0,
            f32::NAN,
            1.0,
            0.0,
            5.0,
            1.0,
            0.0,
        ];
        assert_eq!(count_correct(&logits, &[1, 2, 1, 0], 3), 2);
        assert_eq!(count_correct(&logits, &[0, 0, 0, 9], 3), 0);
    }
}
