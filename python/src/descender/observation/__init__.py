"""Observations: what a policy sees of a descent. Those that are built in are listed here by the name that files use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..errors import SettingsError, nearest
from .compact import CompactObservationSettings
from .interface import Observation, ObservationSettings
from .job import JobObservationSettings
from .paper import PaperObservationSettings
from .progress import ProgressObservationSettings
from .timetable import TimetableObservationSettings

_BUILT_IN: dict[str, Callable[[object, str], ObservationSettings]] = {
    "paper": PaperObservationSettings.read,
    "compact": CompactObservationSettings.read,
    "progress": ProgressObservationSettings.read,
    "timetable": TimetableObservationSettings.read,
    "job": JobObservationSettings.read,
}


def read_observation(data: object, path: str) -> ObservationSettings:
    """The settings of an observation as they stand in a file: its ``name``, and its fields.

    Raises:
        SettingsError: If none has this name, or a field is unknown or of the wrong kind.
    """
    name = data.get("name") if isinstance(data, Mapping) else None
    if isinstance(data, Mapping) and name == "own":
        raise SettingsError(f"the observation `{data.get('own')}` is not built in: this package cannot evaluate it")
    if not isinstance(name, str):
        raise SettingsError(f'{path} has no "name": expected that of an observation')
    if name not in _BUILT_IN:
        raise SettingsError(f'no observation is called "{name}" ({nearest(name, _BUILT_IN)})')
    return _BUILT_IN[name](data, path)


__all__ = [
    "CompactObservationSettings",
    "JobObservationSettings",
    "Observation",
    "ObservationSettings",
    "PaperObservationSettings",
    "ProgressObservationSettings",
    "TimetableObservationSettings",
    "read_observation",
]
