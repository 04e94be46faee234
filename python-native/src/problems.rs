//! What the episodes are descents of: one task, or the jobs of a set.

use std::path::Path;
use std::sync::Arc;

use descender::control::ShippedController;
use descender::env::{Environment, EnvironmentSettings, FinalLossSettings, RewardSettings};
use descender::jobs::JobSet;
use descender::task::{Problem, StartPoint, Task};
use descender::train::configuration::{Configuration, Resolver};
use pyo3::PyResult;
use pyo3::exceptions::PyValueError;

use crate::errors::refused;

/// The controller whose control an environment over jobs has, unless settings say otherwise.
const SHIPPED: &str = "pretrained";

/// One task, or a set of jobs.
pub(crate) enum Problems {
    /// All episodes are descents of this task.
    One(Arc<Task>),
    /// Each episode is a descent of another job.
    Jobs(Box<JobSet>),
}

impl Problems {
    /// The problems that a task's name stands for, and the settings of their episodes: those of the preset (for jobs: with the
    /// control of the shipped controller, and the reward `final-loss`), with `settings` laid over them, `KEY=VALUE` each.
    pub(crate) fn named(
        name: &str,
        data: Option<&Path>,
        preset: Option<&str>,
        steps: Option<u64>,
        settings: &[String],
    ) -> PyResult<(Self, Configuration)> {
        let set = JobSet::find(name).map_err(|error| refused(&error))?;
        let mut resolver = Resolver::new(preset).map_err(|error| refused(&error))?;
        let problems = match set {
            Some(set) => {
                resolver = over_jobs(resolver).map_err(|error| refused(&error))?;
                Problems::Jobs(Box::new(set))
            }
            None => {
                let task = Task::by_name(name, data).map_err(|error| refused(&error))?;
                resolver = of_task(resolver, name, &task).map_err(|error| refused(&error))?;
                Problems::One(Arc::new(task))
            }
        };
        if let Some(steps) = steps {
            resolver = resolver.budget(steps).map_err(|error| refused(&error))?;
        }
        // Nothing is chosen here, so no choice need fit the reward.
        resolver = resolver
            .set("selection.measure=score")
            .map_err(|error| refused(&error))?;
        for assignment in settings {
            resolver = resolver.set(assignment).map_err(|error| refused(&error))?;
        }
        let configuration = resolver.finish().map_err(|error| refused(&error))?;
        if matches!(problems, Problems::Jobs(_)) && !configuration.environment.control.is_relative()
        {
            return Err(PyValueError::new_err(
                "environment.control.decisions is 0: expected the decisions of an episode, 1 or more, for the jobs of a set \
                 have different numbers of steps",
            ));
        }
        Ok((problems, configuration))
    }

    /// An environment for an episode from `start`, and the start point of its descent. For a set, this is the job of that
    /// number, drawn under the start's seed.
    pub(crate) fn environment(
        &self,
        configuration: &Configuration,
        start: StartPoint,
    ) -> PyResult<(Environment, StartPoint)> {
        let method = configuration.optimizer;
        let settings = configuration.environment.clone();
        let (descent, settings, start) = match self {
            Problems::One(task) => (task.descent(method), settings, start),
            Problems::Jobs(set) => {
                let set = JobSet {
                    seed: start.seed,
                    ..(**set).clone()
                };
                let instance = set.instance(start.purpose, start.index);
                let job = instance.job();
                let settings = EnvironmentSettings {
                    steps: job.steps,
                    control: settings.control.fitted(&job),
                    ..settings
                };
                (instance.task.descent(method), settings, instance.start)
            }
        };
        let descent = descent.map_err(|error| refused(&error))?;
        let environment =
            Environment::new(descent, method, settings).map_err(|error| refused(&error))?;
        Ok((environment, start))
    }
}

type Resolved = Result<Resolver, descender::train::configuration::ConfigurationError>;

/// The settings for a task, as `descender train --task` has them.
fn of_task(resolver: Resolver, name: &str, task: &Task) -> Resolved {
    let resolver = resolver.set_string("task", name)?;
    match Task::is_file_name(name) {
        true => resolver.task_file(task),
        false => Ok(resolver),
    }
}

/// The settings for jobs of all lengths: the control and the optimizer of the shipped controller, and a reward that suits every
/// job.
fn over_jobs(resolver: Resolver) -> Resolved {
    let mut configuration = resolver.finish()?;
    let shipped = ShippedController::by_name(SHIPPED)
        .expect("the program has this controller")
        .controller();
    configuration.environment.control = shipped.control().clone();
    configuration.optimizer = *shipped.method();
    configuration.environment.reward = RewardSettings::FinalLoss(FinalLossSettings::default());
    Ok(Resolver::over(&configuration))
}
