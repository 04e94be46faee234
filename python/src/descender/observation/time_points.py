"""Points of time between which a policy interpolates."""

from __future__ import annotations

import numpy as np

from ..float32 import ONE, Array

POINTS: tuple[np.float32, ...] = tuple(map(np.float32, (0.0, 0.04, 0.12, 0.28, 0.6, 1.0)))
"""When a policy has values of its own, as shares of the steps; dense where a descent changes fast."""
POINT_NAMES = ("start", "at_4", "at_12", "at_28", "at_60", "end")
"""What the points are called in the names of features."""


def interpolate(share: np.float32) -> Array:
    """The weights of the points at this share of a descent.

    Args:
        share: Steps made, divided by all steps.

    Returns:
        Six numbers of sum 1: 1 at a point, linear between two; the last point's from the end on.
    """
    weights = np.zeros(len(POINTS), dtype=np.float32)
    for after, point in enumerate(POINTS):
        if share < point:
            if after == 0:
                weights[0] = ONE
            else:
                before = POINTS[after - 1]
                way = (share - before) / (point - before)
                weights[after - 1], weights[after] = ONE - way, way
            return weights
    weights[-1] = ONE  # at or beyond the end, or no number
    return weights
