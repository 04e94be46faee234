"""The scalings that observations share: they turn any number, finite or not, into a small finite one."""

from __future__ import annotations

import math

import numpy as np

from ..float32 import ONE, TWO, ZERO, logarithm, single

LOSS_FLOOR = np.float32(1e-6)
"""Losses are taken into [``LOSS_FLOOR``, ``LOSS_CEILING``]."""
LOSS_CEILING = np.float32(1e4)
"""A loss that is not finite counts as this one (and −∞ as the floor)."""
_MAGNITUDE_FLOOR = np.float32(1e-12)
_MAGNITUDE_CEILING = np.float32(1e12)
_LIMIT = np.float32(10)
_LEARNING_RATE_CENTRE = logarithm(np.float32(0.03))


def clamp(x: np.float32, least: np.float32, most: np.float32) -> np.float32:
    """``x`` in [least, most]; NaN stays."""
    return least if x < least else most if x > most else x


def finite_loss(loss: float | np.float32) -> np.float32:
    """The loss in [1e-6, 1e4]; 1e4 if it is not a number."""
    value = single(float(loss))
    return LOSS_CEILING if math.isnan(value) else clamp(value, LOSS_FLOOR, LOSS_CEILING)


def log_magnitude(x: float | np.float32) -> np.float32:
    """Ln |x| with |x| taken into [1e-12, 1e12]; what is not a number counts as 1e12."""
    value = abs(single(float(x)))
    if math.isnan(value):
        return logarithm(_MAGNITUDE_CEILING)
    return logarithm(clamp(value, _MAGNITUDE_FLOOR, _MAGNITUDE_CEILING))


def ratio(a: np.float32, b: np.float32) -> np.float32:
    """A / b in [−1, 1]; 0 where it is not a number."""
    with np.errstate(all="ignore"):
        quotient = a / b
    return ZERO if math.isnan(quotient) else clamp(quotient, -ONE, ONE)


def bounded(x: np.float32) -> np.float32:
    """``x`` in [−10, 10]; 0 for what is not a number."""
    return ZERO if math.isnan(x) else clamp(x, -_LIMIT, _LIMIT)


def log_learning_rate(learning_rate: float) -> np.float32:
    """ln(η / 0.03) / 2: −1.7 and 1.4 at the paper's bounds."""
    return bounded((log_magnitude(learning_rate) - _LEARNING_RATE_CENTRE) / TWO)


def log_time(steps: int, total: np.float32) -> np.float32:
    """ln(1 + steps) / ln(1 + total): 1 at the end of a descent of ``total`` steps."""
    return bounded(log_one_plus(np.float32(steps)) / log_one_plus(total))


def log_one_plus(x: np.float32) -> np.float32:
    """ln(1 + x), exact for small x."""
    return single(math.log1p(float(x)))
