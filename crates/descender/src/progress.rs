//! Progress of a training: a bar on a terminal, now and then a line where there is none.

use std::time::{Duration, Instant};

use descender_study::observer::{SCORING, TrainingEvent, TrainingObserver};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const SCALE: u64 = 10_000;
const TRAINING: &str = "training";
/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Shows how a training goes on standard error.
pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
    /// What the bar is about: "training", "comparing", ….
    phase: String,
    phase_began: Instant,
    /// Share of the phase that was done when it began (after a resume).
    begun_at: f64,
    last_line: Instant,
    /// Share of the training that is done.
    fraction: f64,
    /// Episodes that have ended, of all.
    episodes: (u64, u64),
    latest: String,
}

impl Progress {
    /// A bar if standard error is a terminal, otherwise lines.
    pub fn new(terminal: bool) -> Self {
        let target = if terminal {
            ProgressDrawTarget::stderr_with_hz(8)
        } else {
            ProgressDrawTarget::hidden()
        };
        // Nothing to see before the first phase.
        let empty =
            ProgressStyle::with_template("").unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(SCALE), target).with_style(empty);
        Self {
            bar,
            terminal,
            phase: String::new(),
            phase_began: Instant::now(),
            begun_at: 0.0,
            last_line: Instant::now(),
            fraction: 0.0,
            episodes: (0, 0),
            latest: String::new(),
        }
    }

    fn begin(&mut self, phase: &str) {
        if self.phase != phase {
            phase.clone_into(&mut self.phase);
            self.phase_began = Instant::now();
            self.begun_at = 0.0;
            self.bar.reset();
            let style =
                ProgressStyle::with_template("{prefix:>22} [{bar:28}] {percent:>3}%  ETA {msg}");
            self.bar.set_style(
                style
                    .unwrap_or_else(|_| ProgressStyle::default_bar())
                    .progress_chars("█▌ "),
            );
            self.bar.set_prefix(self.phase.clone());
        }
    }

    fn show(&mut self, fraction: f64) {
        let seconds = self.seconds_left(fraction);
        self.bar.set_position((fraction * SCALE as f64) as u64);
        self.bar
            .set_message(format!("{}  {}", clock(seconds), self.latest));
        if !self.terminal && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            self.line(&format!(
                "{:>22} {:3.0} %  ETA {}  {}",
                self.phase,
                100.0 * fraction,
                clock(seconds),
                self.latest
            ));
        }
    }

    /// At the speed of this phase so far; unknown (infinite) at its beginning.
    fn seconds_left(&self, fraction: f64) -> f64 {
        let done = fraction - self.begun_at;
        if done > 0.0 {
            self.phase_began.elapsed().as_secs_f64() * (1.0 - fraction) / done
        } else {
            f64::INFINITY
        }
    }

    fn line(&self, text: &str) {
        if self.terminal {
            self.bar.println(text);
        } else {
            crate::printer::Printer::new().message(text);
        }
    }
}

impl TrainingObserver for Progress {
    fn notify(&mut self, event: &TrainingEvent<'_>) {
        match event {
            TrainingEvent::Started {
                configuration,
                episodes_ended,
                progress,
            } => {
                self.episodes = (*episodes_ended, configuration.episodes);
                self.begin(TRAINING);
                self.begun_at = *progress;
            }
            TrainingEvent::Round { progress, .. } => {
                self.begin(TRAINING);
                self.fraction = *progress;
                self.show(*progress);
            }
            TrainingEvent::EpisodeEnded(record) => {
                self.episodes.0 += 1;
                self.latest = format!(
                    "episode {}/{}  score {:+.2}  mean η {:.3}  loss {:.3}",
                    self.episodes.0,
                    self.episodes.1,
                    record.score,
                    record.mean_learning_rate,
                    record.final_loss,
                );
            }
            TrainingEvent::CandidateScored {
                candidate,
                measure,
                best,
            } => {
                let mark = if *best { "  (best so far)" } else { "" };
                let (score, digits) = (
                    candidate.score(),
                    if candidate.score() < 10.0 { 4 } else { 1 },
                );
                self.line(&format!(
                    "policy after {} episodes: {} {score:.digits$} on the selection starts, lower is better{mark}",
                    candidate.episodes,
                    measure.name(),
                ));
            }
            // A part of the training: its bar waits.
            TrainingEvent::Trials {
                purpose: SCORING, ..
            } => self.show(self.fraction),
            TrainingEvent::Trials {
                purpose,
                done,
                total,
            } => {
                self.begin(purpose);
                self.latest = format!("descent {done}/{total}");
                self.show(*done as f64 / *total as f64);
            }
            TrainingEvent::ControllerChosen(candidate) => {
                self.line(&format!(
                    "controller: the policy after {} episodes",
                    candidate.episodes
                ));
            }
            TrainingEvent::Compared(_) => self.bar.finish_and_clear(),
            _ => {}
        }
    }
}

/// Seconds as 3m05s.
fn clock(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "-".to_owned();
    }
    let seconds = seconds as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}
