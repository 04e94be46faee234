//! The column of a table that is to be predicted: classes, or numbers in units of their standard deviation.

use std::collections::BTreeSet;

use super::error::TableError;
use super::field::number;
use crate::data::Answers;

/// A target of whole numbers with at most so many different ones is taken for classes, where the loss leaves it open.
const MOST_NUMBERED_CLASSES: usize = 20;

/// What is to be predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::file) enum Kind {
    Classes,
    Numbers,
}

/// What a column to predict seems to hold.
pub(super) fn kind_of(targets: &[&str]) -> Kind {
    let numbers: Option<Vec<f64>> = targets.iter().map(|field| number(field)).collect();
    let Some(numbers) = numbers else {
        return Kind::Classes;
    };
    let different: BTreeSet<&str> = targets.iter().copied().collect();
    let whole = numbers.iter().all(|number| number.fract() == 0.0);
    if whole && different.len() <= MOST_NUMBERED_CLASSES {
        Kind::Classes
    } else {
        Kind::Numbers
    }
}

pub(super) fn classes(target: &str, targets: &[&str]) -> Result<(Answers, String), TableError> {
    let different: BTreeSet<&str> = targets.iter().copied().collect();
    let mut names: Vec<&str> = different.into_iter().collect();
    // Numbers in the order of their size: 2 before 10.
    names.sort_by(|a, b| match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => a.cmp(b),
    });
    if !(2..=256).contains(&names.len()) {
        return Err(TableError::Classes {
            name: target.to_owned(),
            classes: names.len(),
        });
    }
    let labels = targets.iter().map(|field| {
        let place = names.iter().position(|name| name == field);
        place.unwrap_or_default() as u8
    });
    let answers = Answers::classes(names.len(), labels.collect());
    let note = format!("{target}: to predict, {} classes", names.len());
    Ok((answers, note))
}

pub(super) fn standardised(
    target: &str,
    targets: &[&str],
    numbers_of_rows: &[usize],
    train_rows: &[usize],
) -> Result<(Answers, String), TableError> {
    let mut values = Vec::with_capacity(targets.len());
    for (place, field) in targets.iter().enumerate() {
        values.push(number(field).ok_or_else(|| TableError::NoNumber {
            name: target.to_owned(),
            row: numbers_of_rows[place],
            value: (*field).to_owned(),
        })?);
    }
    let count = train_rows.len() as f64;
    let mean = train_rows.iter().map(|&row| values[row]).sum::<f64>() / count;
    let squares = train_rows.iter().map(|&row| (values[row] - mean).powi(2));
    let deviation = (squares.sum::<f64>() / count).sqrt();
    if !deviation.is_normal() || deviation <= 1e-9 * mean.abs() {
        return Err(TableError::Constant(target.to_owned()));
    }
    let scaled = values
        .iter()
        .map(|value| ((value - mean) / deviation) as f32);
    let answers = Answers::Numbers {
        width: 1,
        values: scaled.collect(),
    };
    let note = format!(
        "{target}: to predict, a number in units of its standard deviation {deviation:.6} around its mean {mean:.6}"
    );
    Ok((answers, note))
}
