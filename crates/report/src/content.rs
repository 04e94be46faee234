//! What a report shows: plain data.

use descender_compare::behaviour::Behaviour;
use descender_compare::comparison::Comparison;
use descender_figure::Chart;
use descender_record::{Phase, PhaseTime};
use descender_statistics::number::tenths;
use descender_train::CandidateScore;
use descender_train::episode_record::EpisodeRecord;

/// What a page shows: one run or several, one below the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The title of the page.
    pub title: String,
    /// The runs.
    pub runs: Vec<RunReport>,
}

/// What is shown of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunReport {
    /// The heading, such as the name of the run folder; used only for several runs.
    pub name: String,
    /// Paragraphs of plain text that come first.
    pub lead: Vec<String>,
    /// What was run.
    pub facts: Facts,
    /// The comparison with other methods, if there was one.
    pub comparison: Option<Comparison>,
    /// The episodes of the training, in their order; empty if nothing was trained.
    pub episodes: Vec<EpisodeRecord>,
    /// The candidates among which the controller was chosen, in the order of their episodes.
    pub candidates: Vec<CandidateScore>,
    /// What a candidate's score is, such as `first hit, lower is better`, for the axis.
    pub measure: String,
    /// The name of the agent that learned, such as `dqn`; empty if that is not known.
    pub agent: String,
    /// What the controller did and relied on, if its behaviour was recorded.
    pub behaviour: Option<Behaviour>,
    /// Further figures, shown after the comparison.
    pub figures: Vec<ReportFigure>,
    /// The time that each phase took.
    pub phases: Vec<PhaseTime>,
}

impl RunReport {
    /// What the training cost: descents, steps, and the time that it took; `None` if no episodes are known.
    #[must_use]
    pub fn training_cost(&self) -> Option<String> {
        if self.episodes.is_empty() {
            return None;
        }
        let steps: u64 = self.episodes.iter().map(|episode| episode.steps).sum();
        let trained = |phase: &&PhaseTime| {
            matches!(
                phase.phase,
                Phase::Descending
                    | Phase::Learning
                    | Phase::Scoring
                    | Phase::Saving
                    | Phase::Choosing
            )
        };
        let seconds: f64 = (self.phases.iter().filter(trained))
            .map(|phase| phase.seconds)
            .sum();
        let time = match seconds {
            0.0 => String::new(),
            seconds => format!(
                "; {} minutes with the choice of the controller",
                tenths(seconds / 60.0)
            ),
        };
        Some(format!(
            "{} descents, {steps} steps{time}",
            self.episodes.len()
        ))
    }
}

/// What was run. Empty texts are not shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// What was trained, as a sentence.
    pub trained: String,
    /// The task.
    pub task: String,
    /// The preset that the settings began with.
    pub preset: String,
    /// The seed.
    pub seed: u64,
    /// The version of the program.
    pub version: String,
    /// The command as typed.
    pub command: String,
    /// The loss threshold of the first hit; NaN if it is not known.
    pub threshold: f64,
    /// The complete settings, as TOML.
    pub configuration: String,
    /// Further facts as (name, value), in the order in which they are shown.
    pub more: Vec<(String, String)>,
}

/// A further figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportFigure {
    /// The chart, such as `LineChart { .. }.into()`. The page draws it in its own widths, with its title above.
    pub chart: Chart,
    /// What the figure shows, as plain text.
    pub caption: String,
}

impl Default for Facts {
    /// No facts: empty texts, seed 0 and an unknown threshold.
    fn default() -> Self {
        Self {
            trained: String::new(),
            task: String::new(),
            preset: String::new(),
            seed: 0,
            version: String::new(),
            command: String::new(),
            threshold: f64::NAN,
            configuration: String::new(),
            more: Vec::new(),
        }
    }
}
