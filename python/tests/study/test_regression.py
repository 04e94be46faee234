"""The regression: against the program's own, and against a landscape whose best outputs are known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from descender.study import surface
from descender.study.points import SHARES, Numbers, offsets

REFERENCE = json.loads((Path(__file__).parent / "reference_regression.json").read_text())
"""Two rounds of a learning by the program, made by make_reference.py: losses in, outputs out."""


def read(descents: list[dict[str, object]], outputs: Numbers) -> surface.Round:
    starts = []
    for row in descents:
        pairs = [
            surface.Pair(np.reshape(pair["offsets"], outputs.shape), math.log(pair["plus"]), math.log(pair["minus"]))
            for pair in row["pairs"]  # type: ignore[attr-defined]
        ]
        starts.append(surface.Start(math.log(row["base"]), pairs))  # type: ignore[arg-type]
    return surface.Round(starts, outputs)


def test_two_rounds_are_those_of_the_program() -> None:
    outputs = np.zeros((6, 4))
    rounds: list[surface.Round] = []
    for descents, stride in zip(REFERENCE["rounds"], (0.5, 0.25), strict=True):
        rounds.append(read(descents, outputs))
        # The program keeps its weights in single precision.
        outputs = (outputs + stride * surface.step(rounds, 0)).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(outputs, REFERENCE["outputs"], atol=1e-7)


def landscape(at: Numbers, best: Numbers) -> float:
    """Log loss around the best outputs, of the curvatures c = 0.4, e = 1 of ln η and c = 0.2, e = 0.8 of the other."""
    away = at - best
    total = 0.0
    for d, (common, each) in enumerate(((0.4, 1.0), (0.2, 0.8))):
        total += 0.5 * float(away[:, d] @ surface.Curvature(common, each).matrix @ away[:, d])
    return total


@pytest.mark.parametrize("first", [0.0, 0.3])
def test_a_step_leads_to_the_best_outputs(first: float) -> None:
    best = np.column_stack([np.linspace(0.5, 0.1, 6), np.full(6, -0.2)])
    outputs = np.full((6, 2), first)
    noise = np.random.default_rng(1)
    starts = []
    for number in range(200):
        pairs = []
        for pair in range(3):
            moved = offsets(f"{number} {pair}", 2, 0)
            ends = [landscape(outputs + sign * moved, best) + 0.02 * noise.normal() for sign in (1, -1)]
            pairs.append(surface.Pair(moved, *ends))
        starts.append(surface.Start(landscape(outputs, best), pairs))
    step = surface.step([surface.Round(starts, outputs)], 0)
    # The first points have small shares: what happens there hardly shows.
    np.testing.assert_allclose((outputs + step)[2:], best[2:], atol=0.12)
    bent = surface.curvatures([surface.Round(starts, outputs)], 0)
    assert abs(bent[0].each - 1.0) < 0.3
    assert abs(bent[1].each - 0.8) < 0.3


def test_lost_trainings_say_which_way_and_pairs_of_them_nothing() -> None:
    moved = np.full((6, 1), 0.1)
    lost_above = surface.Round([surface.Start(0.0, [surface.Pair(moved, math.inf, 0.0)])], np.zeros((6, 1)))
    assert (surface.step([lost_above], 0) < -0.001).all()
    both = surface.Round([surface.Start(0.0, [surface.Pair(moved, math.inf, math.inf)])], np.zeros((6, 1)))
    assert (surface.step([both], 0) == 0).all()
    all_lost = surface.Round([surface.Start(math.inf, [surface.Pair(moved, math.inf, math.inf)])], np.zeros((6, 1)))
    assert (surface.step([all_lost], 0) == 0).all()


def test_offsets_are_named_and_larger_where_they_matter_less() -> None:
    assert (offsets("a", 3, 0) == offsets("a", 3, 0)).all()
    assert (offsets("a", 3, 0) != offsets("b", 3, 0)).any()
    drawn = np.array([offsets(str(number), 2, 1, spread=2.0) for number in range(2000)])
    assert drawn.shape == (2000, len(SHARES), 2)
    for d, (whole, own) in enumerate(((0.2, 0.15), (0.09, 0.1))):
        expected = [2.0 * math.sqrt(whole**2 + own**2 * 0.2 / share) for share in SHARES]
        np.testing.assert_allclose(drawn[:, :, d].std(axis=0), expected, rtol=0.08)
        assert abs(drawn[:, :, d].mean()) < 0.02
