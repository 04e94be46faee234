//! Arrays of NumPy as the data of a task: one of inputs, one of what is to be predicted.
//!
//! | array | shape | becomes |
//! |---|---|---|
//! | inputs | n × features | inputs, each standardised by itself |
//! | inputs | n × height × width | images of one channel, standardised |
//! | inputs | n × channels × height × width, or with the channels last where they are 1 or 3 and the second size is neither | images, each channel standardised |
//! | target, integers | n, or n × 1 | classes from 0 on |
//! | target, floats | n, or n × numbers | numbers, each standardised |
//!
//! Standardised is (value − mean) / standard deviation, both of the training examples; what has one value only becomes 0. The
//! arrays are `x` and `y`, or `images` and `labels`, or `x_train` and `y_train`, or those that the task file names. Where the
//! archive has them with `_val` or `_test` behind the name (or for `_train`), these are the validation examples; otherwise a
//! share of the examples is, drawn as that of a table.

use std::path::Path;

use descender_nn::Shape;
use thiserror::Error;

use super::table::{Kind, Table, split_rows};
use crate::data::directory::content::channels_last;
use crate::data::directory::read_file;
use crate::data::npy::{NpyArray, NpyError, NpzArchive};
use crate::data::{Answers, DataError, Dataset};

/// Usual names of inputs and targets.
const USUAL: [[&str; 2]; 3] = [["x", "y"], ["images", "labels"], ["x_train", "y_train"]];

/// Why an archive of arrays was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NpzError {
    /// The file can't be read.
    #[error(transparent)]
    Read(#[from] DataError),
    /// The archive can't be used.
    #[error(transparent)]
    Archive(NpyError),
    /// An array can't be used.
    #[error("array `{key}`: {problem}")]
    Array {
        /// Its name.
        key: String,
        /// What is wrong with it.
        problem: NpyError,
    },
    /// An array has another shape than is possible.
    #[error("array `{key}` is {found}, expected {expected}")]
    Shape {
        /// Its name.
        key: String,
        /// Its sizes, with × between them, or how many examples it has.
        found: String,
        /// What would be possible.
        expected: String,
    },
    /// A value is infinite or no number.
    #[error(
        "array `{key}`: example {entry} has a value that is infinite or not a number, expected finite ones"
    )]
    NotFinite {
        /// Its name.
        key: String,
        /// Number of the example, from 0.
        entry: usize,
    },
    /// A label is no class.
    #[error("array `{key}`: example {entry} has {value}, expected a class from 0 to {most}")]
    Label {
        /// Its name.
        key: String,
        /// Number of the example, from 0.
        entry: usize,
        /// The value.
        value: f64,
        /// The largest that is possible.
        most: usize,
    },
}

/// Reads an archive; `keys` are the names of inputs and target, where they are given.
pub(super) fn read(
    file: &Path,
    keys: [Option<&str>; 2],
    kind: Option<Kind>,
    validation: f64,
    seed: u64,
) -> Result<Table, NpzError> {
    let bytes = read_file(file)?;
    let archive = NpzArchive::of(&bytes).map_err(NpzError::Archive)?;
    let usual = USUAL.iter().find(|[inputs, _]| archive.has(inputs));
    let [usual_inputs, usual_target] = *usual.unwrap_or(&USUAL[0]);
    let keys = [
        keys[0].unwrap_or(usual_inputs),
        keys[1].unwrap_or(usual_target),
    ];
    let whole = Examples::of(&archive, keys)?;
    let held_out = ["_val", "_test"].into_iter().find_map(|ending| {
        let keys = keys.map(|key| key.strip_suffix("_train").unwrap_or(key).to_owned() + ending);
        keys.iter().any(|key| archive.has(key)).then_some(keys)
    });
    let (train, held_out, rows) = match held_out {
        Some([inputs, target]) => {
            let held_out = Examples::of(&archive, [&inputs, &target])?;
            if held_out.shape != whole.shape || held_out.width != whole.width {
                return Err(NpzError::Shape {
                    key: inputs,
                    found: format!("{} with {} to predict", held_out.shape, held_out.width),
                    expected: format!("{} with {}, as in `{}`", whole.shape, whole.width, keys[0]),
                });
            }
            let rows = (0..held_out.len()).collect();
            ((0..whole.len()).collect(), Some(held_out), rows)
        }
        None => {
            if whole.len() < 4 {
                return Err(NpzError::Shape {
                    key: keys[0].to_owned(),
                    found: format!("{} examples", whole.len()),
                    expected: "at least 4".to_owned(),
                });
            }
            let (rows, train) = split_rows(whole.len(), validation, seed);
            (train, None, rows)
        }
    };
    assemble(
        &whole,
        &train,
        held_out.as_ref().unwrap_or(&whole),
        &rows,
        kind,
        file,
    )
}

