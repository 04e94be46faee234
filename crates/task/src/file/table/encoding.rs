//! How a column of a table becomes inputs: learned from the training rows, applied to all.

use std::collections::BTreeSet;

use super::field::{category, is_missing, number};

/// A column with more categories is no input.
const MOST_CATEGORIES: usize = 64;

/// How a column becomes inputs.
pub(super) enum Encoding {
    Numbers {
        mean: f64,
        deviation: f64,
        marks_missing: bool,
    },
    Categories(Vec<String>),
    LeftOut,
}

impl Encoding {
    pub(super) fn inputs(&self) -> usize {
        match self {
            Encoding::Numbers { marks_missing, .. } => 1 + usize::from(*marks_missing),
            Encoding::Categories(names) => names.len(),
            Encoding::LeftOut => 0,
        }
    }

    pub(super) fn encode(&self, field: &str, inputs: &mut Vec<f32>) {
        match self {
            Encoding::Numbers {
                mean,
                deviation,
                marks_missing,
            } => {
                let value = number(field);
                inputs.push(value.map_or(0.0, |value| ((value - mean) / deviation) as f32));
                if *marks_missing {
                    inputs.push(f32::from(u8::from(value.is_none())));
                }
            }
            Encoding::Categories(names) => {
                let field = category(field);
                let own = names.iter().map(|name| f32::from(u8::from(name == field)));
                inputs.extend(own);
            }
            Encoding::LeftOut => {}
        }
    }
}

/// How the values of a column in the training rows become inputs, and a note on it.
pub(super) fn learn(fields: &[&str]) -> (Encoding, String) {
    let there = fields.iter().filter(|field| !is_missing(field));
    let missing = fields.len() - there.clone().count();
    let numbers: Option<Vec<f64>> = there.clone().map(|field| number(field)).collect();
    if let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) {
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let variance = numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        let deviation = variance.sqrt();
        // A column of one number has a deviation of rounding errors at most.
        if deviation <= 1e-9 * mean.abs() || !deviation.is_normal() {
            return (Encoding::LeftOut, "one value only, left out".to_owned());
        }
        let marks_missing = missing > 0;
        let note = match missing {
            0 => "numbers".to_owned(),
            missing => format!("numbers, {missing} of {} missing", fields.len()),
        };
        return (
            Encoding::Numbers {
                mean,
                deviation,
                marks_missing,
            },
            note,
        );
    }
    // A missing value is a category of its own.
    let names: BTreeSet<&str> = fields.iter().map(|field| category(field)).collect();
    match names.len() {
        0 | 1 => (Encoding::LeftOut, "one value only, left out".to_owned()),
        count if count > MOST_CATEGORIES => (
            Encoding::LeftOut,
            format!("{count} categories, more than {MOST_CATEGORIES}: left out"),
        ),
        count => (
            Encoding::Categories(names.into_iter().map(str::to_owned).collect()),
            format!("{count} categories"),
        ),
    }
}
