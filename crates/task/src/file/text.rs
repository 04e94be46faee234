//! Plain text for the prediction of the next character: windows of symbols.
//!
//! The text is cut in three, in its own order: training, selection, validation. Each part is cut into windows of `window`
//! characters, one behind the other; what is to be predicted at each character is the one after it. So no window crosses
//! a border, no character is in two parts, and up to `window` characters at the end of a part are left over.
//!
//! The symbols are the [`MOST_KEPT`] most frequent characters of the training part, in the order of their code points, as
//! far as they are there at least [`LEAST_SEEN`] times. All other characters are one symbol more, *other*, if there are any.

use std::collections::BTreeMap;
use std::path::Path;

use descender_nn::{Layer, NetworkSpecification, SequenceOutput, Shape};
use thiserror::Error;

use crate::data::{Answers, Dataset};

/// Characters of a window where the task file doesn't say.
pub(super) const USUAL_WINDOW: usize = 64;
/// The longest window.
pub(super) const LONGEST_WINDOW: usize = 4096;
/// The largest text, in bytes.
const MOST_BYTES: u64 = 1 << 26;
/// Characters that become symbols of their own, at most.
const MOST_KEPT: usize = 255;
/// How often such a character is in the training part, at least.
const LEAST_SEEN: usize = 2;
/// Values of a character's vector, and units, of the network that is fitted to a text.
const FITTED: (usize, usize) = (16, 64);

/// Why a text was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TextError {
    /// It can't be read.
    #[error("cannot read the text")]
    Read(#[from] std::io::Error),
    /// It is too long.
    #[error("{0} bytes are too long for a text, expected at most {MOST_BYTES}")]
    Long(u64),
    /// It is no UTF-8.
    #[error("byte 0x{byte:02x} in line {line} is no UTF-8; expected plain text, saved as UTF-8")]
    NotUtf8 {
        /// The first byte that is none.
        byte: u8,
        /// Its line, from 1.
        line: usize,
    },
    /// There is nothing in it.
    #[error("the text is empty")]
    Empty,
    /// A part of it is too short.
    #[error(
        "the {part} part has {found} of the text's {all} characters, expected at least {least}: \
         data.window = {window} and the character behind it. Take a longer text, a shorter window, or other shares"
    )]
    Short {
        /// The name of the part.
        part: &'static str,
        /// Its characters.
        found: usize,
        /// Those of the whole text.
        all: usize,
        /// Characters that it needs.
        least: usize,
        /// Characters of a window.
        window: usize,
    },
    /// There is nothing to predict.
    #[error("the text has one symbol only, {0}, so there is nothing to predict")]
    OneSymbol(String),
}

/// A text that was read, as windows.
#[derive(Debug)]
pub(super) struct Windows {
    pub(super) train: Dataset,
    pub(super) selection: Dataset,
    pub(super) validation: Dataset,
    /// Number of symbols.
    pub(super) symbols: usize,
    /// How the text was understood, a line each.
    pub(super) notes: Vec<String>,
}

/// The parts of a text: shares for validation, at its end, and of the rest for selection; and the length of a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    pub(super) window: usize,
    pub(super) validation: f64,
    pub(super) selection: f64,
}

/// The windows of a file.
pub(super) fn read(file: &Path, cut: Cut) -> Result<Windows, TextError> {
    let length = std::fs::metadata(file)?.len();
    if length > MOST_BYTES {
        return Err(TextError::Long(length));
    }
    let bytes = std::fs::read(file)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let good = error.valid_up_to();
        let line = 1 + bytes[..good].iter().filter(|byte| **byte == b'\n').count();
        let byte = bytes.get(good).copied().unwrap_or_default();
        TextError::NotUtf8 { byte, line }
    })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    windows(text, &name, cut)
}

/// The windows of a text of this name.
pub(super) fn windows(text: &str, name: &str, cut: Cut) -> Result<Windows, TextError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let characters: Vec<char> = text.chars().collect();
    let all = characters.len();
    if all == 0 {
        return Err(TextError::Empty);
    }
    let part = |share: f64, of: usize| ((of as f64 * share).round() as usize).min(of);
    let (rest, validation) = characters.split_at(all - part(cut.validation, all));
    let (train, selection) = rest.split_at(rest.len() - part(cut.selection, rest.len()));
    let least = cut.window.saturating_add(1);
    for (part, characters) in [
        ("training", train),
        ("selection", selection),
        ("validation", validation),
    ] {
        if characters.len() < least {
            return Err(TextError::Short {
                part,
                found: characters.len(),
                all,
                least,
                window: cut.window,
            });
        }
    }
    let symbols = Symbols::of(train, &characters);
    if symbols.count() < 2 {
        let only = match symbols.kept.first() {
            Some(only) => format!("`{}`", only.escape_debug()),
            None => format!("as no character is there {LEAST_SEEN} times"),
        };
        return Err(TextError::OneSymbol(only));
    }
    let data = |part: &str, characters: &[char]| Dataset {
        name: format!("{name} ({part})"),
        ..symbols.windows(characters, cut.window)
    };
    let [train, selection, validation] = [
        data("training", train),
        data("selection", selection),
        data("validation", validation),
    ];
    let mut notes = vec![format!(
        "{all} characters in windows of {}: {} for training, then {} for selection, and the last {} for validation",
        cut.window,
        train.len(),
        selection.len(),
        validation.len()
    )];
    notes.extend(symbols.notes(all));
    Ok(Windows {
        train,
        selection,
        validation,
        symbols: symbols.count(),
        notes,
    })
}

