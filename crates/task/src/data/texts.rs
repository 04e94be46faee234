//! The text that is embedded in the program.
//!
//! The file is in `data/text/`, with a README that names its source, its author, why it is free, and its checksum.

use std::io::Read;

use super::file_summary::FileSummary;

/// A text that is part of the program.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedText {
    /// The name that a task file gives as its path.
    pub name: &'static str,
    bytes: &'static [u8],
}

/// The texts, in the order of their names.
pub const EMBEDDED_TEXTS: &[EmbeddedText] = &[EmbeddedText {
    name: "alice",
    bytes: include_bytes!("../../data/text/alice.txt.gz"),
}];

impl EmbeddedText {
    /// The text of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static EmbeddedText> {
        EMBEDDED_TEXTS.iter().find(|text| text.name == name)
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> FileSummary {
        FileSummary::of(format!("{}.txt.gz", self.name).into(), self.bytes)
    }

    /// The text itself.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        flate2::read::GzDecoder::new(self.bytes)
            .read_to_string(&mut text)
            .expect("the embedded texts are part of the program, and its tests read them");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::file_summary::hex_digest;

    #[test]
    fn every_text_is_the_one_of_the_readme() {
        let readme = include_str!("../../data/text/README.md");
        for embedded in EMBEDDED_TEXTS {
            let text = embedded.text();
            let sum = hex_digest(text.as_bytes());
            let line = format!("| {}.txt | {} | `{sum}` |", embedded.name, text.len());
            assert!(readme.lines().any(|text| text == line), "{line}");
        }
    }

    #[test]
    fn alice_is_the_work_alone() {
        let text = EmbeddedText::by_name("alice").unwrap().text();
        assert!(
            text.trim_start()
                .starts_with("ALICE'S ADVENTURES IN WONDERLAND")
        );
        assert!(text.ends_with("THE END\n") && text.is_ascii());
        for foreign in ["Gutenberg", "EDITION", "\r", "\u{1a}"] {
            assert!(!text.contains(foreign), "{foreign:?}");
        }
    }
}
