//! Text as it may reach a terminal, whoever wrote the file that it comes from.

use std::fmt::Display;

/// The most characters of a line of a message.
const MOST: usize = 2000;

/// The text with its control characters, and those that turn the direction of writing, as escapes such as `\u{1b}`. Line
/// ends and tabs stay.
pub(crate) fn plain(text: &impl Display) -> String {
    let mut plain = String::new();
    for character in text.to_string().chars() {
        let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match character {
            '\n' | '\t' => plain.push(character),
            _ if turns || character.is_control() => plain.extend(character.escape_unicode()),
            _ => plain.push(character),
        }
    }
    plain
}

/// [`plain`] text whose long lines are cut in the middle.
pub(crate) fn brief(text: &impl Display) -> String {
    let text = plain(text);
    let lines: Vec<String> = text.split('\n').map(cut).collect();
    lines.join("\n")
}

fn cut(line: &str) -> String {
    let count = line.chars().count();
    if count <= MOST {
        return line.to_owned();
    }
    let start: String = line.chars().take(MOST / 2).collect();
    let end: String = line.chars().skip(count - MOST / 2).collect();
    format!("{start} … ({} characters) … {end}", count - MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_told_and_not_obeyed() {
        let hostile = "a\u{1b}[2Jb\u{7}\r\u{9b}31m\u{202e}c";
        let shown = plain(&hostile);
        assert_eq!(shown, r"a\u{1b}[2Jb\u{7}\u{d}\u{9b}31m\u{202e}c");
        assert_eq!(plain(&"η ≤ 0.1\n\tµ"), "η ≤ 0.1\n\tµ");
    }

    #[test]
    fn a_long_line_is_cut_in_the_middle_and_its_neighbours_are_not() {
        let text = format!("first\nsecond {}: refused", "é".repeat(10_000_000));
        let shown = brief(&text);
        assert!(shown.len() < 10_000, "{}", shown.len());
        assert!(shown.starts_with("first\nsecond éé") && shown.ends_with("éé: refused"));
        assert!(shown.contains("(9998016 characters)"), "{shown}");
        assert_eq!(brief(&"short"), "short");
    }
}
