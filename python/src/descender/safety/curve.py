"""The schedules of the time alone that a safety net can fall back on: η as a function of the step.

In the formulas T is the number of steps of the descent, t = 0, 1, … the step, and η₀ the peak. Schedules that look at
losses are no fallback: it must not depend on what went wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import SettingsError, nearest
from ..fields import Fields
from ..float32 import rounded

_WATCH_LOSSES = ("reduce-on-plateau", "linear-cut", "greedy")
_Values = Mapping[str, Any]


def _half_cosine(start: float, end: float, progress: float) -> float:
    """From ``start`` at progress 0 to ``end`` at 1 along half a cosine."""
    return end + (start - end) * (1.0 + math.cos(math.pi * progress)) / 2.0


def _progress(step: int, total: int) -> float:
    return min(1.0, step / total)


def _milestone(fraction: float, total: int) -> int:
    """This fraction of the steps, rounded; halves go up."""
    return math.floor(fraction * total + 0.5)


def _constant(values: _Values, step: int, total: int) -> float:
    return 1.0


def _step(values: _Values, step: int, total: int) -> float:
    share: float = 1.0
    for milestone in values["milestones"]:
        if step >= _milestone(milestone, total):
            share *= values["factor"]
    return share


def _exponential(values: _Values, step: int, total: int) -> float:
    return float(values["final_factor"] ** (step / total))


def _linear(values: _Values, step: int, total: int) -> float:
    return float(1.0 - (1.0 - values["final_factor"]) * _progress(step, total))


def _cosine(values: _Values, step: int, total: int) -> float:
    return _half_cosine(1.0, values["final_factor"], _progress(step, total))


def _sgdr(values: _Values, step: int, total: int) -> float:
    """Cosine with warm restarts: cycles that are each m times as long as the one before."""
    multiplier = max(1, values["multiplier"])
    cycles = min(max(1, values["cycles"]), total)
    length, steps = 1, 0
    if multiplier == 1:
        steps = cycles
    else:
        for _ in range(cycles):
            steps += length
            length *= multiplier
            if steps >= total:
                break
    period = -(-total // steps)
    if multiplier == 1:
        since = step % period
    else:
        since = step
        while since >= period:
            since -= period
            period *= multiplier
    return _half_cosine(1.0, values["final_factor"], since / period)


def _one_cycle(values: _Values, step: int, total: int) -> float:
    """From η₀/div up to η₀ at t = pct·T − 1, then down to η₀/(div·final_div) at t = T − 1 (PyTorch's form)."""
    start = 1.0 / values["start_divisor"]
    end = start / values["final_divisor"]
    last, top = total - 1.0, values["rise"] * total - 1.0
    if step >= last:
        return float(end)
    if step <= top:
        return _half_cosine(start, 1.0, step / max(1.0, top))
    top = max(0.0, top)
    return _half_cosine(1.0, end, (step - top) / (last - top))


@dataclass(frozen=True)
class _Setting:
    default: Any
    allowed: Callable[[Any], bool]
    expected: str


def _fraction(default: float) -> _Setting:
    return _Setting(default, lambda x: 0.0 <= x <= 1.0, "a number from 0 to 1")


def _positive_fraction(default: float) -> _Setting:
    return _Setting(default, lambda x: 0.0 < x <= 1.0, "a number above 0 and at most 1")


def _at_least_one(default: float) -> _Setting:
    return _Setting(default, lambda x: 1.0 <= x < math.inf, "a number of at least 1")


def _count(default: int) -> _Setting:
    return _Setting(default, lambda n: n >= 1, "a whole number of at least 1")


def _ascending(values: Any) -> bool:
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) and 0.0 <= x <= 1.0 for x in values)
    return numbers and list(values) == sorted(values)


_CURVES: dict[str, tuple[dict[str, _Setting], Callable[[_Values, int, int], float]]] = {
    "constant": ({}, _constant),
    "step": (
        {
            "factor": _positive_fraction(0.1),
            "milestones": _Setting([0.5, 0.75], _ascending, "ascending numbers from 0 to 1"),
        },
        _step,
    ),
    "exponential": ({"final_factor": _positive_fraction(0.01)}, _exponential),
    "linear": ({"final_factor": _fraction(0.0)}, _linear),
    "cosine": ({"final_factor": _fraction(0.0)}, _cosine),
    "sgdr": ({"cycles": _count(3), "multiplier": _count(2), "final_factor": _fraction(0.0)}, _sgdr),
    "one-cycle": (
        {"rise": _fraction(0.3), "start_divisor": _at_least_one(25.0), "final_divisor": _at_least_one(1e4)},
        _one_cycle,
    ),
}


@dataclass(frozen=True)
class Curve:
    """A schedule of the time alone, with its settings."""

    name: str
    """The name, as in files: ``linear``."""
    settings: Mapping[str, Any]
    """Its settings by name, those that a file leaves out at their defaults."""

    @classmethod
    def read(cls, data: object, path: str) -> Curve:
        """The schedule as it stands in a file.

        Raises:
            SettingsError: If no schedule has this name, it looks at losses, or a setting cannot be used.
        """
        name = data.get("name") if isinstance(data, Mapping) else None
        if not isinstance(name, str):
            raise SettingsError(f'{path} has no "name": expected that of a schedule')
        if name in _WATCH_LOSSES:
            raise SettingsError(f'safety.fallback.schedule = "{name}": expected a schedule of the time alone')
        if name not in _CURVES:
            raise SettingsError(f'no schedule is called "{name}" ({nearest(name, _CURVES)})')
        known, _ = _CURVES[name]
        fields = Fields(data, path, ("name", *known))
        settings: dict[str, Any] = {}
        for key, setting in known.items():
            value: Any
            if isinstance(setting.default, list):
                value = fields.sequence(key, setting.default)
            elif isinstance(setting.default, int):
                value = fields.whole(key, setting.default)
            else:
                value = fields.real(key, setting.default)
            if not setting.allowed(value):
                raise SettingsError(
                    f'safety.fallback.schedule: schedule "{name}": setting "{key}" is {value}, expected '
                    f"{setting.expected}"
                )
            settings[key] = value
        return cls(name, settings)

    def learning_rate(self, peak: float, step: int, total: int) -> float:
        """η of step ``step`` (from 0) of ``total`` steps whose highest η is ``peak``; beyond, by the formula."""
        _, share = _CURVES[self.name]
        return rounded(peak * share(self.settings, step, total))
