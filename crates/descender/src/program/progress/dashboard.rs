//! The dashboard: a few lines that say how a run stands, drawn for the terminal's width.
//!
//! The first line has the phase and a bar for the whole run, the others a label and what belongs to it. What doesn't
//! fit into a narrow terminal is left out, the least important first; no line is ever wider than the terminal.

use console::{Style, measure_text_width, truncate_str};
use descender_record::Phase;

use super::estimate::clock;
use super::lines::score;
use super::sparkline::sparkline;
use super::view::{Training, View};

/// Width of the labels.
const LABEL: usize = 9;
/// Wider lines are hard to read.
const WIDEST: usize = 110;
/// A bar or a curve that is narrower says nothing.
const NARROWEST: usize = 6;

/// The lines for a terminal of so many rows and columns, `now` seconds after the beginning.
pub(crate) fn render(view: &View, now: f64, size: (usize, usize), colours: bool) -> Vec<String> {
    let (rows, columns) = size;
    let canvas = Canvas::new(columns, colours);
    let mut lines = vec![head(view, now, &canvas)];
    let counts = counts(view);
    if !counts.is_empty() {
        let label = if view.is_training() {
            "episode"
        } else {
            "descents"
        };
        lines.push(canvas.labelled(label, &canvas.fitting(&counts)));
    }
    if let Some(training) = &view.training {
        if view.is_training() {
            lines.extend(curves(training, &canvas));
        }
        lines.extend(candidate(training, &canvas));
    }
    lines.extend(standings(view, &canvas));
    // One row is the cursor's.
    lines.truncate(rows.saturating_sub(1).max(1));
    lines
}

/// Phase, bar, share and times.
fn head(view: &View, now: f64, canvas: &Canvas) -> String {
    let phase = match view.part.as_str() {
        "" => view.phase_name().to_owned(),
        part => format!("{part}  {}", view.phase_name()),
    };
    let left = view.seconds_left(now).map_or_else(|| "–".to_owned(), clock);
    let share = format!("{:3.0} %", 100.0 * view.plan.fraction());
    let short = format!("{share}  ETA {left}");
    let rights = [format!("{short}  after {}", clock(now)), short];
    canvas.bar(&phase, view.plan.fraction(), &rights)
}

/// One line for a terminal of so many columns: a label, a bar that is full to `fraction`, and the first of the texts that
/// leaves it room.
pub(crate) fn bar(
    label: &str,
    fraction: f64,
    texts: &[String],
    columns: usize,
    colours: bool,
) -> String {
    Canvas::new(columns, colours).bar(label, fraction, texts)
}

/// What was counted so far, the most important first.
fn counts(view: &View) -> Vec<String> {
    let mut counts = Vec::new();
    let training = view.training.as_ref().filter(|_| view.is_training());
    if let Some(training) = training {
        let (ended, all) = training.episodes;
        counts.push(format!("{ended}/{all}"));
    }
    if let Some((done, total)) = view.trials {
        let what = if training.is_some() {
            format!("{} ", Phase::Scoring)
        } else {
            String::new()
        };
        counts.push(format!("{what}{done}/{total}"));
    }
    if let Some((done, total)) = view.starts() {
        counts.push(format!("starts {done}/{total}"));
    }
    if let Some(speed) = view.speed.per_second().filter(|speed| *speed > 0.0) {
        counts.push(format!("{} steps/s", thousands(speed)));
    }
    if let Some(training) = training.filter(|training| training.epsilon.is_finite()) {
        counts.push(format!("ε {:.3}", training.epsilon));
    }
    counts
}

/// Score, loss and η of the last episodes.
fn curves(training: &Training, canvas: &Canvas) -> Vec<String> {
    let (Some(score), Some(loss), Some(rate)) = (
        training.scores.back(),
        training.losses.back(),
        training.rates.back(),
    ) else {
        return Vec::new();
    };
    let (lowest, highest) = training.range;
    let line = |label, values: &std::collections::VecDeque<f64>, style, texts: &[String]| {
        canvas.labelled(label, &canvas.curve(values.iter().copied(), &style, texts))
    };
    vec![
        line(
            "score",
            &training.scores,
            Style::new().green(),
            &[format!("{score:+.2}")],
        ),
        line(
            "loss",
            &training.losses,
            Style::new().yellow(),
            &[format!("{loss:.3}")],
        ),
        line(
            "η",
            &training.rates,
            Style::new().magenta(),
            &[
                format!("mean {rate:.3}, {lowest:.3} to {highest:.3}"),
                format!("{rate:.3}"),
            ],
        ),
    ]
}

