//! Tables of comma-separated values: columns of numbers and of categories become inputs, one column what is predicted.
//!
//! The first line names the columns. What a column is, is seen from its values: numbers where all that are there are
//! finite numbers, categories otherwise. A missing value is an empty field, `?`, `NA`, `N/A`, `NaN`, `null` or `none`, in
//! any case. From the training rows alone it is learned how a value becomes an input:
//!
//! | column | inputs |
//! |---|---|
//! | numbers | (x − mean) / standard deviation; 0 where it is missing |
//! | numbers of which some are missing | a second input, 1 where it is missing |
//! | categories | one input a category, 1 for its own; all 0 for a category that no training row has |
//! | one value only, or more than 64 categories | none: the column is left out, which is told |

use std::collections::BTreeSet;
use std::path::Path;

use descender_nn::Shape;
use descender_random::{Purpose, below, stream};

use crate::data::Dataset;

mod encoding;
mod error;
mod field;
mod target;

pub use error::TableError;
pub(super) use target::Kind;

use encoding::{Encoding, learn};
use error::MOST_VALUES;
use field::is_missing;
use target::{classes, kind_of, standardised};

/// Which rows are for validation.
const VALIDATION_SPLIT: Purpose = Purpose::new(17, "validation split");

/// A table that was read, with how its values became inputs.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) train: Dataset,
    pub(super) validation: Dataset,
    /// What became of the columns, a line each.
    pub(super) notes: Vec<String>,
}

/// Reads a table. Rows without a value to predict are left out; a share of the others, drawn by `seed`, is for validation.
/// Without a `kind`, text is taken for classes, and so are few different whole numbers.
pub(super) fn read(
    file: &Path,
    target: &str,
    kind: Option<Kind>,
    validation: f64,
    seed: u64,
) -> Result<Table, TableError> {
    let separator = match file.extension().and_then(|ending| ending.to_str()) {
        Some("tsv") => b'\t',
        _ => b',',
    };
    let text = std::fs::File::open(file).map_err(csv::Error::from)?;
    let name = file.display().to_string();
    read_from(text, &name, separator, target, kind, validation, seed)
}

/// As [`read`], from text whose fields are separated by `separator`.
pub(super) fn read_from(
    text: impl std::io::Read,
    name: &str,
    separator: u8,
    target: &str,
    kind: Option<Kind>,
    validation: f64,
    seed: u64,
) -> Result<Table, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(text);
    let source = name;
    let mut names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    if let Some(first) = names.first_mut() {
        *first = first.trim_start_matches('\u{feff}').to_owned();
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
        return Err(TableError::SameName(twice.clone()));
    }
    let Some(target_column) = names.iter().position(|name| name == target) else {
        return Err(TableError::Target {
            name: target.to_owned(),
            columns: names.join(", "),
        });
    };
    let mut rows = Vec::new();
    let mut numbers_of_rows = Vec::new();
    let mut without_target = 0;
    for (number, record) in reader.records().enumerate() {
        let record = record?;
        if is_missing(&record[target_column]) {
            without_target += 1;
        } else {
            rows.push(record);
            numbers_of_rows.push(number + 1);
        }
    }

    let count = rows.len();
    if count < 4 {
        return Err(TableError::Rows {
            rows: count,
            least: 4,
        });
    }
    let (validation_rows, train_rows) = split_rows(count, validation, seed);
    let (validation_rows, train_rows) = (&validation_rows[..], &train_rows[..]);

    let column = |column: usize| train_rows.iter().map(move |&row| (row, column));
    let mut notes = Vec::new();
    let mut encodings = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if place == target_column {
            encodings.push(Encoding::LeftOut);
            continue;
        }
        let fields: Vec<&str> = column(place)
            .map(|(row, place)| &rows[row][place])
            .collect();
        let (encoding, note) = learn(&fields);
        notes.push(format!("{name}: {note}"));
        encodings.push(encoding);
    }
    let inputs: usize = encodings.iter().map(Encoding::inputs).sum();
    if inputs == 0 {
        return Err(TableError::NoInputs(notes.join("; ")));
    }
    if count.saturating_mul(inputs) > MOST_VALUES {
        return Err(TableError::TooLarge {
            rows: count,
            inputs,
        });
    }

    let targets: Vec<&str> = rows.iter().map(|row| &row[target_column]).collect();
    let kind = kind.unwrap_or_else(|| kind_of(&targets));
    let (answers, note) = match kind {
        Kind::Classes => classes(target, &targets)?,
        Kind::Numbers => standardised(target, &targets, &numbers_of_rows, train_rows)?,
    };
    notes.push(note);
    if without_target > 0 {
        notes.push(format!(
            "{without_target} rows have nothing to predict and are left out"
        ));
    }
    let part = |name: &str, chosen: &[usize]| {
        let mut values = Vec::with_capacity(chosen.len() * inputs);
        let mut picked = answers.without_examples();
        for &row in chosen {
            for (encoding, field) in encodings.iter().zip(&rows[row]) {
                encoding.encode(field, &mut values);
            }
            picked.push(&answers, row);
        }
        Dataset {
            name: format!("{source} ({name})"),
            shape: Shape::flat(inputs),
            inputs: values,
            answers: picked,
        }
    };
    Ok(Table {
        train: part("train", train_rows),
        validation: part("validation", validation_rows),
        notes,
    })
}

