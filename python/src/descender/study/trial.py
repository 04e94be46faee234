"""A trial: one training that a study asks for, and what is to steer it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..controller import Controller
from ..hyper_parameters import HyperParameters
from ..job import Job
from ..schedule import Schedule
from ..session import Session
from .errors import StudyError
from .one_cycle import one_cycle
from .table import TableSession


@dataclass(frozen=True)
class Contender:
    """What steers a training: a controller, or one-cycle over the optimizer as it is."""

    name: str
    """What it is called."""
    file: bytes | None = None
    """The controller's file; ``None`` for one-cycle."""
    peak: HyperParameters | None = None
    """μ at the peak of one-cycle; ``None`` for a controller."""


@dataclass(frozen=True)
class Trial:
    """One training that a study asks for.

    Three ways to steer it: :meth:`controller` for an optimizer of PyTorch, :meth:`session` for a training loop of any
    kind, and :meth:`hyper_parameters` for loops that only want the numbers of a step. A trial is plain data: it can be
    pickled, and evaluated in any process.
    """

    number: int
    """Its number in the study, from 0."""
    stage: str
    """What it serves: ``tuning``, ``round 1`` …, ``selection`` or ``comparison``."""
    seed: int
    """A seed for the training's initial parameters, batch order and all other chance. The trainings whose results are
    compared with each other have the same one. A training that ignores it works as well, with more noise."""
    contender: Contender
    """What steers it."""
    job: Job
    """What is known of the training."""

    @property
    def total_steps(self) -> int:
        """Steps of the training."""
        return self.job.steps

    @property
    def name(self) -> str:
        """What steers it, in words."""
        return self.contender.name

    def session(self, **job: Any) -> Session | TableSession:
        """A session for a training loop of any kind: its ``hyper_parameters`` are those of the next step.

        Args:
            **job: Fields of :class:`descender.Job` that the study was not told, such as ``parameters``.

        Returns:
            The session; tell it the loss of each step by ``record``.
        """
        told = replace(self.job, **job) if job else self.job
        self.note(told)
        if self.contender.peak is not None:
            return TableSession(one_cycle(self.contender.peak.learning_rate, told.steps), self.contender.peak)
        return self._controller.start(told)

    def hyper_parameters(self, step: int) -> HyperParameters:
        """μ of a step, for loops that want no more than that.

        Args:
            step: The step, from 0.

        Raises:
            StudyError: If there is no such step.
            SettingsError: If the controller looks at the losses: then it needs a :meth:`session`.
        """
        if not 0 <= step < self.job.steps:
            raise StudyError(f"step = {step}: expected 0 to {self.job.steps - 1}")
        return self._table[step]

    def controller(self, optimizer: Any, **arguments: Any) -> Any:
        """What steers an optimizer of PyTorch in this trial: call its ``step(loss)`` after each ``optimizer.step()``.

        Args:
            optimizer: An optimizer of ``torch.optim``.
            **arguments: Further arguments of ``descender.torch.Controller``, such as ``model``.

        Returns:
            A ``descender.torch.Controller``; in trials of one-cycle an object that is used in the same way.
        """
        from .in_torch import steer

        return steer(self, optimizer, arguments)

    @property
    def policy(self) -> Controller:
        """The frozen controller.

        Raises:
            StudyError: In trials of one-cycle, which have none.
        """
        return self._controller

    @property
    def noted(self) -> Job | None:
        """What the training said of itself when it asked for what steers it; ``None`` before."""
        noted: Job | None = self.__dict__.get("_noted")
        return noted

    def note(self, job: Job) -> None:
        """Notes what the training says of itself."""
        self.__dict__["_noted"] = job

    @cached_property
    def _controller(self) -> Controller:
        if self.contender.file is None:
            raise StudyError(f"trial {self.number} is one of one-cycle, and has no controller")
        return Controller.load(self.contender.file)

    @cached_property
    def _table(self) -> list[HyperParameters]:
        peak = self.contender.peak
        if peak is None:
            return list(Schedule.of(self._controller, self.job))
        return [peak._replace(learning_rate=rate) for rate in one_cycle(peak.learning_rate, self.job.steps)]

    def __getstate__(self) -> dict[str, Any]:
        # What is computed from the fields is computed again elsewhere.
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}
