//! Progress of a reproduction, whose trainings and figures run side by side.
//!
//! A terminal has room for one dashboard: it follows the long training with random starts as long as that runs, and
//! otherwise whatever spoke last. Where there is none, every part prints its own lines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descender_paper::{FigureName, ReproduceEvent, Watcher};
use descender_record::Phase;
use descender_train::observer::{TrainingEvent, TrainingObserver};

use super::Progress;
use crate::program::printer::Printer;

/// The part that the dashboard follows as long as it runs.
const LONGEST: &str = "paper-random";

/// Shows how a reproduction goes on standard error.
pub(crate) struct SideBySide(Arc<Mutex<Parts>>);

struct Parts {
    printer: Printer,
    /// The names of the parts, in their order.
    names: Vec<String>,
    /// On a terminal the one dashboard; otherwise one for each part that has begun.
    shown: BTreeMap<String, Progress>,
    /// What the dashboard is about.
    front: String,
}

impl SideBySide {
    /// Nothing is shown before the first event.
    pub(crate) fn new(printer: &Printer, figures: &[FigureName]) -> Self {
        let mut names = Vec::new();
        if figures.iter().any(|figure| *figure >= FigureName::Fig3) {
            names.push(LONGEST.to_owned());
        }
        if figures.contains(&FigureName::Fig2) {
            names.push("paper-fixed".to_owned());
        }
        names.extend(figures.iter().map(|figure| figure.name().to_owned()));
        Self(Arc::new(Mutex::new(Parts {
            printer: printer.clone(),
            names,
            shown: BTreeMap::new(),
            front: String::new(),
        })))
    }

    /// Whom to tell of the events.
    pub(crate) fn watcher(&self) -> Watcher {
        let parts = Arc::clone(&self.0);
        Arc::new(move |event| lock(&parts).apply(event))
    }

    /// Takes the dashboard away.
    pub(crate) fn finish(&self) {
        lock(&self.0).shown.clear();
    }
}

impl Parts {
    fn apply(&mut self, event: &ReproduceEvent<'_>) {
        match event {
            ReproduceEvent::Training { run, event } => {
                if let Some(progress) = self.progress(run) {
                    progress.clone().notify(event);
                }
                if let TrainingEvent::Compared(_) = event {
                    self.end(run);
                    self.printer
                        .message(format_args!("{run}: the training is complete"));
                }
            }
            ReproduceEvent::TrainingKept { run } => {
                self.printer
                    .message(format_args!("{run}: the training is there already"));
            }
            ReproduceEvent::Descents {
                figure,
                done,
                total,
            } => {
                if let Some(progress) = self.progress(figure.name()) {
                    progress.phase(Phase::Descending, *done, *total);
                }
            }
            ReproduceEvent::FigureReady { figure, kept } => {
                self.end(figure.name());
                let words = if *kept { "is there already" } else { "is made" };
                self.printer
                    .message(format_args!("{} {words}", figure.name()));
            }
            _ => {}
        }
    }

    /// Where this part is shown, if it is.
    fn progress(&mut self, name: &str) -> Option<&Progress> {
        let has_screen = self.printer.screen().is_some();
        if has_screen && self.front == LONGEST && name != LONGEST {
            return None;
        }
        let key = if has_screen { "" } else { name };
        let is_new = !self.shown.contains_key(key);
        let progress = self
            .shown
            .entry(key.to_owned())
            .or_insert_with(|| Progress::new(&self.printer));
        if is_new || (has_screen && self.front != name) {
            let position = self.names.iter().position(|known| known == name);
            progress.part(
                name,
                position.map_or(1, |position| position + 1),
                self.names.len(),
            );
            name.clone_into(&mut self.front);
        }
        Some(progress)
    }

    /// This part is over.
    fn end(&mut self, name: &str) {
        if self.printer.screen().is_none() {
            self.shown.remove(name);
        }
        if self.front == name {
            self.front.clear();
            self.shown.values().for_each(Progress::finish);
        }
    }
}

fn lock(parts: &Mutex<Parts>) -> MutexGuard<'_, Parts> {
    parts.lock().unwrap_or_else(PoisonError::into_inner)
}
