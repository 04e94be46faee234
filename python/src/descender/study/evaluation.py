"""Making the trainings of a study: here, with an executor of `concurrent.futures`, or as tasks of Ray.

A training is a function of its trial alone, so where and when it is made changes nothing. What comes back is told as it
comes, so that a kill loses as little as possible; the study's course doesn't depend on the order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import TYPE_CHECKING, Any, NamedTuple

from ..job import Job
from .errors import StudyError
from .trial import Trial

if TYPE_CHECKING:
    from .study import Study


class Outcome(NamedTuple):
    """What a training came to."""

    loss: float | None
    """What the function returned; ``None`` after an exception."""
    error: str | None
    """The exception in one line."""
    job: Job | None
    """What the trial was told of the training."""


def train_once(function: Callable[[Trial], float], trial: Trial) -> Outcome:
    """Makes one training; an exception of the function becomes an outcome."""
    try:
        loss = float(function(trial))
    except Exception as error:
        return Outcome(None, f"{type(error).__name__}: {error}", trial.noted)
    return Outcome(loss, None, trial.noted)


def evaluate(study: Study, function: Callable[[Trial], float], executor: Any, parallel: int | None, ray: bool) -> None:
    """Makes all trainings that are left of a study. The arguments are those of :meth:`Study.optimize`."""
    if ray and executor is not None:
        raise StudyError("executor and ray: expected one of them")
    if parallel is not None and (isinstance(parallel, bool) or not isinstance(parallel, int) or parallel < 1):
        raise StudyError(f"parallel = {parallel!r}: expected a whole number, 1 or more")
    if ray:
        from .on_ray import RayExecutor

        with RayExecutor() as on_ray:
            _in_parallel(study, function, on_ray, parallel or on_ray.workers)
    elif executor is not None:
        _in_parallel(study, function, executor, parallel or _workers(executor))
    else:
        while (trial := study.ask()) is not None:
            _tell(study, trial, train_once(function, trial))


def _in_parallel(study: Study, function: Callable[[Trial], float], executor: Any, parallel: int) -> None:
    running: dict[Future[Outcome], Trial] = {}
    try:
        while not study.finished:
            under_way = {trial.number for trial in running.values()}
            for trial in _first(study, under_way, parallel - len(running)):
                running[executor.submit(train_once, function, trial)] = trial
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda future: running[future].number):
                trial = running.pop(future)
                _tell(study, trial, future.result())
    except BrokenExecutor as error:
        raise StudyError("the executor lost its workers; a study with a folder goes on from there") from error
    finally:
        for future in running:
            future.cancel()


def _first(study: Study, under_way: set[int], count: int) -> Iterator[Trial]:
    """The first trials that can be made now and are not under way."""
    waiting = [trial for trial in study.ready() if trial.number not in under_way]
    yield from waiting[: max(count, 0)]


def _tell(study: Study, trial: Trial, outcome: Outcome) -> None:
    if outcome.job is not None:
        trial.note(outcome.job)
    if outcome.loss is None:
        study.fail(trial, outcome.error or "unknown")
    else:
        study.tell(trial, outcome.loss)


def _workers(executor: Any) -> int:
    count = getattr(executor, "_max_workers", None)
    return count if isinstance(count, int) and count > 0 else os.cpu_count() or 1
