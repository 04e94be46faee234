//! Task files without data: `[function]` names a formula, and its coordinates are what is learned.
//!
//! ```toml
//! steps = 2000
//! batch = 1
//!
//! [function]
//! name = "rosenbrock"     # or quadratic
//! dimensions = 2          # the default
//! noise = 0.1             # standard deviation of the shift of each coordinate in each training example; default 0
//! ```
//!
//! The coordinates begin at random, from the standard normal distribution. Validation and selection look at the function
//! itself, without noise.

use std::path::Path;
use std::sync::Arc;

use descender_nn::{Layer, NetworkSpecification, Shape};
use descender_random::{Purpose, normal_pair, stream};
use serde::Deserialize;

use super::error::TaskFileProblem;
use crate::data::{Answers, Dataset};
use crate::function::Function;
use crate::goal::Goal;
use crate::loss::Loss;
use crate::task::Task;

/// The shifts of the training examples; always drawn under seed 0, as they are part of the task.
const NOISE: Purpose = Purpose::new(19, "noise of a function");
/// Training examples where there is noise: as many different shifts.
const EXAMPLES: usize = 4096;
/// Coordinates at most.
const MOST_DIMENSIONS: usize = 10_000;
/// Numbers in all shifts together, at most, where a batch needs no more.
const MOST_NUMBERS: usize = 1 << 22;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionFile {
    name: Option<String>,
    #[serde(default = "super::task_text::usual_steps")]
    steps: u64,
    #[serde(default = "one")]
    batch: usize,
    /// A loss that counts as a hit; without it, the value at the end is what counts.
    threshold: Option<f32>,
    function: FunctionText,
}

fn one() -> usize {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionText {
    name: Function,
    #[serde(default = "two")]
    dimensions: usize,
    #[serde(default)]
    noise: f32,
}

fn two() -> usize {
    2
}

/// Whether a task file is about a function.
pub(super) fn is_one(text: &str) -> bool {
    toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("function"))
}

/// The task of a file about a function.
pub(super) fn task(text: &str, path: &Path) -> Result<Task, TaskFileProblem> {
    let file: FunctionFile = toml::from_str(text)
        .map_err(|error| TaskFileProblem::Toml(error.to_string().trim_end().to_owned()))?;
    file.check()?;
    let FunctionText {
        name: function,
        dimensions,
        noise,
    } = file.function;
    let loss = match function {
        Function::Quadratic => Loss::Quadratic,
        Function::Rosenbrock => Loss::Rosenbrock,
    };
    let examples = match noise > 0.0 {
        true => EXAMPLES.min(MOST_NUMBERS / dimensions).max(file.batch),
        false => file.batch,
    };
    let part = |part: &str, examples: usize, noise: f32| {
        Arc::new(Dataset {
            name: format!("{loss} ({part})"),
            shape: Shape::flat(1),
            inputs: vec![0.0; examples],
            answers: Answers::Numbers {
                width: dimensions,
                values: shifts(examples * dimensions, noise),
            },
        })
    };
    let network = NetworkSpecification {
        input: Shape::flat(1),
        layers: vec![Layer::Embedding {
            vocabulary: 1,
            features: dimensions,
        }],
    };
    let name = file.name.unwrap_or_else(|| {
        let stem = path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    });
    let description = format!("{loss}; {dimensions} dimensions, noise {noise}");
    let [train, exact] = [
        part("train", examples, noise),
        part("without noise", 1, 0.0),
    ];
    let made = Task::new(
        name,
        description,
        train,
        Arc::clone(&exact),
        network,
        file.batch,
    );
    let mut task = made.map_err(|error| TaskFileProblem::Task(Box::new(error)))?;
    task.selection = Some(exact);
    task.loss = loss;
    task.steps = file.steps;
    task.goal = file.threshold.map_or(Goal::ValidationLoss, Goal::FirstHit);
    Ok(task)
}

