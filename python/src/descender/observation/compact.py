"""Five features without units: where the descent is, whether it goes well, and what the controller does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import StateError
from ..feedback import StepStatistics
from ..fields import Fields
from ..float32 import ZERO, Array, logarithm, rounded, single
from ..hyper_parameters import HyperParameters
from ..job import Job
from .averages import LossAverages, check_steps, check_windows
from .prompt import PromptObservation
from .scale import log_learning_rate, log_time, ratio


@dataclass(frozen=True)
class CompactObservationSettings:
    """Five features without units.

    ===  =================  ============================================================================================
    no.  feature            formula
    ===  =================  ============================================================================================
    1    ``learning_rate``  ln(η / 0.03) / 2
    2    ``loss``           ln(fast) / 2, where fast and slow are exponential averages of the loss
    3    ``loss_trend``     ln(fast / slow): below 0 while the loss falls
    4    ``total_steps``    ln(1 + t) / ln(1 + ``total_steps``)
    5    ``last_action``    ln(η after / η before the last decision) / (the largest such change an action can cause)
    ===  =================  ============================================================================================
    """

    name = "compact"
    feature_names = ("learning_rate", "loss", "loss_trend", "total_steps", "last_action")
    loss_features = (False, True, True, False, False)
    statistics_features = (False,) * 5

    fast_window: float = 10.0
    """Window of the fast average in steps, 1 or more."""
    slow_window: float = 50.0
    """Window of the slow average in steps, above the fast one."""
    total_steps: float = 2500.0
    """Steps at which the fourth feature is 1."""

    @classmethod
    def read(cls, data: object, path: str) -> CompactObservationSettings:
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

    def fitted(self, job: Job) -> CompactObservationSettings:
        """The settings whose time is that of the job."""
        return replace(self, total_steps=rounded(job.steps))

    def outside(self, job: Job) -> list[str]:
        """Nothing: it reads no job."""
        return []

    def start(self, mu: HyperParameters, largest_log_change: float) -> CompactObservation:
        """The observation of a descent that begins with μ, under actions with this largest change."""
        return CompactObservation(self, mu, largest_log_change)


class CompactObservation(PromptObservation):
    """What the five features need to remember of a descent."""

    def __init__(self, settings: CompactObservationSettings, mu: HyperParameters, action_unit: float) -> None:
        super().__init__()
        self._total = np.float32(settings.total_steps)
        self._losses = LossAverages(settings.fast_window, settings.slow_window)
        self._action_unit = np.float32(action_unit)
        self._learning_rate = mu.learning_rate
        self._last_action = ZERO

    def step(self, mu: HyperParameters) -> None:
        """One more step was made, with this η."""
        self.steps += 1
        self._learning_rate = mu.learning_rate

    def tell(self, loss: float, statistics: StepStatistics | None) -> None:
        """Takes in a loss."""
        self._losses.record(loss)
        self.told += 1

    def note_action(self, before: HyperParameters, after: HyperParameters) -> None:
        """Takes in what the decision did to η."""
        self._learning_rate = after.learning_rate
        with np.errstate(all="ignore"):
            change = logarithm(single(after.learning_rate) / single(before.learning_rate))
        self._last_action = ratio(change, self._action_unit)

    def write(self) -> Array:
        """The five features."""
        values = [
            log_learning_rate(self._learning_rate),
            self._losses.fast_level,
            self._losses.trend,
            log_time(self.steps, self._total),
            self._last_action,
        ]
        return np.array(values, dtype=np.float32)

    def state(self) -> dict[str, Any]:
        """Everything, as plain numbers."""
        return {
            "steps": self.steps,
            "told": self.told,
            "losses": self._losses.state(),
            "action_unit": float(self._action_unit),
            "learning_rate": self._learning_rate,
            "last_action": float(self._last_action),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over such a state.

        Raises:
            StateError: If it is of other actions.
        """
        if np.float32(state["action_unit"]) != self._action_unit:
            raise StateError("the stored state was made with other actions: expected those of this controller")
        self._restore_all_but_time(state)
        self.steps, self.told = int(state["steps"]), int(state["told"])

    def rewind(self, state: dict[str, Any]) -> None:
        """Goes back, but the time goes on."""
        self._restore_all_but_time(state)

    def _restore_all_but_time(self, state: dict[str, Any]) -> None:
        self._losses.restore(state["losses"])
        self._learning_rate = float(state["learning_rate"])
        self._last_action = np.float32(state["last_action"])
