//! The paper's figures 1 to 5, from one call: trainings, descents, findings, pictures and a page.
//!
//! ```text
//! reproduce.json              which reproduction this is: budget, seed, task, version, command
//! paper-fixed, paper-random   ordinary run folders of the two trainings
//! fig1.json … fig5.json       the data of each figure with its findings
//! fig1.svg … fig5.svg         its pictures, one below the other
//! findings.json               the findings of all figures
//! report.html                 the page; opens without a network
//! ```
//!
//! [`reproduce`] makes what is missing: a figure whose file is there and was made by this version with the same
//! settings is kept, a complete training is used, an incomplete one goes on from its checkpoint. So a reproduction that
//! was interrupted goes on when it is asked for again, with the same bits. Pictures, findings and page are always made
//! from the data in the figures' files, not from what is in memory; so a new rule for a finding needs no new descents.
//!
//! The trainings with one environment each use one core; the one with random starts runs beside everything that doesn't
//! need it. No result depends on that, or on the number of threads.

mod curve;
mod descent;
mod fig1;
mod fig2;
mod fig3;
mod fig4;
mod fig5;
mod finding;
mod folder;
mod page;
mod plan;
mod runs;
#[cfg(test)]
mod tests;

pub use curve::Curve;
pub use fig1::{ConstantDescent, Fig1};
pub use fig2::{Fig2, Windows};
pub use fig3::Fig3;
pub use fig4::{Fig4, SteeredDescent};
pub use fig5::{Fig5, ValidatedDescent};
pub use finding::{Evidence, Finding, Seen, Wanted, findings_table};
pub use folder::{FigureFile, Identity, ReproduceError};
pub use plan::{Budget, Plan, Sample};

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_task::Task;
use rayon::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::observer::TrainingEvent;
use crate::run::task_of;
use descender_env::Stop;
use descender_figure::LineChart;
use folder::Folder;

/// A figure of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FigureName {
    /// Constant learning rates.
    Fig1,
    /// A fixed start point.
    Fig2,
    /// Random start points: the training.
    Fig3,
    /// The course of η as the training goes on.
    Fig4,
    /// Validation data.
    Fig5,
}

impl FigureName {
    /// All figures, in their order.
    pub const ALL: [Self; 5] = [Self::Fig1, Self::Fig2, Self::Fig3, Self::Fig4, Self::Fig5];

    /// The name, as on the command line and of the files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fig1 => "fig1",
            Self::Fig2 => "fig2",
            Self::Fig3 => "fig3",
            Self::Fig4 => "fig4",
            Self::Fig5 => "fig5",
        }
    }

    /// What it shows.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fig1 => "Figure 1: constant learning rates",
            Self::Fig2 => "Figure 2: a controller trained from a fixed start point",
            Self::Fig3 => "Figure 3: training from random start points",
            Self::Fig4 => "Figure 4: the course of η as the training goes on",
            Self::Fig5 => "Figure 5: the chosen controller on validation data",
        }
    }
}

/// Something that happened in a reproduction.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ReproduceEvent<'a> {
    /// Something happened in a training.
    Training {
        /// Its folder's name, `paper-fixed` or `paper-random`.
        run: &'a str,
        /// What happened.
        event: &'a TrainingEvent<'a>,
    },
    /// The complete training of an earlier call is used.
    TrainingKept {
        /// Its folder's name.
        run: &'a str,
    },
    /// Descents for a figure: so many of so many are done.
    Descents {
        /// The figure.
        figure: FigureName,
        /// Finished descents.
        done: u64,
        /// All descents.
        total: u64,
    },
    /// A figure is there.
    FigureReady {
        /// The figure.
        figure: FigureName,
        /// Whether it was made by an earlier call.
        kept: bool,
    },
}

/// Whoever is told how a reproduction goes; called from any thread.
pub type Watcher = Arc<dyn Fn(&ReproduceEvent<'_>) + Send + Sync>;

/// What to reproduce, where, and who is told.
pub struct Reproduction<'a> {
    /// The folder; made if it isn't there.
    pub folder: &'a Path,
    /// The numbers.
    pub plan: Plan,
    /// The figures that are wanted.
    pub figures: Vec<FigureName>,
    /// The command as typed, for the record.
    pub command: Vec<String>,
    /// Asked between descents and between decisions.
    pub stop: &'a Stop,
    /// Told of everything.
    pub watcher: Watcher,
}

/// What the makers of figures share.
struct Context<'a> {
    reproduction: &'a Reproduction<'a>,
    task: Arc<Task>,
}

/// What a figure's file holds beside its head, and what is made from it.
trait FigureData: Serialize + DeserializeOwned {
    /// The findings, by the rules of the figure's module.
    fn findings(&self, seed: u64) -> Vec<Finding>;
    /// The pictures.
    fn panels(&self) -> Vec<Panel>;
}

/// A picture with the words below it.
struct Panel {
    chart: LineChart,
    caption: String,
}

