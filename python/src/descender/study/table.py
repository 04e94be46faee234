"""A schedule of η at work in the place of a controller's session, for the trials of one-cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..errors import SettingsError, StateError
from ..feedback import StepStatistics
from ..float32 import Array
from ..hyper_parameters import HyperParameters
from ..safety import Advice, Intervention


class TableSession:
    """A table of η, used like a :class:`descender.Session`; no loss changes it.

    Args:
        rates: η of each step; after the last one it stays.
        mu: μ of the optimizer, of which only η changes.
    """

    needs_losses = False
    """A table reads no loss."""
    needs_statistics = False
    """Nor does it read statistics."""
    is_decision = False
    """It decides nothing."""
    decided = False
    """It decides nothing."""
    observed: Array | None = None
    """It observes nothing."""
    advice = Advice.PROCEED
    """It has no safety net."""
    interventions: tuple[Intervention, ...] = ()
    """It has no safety net."""
    is_guarded = False
    """It has no safety net."""

    def __init__(self, rates: Sequence[float], mu: HyperParameters) -> None:
        self._rates = rates
        self._mu = mu
        self._steps = 0
        self._untold = 0

    @property
    def hyper_parameters(self) -> HyperParameters:
        """μ for the next step."""
        return self._mu._replace(learning_rate=self._rates[min(self._steps, len(self._rates) - 1)])

    @property
    def steps(self) -> int:
        """Steps made since the start."""
        return self._steps

    @property
    def untold(self) -> int:
        """Steps whose losses are not told."""
        return self._untold

    def wants_probe(self) -> int | None:
        """No probe is wanted."""
        return None

    def probe(self, loss: float) -> None:
        """Takes in what was not asked for, without effect."""

    def record(self, loss: float, statistics: StepStatistics | None = None) -> HyperParameters:
        """Takes in that a step was made; returns μ for the next one."""
        self._steps += 1
        return self.hyper_parameters

    def advance(self) -> HyperParameters:
        """Takes in that a step was made whose loss is told later; returns μ for the next one."""
        self._untold += 1
        return self.record(0.0)

    def tell(self, losses: ArrayLike, statistics: Sequence[StepStatistics] | None = None) -> HyperParameters:
        """Takes in losses, without effect.

        Raises:
            SettingsError: If there are more than untold steps.
        """
        count = np.asarray(losses).size
        if count > self._untold:
            raise SettingsError(f"{count} losses: expected at most {self._untold}, those of the untold steps")
        self._untold -= count
        return self.hyper_parameters

    def losses_needed(self) -> int:
        """No losses are needed."""
        return 0

    def why(self) -> str:
        """Why μ is what it is."""
        return f"the schedule of one-cycle, at step {self._steps} of {len(self._rates)}"

    def state(self) -> dict[str, Any]:
        """What an exact continuation needs besides the trial."""
        return {"steps": self._steps, "untold": self._untold}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continues from a state that a session of the same trial returned.

        Raises:
            StateError: If it is no such state.
        """
        try:
            self._steps, self._untold = int(state["steps"]), int(state["untold"])
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(f"the stored state cannot be read: {type(error).__name__}: {error}") from error
