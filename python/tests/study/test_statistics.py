"""Interquartile means and their intervals, against the definition and by their coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest

from descender.study.statistics import differences, estimate, interquartile_mean


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100.0, 2.0, 3.0, 7.0, -50.0], 4.0),
        ([210.0, 190.0, 250.0, 170.0, 205.0, 230.0, 198.0, 260.0], 210.75),
        ([1.0, 2.0, 6.0], 3.0),
        ([1.0, 2.0, 3.0, math.nan], 2.5),
        ([1.0, math.inf], math.inf),
    ],
)
def test_a_quarter_is_cut_at_each_end(values: list[float], expected: float) -> None:
    assert interquartile_mean(values) == expected


def test_the_mean_of_nothing_is_not_known() -> None:
    assert math.isnan(interquartile_mean([]))


def test_lost_is_worst_and_two_lost_are_a_tie() -> None:
    assert differences([1.0, math.inf, math.nan, math.inf], [3.0, 1.0, 2.0, math.nan]) == [
        -2.0,
        math.inf,
        math.inf,
        0.0,
    ]


def test_few_starts_tell_nothing() -> None:
    assert estimate([-1.0] * 5, "a")[1:] == (-math.inf, math.inf)
    assert estimate([-1.0] * 6, "a") == (-1.0, -1.0, -1.0)


def test_the_same_name_gives_the_same_interval() -> None:
    values = [float(x) for x in np.random.default_rng(1).normal(size=12)]
    assert estimate(values, "a") == estimate(values, "a")
    assert estimate(values, "a") != estimate(values, "b")


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chances = np.random.default_rng(5)
    covered = 0
    for number in range(150):
        _, low, high = estimate([float(x) for x in chances.normal(size=24)], str(number))
        covered += low <= 0.0 <= high
    assert 0.86 <= covered / 150 <= 0.99


def test_lost_starts_within_the_quarter_leave_the_mean_and_open_the_interval() -> None:
    middle, low, high = estimate([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, math.inf], "a")
    assert (middle, high) == (4.5, math.inf)
    assert 1.0 <= low < 4.5
