"""What the tests share: environments of a task that is cheap to descend on."""

from __future__ import annotations

from typing import Any

import gymnasium
import pytest

import descender_native  # noqa: F401  (registers the environments)

SMALL: dict[str, Any] = {"task": "mnist-small", "preset": "dqn", "steps": 40}
"""Five actions, a decision every 10 steps: an episode has 4 decisions."""

JOBS: dict[str, Any] = {"task": "data-sets"}
"""Numbers as actions; each episode is another job."""


@pytest.fixture(params=["task", "jobs"])
def arguments(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SMALL if request.param == "task" else JOBS


@pytest.fixture
def env() -> gymnasium.Env[Any, Any]:
    return gymnasium.make("descender/Descent-v0", **SMALL)
