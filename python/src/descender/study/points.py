"""The points of time between which a policy interpolates, and the offsets that perturb it there."""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
"""An array of numbers of double precision."""

SHARES: tuple[float, ...] = (0.02, 0.06, 0.12, 0.24, 0.36, 0.2)
"""Shares of the points in a training, which lie at 0, 4, 12, 28, 60 and 100 % of it: the integrals of their weights."""

USUAL_SHARE = 0.2
"""A share at which an offset of a point's own has the usual size."""


def offsets(name: str, outputs: int, rate: int, spread: float = 1.0) -> Numbers:
    """The offsets of a pair: for each output one for the whole training, and one of each point.

    What matters less is moved more: the offset of a point's own grows as 1/√share.

    Args:
        name: The name of the stream of random numbers; the same name gives the same offsets.
        outputs: Number of outputs, one for each steered hyper-parameter.
        rate: The output that is ln η; it is moved less than the others.
        spread: The size of all offsets, above 0.

    Returns:
        The offsets, ``[point, output]``.
    """
    normal = _Normals(name)
    whole = [next(normal) * (0.09 if d == rate else 0.2) for d in range(outputs)]
    rows = []
    for share in SHARES:
        own = math.sqrt(USUAL_SHARE / share)
        rows.append([spread * (whole[d] + next(normal) * (0.1 if d == rate else 0.15) * own) for d in range(outputs)])
    return np.array(rows, dtype=np.float64).reshape(len(SHARES), outputs)


class _Normals:
    """Standard normal numbers, by the transform of Box and Muller (1958)."""

    def __init__(self, name: str) -> None:
        # The numbers of `random()` after a seed of text are the same in all versions of Python.
        self._uniform = random.Random(name)
        self._kept: float | None = None

    def __next__(self) -> float:
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return kept
        radius = math.sqrt(-2.0 * math.log(1.0 - self._uniform.random()))
        angle = 2.0 * math.pi * self._uniform.random()
        self._kept = radius * math.sin(angle)
        return radius * math.cos(angle)
