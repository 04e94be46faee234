//! What is reproduced, and what the makers of figures share.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use descender_env::Stop;
use descender_record::settings_text::table_of;
use descender_task::Task;
use descender_train::observer::TrainingEvent;
use rayon::prelude::*;

use crate::error::ReproduceError;
use crate::figure_name::FigureName;
use crate::plan::Plan;

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
    /// Descents for a figure: finished ones, of all.
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
pub(crate) struct Context<'a> {
    pub(crate) reproduction: &'a Reproduction<'a>,
    pub(crate) task: Arc<Task>,
}

impl Context<'_> {
    pub(crate) fn plan(&self) -> &Plan {
        &self.reproduction.plan
    }

    pub(crate) fn tell(&self, event: &ReproduceEvent<'_>) {
        (self.reproduction.watcher)(event);
    }

    /// What failed on one side stops the other.
    pub(crate) fn give_up(&self, _error: &ReproduceError) {
        self.reproduction.stop.request();
    }

    /// The settings of a figure: what must be the same for its file to be kept.
    pub(crate) fn settings(&self, figure: FigureName) -> serde_json::Value {
        let plan = self.plan();
        let settings = match figure {
            FigureName::Fig1 => serde_json::json!({"descents": plan.constant}),
            FigureName::Fig2 => serde_json::json!({
                "run": table_of(&plan.fixed),
                "policies": plan.fixed_policies,
            }),
            FigureName::Fig3 => serde_json::json!({
                "run": table_of(&plan.random),
                "neighbours": plan.neighbours,
            }),
            FigureName::Fig4 => serde_json::json!({
                "run": table_of(&plan.random),
                "policies": plan.random_policies,
                "descents": plan.spread,
            }),
            FigureName::Fig5 => serde_json::json!({
                "run": table_of(&plan.random),
                "descents": plan.validation,
                "validation_every": plan.validation_every,
            }),
        };
        // As it comes back from a file: numbers that JSON doesn't have are null.
        serde_json::from_str(&settings.to_string()).unwrap_or(settings)
    }

    /// The results of `work` on each of the jobs, in their order.
    pub(crate) fn side_by_side<J: Sync, T: Send>(
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
