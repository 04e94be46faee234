//! One descent as an environment.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descender::control::{Action, ActionSpace};
use descender::env::EpisodeSummary;
use numpy::PyArray1;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::refused;
use crate::lane::Lane;
use crate::problems::Problems;
use crate::reading::{purpose_name, split, start_point};

/// An observation, a reward, whether the episode terminated, whether it was truncated, and as [`Environment::progress`].
type Stepped<'py> = (Bound<'py, PyArray1<f32>>, f32, bool, bool, u64, f32);

/// One descent as an environment. The interpreter is free while it works.
#[pyclass(frozen, module = "descender_native._native")]
pub(crate) struct Environment {
    lane: Mutex<Lane>,
    settings: String,
    features: Vec<String>,
    actions: ActionSpace,
}

impl Environment {
    fn lane(&self) -> MutexGuard<'_, Lane> {
        // A lane whose thread panicked has no half-made step that anybody could see: its next episode begins anew.
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stepped<'py>(&self, py: Python<'py>, action: &Action) -> Stepped<'py> {
        // The lock is given back before the interpreter is asked for.
        let (outcome, observation, (steps, learning_rate)) = py.detach(|| {
            let mut lane = self.lane();
            let outcome = lane.step(action);
            (outcome, lane.observation().to_vec(), lane.progress())
        });
        let observation = PyArray1::from_vec(py, observation);
        (
            observation,
            outcome.reward,
            outcome.terminated,
            outcome.truncated,
            steps,
            learning_rate,
        )
    }
}

#[pymethods]
impl Environment {
    #[new]
    #[pyo3(signature = (task, data=None, preset=None, steps=None, settings=vec![]))]
    fn new(
        py: Python<'_>,
        task: &str,
        data: Option<PathBuf>,
        preset: Option<&str>,
        steps: Option<u64>,
        settings: Vec<String>,
    ) -> PyResult<Self> {
        py.detach(|| {
            let (problems, configuration) =
                Problems::named(task, data.as_deref(), preset, steps, &settings)?;
            let (problems, configuration) = (Arc::new(problems), Arc::new(configuration));
            let lane = Lane::new(&problems, &configuration)?;
            let observation = &configuration.environment.control.observation;
            let features = observation.feature_names();
            Ok(Self {
                settings: configuration.to_toml(),
                features: features.into_iter().map(str::to_owned).collect(),
                actions: lane.action_space(),
                lane: Mutex::new(lane),
            })
        })
    }

    /// All settings, as TOML text.
    #[getter]
    fn settings(&self) -> &str {
        &self.settings
    }

    /// Names of the features of an observation.
    #[getter]
    fn features(&self) -> Vec<String> {
        self.features.clone()
    }

    /// How many actions there are to choose from; None where an action is a list of numbers.
    #[getter]
    fn action_count(&self) -> Option<usize> {
        match self.actions {
            ActionSpace::Discrete(count) => Some(count),
            ActionSpace::Continuous { .. } => None,
        }
    }

    /// How many numbers an action has.
    #[getter]
    fn action_dimensions(&self) -> usize {
        self.actions.dimensions()
    }

    /// Begins the episode of this purpose, seed and number, and returns the observation.
    fn reset<'py>(
        &self,
        py: Python<'py>,
        purpose: &str,
        seed: u64,
        index: u64,
    ) -> PyResult<Bound<'py, PyArray1<f32>>> {
        let start = start_point(purpose, seed, index)?;
        let observation = py.detach(|| {
            let mut lane = self.lane();
            lane.begin(start).map(|()| lane.observation().to_vec())
        })?;
        Ok(PyArray1::from_vec(py, observation))
    }

    /// Chooses the action of this number.
    fn choose<'py>(&self, py: Python<'py>, action: usize) -> PyResult<Stepped<'py>> {
        let action = Action::Discrete(action);
        self.check(&action)?;
        Ok(self.stepped(py, &action))
    }

    /// Acts by a list of numbers.
    fn act<'py>(&self, py: Python<'py>, action: Vec<f32>) -> PyResult<Stepped<'py>> {
        let action = Action::Continuous(action);
        self.check(&action)?;
        Ok(self.stepped(py, &action))
    }

    /// Steps of the descent made in this episode, and the learning rate of the next one.
    fn progress(&self) -> (u64, f32) {
        self.lane().progress()
    }

    /// The episode so far.
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        told(py, &self.lane().summary())
    }

    /// Loss and metrics on a part of the data; None where the problem has no such part.
    fn evaluate<'py>(&self, py: Python<'py>, part: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let part = split(part)?;
        let found = py.detach(|| self.lane().environment().descent().evaluate(part));
        let Some(found) = found else {
            return Ok(None);
        };
        let told = PyDict::new(py);
        told.set_item("loss", found.loss)?;
        if !found.accuracy.is_nan() {
            told.set_item("accuracy", found.accuracy)?;
        }
        if let Some(fit) = found.fit {
            told.set_item("root_mean_square_error", fit.root_mean_square_error)?;
            told.set_item("r_squared", fit.r_squared)?;
        }
        Ok(Some(told))
    }

    /// Purpose, seed and number of the episode.
    fn start(&self) -> (&'static str, u64, u64) {
        let start = self.lane().start();
        (purpose_name(start.purpose), start.seed, start.index)
    }

    /// The state of the episode, for an exact continuation from [`Environment::start`].
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = py.detach(|| self.lane().environment().save());
        match state {
            Some(state) => Ok(PyBytes::new(py, &state)),
            None => Err(PyRuntimeError::new_err(
                "the problem's descents can't be saved",
            )),
        }
    }

    /// Continues, with the same bits, from the state of an episode with this start.
    fn restore<'py>(
        &self,
        py: Python<'py>,
        purpose: &str,
        seed: u64,
        index: u64,
        state: &[u8],
    ) -> PyResult<Bound<'py, PyArray1<f32>>> {
        let start = start_point(purpose, seed, index)?;
        let observation = py.detach(|| {
            let mut lane = self.lane();
            lane.begin(start)?;
            let restored = lane.environment().restore(state);
            restored.map_err(|error| refused(&error))?;
            Ok::<_, PyErr>(lane.observation().to_vec())
        })?;
        Ok(PyArray1::from_vec(py, observation))
    }
}

impl Environment {
    /// Refuses what isn't an action.
    fn check(&self, action: &Action) -> PyResult<()> {
        match (action, self.actions) {
            (action, actions) if actions.contains(action) => Ok(()),
            (Action::Discrete(number), ActionSpace::Discrete(count)) => Err(PyValueError::new_err(
                format!("action {number}: expected a number from 0 to {}", count - 1),
            )),
            (Action::Continuous(values), ActionSpace::Continuous { dimensions }) => {
                Err(PyValueError::new_err(format!(
                    "action {values:?}: expected {dimensions} numbers, each from -1 to 1"
                )))
            }
            (_, actions) => Err(PyTypeError::new_err(format!(
                "the environment has {actions}"
            ))),
        }
    }
}

/// An episode so far, as a dictionary.
pub(crate) fn told<'py>(py: Python<'py>, summary: &EpisodeSummary) -> PyResult<Bound<'py, PyDict>> {
    let told = PyDict::new(py);
    told.set_item("end", summary.end.map(|end| end.name()))?;
    told.set_item("decisions", summary.decisions)?;
    told.set_item("score", summary.score)?;
    told.set_item("first_hit", summary.first_hit)?;
    told.set_item("minimum_loss", summary.minimum_loss)?;
    told.set_item("final_loss", summary.final_loss)?;
    Ok(told)
}