/// The rows for validation and those for training: a share of `count` rows, at least 2, drawn by `seed`. Both are in order.
pub(super) fn split_rows(count: usize, validation: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..count).collect();
    let mut generator = stream(seed, VALIDATION_SPLIT, 0);
    for place in 0..count {
        let other = place + below(&mut generator, count - place);
        order.swap(place, other);
    }
    let held_out = ((count as f64 * validation).round() as usize).clamp(1, count - 1);
    let mut train_rows = order.split_off(held_out);
    order.sort_unstable();
    train_rows.sort_unstable();
    (order, train_rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Answers;

    fn table(text: &str, target: &str, kind: Option<Kind>) -> Result<Table, TableError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        std::fs::write(&file, text).unwrap();
        read(&file, target, kind, 0.25, 0)
    }

    /// Eight rows; the first column counts, so a row can be found again.
    const MIXED: &str = "\u{feff}n,size, colour ,note,same,kind\n\
        1,10,red,a,5,yes\n2,,blue,b,5,no\n3,30,\"red, dark\",c,5,yes\n4,?,red,d,5,no\n\
        5,50,blue,e,5,yes\n6,NA,\"red, dark\",f,5,\n7,70,red,g,5,no\n8,80,blue,h,5,yes\n9,90,red,i,5,no\n";

    #[test]
    fn columns_become_inputs_by_what_the_training_rows_hold() {
        let Table {
            train,
            validation,
            notes,
        } = table(MIXED, "kind", None).unwrap();
        assert_eq!((train.len(), validation.len()), (6, 2));
        train.check().unwrap();
        validation.check().unwrap();
        let told = notes.join("\n");
        for expected in [
            "n: numbers",
            "size: numbers, ",
            "of 6 missing",
            "same: one value only, left out",
            "kind: to predict, 2 classes",
            "1 rows have nothing to predict",
        ] {
            assert!(told.contains(expected), "{told}\nexpected {expected}");
        }
        // The column n has mean 0 and standard deviation 1 in the training rows.
        let n: Vec<f32> = (0..6).map(|row| train.input(row)[0]).collect();
        let mean = n.iter().sum::<f32>() / 6.0;
        let variance = n.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 6.0;
        assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-5);
        // A missing size is 0, and marked.
        for row in 0..train.len() {
            let [_, size, missing, ..] = train.input(row) else {
                panic!("too few inputs");
            };
            assert_eq!(*missing == 1.0, *size == 0.0);
        }
    }

    #[test]
    fn the_same_table_is_split_alike_whatever_the_rows_hold() {
        let numbers = |table: &Table| table.train.inputs.clone();
        let one = table(MIXED, "kind", None).unwrap();
        assert_eq!(numbers(&one), numbers(&table(MIXED, "kind", None).unwrap()));
    }

    #[test]
    fn what_is_missing_is_one_category_however_it_is_written() {
        let text = "c,y\na,1\n,2\nNA,1\n?,2\nnull,1\nb,2\na,1\nb,2\n,1\n?,2\na,1\nb,2\n";
        let read = table(text, "y", None).unwrap();
        assert_eq!(read.train.input_len(), 3, "{:?}", read.notes);
    }

    #[test]
    fn numbers_are_told_from_classes() {
        let text = |targets: [&str; 6]| {
            let rows: String = targets
                .iter()
                .enumerate()
                .map(|(row, target)| format!("{row},{target}\n"))
                .collect();
            format!("x,y\n{rows}")
        };
        let answers = |targets, kind| table(&text(targets), "y", kind).unwrap().train.answers;
        let numbered = ["1", "2", "10", "1", "2", "10"];
        assert_eq!(answers(numbered, None).outputs(), 3);
        assert!(matches!(
            answers(["0.5", "1", "2", "3", "4", "5"], None),
            Answers::Numbers { width: 1, .. }
        ));
        assert!(matches!(
            answers(numbered, Some(Kind::Numbers)),
            Answers::Numbers { .. }
        ));
        assert_eq!(answers(["a", "b", "a", "b", "a", "b"], None).outputs(), 2);
    }

    #[test]
    fn what_is_wrong_with_a_table_is_said() {
        let same = "x,y\n1,a\n1,b\n1,a\n1,b\n";
        let few = "x,y\n1,a\n2,b\n";
        for (text, target, kind, expected) in [
            (
                few,
                "y",
                None,
                "2 rows with a value to predict, expected at least 4",
            ),
            (
                few,
                "z",
                None,
                "there is no column `z` to predict; the columns are x, y",
            ),
            ("x,x\n1,2\n", "x", None, "two columns are called `x`"),
            (same, "y", None, "no column is an input: x: one value only"),
            (
                same,
                "x",
                Some(Kind::Classes),
                "1 different values, expected 2 to 256",
            ),
            (
                "x,y\n1,2\n2,3\n3,n\n4,5\n",
                "y",
                Some(Kind::Numbers),
                "row 3 has `n`",
            ),
            (
                "x,y\n1,2\n2,2\n3,2\n4,2\n",
                "y",
                Some(Kind::Numbers),
                "the same number",
            ),
            ("x,y\n1,2\n2\n", "y", None, "cannot read the table"),
            ("", "y", None, "there is no column `y`"),
        ] {
            let message = table(text, target, kind).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\nexpected {expected}");
        }
    }
}
