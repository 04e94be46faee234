"""A table of hyper-parameters over the updates of an optimizer."""

from __future__ import annotations

import os
from typing import Any

import torch

from .. import schedule as tables
from ..errors import StateError
from ..hyper_parameters import HyperParameters
from ..method import Method
from .steering import Steering


class Schedule(Steering):
    """Sets what a table says, step by step; after its end the last values stay.

    Args:
        optimizer: An optimizer of ``torch.optim``.
        schedule: A :class:`descender.Schedule`, or the path of one as ``descender export schedule`` or a study writes
            it.
        total_steps: Updates of the training, to which the table is stretched or shortened; default: its own.
        any_optimizer: Whether an optimizer of another kind than the table is for is taken, of which η alone is set.

    Raises:
        SettingsError: If the file or the optimizer can't be used.
    """

    def __init__(
        self,
        optimizer: Any,
        schedule: tables.Schedule | str | os.PathLike[str],
        total_steps: int | None = None,
        any_optimizer: bool = False,
    ) -> None:
        table = schedule if isinstance(schedule, tables.Schedule) else tables.Schedule.load(schedule)
        self.schedule = table if total_steps is None else table.scaled(total_steps)
        """The table, stretched to the training."""
        method = self.schedule.method
        super().__init__(
            optimizer,
            method or Method.named("sgd"),
            tuple(HyperParameters._fields) if method else ("learning_rate",),
            any_optimizer or method is None,
        )
        self._write(self.schedule.hyper_parameters(0))

    def _advance(self, loss: torch.Tensor | None, flag: torch.Tensor | None, val_loss: Any) -> None:
        self._write(self.schedule.hyper_parameters(self._updated))

    def state_dict(self) -> dict[str, Any]:
        """What a continuation needs besides the table: plain numbers."""
        return {"steps": self._updated, "groups": self._groups.state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continues from a state, and sets what was set then.

        Raises:
            StateError: If it is no such state.
        """
        try:
            self._updated = int(state["steps"])
            self._groups.restore(state["groups"])
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(f"the stored state cannot be read: {type(error).__name__}: {error}") from error
        self._write(self.schedule.hyper_parameters(self._updated))
