//! Many descents side by side.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use descender::control::{Action, ActionSpace};
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyList;
use rayon::ThreadPool;

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
    lanes: Vec<Mutex<Lane>>,
    /// Held while all are stepped, so that two callers don't mix their steps.
    turn: Mutex<()>,
    /// Threads beside the caller's.
    others: Option<ThreadPool>,
    actions: ActionSpace,
}

/// What a lock guards, also after a panic: a lane's next episode begins anew.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Environments {
    /// Does something with every lane, side by side; the results in the order of the lanes.
    ///
    /// The caller's thread takes part: with one thread there is no other, and with more it doesn't wait for one to wake up.
    fn side_by_side<R: Send>(
        &self,
        py: Python<'_>,
        work: impl Fn(usize, &mut Lane) -> PyResult<R> + Sync,
    ) -> PyResult<Vec<R>> {
        py.detach(|| {
            let _turn = held(&self.turn);
            let results: Vec<Mutex<Option<PyResult<R>>>> =
                self.lanes.iter().map(|_| Mutex::new(None)).collect();
            let next = AtomicUsize::new(0);
            let take_part = || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(lane) = self.lanes.get(number) else {
                        break;
                    };
                    *held(&results[number]) = Some(work(number, &mut held(lane)));
                }
            };
            match &self.others {
                None => take_part(),
                Some(others) => others.in_place_scope(|scope| {
                    for _ in 0..others.current_num_threads() {
                        scope.spawn(|_| take_part());
                    }
                    take_part();
                }),
            }
            let result = |result: Mutex<Option<PyResult<R>>>| {
                let made = result.into_inner().unwrap_or_else(PoisonError::into_inner);
                made.expect("every lane was taken")
            };
            results.into_iter().map(result).collect()
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
        let lanes = self.lanes.len();
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
            let actions = first.action_space();
            // More threads than environments would find nothing to do.
            let others = match threads.min(count) {
                0 | 1 => None,
                threads => {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads - 1);
                    Some(pool.build().map_err(|error| {
                        PyRuntimeError::new_err(format!("cannot start the threads: {error}"))
                    })?)
                }
            };
            Ok(Self {
                actions,
                lanes: lanes.into_iter().map(Mutex::new).collect(),
                turn: Mutex::new(()),
                others,
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
        let rows: Vec<Vec<f32>> = (self.lanes.iter())
            .map(|lane| held(lane).observation().to_vec())
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
        let progress = self.lanes.iter().map(|lane| held(lane).progress());
        let (steps, rates): (Vec<u64>, Vec<f32>) = progress.unzip();
        (PyArray1::from_vec(py, steps), PyArray1::from_vec(py, rates))
    }

    /// The episodes so far.
    fn summaries<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let summaries = self.lanes.iter().map(|lane| held(lane).summary());
        let summaries = summaries.map(|summary| told(py, &summary));
        PyList::new(py, summaries.collect::<PyResult<Vec<_>>>()?)
    }
}
