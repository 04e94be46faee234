"""Interquartile means of paired differences with bootstrap intervals over the starts, as the command compares."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .points import Numbers

RESAMPLES = 2000
"""Resamples of the bootstrap."""
FEWEST_STARTS = 6
"""With fewer starts no two contenders are told apart."""


class Estimate(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    """The figure."""
    low: float
    """The lower end of the interval."""
    high: float
    """The upper end."""


def interquartile_mean(values: ArrayLike) -> float:
    """The mean of what is left when the ⌊n/4⌋ smallest and the ⌊n/4⌋ largest of n values are cut.

    Args:
        values: Numbers; infinite ones count by their order, and NaN as +∞.

    Returns:
        The mean; NaN for no values.
    """
    return float(_trimmed(np.atleast_2d(np.asarray(values, dtype=np.float64)))[0])


def _trimmed(rows: Numbers) -> Numbers:
    """The interquartile mean of each row."""
    ordered = np.sort(np.where(np.isnan(rows), np.inf, rows), axis=1)
    count = ordered.shape[1]
    if count == 0:
        return np.full(len(ordered), np.nan)
    kept = ordered[:, count // 4 : count - count // 4]
    with np.errstate(invalid="ignore"):  # ∞ − ∞ is NaN: such a mean is not known
        means: Numbers = kept.mean(axis=1)
    return means


def differences(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """First − second, start by start; NaN counts as +∞, and equal infinities differ by nothing."""
    pairs = [[math.inf if math.isnan(x) else x for x in pair] for pair in zip(first, second, strict=True)]
    return [0.0 if a == b else a - b for a, b in pairs]


def estimate(values: Sequence[float], name: str) -> Estimate:
    """The interquartile mean of values with its 95 % percentile interval.

    Args:
        values: One value for each start.
        name: The name of the stream of random numbers for the resamples.

    Returns:
        The estimate; what cannot be known is NaN. With fewer than :data:`FEWEST_STARTS` values the interval reaches
        from −∞ to ∞.
    """
    middle = interquartile_mean(values)
    if len(values) < FEWEST_STARTS:
        return Estimate(middle, -math.inf, math.inf)
    uniform = random.Random(name)
    drawn = np.array([[uniform.random() for _ in values] for _ in range(RESAMPLES)])
    places = (drawn * len(values)).astype(np.int64)
    means = _trimmed(np.asarray(values, dtype=np.float64)[places])
    means = np.where(np.isnan(means), np.inf, means)
    low, high = _quantile(np.sort(means), 0.025), _quantile(np.sort(means), 0.975)
    return Estimate(middle, low, high)


def _quantile(ordered: Numbers, fraction: float) -> float:
    """The quantile by linear interpolation; an infinite neighbour is taken as it is."""
    position = fraction * (len(ordered) - 1)
    below = math.floor(position)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    weight = position - below
    if weight == 0.0 or low == high or math.isinf(low):
        return low
    return low + weight * (high - low)