/// The best candidate so far, or the one that was chosen.
fn candidate(training: &Training, canvas: &Canvas) -> Option<String> {
    if let Some(episodes) = training.chosen {
        return Some(canvas.labelled("chosen", &format!("the policy after {episodes} episodes")));
    }
    let (episodes, value) = training.best?;
    Some(canvas.labelled(
        "best",
        &canvas.fitting(&[
            format!(
                "{} {}",
                training.measure.name(),
                score(training.measure.shown(value))
            ),
            format!("after {episodes} episodes"),
            format!("of {} tried", training.candidates),
        ]),
    ))
}

/// The mean first hits of a comparison so far, the earliest first.
fn standings(view: &View, canvas: &Canvas) -> Option<String> {
    let mut standings: Vec<_> = view.standings.iter().collect();
    standings.sort_by(|a, b| a.mean().total_cmp(&b.mean()));
    let parts: Vec<String> = standings
        .iter()
        .map(|standing| {
            let sign = if standing.bound { "≥" } else { "" };
            format!("{} {sign}{:.0}", standing.method, standing.mean())
        })
        .collect();
    (!parts.is_empty()).then(|| canvas.labelled("first hit", &canvas.fitting(&parts)))
}

/// Whole numbers with commas: 12,345.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Where lines are laid out.
struct Canvas {
    width: usize,
    colours: bool,
}

impl Canvas {
    fn new(columns: usize, colours: bool) -> Self {
        Canvas {
            // A line of full width would wrap on some terminals.
            width: columns.saturating_sub(1).min(WIDEST),
            colours,
        }
    }

    /// A label, a bar, and the first of the texts that leaves it room; without a bar, the last text.
    fn bar(&self, label: &str, fraction: f64, texts: &[String]) -> String {
        let bold = self.paint(&Style::new().bold(), &format!("{label:>LABEL$}"));
        for text in texts {
            let taken = measure_text_width(label).max(LABEL) + measure_text_width(text) + 4;
            let room = self.width.saturating_sub(taken);
            if room >= NARROWEST {
                let full = ((fraction * room as f64) as usize).min(room);
                let done = self.paint(&Style::new().cyan(), &"█".repeat(full));
                let rest = self.paint(&Style::new().dim(), &"░".repeat(room - full));
                return format!("{bold}  {done}{rest}  {text}");
            }
        }
        let text = texts.last().map_or("", String::as_str);
        self.cut(&format!("{bold}  {text}"))
    }

    fn paint(&self, style: &Style, text: &str) -> String {
        style
            .clone()
            .force_styling(self.colours)
            .apply_to(text)
            .to_string()
    }

    /// Room for what follows a label.
    fn room(&self) -> usize {
        self.width.saturating_sub(LABEL + 2)
    }

    fn labelled(&self, label: &str, content: &str) -> String {
        let label = truncate_str(label, LABEL, "");
        let label = self.paint(&Style::new().dim(), &format!("{label:>LABEL$}"));
        self.cut(&format!("{label}  {content}"))
    }

    /// As many of the parts as there is room for, from the first.
    fn fitting(&self, parts: &[String]) -> String {
        let mut text = String::new();
        for part in parts {
            let longer = match text.as_str() {
                "" => part.clone(),
                text => format!("{text}   {part}"),
            };
            if !text.is_empty() && measure_text_width(&longer) > self.room() {
                break;
            }
            text = longer;
        }
        text
    }

    /// A curve with the first of the texts that leaves it room; without a curve, the last text.
    fn curve(
        &self,
        values: impl DoubleEndedIterator<Item = f64>,
        style: &Style,
        texts: &[String],
    ) -> String {
        for text in texts {
            let room = self.room().saturating_sub(measure_text_width(text) + 2);
            if room >= NARROWEST {
                let curve = self.paint(style, &sparkline(values, room));
                return format!("{curve}  {text}");
            }
        }
        texts.last().cloned().unwrap_or_default()
    }

    fn cut(&self, text: &str) -> String {
        let mark = if self.width > 0 { "…" } else { "" };
        truncate_str(text, self.width, mark).into_owned()
    }
}

#[cfg(test)]
mod tests;
