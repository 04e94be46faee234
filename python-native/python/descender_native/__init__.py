"""The compiled part of Descender: environments for learning to control an optimizer, and the command.

A descent is a Gymnasium environment, and many of them a vector environment::

    import descender_native
    import gymnasium

    env = gymnasium.make("descender/Descent-v0", task="mnist-cnn")
    envs = gymnasium.make_vec("descender/Descent-v0", num_envs=8, vectorization_mode="vector_entry_point")

:func:`train` and :func:`compare` are the commands of these names, with their results as data frames. Gymnasium and pandas are
needed where they are used, and not before.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .command import CommandError, compare, merge, run, train
from .results import Comparison, Training

if TYPE_CHECKING:
    from .descent_env import DescentEnv
    from .descent_vector_env import DescentVectorEnv

__all__ = [
    "CommandError",
    "Comparison",
    "DescentEnv",
    "DescentVectorEnv",
    "Training",
    "compare",
    "merge",
    "run",
    "train",
]

if find_spec("gymnasium") is not None:
    from .registration import register_environments

    register_environments()


def __getattr__(name: str) -> Any:
    """The classes that need Gymnasium, when they are first asked for."""
    if name == "DescentEnv":
        from .descent_env import DescentEnv

        return DescentEnv
    if name == "DescentVectorEnv":
        from .descent_vector_env import DescentVectorEnv

        return DescentVectorEnv
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
