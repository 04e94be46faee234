//! The front door: train a controller on a problem, in one call.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descender_agent::AgentSettings;
use descender_compare::compare::{CompareError, CompareSettings, compare};
use descender_compare::comparison::Comparison;
use descender_compare::contender::Entry;
use descender_control::{ActionSettings, Controller, ObservationSettings, OwnParts};
use descender_env::{FinalLossSettings, LogLossSettings, RewardSettings, Stop};
use descender_optim::Method;
use descender_record::{FolderLock, Manifest};
use descender_study::{Run, RunError, RunFolder, RunFolderError};
use descender_task::{DescentError, Problem};
use descender_train::configuration::{Configuration, ConfigurationError, Preset, SelectionMeasure};
use descender_train::observer::TrainingObserver;

/// A training to be: a problem, and settings that are laid over a preset.
///
/// It begins with the preset `quick`, paced to the problem's budget, with a reward that the problem's descents can be paid
/// by. Everything can be changed; what is built in is named, what is your own is a value. Candidates are chosen on
/// selection starts, and the comparison at the end uses starts that neither training nor choice has seen.
///
/// ```
/// use descender::task::Task;
/// use descender::{Training, TrainingFailure};
///
/// let trained = Training::on(Task::small())
///     .steps(60)
///     .episodes(64)
///     .against("sgd:0.1", 4)
///     .seed(1)
///     .run()?;
/// let controller = trained.comparison().controller().expect("it is always compared");
/// assert!(controller.first_hit.starts == 4);
/// # Ok::<(), TrainingFailure>(())
/// ```
#[must_use = "a training does nothing before it is run"]
pub struct Training {
    problem: Arc<dyn Problem>,
    configuration: Configuration,
    /// Whether the reward is still to be chosen by what the descents can do.
    choose_reward: bool,
    folder: Option<PathBuf>,
    stop: Stop,
    observers: Vec<Box<dyn TrainingObserver>>,
}

/// Why a training has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingFailure {
    /// A setting is refused.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// The problem can't be descended on.
    #[error(transparent)]
    Descent(#[from] DescentError),
    /// The run folder can't be used.
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    /// The run failed, or was stopped.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A comparison was not made.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// No temporary folder can be made for a run that isn't kept.
    #[error("cannot make a temporary folder for the run")]
    Temporary(#[source] std::io::Error),
}

impl Training {
    /// A training on `problem`, with the preset `quick`.
    pub fn on(problem: impl Problem + 'static) -> Self {
        Self::from_preset(problem, "quick").expect("the program has the preset `quick`")
    }

    /// A training on `problem`, with a preset by its name.
    ///
    /// # Errors
    /// If there is no such preset.
    pub fn from_preset(
        problem: impl Problem + 'static,
        preset: &str,
    ) -> Result<Self, ConfigurationError> {
        let problem: Arc<dyn Problem> = Arc::new(problem);
        let configuration = Preset::by_name(preset)?.configuration();
        let configuration = Configuration {
            task: problem.name().to_owned(),
            ..configuration.with_budget(problem.job().steps)
        };
        Ok(Self {
            problem,
            configuration,
            choose_reward: true,
            folder: None,
            stop: Stop::default(),
            observers: Vec::new(),
        })
    }

    /// Steps of each descent. Default: the budget of the problem's job.
    pub fn steps(mut self, steps: u64) -> Self {
        self.configuration = self.configuration.with_budget(steps);
        self
    }

    /// Episodes of training.
    pub fn episodes(mut self, episodes: u64) -> Self {
        self.configuration.episodes = episodes;
        self
    }

    /// The seed of every random stream. Default: 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.configuration.seed = seed;
        self
    }

    /// The batch loss at or below which a step is a hit. Default: 0.02.
    pub fn threshold(mut self, threshold: f32) -> Self {
        self.configuration.environment.threshold = threshold;
        self
    }

    /// The optimizer that is controlled. Default: Adam.
    pub fn optimizer(mut self, method: Method) -> Self {
        self.configuration.optimizer = method;
        self
    }

    /// What the policy sees: built in, or your own by `.into()`.
    pub fn observation(mut self, observation: impl Into<ObservationSettings>) -> Self {
        self.configuration.environment.control.observation = observation.into();
        self
    }

    /// What the policy can do: built in, or your own by `.into()`.
    pub fn action(mut self, action: impl Into<ActionSettings>) -> Self {
        self.configuration.environment.control.action = action.into();
        self
    }

    /// What is paid: built in, or your own by [`RewardSettings::own`]; and candidates are chosen by the sum of it.
    pub fn reward(mut self, reward: RewardSettings) -> Self {
        self.configuration.environment.reward = reward;
        self.configuration.selection.measure = SelectionMeasure::Score;
        self.choose_reward = false;
        self
    }

    /// Who learns: built in, or your own by [`AgentSettings::own`].
    pub fn agent(mut self, agent: AgentSettings) -> Self {
        self.configuration.agent = agent;
        self
    }

    /// Rivals of the comparison at the end, in the form of `--against`, and its starts.
    pub fn against(mut self, rivals: &str, starts: u64) -> Self {
        rivals.clone_into(&mut self.configuration.comparison.against);
        self.configuration.comparison.starts = starts;
        self
    }

    /// Changes anything else in the settings. The reward is then as it stands there.
    pub fn configure(mut self, change: impl FnOnce(&mut Configuration)) -> Self {
        self.choose_reward();
        change(&mut self.configuration);
        self
    }

    /// Someone who is told how it goes.
    pub fn observer(mut self, observer: impl TrainingObserver + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Keeps the run in a folder: settings, episodes, checkpoint, controller, comparison and report. A folder that holds
    /// the same run, interrupted, is continued with the same bits.
    pub fn folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folder = Some(path.into());
        self
    }

    /// Ends the training at the next safe point once this stop is requested.
    pub fn stop(mut self, stop: &Stop) -> Self {
        self.stop = stop.clone();
        self
    }

    /// The settings as they stand.
    #[must_use]
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// Trains, chooses the controller, watches and compares it, and writes the report.
    ///
    /// # Errors
    /// [`TrainingFailure`].
    pub fn run(mut self) -> Result<Trained, TrainingFailure> {
        self.fit_to_descents()?;
        self.configuration.check()?;
        let temporary = match &self.folder {
            Some(_) => None,
            None => Some(tempfile::tempdir().map_err(TrainingFailure::Temporary)?),
        };
        let path = match (&self.folder, &temporary) {
            (Some(path), _) => path.clone(),
            (None, Some(temporary)) => temporary.path().join("run"),
            (None, None) => unreachable!("a run without a folder has a temporary one"),
        };
        let (folder, _lock) = open_or_create(&path, &self.configuration)?;
        let run = Run::on(
            &folder,
            Arc::clone(&self.problem),
            self.configuration.clone(),
            &self.stop,
            &mut self.observers,
        );
        let comparison = run.complete()?;
        let parts = OwnParts::of(&self.configuration.environment.control);
        let file = folder.file("controller.safetensors");
        let controller = Controller::load_with(file, &parts).map_err(RunError::from)?;
        Ok(Trained {
            problem: self.problem,
            configuration: self.configuration,
            controller,
            comparison,
        })
    }

    /// Chooses the reward by what the problem's descents can do, if it wasn't set.
    fn choose_reward(&mut self) {
        if !std::mem::take(&mut self.choose_reward) {
            return;
        }
        let Ok(descent) = self.problem.descent(self.configuration.optimizer) else {
            return; // `run` says why
        };
        let capabilities = descent.capabilities();
        let configuration = &mut self.configuration;
        if capabilities.selection && capabilities.probe {
            return;
        }
        configuration.selection.measure = SelectionMeasure::Score;
        configuration.environment.reward = if capabilities.selection {
            RewardSettings::FinalLoss(FinalLossSettings::default())
        } else {
            RewardSettings::LogLoss(LogLossSettings::default())
        };
    }

    /// Leaves out what the problem's descents can't do.
    fn fit_to_descents(&mut self) -> Result<(), DescentError> {
        self.choose_reward();
        let descent = self.problem.descent(self.configuration.optimizer)?;
        if !descent.capabilities().save {
            self.configuration.environment.control.safety.enabled = false;
        }
        Ok(())
    }
}

