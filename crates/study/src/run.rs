//! A run from start to report, in a run folder: training, choice of the controller, a record of its behaviour,
//! comparison.
//!
//! A run can be killed at any moment. It then continues from its last checkpoint with the same bits. What follows the
//! training (choice, behaviour, comparison, report) is computed again from the checkpoint.

mod choice;
mod clock;
mod error;
mod training;

use std::sync::Arc;
use std::sync::Mutex;

use descender_control::Controller;
use descender_task::Problem;

use crate::run_folder::RunFolder;
use crate::run_report::run_report_with;
use clock::Clock;
use descender_compare::behaviour::{Behaviour, WatchSettings};
use descender_compare::compare::{
    CompareError, CompareSettings, Kept, PartProgress, RivalCache, compare_with,
};
use descender_compare::comparison::Comparison;
use descender_compare::contender::Entry;
use descender_env::Stop;
use descender_record::{Phase, manifest};
use descender_report::{Report, html};
use descender_train::TrainError;
use descender_train::configuration::Configuration;
use descender_train::observer::{TrainingEvent, TrainingObserver};
pub use error::RunError;

/// A run in its folder.
pub struct Run<'a> {
    folder: &'a RunFolder,
    problem: Arc<dyn Problem>,
    configuration: Configuration,
    stop: &'a Stop,
    observers: Mutex<&'a mut [Box<dyn TrainingObserver>]>,
    cache: Option<RivalCache>,
}

impl<'a> Run<'a> {
    /// The run whose settings are in the folder.
    ///
    /// # Errors
    /// The settings or the task's data are rejected.
    pub fn new(
        folder: &'a RunFolder,
        stop: &'a Stop,
        observers: &'a mut [Box<dyn TrainingObserver>],
    ) -> Result<Self, RunError> {
        let configuration = folder.configuration()?;
        let problem = Arc::new(configuration.load_task().map_err(TrainError::from)?);
        Ok(Self::on(folder, problem, configuration, stop, observers))
    }

    /// The run of `configuration` on a problem of any kind. The folder's settings are those of `configuration`; of what
    /// was passed by value, they hold only the name.
    #[must_use]
    pub fn on(
        folder: &'a RunFolder,
        problem: Arc<dyn Problem>,
        configuration: Configuration,
        stop: &'a Stop,
        observers: &'a mut [Box<dyn TrainingObserver>],
    ) -> Self {
        Self {
            folder,
            problem,
            configuration,
            stop,
            observers: Mutex::new(observers),
            cache: None,
        }
    }

    /// The run with a cache of its rivals' descents, which saves time where they are found.
    #[must_use]
    pub fn with_cache(self, cache: Option<RivalCache>) -> Self {
        Self { cache, ..self }
    }

    /// Continues from the last checkpoint, or begins, and ends with comparison and report.
    ///
    /// # Errors
    /// [`RunError::Stopped`] after a stop, once a checkpoint is written; otherwise what failed.
    pub fn complete(&self) -> Result<Comparison, RunError> {
        let mut clock = Clock::new(self.folder)?;
        let trainer = self.train(&mut clock)?;
        let chosen = clock.phase(Phase::Choosing, || self.choose(&trainer))?;
        let controller = self.write_controller(&chosen)?;
        self.notify(&TrainingEvent::ControllerChosen(&chosen));
        clock.phase(Phase::Watching, || self.watch(&controller))?;
        let comparison = clock.phase(Phase::Comparing, || self.compare(controller))?;
        self.folder.write_comparison(&comparison)?;
        clock.phase(Phase::Reporting, || self.write_report())?;
        let mut manifest = self.folder.manifest()?;
        manifest.ended = manifest::now();
        self.folder.write_manifest(&manifest)?;
        self.notify(&TrainingEvent::Compared(&comparison));
        Ok(comparison)
    }

    fn notify(&self, event: &TrainingEvent<'_>) {
        // An observer that panicked must not take the training with it.
        let mut observers = self
            .observers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        observers
            .iter_mut()
            .for_each(|observer| observer.notify(event));
    }

    fn trials(&self, phase: Phase) -> impl Fn(u64, u64) + Sync {
        move |done, total| self.notify(&TrainingEvent::Trials { phase, done, total })
    }

    fn watch(&self, controller: &Controller) -> Result<(), RunError> {
        let settings = WatchSettings {
            steps: self.configuration.comparison.steps,
            seed: self.configuration.seed,
            ..WatchSettings::default()
        };
        let progress = self.trials(Phase::Watching);
        let behaviour =
            Behaviour::record(&self.problem, controller, &settings, self.stop, &progress)?;
        Ok(self.folder.write_behaviour(&behaviour)?)
    }

    fn compare(&self, controller: Controller) -> Result<Comparison, RunError> {
        let configuration = &self.configuration;
        let mut entries = vec![Entry::controller(controller)];
        // The list was checked with the configuration; the files that it names are read only now.
        entries.extend(Entry::load_list(&configuration.comparison.against)?);
        let settings = CompareSettings {
            starts: configuration.comparison.starts,
            steps: configuration.comparison.steps,
            seed: configuration.report_seed(),
            threshold: configuration.environment.threshold,
        };
        let progress = |progress: PartProgress<'_>| {
            self.trials(progress.part.phase())(progress.done, progress.total);
            if let Some(ended) = progress.ended {
                self.notify(&TrainingEvent::TrialEnded(ended));
            }
        };
        let kept = Kept {
            store: None,
            cache: self.cache.as_ref(),
        };
        let (problem, stop) = (&self.problem, self.stop);
        compare_with(problem, &entries, &settings, stop, &progress, kept).map_err(|error| {
            match error {
                CompareError::Stopped => RunError::Stopped,
                error => error.into(),
            }
        })
    }

    fn write_report(&self) -> Result<(), RunError> {
        let run = run_report_with(self.folder, &self.configuration)?;
        let title = format!(
            "{}: a controller for {}",
            self.configuration.preset,
            self.problem.name()
        );
        Ok(self.folder.write_text(
            "report.html",
            &html(&Report {
                title,
                runs: vec![run],
            }),
        )?)
    }
}
