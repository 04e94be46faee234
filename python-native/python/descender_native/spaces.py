"""What an agent sees and what it may do, as Gymnasium's spaces."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from ._native import Environment

FEATURE_LIMIT = 10.0
"""Every feature that is built in is cut at this, whatever the descent does."""


def observation_space(environment: Environment) -> spaces.Box:
    """The features of an observation, each in [−10, 10]."""
    shape = (len(environment.features),)
    return spaces.Box(-FEATURE_LIMIT, FEATURE_LIMIT, shape, np.float32)


def action_space(environment: Environment) -> spaces.Space[Any]:
    """The number of an action, or numbers in [−1, 1]."""
    if environment.action_count is not None:
        return spaces.Discrete(environment.action_count)
    return spaces.Box(-1.0, 1.0, (environment.action_dimensions,), np.float32)
