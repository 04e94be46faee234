"""What pairs of perturbed trainings say: which way each output of a policy should move at each point of time.

The policy is a schedule with a value z at each of six points of time (p) for each hyper-parameter (d). A pair of
trainings from one start moves all of them by opposite offsets δ. With L the losses of the pair and L₀ that of the
training without offsets,

    (ln L₊ − ln L₋)/2         = Σ_pd δ_pd·B_pd
    (ln L₊ + ln L₋)/2 − ln L₀ = ½·Σ_d (c_d·(Σ_p s_p·δ_pd)² + e_d·Σ_p s_p·δ_pd²),   c_d ≥ 0, e_d ≥ the flattest allowed

where s_p is the share of point p in a training. B is fitted by ridge regression, c and e by least squares. Output d
then moves by −H_d⁻¹·B_d with H_d = c_d·s·sᵀ + e_d·diag(s), the step of Newton's method, of which a round goes a part.
Slopes of earlier rounds are carried over to the present policy by the curvature, and count less with each round that
follows.

It is the regression by which `descender train` specialises a controller to one task, for the case that nothing but the
time moves an output.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .points import SHARES, Numbers

OUTLIER = 0.4
"""No half difference of log losses counts as more."""
FLATTEST_RATE = 1.0
"""No curvature of ln η is believed to be less."""
FLATTEST_OTHER = 0.6
"""No curvature of another output is believed to be less."""
CONSTANT = 0.1
"""How much the outputs at the points are shrunk, as a multiple of the setting."""
OWN = 0.25
"""The variance of what is believed to move at one point alone, as a share of that at all points together."""

_SHARES: Numbers = np.array(SHARES)


class Pair(NamedTuple):
    """The losses of two trainings from one start whose outputs were moved by opposite offsets."""

    offsets: Numbers
    """δ of the first, ``[point, output]``; the second has −δ."""
    plus: float
    """ln L₊; infinite if the training was lost."""
    minus: float
    """ln L₋; infinite if the training was lost."""


class Start(NamedTuple):
    """The trainings of a round from one start."""

    base: float
    """ln L₀, without offsets; infinite if the training was lost."""
    pairs: Sequence[Pair]
    """The pairs from this start."""


@dataclass(frozen=True)
class Round:
    """The trainings of a round, and the outputs that its policy had."""

    starts: Sequence[Start]
    """The starts."""
    outputs: Numbers
    """z of the round's policy, ``[point, output]``."""


@dataclass(frozen=True)
class Curvature:
    """How the log loss bends with one output."""

    common: float
    """c: for moves of all points together."""
    each: float
    """e: for moves of each point."""

    @property
    def matrix(self) -> Numbers:
        """H = c·s·sᵀ + e·diag(s), ``[point, point]``."""
        return self.common * np.outer(_SHARES, _SHARES) + self.each * np.diag(_SHARES)


def step(rounds: Sequence[Round], rate: int, *, shrink: float = 0.4, memory: float = 0.8) -> Numbers:
    """The whole step that the rounds so far ask for, from the policy of the last one.

    Args:
        rounds: All rounds, the oldest first; at least one.
        rate: The output that is ln η.
        shrink: The variance of a half difference of log losses, as a multiple of that of a step that is believed in
            beforehand; above 0.
        memory: What a round counts, as a share of the one after it; from 0 to 1.

    Returns:
        By how much each output should move at each point, ``[point, output]``; zeros where no pair can be used.
    """
    outputs = rounds[-1].outputs.shape[1]
    bent = curvatures(rounds, rate, memory=memory)
    slopes = _slopes(rounds, bent, shrink=shrink, memory=memory)
    moves = [-np.linalg.solve(bent[d].matrix, slopes[:, d]) for d in range(outputs)]
    return np.stack(moves, axis=1)


def curvatures(rounds: Sequence[Round], rate: int, *, memory: float = 0.8) -> list[Curvature]:
    """The curvature of each output, by least squares over all pairs whose start has a loss without offsets.

    Args:
        rounds: All rounds, the oldest first.
        rate: The output that is ln η.
        memory: What a round counts, as a share of the one after it.

    Returns:
        One curvature for each output.
    """
    outputs = rounds[-1].outputs.shape[1]
    left = np.zeros((2 * outputs, 2 * outputs))
    right = np.zeros(2 * outputs)
    for age, past in enumerate(reversed(rounds)):
        weight = memory**age
        for start in past.starts:
            for pair in start.pairs:
                if math.isinf(start.base):
                    continue
                above = np.clip((pair.plus + pair.minus) / 2 - start.base, -OUTLIER, 1.5 * OUTLIER)
                common = 0.5 * (_SHARES @ pair.offsets) ** 2
                each = 0.5 * (_SHARES @ pair.offsets**2)
                row = np.stack([common, each], axis=1).ravel()
                left += weight * np.outer(row, row)
                right += weight * above * row
    # A little of each column's own weight keeps what is not determined small.
    squares = left.diagonal().copy()
    left[np.diag_indices_from(left)] += 1e-4 * squares + 1e-12
    fitted = np.linalg.solve(left, right).reshape(outputs, 2)
    return [
        Curvature(max(float(c), 0.0), max(float(e), FLATTEST_RATE if d == rate else FLATTEST_OTHER))
        for d, (c, e) in enumerate(fitted)
    ]


def _slopes(rounds: Sequence[Round], bent: Sequence[Curvature], *, shrink: float, memory: float) -> Numbers:
    """B, ``[point, output]``, by ridge regression over all pairs."""
    points, outputs = rounds[-1].outputs.shape
    left = np.zeros((points * outputs, points * outputs))
    right = np.zeros(points * outputs)
    now = rounds[-1].outputs
    for age, past in enumerate(reversed(rounds)):
        weight = memory**age
        moved = now - past.outputs
        gradient = np.stack([bent[d].matrix @ moved[:, d] for d in range(outputs)], axis=1)
        for start in past.starts:
            for pair in start.pairs:
                if math.isinf(pair.plus) and math.isinf(pair.minus):
                    continue
                half = float(np.clip((pair.plus - pair.minus) / 2, -OUTLIER, OUTLIER))
                row = pair.offsets.ravel()
                left += weight * np.outer(row, row)
                right += weight * (half + float((pair.offsets * gradient).sum())) * row
    for d in range(outputs):
        places = np.arange(points) * outputs + d
        believed = _beliefs(bent[d])
        left[np.ix_(places, places)] += CONSTANT * shrink * believed.T @ believed
    solved: Numbers = np.linalg.solve(left, right)
    return solved.reshape(points, outputs)


def _beliefs(bent: Curvature) -> Numbers:
    """R, ``[row, point]``: a step −H⁻¹·B is as likely as |R·B|² is small.

    The steps at the points are believed to be alike: their covariance is 1·1ᵀ + OWN·I, whose inverse root is
    (I − k·1·1ᵀ)/√OWN with (1 − k·n)² = OWN/(OWN + n).
    """
    n = len(SHARES)
    k = (1.0 - np.sqrt(OWN / (OWN + n))) / n
    root = (np.eye(n) - k) / np.sqrt(OWN)
    rows: Numbers = np.linalg.solve(bent.matrix, root).T
    return rows