/// The folder with this very run, or a new one, claimed for this process.
fn open_or_create(
    path: &Path,
    configuration: &Configuration,
) -> Result<(RunFolder, FolderLock), RunFolderError> {
    let same = |folder: &RunFolder| {
        let text = std::fs::read_to_string(folder.file("config.toml"));
        text.is_ok_and(|text| text == configuration.to_toml())
    };
    match RunFolder::open(path) {
        Ok(folder) if same(&folder) => {
            let lock = folder.lock()?;
            Ok((folder, lock))
        }
        Ok(_) => Err(RunFolderError::Occupied(path.to_owned())),
        Err(RunFolderError::NoRun(_)) => {
            let command = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let manifest = Manifest::start(command.collect(), configuration.seed, threads);
            RunFolder::create(path, configuration, &manifest)
        }
        Err(error) => Err(error),
    }
}

/// What came of a training.
#[derive(Clone, Debug)]
pub struct Trained {
    problem: Arc<dyn Problem>,
    configuration: Configuration,
    controller: Controller,
    comparison: Comparison,
}

impl Trained {
    /// The controller, chosen on selection starts.
    #[must_use]
    pub fn controller(&self) -> &Controller {
        &self.controller
    }

    /// The comparison with rivals on held-out starts.
    #[must_use]
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// Writes the controller to a file.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), TrainingFailure> {
        Ok(self.controller.save(path).map_err(RunError::from)?)
    }

    /// Compares the controller with further rivals, in the form of `--against`, from `starts` held-out starts of `seed`.
    ///
    /// # Errors
    /// If the list is refused, or a method can't run on the problem.
    pub fn compare(
        &self,
        against: &str,
        starts: u64,
        seed: u64,
    ) -> Result<Comparison, TrainingFailure> {
        let mut entries = vec![Entry::controller(self.controller.clone())];
        entries.extend(Entry::load_list(against).map_err(CompareError::from)?);
        let settings = CompareSettings {
            starts,
            steps: self.configuration.comparison.steps,
            seed,
            threshold: self.configuration.environment.threshold,
        };
        let never = Stop::default();
        Ok(compare(
            &self.problem,
            &entries,
            &settings,
            &never,
            &|_| {},
        )?)
    }
}
