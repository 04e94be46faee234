"""Anchored actions: each decision places hyper-parameters anew, between fixed ends around an anchor.

Decision a_i ∈ [−1, 1] places the i-th hyper-parameter x between low and high, with u = (1 + a_i) / 2:

    linear        x = low + (high − low)·u
    logarithmic   x = low·(high / low)^u
    complement    1 − x = (1 − low)·((1 − high) / (1 − low))^u

a_i = 0 is the anchor. The learning rate is further multiplied by a base schedule (1, or 1 − t/T, or (1 + cos(π·t/T))/2)
and by a linear warm-up, min(1, (t + 1)/(w·T)) where w is above 0. Both follow the step t between decisions, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..errors import setting_error
from ..fields import Fields
from ..float32 import ONE, TWO, ZERO, logarithm, rounded, shown, single
from ..hyper_parameters import HyperParameters
from ..observation.scale import clamp
from ..policy import Action
from .dimension import PARAMETERS, Dimension, check_dimensions

BASE_SCHEDULES = ("constant", "linear", "cosine")
"""What multiplies the learning rate whatever is decided."""
_PI = np.float32(math.pi)


def base_schedule(name: str, share: np.float32) -> np.float32:
    """The factor of a base schedule.

    Args:
        name: One of :data:`BASE_SCHEDULES`.
        share: t/T; at most 1 counts.

    Returns:
        The factor on the learning rate, from 1 down to 0.
    """
    share = clamp(share, ZERO, ONE)
    factor: np.float32 = ONE
    if name == "linear":
        factor = ONE - share
    elif name == "cosine":
        factor = (ONE + single(math.cos(float(_PI * share)))) / TWO
    return factor


@dataclass(frozen=True)
class Anchored:
    """Which hyper-parameters a continuous decision places, and where."""

    schedule: str = "constant"
    """One of :data:`BASE_SCHEDULES`."""
    total_steps: float = 500.0
    """T of the base schedule in steps, 1 or more."""
    warm_up: float = 0.0
    """w, the share of T in which the learning rate rises on a straight line, at least 0 and below 1."""
    dimensions: tuple[Dimension, ...] = (Dimension("learning-rate", rounded(0.025), rounded(0.4), "logarithmic"),)
    """The hyper-parameters, one for each dimension of a decision."""

    name = "anchored"
    head = "squashed"

    @classmethod
    def read(cls, data: object, path: str) -> Anchored:
        """The definition as it stands in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        fields = Fields(data, path, ("name", "schedule", "total_steps", "warm_up", "dimensions"))
        dimensions = cls.dimensions
        if fields.has("dimensions"):
            dimensions = tuple(
                Dimension.read(dimension, f"{path}.dimensions[{index}]")
                for index, dimension in enumerate(fields.sequence("dimensions"))
            )
        return cls(
            fields.choice("schedule", BASE_SCHEDULES, cls.schedule),
            fields.number("total_steps", cls.total_steps),
            fields.number("warm_up", cls.warm_up),
            dimensions,
        )

    @property
    def dimensions_or_actions(self) -> int:
        """One output for each dimension."""
        return len(self.dimensions)

    @property
    def space(self) -> str:
        """The shape of a decision, in words."""
        return f"continuous actions of {len(self.dimensions)} dimensions"

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries of μ that the dimensions set."""
        taken = {entry for dimension in self.dimensions for entry in dimension.entries}
        return tuple(entry for entry in HyperParameters._fields if entry in taken)

    @property
    def largest_log_change(self) -> float:
        """From one end of η to the other; 1 where η is not placed."""
        place = self.learning_rate_place
        if place is None:
            return 1.0
        dimension = self.dimensions[place]
        return float(logarithm(single(dimension.high) / single(dimension.low)))

    @property
    def learning_rate_place(self) -> int | None:
        """The number of the dimension that places η; ``None`` where none does."""
        for place, dimension in enumerate(self.dimensions):
            if dimension.parameter == "learning-rate":
                return place
        return None

    @property
    def descriptions(self) -> tuple[str, ...]:
        """What each dimension does."""
        return tuple(self._description(dimension) for dimension in self.dimensions)

    def check(self) -> None:
        """Checks every setting.

        Raises:
            SettingsError: Names the setting that cannot be used.
        """
        if not 1.0 <= self.total_steps < math.inf:
            raise setting_error("action.total_steps", shown(self.total_steps), "a finite number of steps, 1 or more")
        if not 0.0 <= self.warm_up < 1.0:
            raise setting_error("action.warm_up", shown(self.warm_up), "a share of the steps, at least 0 and below 1")
        check_dimensions(self.dimensions)

    def fitted(self, steps: int) -> Anchored:
        """The definition whose base schedule and warm-up are those of descents of so many steps."""
        return replace(self, total_steps=rounded(steps))

    def begin(self, mu: HyperParameters) -> HyperParameters:
        """All hyper-parameters at their anchors."""
        return self.apply((0.0,) * len(self.dimensions), 0, mu)

    def apply(self, action: Action, step: int, mu: HyperParameters) -> HyperParameters:
        """μ with each hyper-parameter where the action places it."""
        if not isinstance(action, tuple) or len(action) != len(self.dimensions) or any(map(math.isnan, action)):
            return mu
        for dimension, a in zip(self.dimensions, action, strict=True):
            value = dimension.value(a)
            if dimension.parameter == "learning-rate":
                value = value * self._factor(step)
            mu = dimension.set(value, mu)
        return mu

    def follower(self, action: Action) -> Callable[[int], float] | None:
        """η at each step, as base schedule and warm-up say; all else stays where the action has placed it."""
        place = self.learning_rate_place
        if place is None or not isinstance(action, tuple) or (self.schedule == "constant" and self.warm_up == 0.0):
            return None
        base = self.dimensions[place].value(action[place])
        factor = self._factor
        return lambda step: float(base * factor(step))

    def _factor(self, step: int) -> np.float32:
        """What base schedule and warm-up multiply η by at this step."""
        now, total = np.float32(step), np.float32(self.total_steps)
        factor = base_schedule(self.schedule, now / total)
        warm_up = np.float32(self.warm_up) * total
        if warm_up > ZERO:
            factor = factor * min((now + ONE) / warm_up, ONE)
        return factor

    def _description(self, dimension: Dimension) -> str:
        name = PARAMETERS[dimension.parameter][1]
        text = (
            f"place the {name} between {shown(dimension.low)} and {shown(dimension.high)} "
            f"(anchor {float(dimension.value(0.0)):.4f})"
        )
        if dimension.parameter == "learning-rate":
            if self.schedule != "constant":
                text += f", times the {self.schedule} schedule over {self.total_steps:g} steps"
            if self.warm_up > 0.0:
                text += f", after a warm-up of {self.warm_up * self.total_steps:g} steps"
        return text
