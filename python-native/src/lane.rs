//! One environment with its starts: it begins one episode after another.

use std::sync::Arc;

use descender::control::{Action, ActionSpace};
use descender::env::{Environment, EpisodeSummary, StepOutcome};
use descender::task::StartPoint;
use descender::train::configuration::Configuration;
use pyo3::PyResult;

use crate::problems::Problems;

/// One environment with its starts.
pub(crate) struct Lane {
    problems: Arc<Problems>,
    configuration: Arc<Configuration>,
    environment: Environment,
    /// Of the episode that is running, or ran last; its index counts the episodes of the seed.
    start: StartPoint,
}

impl Lane {
    /// A lane before its first episode.
    pub(crate) fn new(
        problems: &Arc<Problems>,
        configuration: &Arc<Configuration>,
    ) -> PyResult<Self> {
        let start = StartPoint::default();
        let (environment, _) = problems.environment(configuration, start)?;
        Ok(Self {
            problems: Arc::clone(problems),
            configuration: Arc::clone(configuration),
            environment,
            start,
        })
    }

    /// Begins the episode of this start.
    pub(crate) fn begin(&mut self, start: StartPoint) -> PyResult<()> {
        let mut from = start;
        if matches!(*self.problems, Problems::Jobs(_)) {
            (self.environment, from) = self.problems.environment(&self.configuration, start)?;
        }
        self.start = start;
        self.environment.reset(from);
        Ok(())
    }

    /// Begins the episode that follows the last one.
    pub(crate) fn begin_next(&mut self) -> PyResult<()> {
        self.begin(StartPoint {
            index: self.start.index + 1,
            ..self.start
        })
    }

    /// Takes one decision.
    pub(crate) fn step(&mut self, action: &Action) -> StepOutcome {
        self.environment.step(action)
    }

    /// The environment.
    pub(crate) fn environment(&mut self) -> &mut Environment {
        &mut self.environment
    }

    /// The start of the episode that is running, or ran last.
    pub(crate) fn start(&self) -> StartPoint {
        self.start
    }

    /// What the agent sees now.
    pub(crate) fn observation(&self) -> &[f32] {
        self.environment.observation()
    }

    /// The shape of an action.
    pub(crate) fn action_space(&self) -> ActionSpace {
        self.environment.action_space()
    }

    /// The episode so far.
    pub(crate) fn summary(&self) -> EpisodeSummary {
        self.environment.summary()
    }

    /// Steps of the descent made, and η of the next one.
    pub(crate) fn progress(&self) -> (u64, f32) {
        (
            self.environment.steps(),
            self.environment.hyper_parameters().learning_rate,
        )
    }
}
