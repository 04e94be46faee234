"""Which reading moved the learning rate at a decision.

The influence of a reading is what ln η loses when the reading is set to 0, the usual, and all else stays. Influences
don't add up to the whole where the policy bends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .action import ActionDefinition, Anchored
from .float32 import Array
from .policy import Policy

_SHOWN = 3
_LEAST = 0.02  # an influence of less than this factor is not shown: 2 %


@dataclass(frozen=True)
class Explanation:
    """A decision, and what moved it; as a text, one line."""

    step: int
    """The step before which the decision was made: so many steps were made."""
    learning_rate: float
    """η of that step."""
    influences: tuple[tuple[str, float], ...]
    """The readings with their influence on ln η, the strongest first."""

    def __str__(self) -> str:
        shown = [
            f"{name} ×{math.exp(influence):.2f}"
            for name, influence in self.influences[:_SHOWN]
            if abs(influence) >= _LEAST
        ]
        return f"step {self.step:>6}: η {_significant(self.learning_rate):<9} {', '.join(shown)}"


def explain(
    step: int,
    learning_rate: float,
    policy: Policy,
    action: ActionDefinition,
    feature_names: Sequence[str],
    observed: Array,
) -> Explanation | None:
    """Explains a decision.

    Args:
        step: Steps made before it.
        learning_rate: η after it.
        policy: What decided.
        action: What the decision meant.
        feature_names: The names of the features.
        observed: What the policy saw.

    Returns:
        The explanation; ``None`` where the actions do not place η between fixed ends.
    """
    if not isinstance(action, Anchored) or action.learning_rate_place is None:
        return None
    place = action.learning_rate_place
    dimension = action.dimensions[place]

    def log_rate(features: Array) -> float:
        return dimension.log_value(math.tanh(float(policy.network.outputs(features)[place])))

    whole = log_rate(observed)
    influences = []
    for name, features in readings(feature_names):
        without = observed.copy()
        without[features] = 0.0
        influences.append((name, whole - log_rate(without)))
    influences.sort(key=lambda influence: -abs(influence[1]))
    return Explanation(step, learning_rate, tuple(influences))


def readings(feature_names: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The readings, each with the numbers of the features that it has a part in.

    A feature ``at_12 × batch × steps`` is of the readings ``batch`` and ``steps``; one without a reading is the time.
    """
    timed = any(" × " in name for name in feature_names)
    places: dict[str, list[int]] = {}
    for place, feature in enumerate(feature_names):
        _, *names = feature.split(" × ")
        for name in dict.fromkeys(names or ["time" if timed else feature]):
            places.setdefault(name, []).append(place)
    return list(places.items())


def _significant(x: float) -> str:
    """Three significant digits."""
    if x == 0.0:
        return "0"
    exponent = int(f"{x:.2e}".partition("e")[2])
    if not -5 <= exponent < 6:
        mantissa, _, power = f"{x:.2e}".partition("e")
        return f"{mantissa}e{int(power)}"
    return f"{x:.{max(0, 2 - exponent)}f}"
