"""Settings as the command's ``--set`` takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping

Setting = bool | int | float | str | list[float] | list[str]
"""A value of a setting."""


def assignments(settings: Mapping[str, Setting] | None) -> list[str]:
    """``KEY=VALUE`` for each setting, where KEY is a name of ``descender list settings`` or the end of one."""
    return [f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in (settings or {}).items()]
