"""Trainings by executors: the results are those without one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from descender.study import Study, StudyError, Trial

from . import trainings


def small() -> Study:
    return Study(60, 90, seed=3, start="blind", steered=[])


@pytest.fixture(scope="module")
def alone() -> dict[str, object]:
    study = small()
    study.optimize(trainings.sometimes_lost)
    return study.result()


class Backwards(Executor):
    """An executor that makes calls in threes, the last first."""

    def __init__(self) -> None:
        self.kept: list[Callable[[], None]] = []
        self.done: list[int] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def call() -> None:
            self.done.append(args[1].number)
            future.set_result(fn(*args, **kwargs))

        self.kept.append(call)
        threading.Timer(0.002, self.make).start()
        return future

    def make(self) -> None:
        while self.kept:
            self.kept.pop()()


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
@pytest.mark.parametrize("parallel", [None, 3])
def test_an_executor_changes_nothing(
    alone: dict[str, object], kind: Callable[[int], Executor], parallel: int | None
) -> None:
    study = small()
    with kind(2) as executor:
        study.optimize(trainings.sometimes_lost, executor, parallel=parallel)
    assert study.result() == alone


def test_the_order_of_completion_changes_nothing(alone: dict[str, object]) -> None:
    study = Study(60, 90, seed=3, start="blind", steered=[])
    backwards = Backwards()
    study.optimize(trainings.sometimes_lost, backwards, parallel=4)
    assert study.result() == alone
    assert backwards.done != sorted(backwards.done)


def killed(trial: Trial) -> float:
    if trial.number == 4:
        os._exit(9)
    return trainings.noisy_quadratic(trial)


def test_a_pool_that_lost_its_workers_is_said(tmp_path: os.PathLike[str]) -> None:
    with Study(60, 90, seed=3, start="blind", steered=[], folder=tmp_path) as study:
        with ProcessPoolExecutor(2) as executor, pytest.raises(StudyError, match="the executor lost its workers"):
            study.optimize(killed, executor)
        assert study.made < study.plan.total
        study.optimize(trainings.noisy_quadratic)
    whole = small()
    whole.optimize(trainings.noisy_quadratic)
    assert study.result() == whole.result()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parallel": 0}, "parallel = 0: expected a whole number, 1 or more"),
        ({"ray": True, "executor": object()}, "executor and ray: expected one of them"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        small().optimize(trainings.noisy_quadratic, **arguments)


def test_an_exception_in_all_of_the_first_is_raised_from_workers_too() -> None:
    with ThreadPoolExecutor(2) as executor, pytest.raises(StudyError, match="KeyError: 'images'"):
        small().optimize(trainings.broken, executor)
