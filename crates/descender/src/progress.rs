//! Progress of a training: a bar on a terminal, now and then a line where there is none.

use std::time::{Duration, Instant};

use descender_study::observer::{TrainingEvent, TrainingObserver};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const SCALE: u64 = 10_000;
/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Shows how a training goes on standard error.
pub struct Progress {
    bar: ProgressBar,
    terminal: bool,
    /// What the bar is about: "training", "comparing", ….
    phase: String,
    phase_began: Instant,
    last_line: Instant,
    episodes: (u64, u64),
    latest: String,
}

impl Progress {
    /// A bar if standard error is a terminal, otherwise lines.
    pub fn new(terminal: bool) -> Self {
        let target = if terminal { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(SCALE), target);
        Self {
            bar,
            terminal,
            phase: String::new(),
            phase_began: Instant::now(),
            last_line: Instant::now(),
            episodes: (0, 0),
            latest: String::new(),
        }
    }

    fn begin(&mut self, phase: &str) {
        if self.phase != phase {
            phase.clone_into(&mut self.phase);
            self.phase_began = Instant::now();
            self.bar.reset();
            let style = ProgressStyle::with_template("{prefix:>22} [{bar:28}] {percent:>3}% {elapsed} ETA {eta} {msg}");
            self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("█▌ "));
            self.bar.set_prefix(self.phase.clone());
        }
    }

    fn show(&mut self, fraction: f64) {
        self.bar.set_position((fraction * SCALE as f64) as u64);
        self.bar.set_message(self.latest.clone());
        if !self.terminal && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let elapsed = self.phase_began.elapsed().as_secs_f64();
            let rest = if fraction > 0.0 { elapsed * (1.0 - fraction) / fraction } else { f64::INFINITY };
            self.line(&format!("{}: {:.0} %, about {rest:.0} s left  {}", self.phase, 100.0 * fraction, self.latest));
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
            TrainingEvent::Started { configuration, episodes_ended } => {
                self.episodes = (*episodes_ended, configuration.episodes);
                self.begin("training");
            }
            TrainingEvent::Round { progress, .. } => {
                self.begin("training");
                self.show(*progress);
            }
            TrainingEvent::EpisodeEnded(record) => {
                self.episodes.0 += 1;
                self.latest = format!(
                    "episode {}/{}  score {:+.2}  mean η {:.3}  loss {:.3}",
                    self.episodes.0, self.episodes.1, record.score, record.mean_learning_rate, record.final_loss,
                );
            }
            TrainingEvent::CandidateScored { candidate, best } => {
                let mark = if *best { "  (best so far)" } else { "" };
                self.line(&format!(
                    "policy after {} episodes: {:.1} on the selection starts{mark}",
                    candidate.episodes,
                    candidate.score()
                ));
            }
            TrainingEvent::Trials { purpose, done, total } => {
                self.begin(purpose);
                self.latest = format!("descent {done}/{total}");
                self.show(*done as f64 / *total as f64);
            }
            TrainingEvent::ControllerChosen(candidate) => {
                self.line(&format!("controller: the policy after {} episodes", candidate.episodes));
            }
            TrainingEvent::Compared(_) => self.bar.finish_and_clear(),
            _ => {}
        }
    }
}
