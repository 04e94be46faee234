"""How the budget is split."""

from __future__ import annotations

import pytest

from descender.study import Plan, StudyError


@pytest.mark.parametrize("pairs", [1, 2, 3])
@pytest.mark.parametrize("rates", [1, 3, 5])
def test_no_plan_makes_more_than_it_may(rates: int, pairs: int) -> None:
    for episodes in (*range(70, 400, 7), 1000, 5000):
        plan = Plan.of(episodes, rates, pairs)
        assert episodes - 2 * (plan.candidates + 2 * pairs) < plan.total <= episodes
        assert plan.total == plan.tuning + plan.learning + plan.selection + plan.comparison
        assert plan.comparison_starts >= 6
        assert plan.selection_starts >= 2
        assert max(plan.rounds) - min(plan.rounds) <= 1
        assert plan.learning >= 0.25 * episodes


def test_the_plan_is_said_before_anything_is_made() -> None:
    assert str(Plan.of(200, 5)) == (
        "at most 200 of 200 trainings: 27 to tune one-cycle (5 learning rates and up to 2 more) and choose one of 2 "
        "beginnings, from 3 starts each; 110 to learn, 5 from each of 6+6+5+5 starts in 4 rounds; 24 to choose among 4 "
        "candidates, from 6 starts each; 39 to compare 3 contenders, from 13 starts each"
    )
    assert "1 to tune one-cycle (1 learning rate), from 1 start each;" in str(Plan.of(60, 1, beginnings=0))


def test_too_small_a_budget_names_the_least_one() -> None:
    with pytest.raises(StudyError, match=r"episodes = 10: expected (\d+) or more, with 5 rates and 2 pairs") as caught:
        Plan.of(10, 5)
    least = int(str(caught.value).split("expected ")[1].split(" ")[0])
    assert Plan.of(least, 5).total <= least
    with pytest.raises(StudyError):
        Plan.of(least - 1, 5)
