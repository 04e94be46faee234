//! Paths that hold the separators of a list of methods: they stand in double quotes, and a double quote in them is
//! doubled.

use std::path::Path;

use super::ContenderError;

/// The parts of `text` between the separators that stand outside double quotes.
pub(super) fn split_outside_quotes(
    text: &str,
    separator: char,
) -> Result<Vec<&str>, ContenderError> {
    let mut inside = false;
    let parts = text.split(|character| {
        inside ^= character == '"';
        !inside && character == separator
    });
    let parts = parts.collect();
    match inside {
        true => Err(ContenderError::OpenQuote(text.to_owned())),
        false => Ok(parts),
    }
}

/// The path that [`quoted`] has written.
pub(super) fn unquoted(word: &str) -> String {
    let inner = word
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.map_or_else(|| word.to_owned(), |inner| inner.replace("\"\"", "\""))
}

/// A path as it stands in a list of methods: in double quotes if it holds what separates the parts of a list.
#[must_use]
pub fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains([',', ';', '"']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_comes_back_from_a_list() {
        for path in [
            "s.csv",
            "a, b/s.csv",
            "a;b=c",
            "say \"s\".csv",
            "\"",
            " s ",
            "a:b",
        ] {
            let item = format!("schedule:{};optimizer=sgd", quoted(Path::new(path)));
            let list = format!("sgd:0.1,{item},adam");
            let items = split_outside_quotes(&list, ',').unwrap();
            assert_eq!(items, ["sgd:0.1", &item, "adam"]);
            let parts = split_outside_quotes(items[1], ';').unwrap();
            assert_eq!(parts[1..], ["optimizer=sgd"]);
            assert_eq!(unquoted(parts[0].strip_prefix("schedule:").unwrap()), path);
        }
    }

    #[test]
    fn an_open_quote_is_refused() {
        let error = split_outside_quotes("schedule:\"a, b/s.csv", ',').unwrap_err();
        assert!(error.to_string().contains("double quote"), "{error}");
    }
}
