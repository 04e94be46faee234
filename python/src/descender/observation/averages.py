"""The fast and the slow average of the loss, which several observations watch."""

from __future__ import annotations

import numpy as np

from ..errors import setting_error
from ..float32 import ONE, TWO, ZERO, logarithm, shown
from .scale import bounded, finite_loss


def check_steps(field: str, steps: float) -> None:
    """Checks that a number of steps is finite and at least 1.

    Raises:
        SettingsError: Names the field.
    """
    if not 1.0 <= steps < float("inf"):
        raise setting_error(f"observation.{field}", shown(steps), "a finite number of steps, 1 or more")


def check_windows(fast_window: float, slow_window: float) -> None:
    """Checks the settings of two averages.

    Raises:
        SettingsError: Names the window that cannot be used.
    """
    check_steps("fast_window", fast_window)
    check_steps("slow_window", slow_window)
    if slow_window <= fast_window:
        raise setting_error("observation.slow_window", shown(slow_window), "more steps than fast_window")


class _Average:
    """An exponential average that is not drawn towards its first value 0, corrected as Adam's moments are.

    m ← d·m + (1 − d)·x, w ← d·w + (1 − d), average = m / w, with d = 1 − 1 / window.
    """

    def __init__(self, window: float) -> None:
        self._decay = ONE - ONE / np.float32(window)
        self._share = ONE - self._decay
        self.sum = ZERO
        self.weight = ZERO

    def record(self, x: np.float32) -> None:
        self.sum = self._decay * self.sum + self._share * x
        self.weight = self._decay * self.weight + self._share

    @property
    def value(self) -> np.float32:
        """The average; 1 before the first value."""
        return finite_loss(self.sum / self.weight) if self.weight > ZERO else ONE


class LossAverages:
    """Two exponential averages of a descent's loss.

    Args:
        fast_window: Window of the fast one in steps.
        slow_window: Window of the slow one in steps.
    """

    def __init__(self, fast_window: float, slow_window: float) -> None:
        self._fast = _Average(fast_window)
        self._slow = _Average(slow_window)

    def record(self, loss: float) -> None:
        """Takes in the loss of a step."""
        finite = finite_loss(loss)
        self._fast.record(finite)
        self._slow.record(finite)

    @property
    def fast_level(self) -> np.float32:
        """ln(fast) / 2."""
        return bounded(logarithm(self._fast.value) / TWO)

    @property
    def slow_level(self) -> np.float32:
        """ln(slow) / 2."""
        return bounded(logarithm(self._slow.value) / TWO)

    @property
    def trend(self) -> np.float32:
        """ln(fast / slow): below 0 while the loss falls."""
        return bounded(logarithm(self._fast.value / self._slow.value))

    def state(self) -> list[float]:
        """Both averages as four numbers."""
        return [float(x) for average in (self._fast, self._slow) for x in (average.sum, average.weight)]

    def restore(self, state: list[float]) -> None:
        """Takes over such four numbers."""
        numbers = [np.float32(x) for x in state]
        self._fast.sum, self._fast.weight, self._slow.sum, self._slow.weight = numbers