impl FunctionFile {
    fn check(&self) -> Result<(), TaskFileProblem> {
        let FunctionText {
            name,
            dimensions,
            noise,
        } = &self.function;
        let least = name.least_dimensions();
        let (key, found, expected) = if self.steps == 0 || self.steps > 10_000_000 {
            ("steps", self.steps.to_string(), "1 to 10000000".to_owned())
        } else if !(1..=EXAMPLES).contains(&self.batch) {
            ("batch", self.batch.to_string(), format!("1 to {EXAMPLES}"))
        } else if !(least..=MOST_DIMENSIONS).contains(dimensions) {
            let expected = format!("{least} to {MOST_DIMENSIONS}");
            ("function.dimensions", dimensions.to_string(), expected)
        } else if !(noise.is_finite() && *noise >= 0.0) {
            let expected = "a standard deviation of 0 or more".to_owned();
            ("function.noise", noise.to_string(), expected)
        } else if let Some(threshold) = self.threshold.filter(|threshold| !threshold.is_finite()) {
            let expected = "a finite loss".to_owned();
            ("threshold", threshold.to_string(), expected)
        } else {
            return Ok(());
        };
        Err(TaskFileProblem::Value {
            key,
            found,
            expected,
        })
    }
}

/// So many numbers from the normal distribution of mean 0 and this standard deviation.
fn shifts(count: usize, deviation: f32) -> Vec<f32> {
    if deviation == 0.0 {
        return vec![0.0; count];
    }
    let mut generator = stream(0, NOISE, 0);
    let pairs = std::iter::repeat_with(|| normal_pair(&mut generator));
    let numbers = pairs.flatten().take(count);
    numbers.map(|number| number as f32 * deviation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        task(text, Path::new("f.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_function_is_a_task_whose_parameters_are_its_coordinates() {
        let text =
            "threshold = 0.5\n[function]\nname = \"quadratic\"\ndimensions = 3\nnoise = 0.5\n";
        assert!(is_one(text) && !is_one("[data]\npath = \"function\"\n"));
        let task = task(text, Path::new("some/bowl.toml")).unwrap();
        assert_eq!((task.name.as_str(), task.batch_size), ("bowl", 1));
        assert_eq!(task.network.parameter_count(), 3);
        assert_eq!(task.goal, Goal::FirstHit(0.5));
        let Answers::Numbers { values, .. } = &task.train.answers else {
            panic!("shifts are numbers");
        };
        assert_eq!(values.len(), 3 * EXAMPLES);
        let variance = values.iter().map(|x| x * x).sum::<f32>() / values.len() as f32;
        assert!((variance - 0.25).abs() < 0.01, "{variance}");
    }

    #[test]
    fn what_is_wrong_with_a_function_names_the_key() {
        let function = |rest: &str| format!("[function]\nname = \"rosenbrock\"\n{rest}");
        for (text, expected) in [
            ("[function]\n".to_owned(), "missing field `name`"),
            (
                "[function]\nname = \"sphere\"\n".to_owned(),
                "expected `quadratic` or `rosenbrock`",
            ),
            (
                function("dimensions = 1\n"),
                "function.dimensions = 1, expected 2 to 10000",
            ),
            (
                function("noise = -0.5\n"),
                "function.noise = -0.5, expected a standard deviation",
            ),
            (function("noise = nan\n"), "function.noise = NaN"),
            (function("path = \"x\"\n"), "unknown field `path`"),
            (
                format!("batch = 0\n{}", function("")),
                "batch = 0, expected 1 to 4096",
            ),
            (format!("steps = 0\n{}", function("")), "steps = 0"),
            (
                format!("threshold = inf\n{}", function("")),
                "threshold = inf, expected a finite",
            ),
            (
                format!("{}[data]\npath = \"mnist\"\n", function("")),
                "unknown field `data`",
            ),
        ] {
            let message = message(&text);
            assert!(message.contains(expected), "{message}\nexpected {expected}");
        }
    }
}
