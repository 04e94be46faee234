"""Numbers of single precision, in which controllers calculate.

The program that learns controllers calculates with 32-bit floats. Here a number at rest is a Python float whose value a
32-bit float holds exactly, and a formula is calculated with ``numpy.float32``: so the same controller does the same in
both. Constants are ``numpy.float32``, too: before version 2, NumPy widened the product of a ``float32`` and a Python
float.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
"""An array of 32-bit floats."""

ZERO = np.float32(0)
ONE = np.float32(1)
TWO = np.float32(2)
LARGEST = float(np.finfo(np.float32).max)
"""The largest finite number."""
LEAST_NORMAL = float(np.finfo(np.float32).tiny)
"""The least number above 0 with a full mantissa."""


def single(x: float) -> np.float32:
    """The nearest 32-bit float; infinity beyond the largest one, without a warning."""
    if abs(x) > LARGEST:
        # A number that is nearer to the largest one than to the next power of two is rounded down.
        x = math.copysign(LARGEST if abs(x) < 3.4028235677973366e38 else math.inf, x)
    value: np.float32 = np.float32(x)
    return value


def rounded(x: float) -> float:
    """The value of the nearest 32-bit float."""
    return float(single(x))


def logarithm(x: float | np.float32) -> np.float32:
    """Ln x, as of the number's exact value; −∞ for 0, and NaN for what is below."""
    value = float(x)
    if value > 0.0:
        return single(math.log(value))
    return single(-math.inf if value == 0.0 else math.nan)


def power(base: np.float32, exponent: np.float32) -> np.float32:
    """base^exponent for a base above 0."""
    return single(math.pow(float(base), float(exponent)))


def shown(x: float) -> str:
    """The number with the fewest digits that are read back as the same 32-bit float."""
    return str(single(x))
