"""The environments' names in Gymnasium's registry."""

from __future__ import annotations

import gymnasium

NAME = "descender/Descent-v0"


def register_environments() -> None:
    """Registers ``descender/Descent-v0``, unless it is registered already."""
    if NAME in gymnasium.registry:
        return
    gymnasium.register(
        id=NAME,
        entry_point="descender_native.descent_env:DescentEnv",
        vector_entry_point="descender_native.descent_vector_env:DescentVectorEnv",
    )
