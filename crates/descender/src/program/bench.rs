//! How fast this machine steps: the bare descent, the descent under a controller in training, and their parts.
//!
//! *descent* is the bare step: batch, forward, loss, backward, SGD update and statistics. *control* is a round of
//! the real [`Trainer`](descender_train::Trainer) under the preset `paper-random`: observation, policy, descent step,
//! reward, and one update of the agent for each step. The bench departs from the preset in one thing: η is clipped to
//! 10 % about 0.1, that of the bare descent, instead of ending the episode. So both have the same work whatever the agent
//! does: how many units are active depends on η, and at η = 0.5 a network dies, which is the least work of all. Every
//! descent is begun anew after 2,500 steps, and nothing is measured of the first epoch of the first one, in which fewer
//! units are active.
//!
//! All measurements take turns in short slices, so that a machine that is slower for a while is so for each of them
//! alike. A rate is that of the median time of a step, of which the median over the slices is taken; so other programs
//! that take the core away between steps hardly count, while a cache or memory that cores share does.

mod common;
mod parts;
mod work;

use std::sync::Arc;
use std::time::Duration;

use descender_nn::{Layer, NetworkSpecification};
use descender_task::Task;
use serde::Serialize;

use common::median;
pub(crate) use common::{BenchError, Microseconds};
use parts::Parts;
use work::{Control, Descending, Lanes};

/// Steps of the warm-up: one epoch of the paper's task.
const WARM_UP_STEPS: u64 = 250;
/// Slices of each measurement; an odd number, so that the median is one of them.
const ROUNDS: u32 = 15;
/// Measurements that take turns: descent and control on one and on all threads, and the parts.
const MEASUREMENTS: u32 = 5;

/// Settings of a measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BenchSettings {
    /// Seconds to measure for, above 0 and at most 86,400, after a warm-up that takes at most three fifths as long.
    pub(crate) seconds: f64,
    /// Independent descents side by side in `all_threads`, from 1; usually the number of cores.
    pub(crate) threads: usize,
}

/// What was measured; its JSON form is what `descender bench --json` promises.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Benchmark {
    /// Name of the task.
    pub(crate) task: String,
    /// Descents side by side in `all_threads`.
    pub(crate) threads: usize,
    /// The processor's name; where the system doesn't tell it, its architecture.
    pub(crate) cpu: String,
    /// The instructions that the network's kernels use.
    pub(crate) instruction_set: String,
    /// Steps a second.
    pub(crate) steps_per_second: StepsPerSecond,
    /// Time of the parts of a step.
    pub(crate) microseconds: Microseconds,
    /// 10⁹ floating-point operations a second that the bare descent on one thread stands for, by the count of
    /// [`dense_operations`].
    pub(crate) gflops: f64,
}

/// Steps a second at the median time of a step; medians over the slices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct StepsPerSecond {
    /// The bare step: batch, forward, loss, backward, SGD update and statistics.
    pub(crate) descent: Rates,
    /// The step of a training of a controller: as above, with observation, policy, reward and one learner's update.
    pub(crate) control: Rates,
}

/// Steps a second of one descent, and of as many as there are threads, together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Rates {
    /// One descent, alone.
    pub(crate) one_thread: f64,
    /// One independent descent on each thread, their sum.
    pub(crate) all_threads: f64,
}

/// Measures `task`; `progress` is told (slices done, slices in all), first after the warm-up.
///
/// # Errors
/// [`BenchError`].
pub(crate) fn bench(
    task: &Arc<Task>,
    settings: &BenchSettings,
    progress: &mut dyn FnMut(u32, u32),
) -> Result<Benchmark, BenchError> {
    let BenchSettings { seconds, threads } = *settings;
    if !(seconds > 0.0 && seconds <= 86_400.0) {
        return Err(BenchError::Seconds(seconds));
    }
    if !(1..=4096).contains(&threads) {
        return Err(BenchError::Threads(threads));
    }
    let mut descents = Lanes::new(threads, |lane| Descending::new(task, lane))?;
    let mut controls = Lanes::new(threads, |lane| Control::new(task, lane))?;
    let mut parts = Parts::new(task)?;

    let longest = Duration::from_secs_f64(seconds / 5.0);
    descents.warm_up(WARM_UP_STEPS, longest);
    controls.warm_up(WARM_UP_STEPS, longest);
    parts.warm_up(WARM_UP_STEPS, longest);

    let slice = Duration::from_secs_f64(seconds / f64::from(ROUNDS * MEASUREMENTS));
    let (mut descent, mut control) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for round in 0..ROUNDS {
        let mut done = round * MEASUREMENTS;
        let mut tell = || {
            progress(done, ROUNDS * MEASUREMENTS);
            done += 1;
        };
        for (index, lanes) in [1, threads].into_iter().enumerate() {
            tell();
            descent[index].push(descents.steps_per_second(lanes, slice));
            tell();
            control[index].push(controls.steps_per_second(lanes, slice));
        }
        tell();
        parts.measure(slice);
    }
    progress(ROUNDS * MEASUREMENTS, ROUNDS * MEASUREMENTS);

    let rates = |[one, all]: [Vec<f64>; 2]| Rates {
        one_thread: median(one),
        all_threads: median(all),
    };
    let descent = rates(descent);
    let operations = dense_operations(task.network.specification(), task.batch_size);
    Ok(Benchmark {
        task: task.name.clone(),
        threads,
        cpu: cpu(),
        instruction_set: task.network.instruction_set().to_string(),
        steps_per_second: StepsPerSecond {
            descent,
            control: rates(control),
        },
        microseconds: parts.medians(),
        gflops: operations * descent.one_thread / 1e9,
    })
}

