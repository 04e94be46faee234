//! The small tables that are embedded in the program.
//!
//! The files are in `data/tables/`, with a README that names their sources, authors, licences and checksums.

use std::io::Read;

use super::file_summary::FileSummary;

/// A table that is part of the program.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedTable {
    /// The name that a task file gives as its path.
    pub name: &'static str,
    /// The column to predict where the task file doesn't name another.
    pub target: &'static str,
    bytes: &'static [u8],
}

macro_rules! tables {
    ($($name:literal predicts $target:literal),+ $(,)?) => {
        /// The tables, in the order of their names.
        pub const EMBEDDED: &[EmbeddedTable] = &[$(EmbeddedTable {
            name: $name,
            target: $target,
            bytes: include_bytes!(concat!("../../data/tables/", $name, ".csv.gz")),
        }),+];
    };
}

tables! {
    "cancer" predicts "diagnosis",
    "digits" predicts "digit",
    "iris" predicts "species",
    "penguins" predicts "body_mass_g",
    "vote" predicts "vote",
    "wine" predicts "cultivar",
}

impl EmbeddedTable {
    /// The table of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static EmbeddedTable> {
        EMBEDDED.iter().find(|table| table.name == name)
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> FileSummary {
        FileSummary::of(format!("{}.csv.gz", self.name).into(), self.bytes)
    }

    /// The table as text: comma-separated values with a line of names.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(self.bytes)
            .read_to_end(&mut text)
            .expect("the embedded tables are part of the program, and its tests read them");
        text
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn every_table_is_the_one_of_the_readme() {
        let readme = include_str!("../../data/tables/README.md");
        for table in EMBEDDED {
            let text = table.csv();
            let sum = Sha256::digest(&text);
            let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
            let rows = text.iter().filter(|byte| **byte == b'\n').count() - 1;
            let line = format!("| {}.csv | {rows} |", table.name);
            let found = readme.lines().find(|text| text.starts_with(&line));
            assert!(
                found.is_some_and(|text| text.contains(&sum)),
                "{line} … {sum}"
            );
        }
    }
}