/// The network that is fitted to a text: a vector for each character, a gated recurrent unit, and a linear layer for each
/// of its states.
pub(super) fn fitted_to_text(window: usize, symbols: usize) -> NetworkSpecification {
    let (features, hidden) = FITTED;
    NetworkSpecification {
        input: steps(window),
        layers: vec![
            Layer::Embedding {
                vocabulary: symbols,
                features,
            },
            Layer::Gru {
                hidden,
                output: SequenceOutput::All,
            },
            each_step(symbols),
        ],
    }
}

/// A linear layer for each step by itself: a convolution whose kernel is one step long.
pub(super) fn each_step(outputs: usize) -> Layer {
    Layer::Conv2d {
        out_channels: outputs,
        kernel: 1,
        stride: 1,
        padding: 0,
    }
}

/// The shape of a window.
fn steps(window: usize) -> Shape {
    Shape {
        height: window,
        width: 1,
        channels: 1,
    }
}

/// The symbols of a text.
struct Symbols {
    /// The characters that are symbols of their own, sorted.
    kept: Vec<char>,
    /// How often each other character is there, in the whole text.
    others: BTreeMap<char, usize>,
}

impl Symbols {
    fn of(train: &[char], all: &[char]) -> Symbols {
        let counted = |characters: &[char]| {
            let mut counts = BTreeMap::new();
            for &character in characters {
                *counts.entry(character).or_insert(0_usize) += 1;
            }
            counts
        };
        let mut frequent: Vec<(char, usize)> = counted(train).into_iter().collect();
        frequent.retain(|(_, count)| *count >= LEAST_SEEN);
        // Equal counts stay in the order of the characters.
        frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        frequent.truncate(MOST_KEPT);
        let mut kept: Vec<char> = frequent
            .into_iter()
            .map(|(character, _)| character)
            .collect();
        kept.sort_unstable();
        let mut others = counted(all);
        others.retain(|character, _| kept.binary_search(character).is_err());
        Symbols { kept, others }
    }

    fn count(&self) -> usize {
        self.kept.len() + usize::from(!self.others.is_empty())
    }

    fn symbol(&self, character: char) -> u8 {
        match self.kept.binary_search(&character) {
            Ok(place) => place as u8,
            Err(_) => self.kept.len() as u8,
        }
    }

    /// The windows of a part, which have no name yet.
    fn windows(&self, characters: &[char], window: usize) -> Dataset {
        let count = (characters.len() - 1) / window;
        let symbols = |from: usize| characters[from..].iter().take(count * window);
        let labels = symbols(1).map(|&character| self.symbol(character));
        Dataset {
            name: String::new(),
            shape: steps(window),
            inputs: symbols(0)
                .map(|&character| self.symbol(character).into())
                .collect(),
            answers: Answers::Classes {
                count: self.count(),
                positions: window,
                labels: labels.collect(),
            },
        }
    }

    fn notes(&self, all: usize) -> Vec<String> {
        let shown = |characters: &mut dyn Iterator<Item = char>| -> String {
            // Only what can't be seen: a line feed is \n, a quote stays a quote.
            let visible = |character: char| match character.is_control() {
                true => character.escape_debug().to_string(),
                false => character.to_string(),
            };
            characters.map(visible).collect()
        };
        let kept = shown(&mut self.kept.iter().copied());
        let mut notes = vec![format!(
            "to predict: the next of {} symbols, {kept}",
            self.count()
        )];
        if !self.others.is_empty() {
            /// Characters that are named.
            const NAMED: usize = 32;
            let there: usize = self.others.values().sum();
            let named = shown(&mut self.others.keys().copied().take(NAMED));
            let more = match self.others.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            notes.push(format!(
                "other: {there} of {all} characters are one symbol, as the training part does not have each of them {LEAST_SEEN} \
                 times, or has {MOST_KEPT} that are more frequent: {named}{more}"
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests;
