//! Text inside HTML and SVG.

/// The text with the characters that mean something in HTML and XML replaced, fit for element content and for
/// attributes in double or single quotes. Control characters that XML forbids become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\r' | '\t' => escaped.push(character),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_can_leave_its_place() {
        let escaped = super::escape("<script>alert(\"1\")</script> & 'η'\u{1b}[0m\n");
        assert_eq!(
            escaped,
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;η&#39;\u{fffd}[0m\n"
        );
    }
}