/// Inputs and targets, as they are in the arrays.
struct Examples {
    keys: [String; 2],
    shape: Shape,
    inputs: Vec<f64>,
    target: NpyArray,
    /// Numbers to predict of each example.
    width: usize,
}

impl Examples {
    fn of(archive: &NpzArchive<'_>, keys: [&str; 2]) -> Result<Self, NpzError> {
        let array = |key: &str| {
            let array = archive.array(key).map_err(|problem| match problem {
                NpyError::Missing { .. } | NpyError::Archive(_) => NpzError::Archive(problem),
                problem => NpzError::Array {
                    key: key.to_owned(),
                    problem,
                },
            })?;
            let count = array.shape.first().copied().unwrap_or(1).max(1);
            let each = (array.values.len() / count).max(1);
            match array.values.iter().position(|value| !value.is_finite()) {
                Some(place) => Err(NpzError::NotFinite {
                    key: key.to_owned(),
                    entry: place / each,
                }),
                None => Ok(array),
            }
        };
        let refused = |key: &str, found: String, expected: &str| NpzError::Shape {
            key: key.to_owned(),
            found,
            expected: expected.to_owned(),
        };
        let sizes = |shape: &[usize]| {
            let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
            match sizes.is_empty() {
                true => "a single number".to_owned(),
                false => sizes.join(" × "),
            }
        };
        let [inputs, target] = [array(keys[0])?, array(keys[1])?];
        let image = |height, width, channels| Shape {
            height,
            width,
            channels,
        };
        let (shape, values) = match inputs.shape[..] {
            [_, features] => (Shape::flat(features), inputs.values),
            [_, height, width] => (image(height, width, 1), inputs.values),
            [_, first, width, channels @ (1 | 3)] if !matches!(first, 1 | 3) => {
                (image(first, width, channels), inputs.values)
            }
            [_, channels, height, width] => {
                let shape = image(height, width, channels);
                let values = match inputs.values.is_empty() {
                    true => Vec::new(),
                    false => channels_last(&inputs.values, shape),
                };
                (shape, values)
            }
            _ => {
                let expected = "n × features, n × height × width or n × channels × height × width";
                return Err(refused(keys[0], sizes(&inputs.shape), expected));
            }
        };
        if values.is_empty() {
            let expected = "at least one example and one value of each";
            return Err(refused(keys[0], sizes(&inputs.shape), expected));
        }
        let width = match target.shape[..] {
            [_] => 1,
            [_, width] if width > 0 => width,
            _ => return Err(refused(keys[1], sizes(&target.shape), "n, or n × numbers")),
        };
        let count = inputs.shape[0];
        if target.shape[0] != count {
            let expected = format!("{count}, as many as `{}`", keys[0]);
            return Err(refused(
                keys[1],
                format!("{} examples", target.shape[0]),
                &expected,
            ));
        }
        Ok(Examples {
            keys: keys.map(str::to_owned),
            shape,
            inputs: values,
            target,
            width,
        })
    }

    fn len(&self) -> usize {
        self.target.shape[0]
    }
}

/// What is to be predicted of some rows.
type AnswersOf = Box<dyn Fn(&Examples, &[usize]) -> Result<Answers, NpzError>>;

