"""The bounds between which η is held."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import setting_error
from .fields import Fields
from .float32 import rounded, shown


@dataclass(frozen=True)
class Bounds:
    """Bounds on the learning rate η, both included."""

    lower: float = rounded(0.001)
    """Lowest η, above 0."""
    upper: float = 0.5
    """Highest η, not below ``lower``."""

    @classmethod
    def read(cls, data: object, path: str) -> Bounds:
        """The bounds as they stand in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        fields = Fields(data, path, ("lower", "upper"))
        return cls(fields.number("lower", cls.lower), fields.number("upper", cls.upper))

    def check(self) -> None:
        """Checks that 0 < lower ≤ upper < ∞.

        Raises:
            SettingsError: Names the bound that cannot be used.
        """
        if not (math.isfinite(self.lower) and self.lower > 0):
            raise setting_error("bounds.lower", shown(self.lower), "a finite learning rate above 0")
        if not (math.isfinite(self.upper) and self.upper >= self.lower):
            raise setting_error("bounds.upper", shown(self.upper), "a finite learning rate not below bounds.lower")

    def contains(self, learning_rate: float) -> bool:
        """Whether η is inside. Not a number is outside."""
        return self.lower <= learning_rate <= self.upper

    def clip(self, learning_rate: float) -> float:
        """The nearest η inside the bounds; the lower bound for what is not a number."""
        if learning_rate > self.upper:
            return self.upper
        return learning_rate if learning_rate >= self.lower else self.lower
