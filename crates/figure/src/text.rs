//! How wide a text is. Without fonts nobody knows; this estimates it for a usual sans-serif face, generously.

/// About how many pixels wide a text is, in one of the wider of the usual faces.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(character_width).sum::<f64>() * size
}

/// About how wide a character is, as a part of the text's size.
fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '·' => 0.33,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 0.41,
        'm' | 'w' | 'M' | 'W' | '…' | '%' | '@' => 0.98,
        'A'..='Z' | '<' | '>' | '=' | '+' | '−' => 0.76,
        // Alphabets whose letters are not wider than Latin ones; others may be as wide as they are high.
        '\0'..='\u{52f}' | '\u{2000}'..='\u{22ff}' => 0.64,
        _ => 1.1,
    }
}

/// The text, or its beginning and `…` where it would be wider than `room` pixels; at least one character.
pub(super) fn shortened(text: &str, room: f64, size: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - text_width("…", size);
    let kept = text.chars().enumerate().take_while(|&(index, character)| {
        left -= character_width(character) * size;
        left >= 0.0 || index == 0
    });
    kept.map(|(_, character)| character).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened() {
        assert_eq!(shortened("adam", 100.0, 12.0), "adam");
        let short = shortened(&"η".repeat(500), 100.0, 12.0);
        assert!(
            short.ends_with('…') && text_width(&short, 12.0) <= 100.0,
            "{short}"
        );
        assert_eq!(shortened("abc", 0.0, 12.0), "a…");
    }
}
