"""The running averages of the loss, and what they say about a descent's health."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ..float32 import rounded
from .intervention import Cause
from .settings import SafetySettings


@dataclass(frozen=True)
class _Average:
    """m/w where m ← d·m + (1 − d)·x and w ← d·w + (1 − d), both 0 at first, with d = 1 − 1/window."""

    decay: float
    sum: float = 0.0
    weight: float = 0.0

    @classmethod
    def of(cls, window: int) -> _Average:
        return cls(1.0 - 1.0 / window)

    def recorded(self, x: float) -> _Average:
        share = 1.0 - self.decay
        return replace(self, sum=self.decay * self.sum + share * x, weight=self.decay * self.weight + share)

    @property
    def value(self) -> float:
        """The average, 0 before the first value."""
        return self.sum / self.weight if self.weight > 0.0 else 0.0

    @property
    def squared_shares(self) -> float:
        """The variance of the average, where each value is independent and has variance 1."""
        if self.weight == 0.0:
            return math.inf
        return (1.0 - self.decay) / (1.0 + self.decay) * (2.0 - self.weight) / self.weight


def _above(reference: float, share: float) -> float:
    """``reference`` and ``share`` of its size more."""
    return reference + share * abs(reference)


@dataclass(frozen=True)
class Watch:
    """What is remembered of the losses. Each loss makes a new one, so that an old one can be kept."""

    fast: _Average
    slow: _Average
    variance: _Average
    """Squared distance of a loss from the slow average before it, over the slow window."""
    first: float | None = None
    """The loss of the first step."""
    steps: int = 0
    lowest: float | None = None
    """The lowest that the slow average has been after the warm-up."""
    stalled: int = 0
    """Steps in a row without progress since the start."""

    @classmethod
    def of(cls, settings: SafetySettings) -> Watch:
        """Before the first loss."""
        slow = _Average.of(settings.slow_steps)
        return cls(fast=_Average.of(settings.fast_steps), slow=slow, variance=slow)

    def recorded(self, loss: float, settings: SafetySettings) -> Watch:
        """With one more loss, which is finite."""
        first = loss if self.first is None else self.first
        variance = self.variance.recorded((loss - self.slow.value) ** 2) if self.steps > 0 else self.variance
        steps, slow = self.steps + 1, self.slow.recorded(loss)
        lowest = self.lowest
        if steps > settings.warm_up:
            lowest = slow.value if lowest is None else min(lowest, slow.value)
        return Watch(
            fast=self.fast.recorded(loss),
            slow=slow,
            variance=variance,
            first=first,
            steps=steps,
            lowest=lowest,
            stalled=0 if slow.value < _progress(first, settings) else self.stalled + 1,
        )

    def fault(self, settings: SafetySettings) -> Cause | None:
        """What is wrong: the loss has risen, or the descent stands still."""
        if self.first is None:
            return None
        loss, share = self.fast.value, settings.rise - 1.0
        if loss > _above(self.first, share):
            return Cause("above-start", rounded(loss), rounded(self.first))
        lowest = self.lowest
        if (
            lowest is not None
            and loss > _above(lowest, share)
            and loss - lowest > settings.noise * self._standard_error()
        ):
            return Cause("rise", rounded(loss), rounded(lowest))
        if settings.stall_after > 0 and self.stalled >= settings.stall_after:
            return Cause("stall", rounded(self.slow.value), rounded(self.first))
        return None

    def is_healthy(self, settings: SafetySettings) -> bool:
        """Whether the present state is worth keeping: there is progress, and no sign of a rise."""
        fast, slow = self.fast.value, self.slow.value
        if self.first is None or not fast < _progress(self.first, settings):
            return False
        return fast - slow <= settings.noise / 2.0 * self._standard_error()

    def state(self) -> list[Any]:
        """Everything but the windows, as plain numbers."""
        averages = [x for average in (self.fast, self.slow, self.variance) for x in (average.sum, average.weight)]
        return [*averages, self.first, self.steps, self.lowest, self.stalled]

    def with_state(self, state: list[Any]) -> Watch:
        """One with the same windows, and this state."""
        fast, slow, variance = (
            replace(average, sum=float(total), weight=float(weight))
            for average, total, weight in zip(
                (self.fast, self.slow, self.variance), state[0:6:2], state[1:6:2], strict=True
            )
        )
        first, steps, lowest, stalled = state[6:]
        return Watch(fast, slow, variance, first, int(steps), lowest, int(stalled))

    def _standard_error(self) -> float:
        """Of the difference between the fast average and a slow one of other losses."""
        variance, shares = self.variance.value, self.fast.squared_shares + self.slow.squared_shares
        return math.sqrt(variance * shares) if variance > 0.0 else 0.0


def _progress(first: float, settings: SafetySettings) -> float:
    """Below this average loss, there has been progress."""
    return _above(first, settings.stall_fraction - 1.0)
