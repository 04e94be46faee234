"""Actions: how a decision changes μ. Those that are built in are listed here by the name that files use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..errors import SettingsError, nearest
from .anchored import Anchored
from .dimension import Dimension
from .factors import Factors
from .interface import ActionDefinition

_BUILT_IN: dict[str, Callable[[object, str], ActionDefinition]] = {
    "factors": Factors.read,
    "anchored": Anchored.read,
}


def read_action(data: object, path: str) -> ActionDefinition:
    """An action definition as it stands in a file: its ``name``, and its fields.

    Raises:
        SettingsError: If none has this name, or a field is unknown or of the wrong kind.
    """
    name = data.get("name") if isinstance(data, Mapping) else None
    if isinstance(data, Mapping) and name == "own":
        raise SettingsError(f"the action `{data.get('own')}` is not built in: this package cannot apply it")
    if not isinstance(name, str):
        raise SettingsError(f'{path} has no "name": expected that of an action definition')
    if name not in _BUILT_IN:
        raise SettingsError(f'no action definition is called "{name}" ({nearest(name, _BUILT_IN)})')
    return _BUILT_IN[name](data, path)


__all__ = ["ActionDefinition", "Anchored", "Dimension", "Factors", "read_action"]