/// Floating-point operations of one training step (forward and backward), counted densely:
///
/// ```text
/// 2 · batch · Σ over layers with products of  m · (2, or 3 where parameters lie below the layer)
/// m = outputs · inputs of one output                          convolution, linear
/// m = time steps · gates · hidden · (features + hidden)       GRU (3 gates), LSTM (4)
/// ```
///
/// one m of multiply-adds each for the outputs, the weights' gradient and, except in the first such layer, the inputs'
/// gradient. Biases, element-wise functions, norms, pooling, embeddings, loss and update are not counted (together about
/// 1 % of the paper's network). Kernels that leave out zeros or use fewer multiplications do the same step with fewer
/// operations, so a rate in this unit may be above what the processor's arithmetic could do densely.
#[must_use]
pub(crate) fn dense_operations(specification: &NetworkSpecification, batch: usize) -> f64 {
    let mut passes = 2.0;
    2.0 * batch as f64 * multiply_adds(specification, &mut passes)
}

/// The sum in [`dense_operations`]; 0 for what is no network. `passes` is 2 until parameters have been passed.
fn multiply_adds(specification: &NetworkSpecification, passes: &mut f64) -> f64 {
    let Ok(shapes) = specification.shapes() else {
        return 0.0;
    };
    let mut sum = 0.0;
    for (layer, ends) in specification.layers.iter().zip(shapes.windows(2)) {
        let [input, output] = [ends[0], ends[1]];
        let recurrent = |gates: usize, hidden: usize| {
            input.height * gates * hidden * (input.width * input.channels + hidden)
        };
        let count = match *layer {
            Layer::Conv2d { kernel, .. } => output.count() * kernel * kernel * input.channels,
            Layer::Linear { .. } => output.count() * input.count(),
            Layer::Gru { hidden, .. } => recurrent(3, hidden),
            Layer::Lstm { hidden, .. } => recurrent(4, hidden),
            Layer::Residual(ref layers) => {
                let layers = layers.clone();
                sum += multiply_adds(&NetworkSpecification { input, layers }, passes);
                continue;
            }
            _ => continue,
        };
        sum += *passes * count as f64;
        *passes = 3.0;
    }
    sum
}

/// The processor's name where the system tells it (`model name` in `/proc/cpuinfo`), otherwise its architecture.
fn cpu() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = information.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name" && !value.trim().is_empty()).then(|| value.trim().to_owned())
    });
    name.unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

#[cfg(test)]
mod tests {
    use descender_nn::{SequenceOutput, Shape};

    use super::*;

    #[test]
    fn the_papers_network_has_the_operations_of_a_count_by_hand() {
        // Multiply-adds of one image: 28·28·16 outputs of 25 inputs, 14·14·32 of 400, 10 of 1568.
        let (first, second, third) = (313_600.0, 2_508_800.0, 15_680.0);
        let by_hand = 2.0 * 32.0 * (2.0 * first + 3.0 * second + 3.0 * third);
        assert_eq!(
            dense_operations(&NetworkSpecification::paper(), 32),
            by_hand
        );
    }

    #[test]
    fn layers_inside_of_a_residual_and_recurrent_ones_are_counted() {
        let network = |layers| NetworkSpecification {
            input: Shape {
                height: 4,
                width: 1,
                channels: 3,
            },
            layers,
        };
        let (hidden, output) = (5, SequenceOutput::Last);
        // Four time steps of three features and five states.
        let gru = 4.0 * 15.0 * 8.0;
        let recurrent = network(vec![
            Layer::Gru { hidden, output },
            Layer::Linear { outputs: 2 },
        ]);
        assert_eq!(
            dense_operations(&recurrent, 1),
            2.0 * (2.0 * gru + 3.0 * 10.0)
        );
        let convolution = Layer::Conv2d {
            out_channels: 3,
            kernel: 3,
            stride: 1,
            padding: 1,
        };
        let residual = network(vec![Layer::Residual(vec![
            convolution.clone(),
            convolution,
        ])]);
        assert_eq!(dense_operations(&residual, 1), 2.0 * 5.0 * (12.0 * 27.0));
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![5.0, 1.0, 9.0]), 5.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn impossible_settings_are_refused() {
        let task = Arc::new(Task::small());
        for (seconds, threads, named) in [
            (0.0, 1, "seconds"),
            (f64::NAN, 1, "seconds"),
            (1.0, 0, "threads"),
        ] {
            let settings = BenchSettings { seconds, threads };
            let error = bench(&task, &settings, &mut |_, _| ()).unwrap_err();
            assert!(error.to_string().starts_with(named), "{error}");
        }
    }
}
