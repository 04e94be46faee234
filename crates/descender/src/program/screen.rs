//! The part of a terminal that is redrawn in place, below the messages: where the live view stands.
//!
//! The cursor always rests at the beginning of the line below the view, and is never hidden: whatever ends the
//! program, the terminal is left as a shell expects it.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use console::Term;

/// A terminal on standard error with a view at its lower end.
pub(crate) struct Screen {
    terminal: Term,
    /// Lines of the view as they stand now; none when nothing is shown.
    view: Mutex<Vec<String>>,
    closed: AtomicBool,
}

impl Screen {
    /// The terminal on standard error, if one is there on which lines can be redrawn: not a pipe, not `TERM=dumb`,
    /// not a run by a machine (`CI`).
    pub(crate) fn on_stderr() -> Option<Self> {
        let terminal = Term::stderr();
        let machine = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        let able = terminal.is_term() && !console::is_dumb() && !machine;
        able.then(|| Self {
            terminal,
            view: Mutex::default(),
            closed: AtomicBool::new(false),
        })
    }

    /// Whether colours may be used (`NO_COLOR` says no).
    pub(crate) fn has_colours(&self) -> bool {
        self.terminal.features().colors_supported()
    }

    /// Rows and columns.
    pub(crate) fn size(&self) -> (usize, usize) {
        let (rows, columns) = self.terminal.size();
        (rows.into(), columns.into())
    }

    /// Takes the view away for good.
    pub(crate) fn close(&self) {
        self.clear();
        self.closed.store(true, Ordering::Relaxed);
        self.clear(); // what came between
    }

    /// Replaces the view. Each line must be narrower than the terminal.
    pub(crate) fn show(&self, lines: Vec<String>) {
        let mut view = self.view();
        if self.closed.load(Ordering::Relaxed) && !lines.is_empty() {
            return;
        }
        let columns = self.size().1;
        let text = redraw(&view, &lines, columns);
        *view = lines;
        self.write(&text);
    }

    /// Lets `write` write to the terminal above the view, which is drawn again below.
    pub(crate) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        let view = self.view();
        let columns = self.size().1;
        self.write(&redraw(&view, &[], columns));
        let result = write();
        self.write(&redraw(&[], &view, columns));
        result
    }

    /// Takes the view away.
    pub(crate) fn clear(&self) {
        self.show(Vec::new());
    }

    fn view(&self) -> MutexGuard<'_, Vec<String>> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, text: &str) {
        // A terminal that has gone is no reason to stop.
        let _ = (&self.terminal).write_all(text.as_bytes());
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Screen")
    }
}

/// What replaces the lines `old` by the lines `new` on a terminal with so many columns, from the line below `old` to
/// the line below `new`. Written at once and without an empty state between, it doesn't flicker.
fn redraw(old: &[String], new: &[String], columns: usize) -> String {
    let mut text = String::new();
    // A terminal that was made narrower since has wrapped the lines.
    let rows: usize = old
        .iter()
        .map(|line| {
            console::measure_text_width(line)
                .div_ceil(columns.max(1))
                .max(1)
        })
        .sum();
    if rows > 0 {
        let _ = write!(text, "\x1b[{rows}A\r"); // cursor up; writing to a string can't fail
    }
    for line in new {
        text.push_str(line);
        text.push_str("\x1b[K\n"); // erase to the end of the line
    }
    if rows > 0 {
        text.push_str("\x1b[J"); // erase below
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_view_takes_the_place_of_the_one_before() {
        assert_eq!(redraw(&[], &[], 80), "");
        assert_eq!(redraw(&[], &lines(&["a", "b"]), 80), "a\x1b[K\nb\x1b[K\n");
        assert_eq!(
            redraw(&lines(&["a", "b"]), &lines(&["c"]), 80),
            "\x1b[2A\rc\x1b[K\n\x1b[J"
        );
        assert_eq!(redraw(&lines(&["a"]), &[], 80), "\x1b[1A\r\x1b[J");
    }

    #[test]
    fn lines_that_a_narrower_terminal_wrapped_are_taken_away_whole() {
        // Ten columns wide, then four: three rows. Colours have no width; an empty line has a row.
        let old = lines(&["\x1b[32m0123456789\x1b[0m", ""]);
        assert!(redraw(&old, &[], 4).starts_with("\x1b[4A"));
        assert!(redraw(&old, &[], 80).starts_with("\x1b[2A"));
    }
}
