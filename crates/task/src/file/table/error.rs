//! Why a table was refused.

use thiserror::Error;

/// Inputs of all rows together, at most: 4 GB.
pub(super) const MOST_VALUES: usize = 1 << 30;

/// Why a table was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// It can't be read as a table.
    #[error("cannot read the table")]
    Read(#[from] csv::Error),
    /// Two columns have the same name.
    #[error("two columns are called `{0}`; expected a name of its own for each")]
    SameName(String),
    /// There is no such column.
    #[error("there is no column `{name}` to predict; the columns are {columns}")]
    Target {
        /// The name as given.
        name: String,
        /// The names that there are.
        columns: String,
    },
    /// There are too few rows.
    #[error("{rows} rows with a value to predict, expected at least {least}")]
    Rows {
        /// Rows that can be used.
        rows: usize,
        /// Rows that are needed.
        least: usize,
    },
    /// The column to predict holds no classes.
    #[error("the column `{name}` has {classes} different values, expected 2 to 256 classes")]
    Classes {
        /// The column.
        name: String,
        /// Different values.
        classes: usize,
    },
    /// The column to predict holds no numbers.
    #[error("the column `{name}` is to be predicted as a number, but row {row} has `{value}`")]
    NoNumber {
        /// The column.
        name: String,
        /// The row, from 1; the names are not counted.
        row: usize,
        /// What it has.
        value: String,
    },
    /// All training rows have the same number to predict.
    #[error(
        "the column `{0}` has the same number in all training rows, so there is nothing to predict"
    )]
    Constant(String),
    /// No column says anything.
    #[error("no column is an input: {0}")]
    NoInputs(String),
    /// The inputs do not fit into memory.
    #[error("{rows} rows of {inputs} inputs are too many, expected at most {MOST_VALUES} values")]
    TooLarge {
        /// Rows.
        rows: usize,
        /// Inputs of a row.
        inputs: usize,
    },
}
