//! Many descents side by side.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descender::control::{Action, ActionSpace};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::environment::told;
use crate::lane::Lane;
use crate::problems::Problems;
use crate::reading::start_point;

/// Observations, rewards, terminations and truncations, an entry for each environment.
type Stepped<'py> = (
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<bool>>,
);

/// Many descents side by side, on threads of their own. Each is made by one thread, so that the results are the same bits for
/// any number of threads. The interpreter is free while they work.
#[pyclass(frozen, module = "descender_native._native")]
pub(crate) struct Environments {
    lanes: Mutex<Vec<Lane>>,
    pool: ThreadPool,
    actions: ActionSpace,
}

impl Environments {
    fn lanes(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with every lane, side by side; the results in the order of the lanes.
    fn side_by_side<R: Send>(
        &self,
        py: Python<'_>,
        work: impl Fn(usize, &mut Lane) -> PyResult<R> + Sync + Send,
    ) -> PyResult<Vec<R>> {
        py.detach(|| {
            let mut lanes = self.lanes();
            let lanes: &mut [Lane] = &mut lanes;
            self.pool.install(|| {
                lanes
                    .par_iter_mut()
                    .with_max_len(1)
                    .enumerate()
                    .map(|(number, lane)| work(number, lane))
                    .collect()
            })
        })
    }

    fn stepped<'py>(
        &self,
        py: Python<'py>,
        actions: &[Action],
        begin: &[bool],
    ) -> PyResult<Stepped<'py>> {
        let outcomes = self.side_by_side(py, |number, lane| {
            if begin[number] {
                lane.begin_next()?;
                return Ok((0.0, false, false));
            }
            let outcome = lane.step(&actions[number]);
            Ok((
                f64::from(outcome.reward),
                outcome.terminated,
                outcome.truncated,
            ))
        })?;
        let rewards = outcomes.iter().map(|outcome| outcome.0);
        let terminated = outcomes.iter().map(|outcome| outcome.1);
        let truncated = outcomes.iter().map(|outcome| outcome.2);
        Ok((
            self.observations(py)?,
            PyArray1::from_iter(py, rewards),
            PyArray1::from_iter(py, terminated),
            PyArray1::from_iter(py, truncated),
        ))
    }

    /// Refuses a list that hasn't an entry for each environment.
    fn check_count(&self, what: &str, count: usize) -> PyResult<()> {
        let lanes = self.lanes().len();
        match count == lanes {
            true => Ok(()),
            false => Err(PyValueError::new_err(format!(
                "{count} {what}: expected {lanes}, one for each environment"
            ))),
        }
    }

    /// Refuses what isn't an action of its environment.
    fn check_actions(&self, actions: &[Action], begin: &[bool]) -> PyResult<()> {
        self.check_count("actions", actions.len())?;
        self.check_count("marks", begin.len())?;
        let wrong = (actions.iter().zip(begin))
            .position(|(action, begin)| !begin && !self.actions.contains(action));
        match wrong {
            None => Ok(()),
            Some(number) => Err(PyValueError::new_err(format!(
                "action {:?} of environment {number}: expected one of {}",
                actions[number], self.actions
            ))),
        }
    }
}

#[pymethods]
impl Environments {
    #[new]
    #[pyo3(signature = (count, threads, task, data=None, preset=None, steps=None, settings=vec![]))]
    #[expect(clippy::too_many_arguments, reason = "named from Python")]
    fn new(
        py: Python<'_>,
        count: usize,
        threads: usize,
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
            let lanes: Vec<Lane> = (0..count)
                .map(|_| Lane::new(&problems, &configuration))
                .collect::<PyResult<_>>()?;
            let Some(first) = lanes.first() else {
                return Err(PyValueError::new_err("0 environments: expected 1 or more"));
            };
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| {
                    PyRuntimeError::new_err(format!("cannot start the threads: {error}"))
                })?;
            Ok(Self {
                actions: first.action_space(),
                lanes: Mutex::new(lanes),
                pool,
            })
        })
    }

    /// Begins the first episode of each of the seeds; an environment whose seed is None is left alone.
    fn reset(&self, py: Python<'_>, purpose: &str, seeds: Vec<Option<u64>>) -> PyResult<()> {
        self.check_count("seeds", seeds.len())?;
        self.side_by_side(py, |number, lane| match seeds[number] {
            Some(seed) => lane.begin(start_point(purpose, seed, 0)?),
            None => Ok(()),
        })?;
        Ok(())
    }

    /// Begins the next episode where it is marked.
    fn begin_next(&self, py: Python<'_>, begin: Vec<bool>) -> PyResult<()> {
        self.check_count("marks", begin.len())?;
        self.side_by_side(py, |number, lane| match begin[number] {
            true => lane.begin_next(),
            false => Ok(()),
        })?;
        Ok(())
    }

    /// What each sees, `[environment][feature]`.
    fn observations<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let rows: Vec<Vec<f32>> = (self.lanes().iter())
            .map(|lane| lane.observation().to_vec())
            .collect();
        PyArray2::from_vec2(py, &rows).map_err(|error| PyRuntimeError::new_err(error.to_string()))
    }

    /// Chooses an action in each environment. Where it is marked, the next episode begins instead.
    fn choose<'py>(
        &self,
        py: Python<'py>,
        actions: PyReadonlyArray1<'py, i64>,
        begin: PyReadonlyArray1<'py, bool>,
    ) -> PyResult<Stepped<'py>> {
        let actions: Vec<Action> = (actions.as_array().iter())
            .map(|number| Action::Discrete(usize::try_from(*number).unwrap_or(usize::MAX)))
            .collect();
        let begin = begin.as_array().to_vec();
        self.check_actions(&actions, &begin)?;
        self.stepped(py, &actions, &begin)
    }

    /// Acts by a row of numbers in each environment. Where it is marked, the next episode begins instead.
    fn act<'py>(
        &self,
        py: Python<'py>,
        actions: PyReadonlyArray2<'py, f32>,
        begin: PyReadonlyArray1<'py, bool>,
    ) -> PyResult<Stepped<'py>> {
        if matches!(self.actions, ActionSpace::Discrete(_)) {
            return Err(PyTypeError::new_err(format!(
                "the environments have {}",
                self.actions
            )));
        }
        let actions: Vec<Action> = (actions.as_array().outer_iter())
            .map(|row| Action::Continuous(row.to_vec()))
            .collect();
        let begin = begin.as_array().to_vec();
        self.check_actions(&actions, &begin)?;
        self.stepped(py, &actions, &begin)
    }

    /// Steps of each descent, and the learning rate of its next one.
    fn progress<'py>(
        &self,
        py: Python<'py>,
    ) -> (Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<f32>>) {
        let lanes = self.lanes();
        let (steps, rates): (Vec<u64>, Vec<f32>) = lanes.iter().map(Lane::progress).unzip();
        (PyArray1::from_vec(py, steps), PyArray1::from_vec(py, rates))
    }

    /// The episodes so far.
    fn summaries<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let summaries: Vec<_> = self.lanes().iter().map(Lane::summary).collect();
        let summaries = summaries.iter().map(|summary| told(py, summary));
        PyList::new(py, summaries.collect::<PyResult<Vec<_>>>()?)
    }
}
