//! What the programs share: a batch of images, and the clock.
//!
//! Each program is one framework's training step on the paper's network: forward, cross-entropy, backward, SGD, and
//! the loss read. It takes the seconds to measure for and prints steps a second. Gradient statistics, which ours and
//! PyTorch's figures include, are left out: a little less work.

use std::time::Instant;

/// Images in a batch.
pub const BATCH: usize = 32;
/// η.
pub const LEARNING_RATE: f64 = 0.1;

/// A batch of images, `[32, 1, 28, 28]`: one pixel in five is not zero, as in handwritten digits.
#[must_use]
pub fn images() -> Vec<f32> {
    let mut state = 1_u32;
    let mut uniform = || {
        // Numerical Recipes' linear congruential generator; good enough for pixels.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..BATCH * 28 * 28)
        .map(|_| if uniform() < 0.2 { uniform() } else { 0.0 })
        .collect()
}

/// The labels of the batch.
#[must_use]
pub fn labels() -> Vec<u32> {
    (0..BATCH as u32).map(|example| example % 10).collect()
}

/// Seconds that all threads of this process have computed for, where the system tells it (Linux, in hundredths).
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field behind it.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// Calls `step`, which returns its loss, for as many seconds as the first argument says (2 by default), after a few
/// calls to settle; prints calls a second, of processor time where the system tells it: a step here is longer than a busy
/// machine leaves a program alone.
pub fn measure(mut step: impl FnMut() -> f32) {
    let seconds = std::env::args()
        .nth(1)
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(2.0);
    for _ in 0..5 {
        assert!(step().is_finite(), "the loss must stay finite");
    }
    let begin = Instant::now();
    let processor_begin = processor_seconds();
    let mut steps = 0_u32;
    while steps == 0 || begin.elapsed().as_secs_f64() < seconds {
        step();
        steps += 1;
    }
    let elapsed = match (processor_begin, processor_seconds()) {
        (Some(before), Some(after)) if after > before => after - before,
        _ => begin.elapsed().as_secs_f64(),
    };
    println!("{}", f64::from(steps) / elapsed);
}