/// The data sets of training rows and of validation rows, which may be of other arrays.
fn assemble(
    whole: &Examples,
    train: &[usize],
    held_out: &Examples,
    validation: &[usize],
    kind: Option<Kind>,
    file: &Path,
) -> Result<Table, NpzError> {
    // Of an image each channel is one thing to standardise, of a row each value.
    let things = whole.shape.channels;
    let each = whole.shape.count();
    let scale = Scale::of(&whole.inputs, each, things, train);
    let constant = scale
        .0
        .iter()
        .filter(|(_, deviation)| *deviation == 0.0)
        .count();
    let mut notes = vec![format!(
        "inputs: `{}`, {} standardised",
        whole.keys[0], whole.shape
    )];
    if constant > 0 {
        notes.push(format!(
            "{constant} of {things} have one value only in the training examples: they are 0"
        ));
    }
    let classes = match kind {
        Some(Kind::Classes) => true,
        Some(Kind::Numbers) => false,
        None => whole.target.integers,
    };
    let target = &whole.keys[1];
    let answers: AnswersOf = if classes {
        let count = class_count(whole)?;
        notes.push(format!("{target}: to predict, {count} classes"));
        Box::new(move |examples, rows| labels(examples, rows, count))
    } else {
        let scale = Scale::of(&whole.target.values, whole.width, whole.width, train);
        if scale.0.iter().any(|(_, deviation)| *deviation == 0.0) {
            return Err(NpzError::Shape {
                key: target.clone(),
                found: "the same number in all training examples".to_owned(),
                expected: "different ones to predict".to_owned(),
            });
        }
        notes.push(format!(
            "{target}: to predict, numbers in units of their standard deviations around their means"
        ));
        let width = whole.width;
        Box::new(move |examples, rows| {
            let values = scale.apply(&examples.target.values, width, rows);
            Ok(Answers::Numbers { width, values })
        })
    };
    let part = |name: &str, examples: &Examples, rows: &[usize]| {
        Ok::<_, NpzError>(Dataset {
            name: format!("{} ({name})", file.display()),
            shape: whole.shape,
            inputs: scale.apply(&examples.inputs, each, rows),
            answers: answers(examples, rows)?,
        })
    };
    Ok(Table {
        train: part("train", whole, train)?,
        validation: part("validation", held_out, validation)?,
        notes,
    })
}

/// Number of classes of a target: one more than its largest value.
fn class_count(examples: &Examples) -> Result<usize, NpzError> {
    let NpyArray {
        values, integers, ..
    } = &examples.target;
    let refused = |found: &str| NpzError::Shape {
        key: examples.keys[1].clone(),
        found: found.to_owned(),
        expected: "one integer for each example, its class".to_owned(),
    };
    match (integers, examples.width) {
        (false, _) => return Err(refused("floats")),
        (true, width) if width > 1 => return Err(refused(&format!("{width} for each example"))),
        _ => {}
    }
    let most = values.iter().copied().fold(0.0, f64::max);
    if most < 1.0 {
        return Err(refused("0 in each example"));
    }
    // Beyond 255 the first such label is named.
    Ok((most.min(255.0) as usize) + 1)
}

/// The labels of some rows.
fn labels(examples: &Examples, rows: &[usize], count: usize) -> Result<Answers, NpzError> {
    let labels = rows.iter().map(|&entry| {
        let value = examples.target.values[entry];
        match value >= 0.0 && value < count as f64 {
            true => Ok(value as u8),
            false => Err(NpzError::Label {
                key: examples.keys[1].clone(),
                entry,
                value,
                most: count - 1,
            }),
        }
    });
    Ok(Answers::classes(count, labels.collect::<Result<_, _>>()?))
}

/// Mean and standard deviation of several things; a deviation of 0 is that of one value.
struct Scale(Vec<(f64, f64)>);

impl Scale {
    /// That of rows of `each` values, in which `things` take turns.
    fn of(values: &[f64], each: usize, things: usize, rows: &[usize]) -> Self {
        let row = |row: &usize| &values[row * each..(row + 1) * each];
        let count = (rows.len() * each / things) as f64;
        let mut means = vec![0.0; things];
        for values in rows.iter().map(row) {
            for (place, value) in values.iter().enumerate() {
                means[place % things] += value / count;
            }
        }
        let mut squares = vec![0.0; things];
        for values in rows.iter().map(row) {
            for (place, value) in values.iter().enumerate() {
                squares[place % things] += (value - means[place % things]).powi(2) / count;
            }
        }
        let scales = means.into_iter().zip(squares).map(|(mean, variance)| {
            let deviation = variance.sqrt();
            // One number has a deviation of rounding errors at most.
            match deviation.is_normal() && deviation > 1e-9 * mean.abs() {
                true => (mean, deviation),
                false => (mean, 0.0),
            }
        });
        Scale(scales.collect())
    }

    /// The values of some rows, standardised.
    fn apply(&self, values: &[f64], each: usize, rows: &[usize]) -> Vec<f32> {
        let mut scaled = Vec::with_capacity(rows.len() * each);
        for row in rows {
            let values = &values[row * each..(row + 1) * each];
            scaled.extend(values.iter().zip(self.0.iter().cycle()).map(
                |(value, (mean, deviation))| match *deviation == 0.0 {
                    true => 0.0,
                    false => ((value - mean) / deviation) as f32,
                },
            ));
        }
        scaled
    }
}

#[cfg(test)]
mod tests;
