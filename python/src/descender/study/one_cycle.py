"""The rival of every study: one-cycle over the user's own optimizer, as people use it without a controller."""

from __future__ import annotations

import math

from ..float32 import rounded

RISE = 0.1
"""Share of the steps in which η rises."""
START_DIVISOR = 25.0
"""Peak / start."""
FINAL_DIVISOR = 1e4
"""Start / end."""


def one_cycle(peak: float, steps: int) -> list[float]:
    """η at each step of the one-cycle policy in the form of PyTorch's ``OneCycleLR`` with cosine annealing.

    From peak/25 along half a cosine up to the peak at step 0.1·T − 1, then along half a cosine down to peak/250,000
    at the last step (Smith and Topin 2018).

    Args:
        peak: The highest η.
        steps: T, the steps of the training, 1 or more.

    Returns:
        One value for each step, each one that a 32-bit float holds.
    """
    start, end = 1.0 / START_DIVISOR, 1.0 / START_DIVISOR / FINAL_DIVISOR
    last, top = steps - 1.0, RISE * steps - 1.0
    shares = []
    for t in range(steps):
        if t >= last:
            share = end
        elif t <= top:
            share = _half_cosine(start, 1.0, t / max(top, 1.0))
        else:
            begun = max(top, 0.0)
            share = _half_cosine(1.0, end, (t - begun) / (last - begun))
        shares.append(rounded(peak * share))
    return shares


def _half_cosine(before: float, after: float, way: float) -> float:
    return after + (before - after) * (1.0 + math.cos(math.pi * way)) / 2.0
