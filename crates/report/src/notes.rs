//! How the figures of a report were made, for readers who want to judge them.

use super::RunReport;

/// The notes that apply to these runs.
pub(super) fn section(runs: &[RunReport]) -> String {
    let mut notes = Vec::new();
    if runs.iter().any(|run| run.comparison.is_some()) {
        notes.extend([
            "<b>Held-out starts.</b> A start point is the initial parameters and the batch order, both from a seed. \
             Training, choice of the controller and this comparison use three separate sets of starts that never \
             meet. Every method runs from the same starts, with the same batches in the same order.",
            "<b>First hit.</b> The first step, counted from 0, at which the loss of a single batch is at or below the \
             threshold. It is the minimum of a noisy series, and a few easy batches decide it: read the smoothed \
             losses and the validation loss beside it. A start that never gets there counts as the whole descent, and \
             is missing from <i>reached</i>.",
            "<b>Interquartile mean (IQM).</b> The mean of the middle half of the starts: a quarter, rounded down, is \
             cut at each end. It moves less with single lucky or unlucky starts than the mean, and uses more of them \
             than the median.",
            "<b>95 % interval.</b> Percentile bootstrap with 2,000 resamples of the starts. It tells how far the figure \
             would move with other starts of the same task; it does not speak of other tasks, nor of other trainings \
             of the controller.",
            "<b>Diverged.</b> Starts whose loss stopped being a finite number. Their missing losses count as the \
             worst. A loss that only stays at chance is not counted here; it shows in the final losses.",
        ]);
    }
    if runs.iter().any(|run| !run.episodes.is_empty()) {
        notes.push(
            "<b>Training episodes</b> explore: their scores and first hits are those of a policy that still tries \
             things, and are worse than the chosen controller's.",
        );
    }
    if notes.is_empty() {
        return String::new();
    }
    let items: String = notes
        .iter()
        .map(|note| format!("<li>{note}</li>\n"))
        .collect();
    format!(
        "<section>\n<h2>How these figures were made</h2>\n<ul class=\"notes\">\n{items}</ul>\n</section>\n"
    )
}
