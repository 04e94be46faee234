"""Schedules: the hyper-parameters of each step as a table, known before the training begins."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .controller import Controller
from .controller_file import write_bytes
from .errors import SettingsError, nearest
from .float32 import Array, rounded
from .hyper_parameters import HyperParameters
from .job import Job
from .method import Method
from .schedule_file import ENTRIES, Columns, allowed, expectation, parse, write_document, write_table

_MOST_BYTES = 1 << 28


class Schedule:
    """The hyper-parameters of each step. After the last step, its values stay.

    It has a column for each entry of μ that it sets, η always among them; the others come from the optimizer.

    Args:
        columns: Values by the name of the entry (``learning_rate``, ``b1``, …), a number for each step.
        method: The optimizer that it is for, if that is known.

    Raises:
        SettingsError: If η is missing, a column has another length, or a value cannot be used.

    Example:
        >>> schedule = Schedule({"learning_rate": [0.4, 0.3, 0.2, 0.1], "b1": [0.9, 0.9, 0.8, 0.8]})
        >>> round(schedule.hyper_parameters(2).learning_rate, 3)
        0.2
        >>> [round(schedule.scaled(8).hyper_parameters(step).learning_rate, 3) for step in range(8)]
        [0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.1]
    """

    def __init__(self, columns: Mapping[str, ArrayLike], method: Method | None = None) -> None:
        for name in columns:
            if name not in ENTRIES:
                raise SettingsError(f'μ has no entry "{name}" ({nearest(name, ENTRIES)})')
        arrays = {entry: np.asarray(columns[entry], dtype=np.float64).ravel() for entry in ENTRIES if entry in columns}
        rates = arrays.get("learning_rate")
        if rates is None or rates.size == 0:
            raise SettingsError("it has no learning rate; expected one for each step")
        self._columns: Columns = {}
        for entry, values in arrays.items():
            if values.size != rates.size:
                raise SettingsError(
                    f"{entry} has {values.size} steps; expected {rates.size}, as many as learning_rate has"
                )
            numbers = [rounded(value) for value in values.tolist()]
            for step, value in enumerate(numbers):
                if not allowed(entry, value):
                    raise SettingsError(f"{entry} of step {step} is {value}; expected {expectation(entry)}")
            self._columns[entry] = numbers
        self._method = method
        self._notes: dict[str, Any] = {}
        self._rest = (method or Method.named("sgd")).hyper_parameters(0.0)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Schedule:
        """Reads a file of ``descender export schedule``, in JSON or as a table, or a list of learning rates.

        Raises:
            SettingsError: Names the file, the line and the column that cannot be used.
        """
        try:
            if os.stat(path).st_size > _MOST_BYTES:
                raise SettingsError(f"it is larger than {_MOST_BYTES} bytes")
            return cls.parse(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"schedule file {path}: cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # an error of ours, or text that is no UTF-8
            raise SettingsError(f"schedule file {path}: {error}") from error

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Reads the text of such a file.

        Raises:
            SettingsError: Names the line and the column that cannot be used.
        """
        content = parse(text)
        schedule = cls(content.columns, content.method)
        schedule._notes = content.notes
        return schedule

    @classmethod
    def of(cls, controller: Controller, job: Job) -> Schedule:
        """What a controller does in a job, step by step, where it looks at no loss.

        Args:
            controller: The controller.
            job: The job; its steps are those of the schedule.

        Returns:
            The schedule, with a column for η and for each entry that the controller sets.

        Raises:
            SettingsError: If the controller looks at losses, and so has no one schedule.
        """
        if controller.needs_losses or controller.needs_statistics:
            raise SettingsError("the controller looks at the descent: it has no schedule that is known beforehand")
        session = controller.start(job)
        rows = []
        for _ in range(job.steps):
            rows.append(session.hyper_parameters)
            session.advance()
        entries = [entry for entry in ENTRIES if entry == "learning_rate" or entry in controller.action.entries]
        columns = {entry: [getattr(mu, entry) for mu in rows] for entry in entries}
        schedule = cls(columns, controller.method)
        schedule._notes = {"task": controller.provenance.task, "source": controller.description["provenance"]}
        return schedule

    @property
    def steps(self) -> int:
        """Number of steps in the table."""
        return len(self._columns["learning_rate"])

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries of μ that it sets, in the order of μ."""
        return tuple(self._columns)

    @property
    def method(self) -> Method | None:
        """The optimizer that it is for, if that is known."""
        return self._method

    def column(self, entry: str) -> Array:
        """The values of an entry, one for each step.

        Raises:
            SettingsError: If the schedule does not set it.
        """
        if entry not in self._columns:
            raise SettingsError(f'the schedule has no column "{entry}" ({nearest(entry, self._columns)})')
        return np.array(self._columns[entry], dtype=np.float32)

    def hyper_parameters(self, step: int) -> HyperParameters:
        """μ of a step, from 0. What the schedule does not set is the optimizer's (plain SGD's where none is named).

        Raises:
            SettingsError: If the step is below 0.
        """
        if step < 0:
            raise SettingsError(f"step {step}: expected 0 or more")
        place = min(step, self.steps - 1)
        return self._rest._replace(**{entry: values[place] for entry, values in self._columns.items()})

    def scaled(self, steps: int) -> Schedule:
        """The same course over another number of steps.

        Args:
            steps: Steps of the new schedule, 1 or more. Its step s is at the time s·T/``steps`` of this one's T steps;
                between two steps, values lie on a straight line.

        Returns:
            The new schedule.

        Raises:
            SettingsError: If there are no steps.
        """
        if steps < 1:
            raise SettingsError(f"steps = {steps}: expected 1 or more")
        if steps == self.steps:
            return self
        times = np.arange(steps) * (self.steps / steps)
        known = np.arange(self.steps)
        columns = {entry: np.interp(times, known, values) for entry, values in self._columns.items()}
        schedule = Schedule(columns, self._method)
        schedule._notes = self._notes
        return schedule

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """The schedule as a table, which the program reads, too; written to a file if there is a path.

        Returns:
            The text.

        Raises:
            OSError: If the operating system refuses to write; an existing file is then unchanged.
        """
        return _written(path, write_table(self._columns, self._method))

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """The schedule as a JSON document, which the program reads, too; written to a file if there is a path.

        Returns:
            The text.

        Raises:
            OSError: If the operating system refuses to write; an existing file is then unchanged.
        """
        return _written(path, write_document(self._columns, self._method, self._notes))

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[HyperParameters]:
        return (self.hyper_parameters(step) for step in range(self.steps))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schedule):
            return NotImplemented
        return self._columns == other._columns and self._method == other._method

    def __hash__(self) -> int:
        return hash((self._method and self._method.name, tuple(map(tuple, self._columns.values()))))

    def __repr__(self) -> str:
        name = self._method.name if self._method else "any optimizer"
        return f"<Schedule of {', '.join(self.entries)} for {name}, {self.steps} steps>"


def _written(path: str | os.PathLike[str] | None, text: str) -> str:
    if path is not None:
        write_bytes(path, text.encode())
    return text
