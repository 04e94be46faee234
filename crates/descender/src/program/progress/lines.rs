//! Progress as plain lines, for pipes, logs and terminals that can't redraw.

use descender_record::Phase;
use descender_train::observer::TrainingEvent;

use super::estimate::clock;
use super::view::View;

/// How the run stands, in one line.
pub(crate) fn line(view: &View, now: f64) -> String {
    let mut words = Vec::new();
    if !view.part.is_empty() {
        words.push(view.part.clone());
    }
    let mut phase = format!(
        "{} {:.0} %",
        view.phase_name(),
        100.0 * view.plan.fraction()
    );
    if let Some((done, total)) = view.trials {
        let what = if view.is_training() {
            Phase::Scoring.name()
        } else {
            "descent"
        };
        phase = format!("{phase}, {what} {done}/{total}");
    }
    words.push(phase);
    let left = view.seconds_left(now).map_or_else(|| "–".to_owned(), clock);
    words.push(format!("ETA {left}"));
    if let Some(training) = view.training.as_ref().filter(|_| view.is_training()) {
        words.push(format!(
            "episode {}/{}",
            training.episodes.0, training.episodes.1
        ));
        if let (Some(score), Some(loss), Some(rate)) = (
            training.scores.back(),
            training.losses.back(),
            training.rates.back(),
        ) {
            words.push(format!(
                "score {score:+.2}, loss {loss:.3}, mean η {rate:.3}"
            ));
        }
    }
    if let Some(speed) = view.speed.per_second().filter(|speed| *speed > 0.0) {
        words.push(format!("{speed:.0} steps/s"));
    }
    words.join("  ")
}

/// An event that is worth a line of its own.
pub(crate) fn note(event: &TrainingEvent<'_>) -> Option<String> {
    match event {
        TrainingEvent::CandidateScored {
            candidate,
            measure,
            best,
        } => {
            let mark = if *best { " (best so far)" } else { "" };
            Some(format!(
                "policy after {} episodes: {} {} on the selection starts, {} is better{mark}",
                candidate.episodes,
                measure.name(),
                score(measure.shown(candidate.score())),
                measure.better_side(),
            ))
        }
        TrainingEvent::ControllerChosen(candidate) => Some(format!(
            "controller: the policy after {} episodes",
            candidate.episodes
        )),
        _ => None,
    }
}

/// A candidate's score: steps with one digit, small figures with four.
pub(crate) fn score(score: f64) -> String {
    let digits = if score.abs() < 10.0 { 4 } else { 1 };
    format!("{score:.digits$}")
}
