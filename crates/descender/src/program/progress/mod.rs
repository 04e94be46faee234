//! Progress of long work on standard error: a dashboard on a terminal, now and then a line where there is none,
//! nothing when the printer is quiet.
//!
//! A [`Progress`] is a handle: clones show in the same place, from any thread. A training tells it what happens as a
//! [`TrainingObserver`]; other commands say how far a phase is ([`Progress::phase`]).

mod dashboard;
pub(crate) mod download;
mod estimate;
mod lines;
pub(crate) mod side_by_side;
mod sparkline;
mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use descender_compare::compare::Ended;
use descender_record::Phase;
use descender_train::observer::{TrainingEvent, TrainingObserver};

use crate::program::printer::Printer;
use crate::program::screen::Screen;
use view::View;

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(15);
/// Time between two pictures of the dashboard.
const DRAW_EVERY: Duration = Duration::from_millis(125);
/// Time after which the dashboard is drawn though nothing has happened: the clock goes on.
const TICK_EVERY: Duration = Duration::from_millis(500);

/// Shows how work goes on standard error.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Mutex<State>>);

struct State {
    printer: Printer,
    began: Instant,
    /// When the last line was printed or the last picture drawn.
    shown: Instant,
    view: View,
    finished: bool,
}

impl Progress {
    /// Nothing is shown before the first phase.
    pub(crate) fn new(printer: &Printer) -> Self {
        let now = Instant::now();
        let state = Arc::new(Mutex::new(State {
            printer: printer.clone(),
            began: now,
            shown: now,
            view: View::default(),
            finished: false,
        }));
        if printer.screen().is_some() {
            tick(Arc::downgrade(&state));
        }
        Self(state)
    }

    /// A new part of work that has several, such as "fig3" as the third of five. Phases begin anew.
    pub(crate) fn part(&self, name: &str, number: usize, of: usize) {
        let mut state = self.state();
        state.view = View::of_part(format!("{name} ({number} of {of})"));
        state.began = Instant::now();
        state.finished = false;
    }

    /// Phases to come: phase, trials, those of them that were done before (by a run that is resumed), steps of each
    /// trial. Without it, each phase is predicted when it begins. A training makes its plan itself.
    pub(crate) fn plan(&self, phases: &[(Phase, u64, u64, u64)]) {
        self.state().view.plan(phases);
    }

    /// So many trials of so many are done in a phase.
    pub(crate) fn phase(&self, phase: Phase, done: u64, total: u64) {
        self.tell(&TrainingEvent::Trials { phase, done, total });
    }

    /// A descent of a comparison has ended.
    pub(crate) fn ended(&self, ended: Ended<'_>) {
        self.tell(&TrainingEvent::TrialEnded(ended));
    }

    /// Takes the dashboard away. So does the end of the last handle.
    pub(crate) fn finish(&self) {
        self.state().finish();
    }

    fn tell(&self, event: &TrainingEvent<'_>) {
        let mut state = self.state();
        let now = state.began.elapsed().as_secs_f64();
        state.view.apply(event, now);
        match event {
            TrainingEvent::Compared(_) => return state.finish(),
            TrainingEvent::Started { .. } => state.finished = false,
            _ => {}
        }
        match state.printer.screen().cloned() {
            Some(screen) if state.shown.elapsed() >= DRAW_EVERY => state.draw(&screen),
            Some(_) => {}
            None => {
                if let Some(note) = lines::note(event) {
                    let part = match state.view.part.as_str() {
                        "" => String::new(),
                        part => format!("{part}  "),
                    };
                    state.printer.message(format_args!("{part}{note}"));
                }
                if state.shown.elapsed() >= LINE_EVERY && state.view.phase.is_some() {
                    state.shown = Instant::now();
                    state.printer.message(lines::line(&state.view, now));
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl TrainingObserver for Progress {
    fn notify(&mut self, event: &TrainingEvent<'_>) {
        self.tell(event);
    }
}

impl State {
    fn draw(&mut self, screen: &Screen) {
        if self.finished || self.view.phase.is_none() {
            return;
        }
        self.shown = Instant::now();
        let now = self.began.elapsed().as_secs_f64();
        screen.show(dashboard::render(
            &self.view,
            now,
            screen.size(),
            screen.has_colours(),
        ));
    }

    fn finish(&mut self) {
        self.finished = true;
        self.printer.clear();
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.finish();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Draws now and then, as long as there is a handle.
fn tick(state: Weak<Mutex<State>>) {
    let draw = move || {
        loop {
            std::thread::sleep(TICK_EVERY);
            let Some(state) = state.upgrade() else {
                return;
            };
            let mut state = lock(&state);
            if let Some(screen) = state.printer.screen().cloned()
                && state.shown.elapsed() >= TICK_EVERY
            {
                state.draw(&screen);
            }
        }
    };
    // Without such a thread the view is drawn at events alone.
    let _ = std::thread::Builder::new().spawn(draw);
}