/// Makes the figures that are missing, then pictures, findings and page. Returns the findings of all figures that are
/// in the folder, in their order.
///
/// # Errors
/// [`ReproduceError::Stopped`] if a stop was asked for: the same call goes on. Otherwise what failed.
pub fn reproduce(reproduction: &Reproduction<'_>) -> Result<Vec<Finding>, ReproduceError> {
    // Before there is a folder: data that cannot be used leave nothing behind.
    let context = Context {
        reproduction,
        task: Arc::new(task_of(&reproduction.plan.fixed)?),
    };
    let folder = Folder::claim(reproduction)?;
    let mut missing: Vec<FigureName> = Vec::new();
    for figure in FigureName::ALL {
        if !reproduction.figures.contains(&figure) {
            continue;
        }
        if folder.has(figure, &context.settings(figure)) {
            context.tell(&ReproduceEvent::FigureReady { figure, kept: true });
        } else {
            missing.push(figure);
        }
    }
    make(&context, &folder, &missing)?;
    page::write(&folder, reproduction)
}

fn make(
    context: &Context<'_>,
    folder: &Folder,
    missing: &[FigureName],
) -> Result<(), ReproduceError> {
    let wants = |figure| missing.contains(&figure);
    let (random, rivals) = rayon::join(
        || {
            let needed = [FigureName::Fig3, FigureName::Fig4, FigureName::Fig5];
            let run = needed.iter().any(|figure| wants(*figure)).then(|| {
                let plan = &context.reproduction.plan;
                runs::complete(context, "paper-random", &plan.random)
            });
            run.transpose().inspect_err(|error| context.give_up(error))
        },
        || {
            let rest = || {
                if wants(FigureName::Fig2) {
                    let plan = &context.reproduction.plan;
                    let run = runs::complete(context, "paper-fixed", &plan.fixed)?;
                    folder.keep(context, FigureName::Fig2, fig2::make(context, &run)?)?;
                }
                if wants(FigureName::Fig1) {
                    folder.keep(context, FigureName::Fig1, fig1::make(context)?)?;
                }
                wants(FigureName::Fig3)
                    .then(|| fig3::rivals(context))
                    .transpose()
            };
            rest().inspect_err(|error| context.give_up(error))
        },
    );
    let (random, rivals) = match (random, rivals) {
        // The one that failed says more than the one that was stopped for it.
        (Err(ReproduceError::Stopped), Err(error)) | (Err(error), _) | (_, Err(error)) => {
            return Err(error);
        }
        (Ok(random), Ok(rivals)) => (random, rivals),
    };
    if let Some(run) = random {
        if let Some(rivals) = rivals {
            folder.keep(
                context,
                FigureName::Fig3,
                fig3::make(context, &run, rivals)?,
            )?;
        }
        if wants(FigureName::Fig4) {
            folder.keep(context, FigureName::Fig4, fig4::make(context, &run)?)?;
        }
        if wants(FigureName::Fig5) {
            folder.keep(context, FigureName::Fig5, fig5::make(context, &run)?)?;
        }
    }
    Ok(())
}

impl Context<'_> {
    fn plan(&self) -> &Plan {
        &self.reproduction.plan
    }

    fn tell(&self, event: &ReproduceEvent<'_>) {
        (self.reproduction.watcher)(event);
    }

    /// What failed on one side stops the other.
    fn give_up(&self, _error: &ReproduceError) {
        self.reproduction.stop.request();
    }

    /// The settings of a figure: what must be the same for its file to be kept.
    fn settings(&self, figure: FigureName) -> serde_json::Value {
        let plan = self.plan();
        let settings = match figure {
            FigureName::Fig1 => serde_json::json!({"descents": plan.constant}),
            FigureName::Fig2 => serde_json::json!({
                "run": descender_record::settings_text::table_of(&plan.fixed),
                "policies": plan.fixed_policies,
            }),
            FigureName::Fig3 => serde_json::json!({
                "run": descender_record::settings_text::table_of(&plan.random),
                "neighbours": plan.neighbours,
            }),
            FigureName::Fig4 => serde_json::json!({
                "run": descender_record::settings_text::table_of(&plan.random),
                "policies": plan.random_policies,
                "descents": plan.spread,
            }),
            FigureName::Fig5 => serde_json::json!({
                "run": descender_record::settings_text::table_of(&plan.random),
                "descents": plan.validation,
                "validation_every": plan.validation_every,
            }),
        };
        // As it comes back from a file: numbers that JSON doesn't have are null.
        serde_json::from_str(&settings.to_string()).unwrap_or(settings)
    }

    /// The results of `work` on each of the jobs, in their order.
    fn side_by_side<J: Sync, T: Send>(
        &self,
        figure: FigureName,
        jobs: &[J],
        work: impl Fn(&J) -> Result<T, ReproduceError> + Sync,
    ) -> Result<Vec<T>, ReproduceError> {
        let (done, total) = (AtomicU64::new(0), jobs.len() as u64);
        jobs.par_iter()
            .with_max_len(1)
            .map(|job| {
                if self.reproduction.stop.requested() {
                    return Err(ReproduceError::Stopped);
                }
                let result = work(job)?;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                self.tell(&ReproduceEvent::Descents {
                    figure,
                    done,
                    total,
                });
                Ok(result)
            })
            .collect()
    }
}
