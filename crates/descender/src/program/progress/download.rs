//! Progress of a download: a bar on a terminal, now and then a line where there is none.

use std::time::Instant;

use super::dashboard::bar;
use super::estimate::clock;
use super::{DRAW_EVERY, LINE_EVERY};
use crate::program::printer::Printer;

/// Shows how a file arrives on standard error.
pub(crate) struct Download<'a> {
    printer: &'a Printer,
    name: &'a str,
    /// Bytes of the whole file.
    bytes: u64,
    /// When the first bytes were told, and how many were there before.
    began: Option<(Instant, u64)>,
    shown: Instant,
}

impl<'a> Download<'a> {
    /// Nothing is shown before the first bytes.
    pub(crate) fn new(printer: &'a Printer, name: &'a str, bytes: u64) -> Self {
        Self {
            printer,
            name,
            bytes,
            began: None,
            shown: Instant::now(),
        }
    }

    /// So many bytes of the file are there.
    pub(crate) fn tell(&mut self, there: u64) {
        let (began, before) = *self.began.get_or_insert((Instant::now(), there));
        let every = match self.printer.screen() {
            Some(_) => DRAW_EVERY,
            None => LINE_EVERY,
        };
        if self.shown.elapsed() < every {
            return;
        }
        self.shown = Instant::now();
        let seconds = began.elapsed().as_secs_f64();
        let texts = texts(there, before, self.bytes, seconds);
        let share = there as f64 / self.bytes as f64;
        match self.printer.screen() {
            Some(screen) => {
                let columns = screen.size().1;
                screen.show(vec![bar(
                    self.name,
                    share,
                    &texts,
                    columns,
                    screen.has_colours(),
                )]);
            }
            None => (self.printer).message(format_args!("{}  {}", self.name, texts[0])),
        }
    }
}

impl Drop for Download<'_> {
    fn drop(&mut self) {
        self.printer.clear();
    }
}

/// What is told beside the bar, and a shorter form of it. `before` bytes of those that are there did not come in these
/// seconds.
fn texts(there: u64, before: u64, bytes: u64, seconds: f64) -> [String; 2] {
    let speed = there.saturating_sub(before) as f64 / seconds;
    let left = bytes.saturating_sub(there) as f64 / speed;
    let left = match left.is_finite() {
        true => clock(left),
        false => "–".to_owned(),
    };
    let share = 100.0 * there as f64 / bytes as f64;
    let short = format!("{share:3.0} %  ETA {left}");
    let long = format!(
        "{short}  {:.1} of {:.1} MB",
        megabytes(there),
        megabytes(bytes)
    );
    [long, short]
}

/// Millions of bytes.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_counts_what_came_now() {
        let [long, short] = texts(6_000_000, 4_000_000, 10_000_000, 10.0);
        assert_eq!(short, " 60 %  ETA 20s");
        assert_eq!(long, " 60 %  ETA 20s  6.0 of 10.0 MB");
        assert_eq!(texts(5, 5, 10, 0.0)[1], " 50 %  ETA –");
        assert_eq!(texts(5, 5, 10, 1.0)[1], " 50 %  ETA –");
    }
}
