"""Factors: each decision multiplies the learning rate by one of a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import setting_error
from ..fields import Fields
from ..float32 import LARGEST, LEAST_NORMAL, logarithm, rounded, shown, single
from ..hyper_parameters import HyperParameters
from ..policy import Action

_THE_PAPER_S = (rounded(0.9), 1.0, float(np.float32(1) / np.float32(0.9)))


@dataclass(frozen=True)
class Factors:
    """Discrete actions: action i multiplies η by ``factors[i]``."""

    factors: tuple[float, ...] = _THE_PAPER_S
    """The factors, finite and above 0; by default those of the paper, 0.9, 1 and 1/0.9."""

    name = "factors"
    head = "greedy-values"
    entries = ("learning_rate",)

    @classmethod
    def read(cls, data: object, path: str) -> Factors:
        """The definition as it stands in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        return cls(Fields(data, path, ("name", "factors")).numbers("factors", _THE_PAPER_S))

    @property
    def dimensions_or_actions(self) -> int:
        """One output for each factor."""
        return len(self.factors)

    @property
    def space(self) -> str:
        """The shape of a decision, in words."""
        return f"{len(self.factors)} discrete actions"

    @property
    def descriptions(self) -> tuple[str, ...]:
        """What each action does."""
        return tuple(f"multiply the learning rate by {shown(factor)}" for factor in self.factors)

    @property
    def largest_log_change(self) -> float:
        """The largest |ln factor|."""
        return max(abs(float(logarithm(factor))) for factor in self.factors)

    def check(self) -> None:
        """Checks every factor.

        Raises:
            SettingsError: Names the factor that cannot be used.
        """
        if not self.factors:
            raise setting_error("action.factors", [], "at least one factor")
        for index, factor in enumerate(self.factors):
            if not LEAST_NORMAL <= factor <= LARGEST:
                raise setting_error(
                    f"action.factors[{index}]", shown(factor), "a finite factor above 0 for the learning rate"
                )

    def fitted(self, steps: int) -> Factors:
        """The same: it has no measure of time."""
        return self

    def begin(self, mu: HyperParameters) -> HyperParameters:
        """The same: η begins where it is put."""
        return mu

    def apply(self, action: Action, step: int, mu: HyperParameters) -> HyperParameters:
        """η times the chosen factor."""
        if isinstance(action, int) and action < len(self.factors):
            return mu._replace(learning_rate=float(single(mu.learning_rate) * single(self.factors[action])))
        return mu

    def follower(self, action: Action) -> Callable[[int], float] | None:
        """η stays between decisions."""
        return None
