//! A run from start to report, in a run folder: training, choice of the controller, a look at what it does,
//! comparison.
//!
//! A run can be killed at any moment and goes on from its last checkpoint with the same bits. What follows the
//! training (choice, watching, comparison, report) is computed again from the checkpoint.

mod choice;
mod clock;
mod training;

use std::sync::Arc;
use std::sync::Mutex;

use descender_control::Controller;
use descender_task::Task;

use crate::baseline::Entry;
use crate::behaviour::{Behaviour, WatchSettings};
use crate::compare::{CompareError, CompareSettings, PartProgress, compare};
use crate::comparison::Comparison;
use crate::configuration::Configuration;
use crate::manifest;
use crate::observer::{TrainingEvent, TrainingObserver, WATCHING};
use crate::report::{self, Report, RunReport};
use crate::run_folder::RunFolder;
use crate::stop::Stop;
use crate::train::TrainError;
use crate::whole_message::whole_message;
use clock::{Clock, Part};

/// A run in its folder.
pub struct Run<'a> {
    folder: &'a RunFolder,
    task: Arc<Task>,
    configuration: Configuration,
    stop: &'a Stop,
    observers: Mutex<&'a mut [Box<dyn TrainingObserver>]>,
}

impl<'a> Run<'a> {
    /// The run whose settings stand in the folder.
    ///
    /// # Errors
    /// The settings or the task's data are refused.
    pub fn new(
        folder: &'a RunFolder,
        stop: &'a Stop,
        observers: &'a mut [Box<dyn TrainingObserver>],
    ) -> Result<Self, TrainError> {
        let configuration = folder.configuration()?;
        let task = Arc::new(task_of(&configuration)?);
        Ok(Self {
            folder,
            task,
            configuration,
            stop,
            observers: Mutex::new(observers),
        })
    }

    /// Goes on from the last checkpoint, or begins, and ends with comparison and report.
    ///
    /// # Errors
    /// [`TrainError::Stopped`] after a stop, with a checkpoint written; otherwise what failed.
    pub fn complete(&self) -> Result<Comparison, TrainError> {
        let mut clock = Clock::new(self.folder)?;
        let trainer = self.train(&mut clock)?;
        let chosen = clock.phase(Part::Choosing, || self.choose(&trainer))?;
        let controller = self.write_controller(&chosen)?;
        self.notify(&TrainingEvent::ControllerChosen(&chosen));
        clock.phase(Part::Watching, || self.watch(&controller))?;
        let comparison = clock.phase(Part::Comparing, || self.compare(controller))?;
        self.folder.write_comparison(&comparison)?;
        clock.phase(Part::Reporting, || self.write_report())?;
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

    fn trials(&self, purpose: &str) -> impl Fn(u64, u64) + Sync {
        move |done, total| {
            self.notify(&TrainingEvent::Trials {
                purpose,
                done,
                total,
            })
        }
    }

    fn watch(&self, controller: &Controller) -> Result<(), TrainError> {
        let settings = WatchSettings {
            steps: self.configuration.comparison.steps,
            seed: self.configuration.seed,
            ..WatchSettings::default()
        };
        let progress = self.trials(WATCHING);
        let behaviour = Behaviour::record(&self.task, controller, &settings, self.stop, &progress)?;
        Ok(self.folder.write_behaviour(&behaviour)?)
    }

    fn compare(&self, controller: Controller) -> Result<Comparison, TrainError> {
        let configuration = &self.configuration;
        let mut entries = vec![Entry::controller(controller)];
        // The list was checked with the configuration; the files that it names are read only now.
        entries.extend(
            Entry::load_list(&configuration.comparison.against).map_err(|error| {
                TrainError::State {
                    part: "the comparison",
                    message: whole_message(&error),
                }
            })?,
        );
        let settings = CompareSettings {
            starts: configuration.comparison.starts,
            steps: configuration.comparison.steps,
            seed: configuration.seed,
            threshold: configuration.environment.threshold,
        };
        let progress = |progress: PartProgress<'_>| {
            self.trials(progress.part.name())(progress.done, progress.total);
            if let Some(ended) = progress.ended {
                self.notify(&TrainingEvent::TrialEnded(ended));
            }
        };
        compare(&self.task, &entries, &settings, self.stop, &progress).map_err(
            |error| match error {
                CompareError::Stopped => TrainError::Stopped,
                error => error.into(),
            },
        )
    }

    fn write_report(&self) -> Result<(), TrainError> {
        let run = RunReport::of(self.folder)?;
        let title = format!(
            "{}: a controller for {}",
            self.configuration.preset, self.configuration.task
        );
        Ok(self.folder.write_text(
            "report.html",
            &report::html(&Report {
                title,
                runs: vec![run],
            }),
        )?)
    }
}

/// The task that a configuration names.
///
/// # Errors
/// The name is unknown or its data are refused.
pub fn task_of(configuration: &Configuration) -> Result<Task, TrainError> {
    let data = Some(configuration.data.as_str())
        .filter(|data| !data.is_empty())
        .map(std::path::Path::new);
    Ok(Task::by_name(&configuration.task, data)?)
}
