"""The time as a choice of points between which a policy interpolates, and two features of the loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..feedback import StepStatistics
from ..fields import Fields
from ..float32 import Array, rounded
from ..hyper_parameters import HyperParameters
from ..job import Job
from .averages import LossAverages, check_steps, check_windows
from .prompt import PromptObservation
from .time_points import POINT_NAMES, interpolate


@dataclass(frozen=True)
class TimetableObservationSettings:
    """Eight features without units, none of them of the controller's own doing: for anchored actions.

    ======  ===============================================  =========================================================
    no.     feature                                          formula
    ======  ===============================================  =========================================================
    1 to 6  ``start``, ``at_4``, ``at_12``, ``at_28``,       1 at that percentage of ``total_steps``, 0 at its
            ``at_60``, ``end``                               neighbours and beyond, linear between
    7       ``loss``                                         ln(slow) / 2, where fast and slow are averages of the loss
    8       ``loss_trend``                                   ln(fast / slow): below 0 while the loss falls
    ======  ===============================================  =========================================================
    """

    name = "timetable"
    feature_names = (*POINT_NAMES, "loss", "loss_trend")
    loss_features = (False,) * 6 + (True, True)
    statistics_features = (False,) * 8

    fast_window: float = 10.0
    """Window of the fast average in steps, 1 or more."""
    slow_window: float = 50.0
    """Window of the slow average in steps, above the fast one."""
    total_steps: float = 2500.0
    """Steps at which ``end`` is 1; it stays so."""

    @classmethod
    def read(cls, data: object, path: str) -> TimetableObservationSettings:
        """The settings as they stand in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        fields = Fields(data, path, ("name", "fast_window", "slow_window", "total_steps"))
        return cls(
            fields.number("fast_window", cls.fast_window),
            fields.number("slow_window", cls.slow_window),
            fields.number("total_steps", cls.total_steps),
        )

    def check(self) -> None:
        """Checks every field.

        Raises:
            SettingsError: Names the field that cannot be used.
        """
        check_windows(self.fast_window, self.slow_window)
        check_steps("total_steps", self.total_steps)

    def fitted(self, job: Job) -> TimetableObservationSettings:
        """The settings whose time is that of the job."""
        return replace(self, total_steps=rounded(job.steps))

    def outside(self, job: Job) -> list[str]:
        """Nothing: it reads no job."""
        return []

    def start(self, mu: HyperParameters, largest_log_change: float) -> TimetableObservation:
        """The observation of a descent; it reads neither μ nor actions."""
        return TimetableObservation(self)


class TimetableObservation(PromptObservation):
    """What the features need to remember of a descent."""

    def __init__(self, settings: TimetableObservationSettings) -> None:
        super().__init__()
        self._total = np.float32(settings.total_steps)
        self._losses = LossAverages(settings.fast_window, settings.slow_window)

    def tell(self, loss: float, statistics: StepStatistics | None) -> None:
        """Takes in a loss."""
        self._losses.record(loss)
        self.told += 1

    def write(self) -> Array:
        """The eight features."""
        points = interpolate(np.float32(self.steps) / self._total)
        return np.concatenate((points, [self._losses.slow_level, self._losses.trend])).astype(np.float32)

    def state(self) -> dict[str, Any]:
        """Everything, as plain numbers."""
        return {"steps": self.steps, "told": self.told, "losses": self._losses.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over such a state."""
        self._losses.restore(state["losses"])
        self.steps, self.told = int(state["steps"]), int(state["told"])

    def rewind(self, state: dict[str, Any]) -> None:
        """Goes back, but the time goes on."""
        self._losses.restore(state["losses"])
