"""One dimension of an anchored action: a hyper-parameter, its two ends, and the spacing between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import SettingsError, setting_error
from ..fields import Fields
from ..float32 import LARGEST, LEAST_NORMAL, ONE, TWO, power, shown, single
from ..hyper_parameters import HyperParameters
from ..observation.scale import clamp

PARAMETERS: dict[str, tuple[tuple[str, ...], str]] = {
    "learning-rate": (("learning_rate",), "learning rate"),
    "momentum": (("b1", "b2"), "momentum b1 (b2 = 1 − b1)"),
    "second-moment": (("a1", "a2"), "second moment a1 (a2 = 1 − a1)"),
    "a1": (("a1",), "a1"),
    "a2": (("a2",), "a2"),
    "a3": (("a3",), "a3"),
    "b1": (("b1",), "b1"),
    "b2": (("b2",), "b2"),
    "b3": (("b3",), "b3"),
    "averaging": (("c",), "averaging c"),
    "weight-decay": (("w",), "weight decay w"),
}
"""The hyper-parameters by their names in files: the entries of μ that each sets, and what it is called."""
SCALES = ("linear", "logarithmic", "complement")
"""The spacings: even in x, in ln x, and in ln(1 − x)."""


@dataclass(frozen=True)
class Dimension:
    """One hyper-parameter with the ends between which it is placed."""

    parameter: str
    """One of :data:`PARAMETERS`."""
    low: float
    """Its value at a = −1."""
    high: float
    """Its value at a = 1, above ``low``."""
    scale: str
    """One of :data:`SCALES`."""

    @classmethod
    def read(cls, data: object, path: str) -> Dimension:
        """The dimension as it stands in a file.

        Raises:
            SettingsError: If a field is missing, unknown, or of the wrong kind.
        """
        fields = Fields(data, path, ("parameter", "low", "high", "scale"))
        return cls(
            fields.choice("parameter", tuple(PARAMETERS)),
            fields.number("low"),
            fields.number("high"),
            fields.choice("scale", SCALES),
        )

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries of μ that it sets."""
        return PARAMETERS[self.parameter][0]

    def value(self, a: float) -> np.float32:
        """The value that ``a`` places, with ``a`` taken into [−1, 1]."""
        share = (ONE + clamp(single(a), -ONE, ONE)) / TWO
        low, high = single(self.low), single(self.high)
        value: np.float32
        if self.scale == "linear":
            value = low + (high - low) * share
        elif self.scale == "logarithmic":
            value = low * power(high / low, share)
        else:
            value = ONE - (ONE - low) * power((ONE - high) / (ONE - low), share)
        return value

    def log_value(self, a: float) -> float:
        """The logarithm of :meth:`value` in double precision; for values above 0."""
        return math.log(float(self.value(a)))

    def set(self, value: np.float32, mu: HyperParameters) -> HyperParameters:
        """μ with this value; a decay sets the weight of the newest, too."""
        if len(self.entries) == 2:
            decay, weight = self.entries
            return mu._replace(**{decay: float(value), weight: float(ONE - value)})
        return mu._replace(**{self.entries[0]: float(value)})

    def check(self, path: str) -> None:
        """Checks the ends.

        Raises:
            SettingsError: Names the end that cannot be used.
        """
        least, most, low, high = {
            "linear": (-LARGEST, LARGEST, "a finite number", "a finite number above low"),
            "logarithmic": (LEAST_NORMAL, LARGEST, "a finite number above 0", "a finite number above low"),
            "complement": (-LARGEST, 1.0 - 2.0**-23, "a number below 1", "a number above low and below 1"),
        }[self.scale]
        if not least <= self.low <= most:
            raise setting_error(f"{path}.low", shown(self.low), low)
        if not (least <= self.high <= most and self.high > self.low):
            raise setting_error(f"{path}.high", shown(self.high), high)
        if self.parameter == "learning-rate" and self.low <= 0.0:
            raise setting_error(f"{path}.low", shown(self.low), "a learning rate above 0")


def check_dimensions(dimensions: tuple[Dimension, ...]) -> None:
    """Checks each dimension, and that no two set the same entry of μ.

    Raises:
        SettingsError: Names the dimension that cannot be used.
    """
    taken: set[str] = set()
    for index, dimension in enumerate(dimensions):
        path = f"action.dimensions[{index}]"
        dimension.check(path)
        if taken.intersection(dimension.entries):
            raise setting_error(
                f"{path}.parameter", dimension.parameter, "a hyper-parameter that no other dimension sets"
            )
        taken.update(dimension.entries)
    if not dimensions:
        raise SettingsError("action.dimensions = []: expected at least one hyper-parameter")
