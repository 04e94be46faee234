"""Settings as they stand in a file, read field by field: unknown names, missing ones and wrong kinds are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import SettingsError, nearest
from .float32 import rounded, shown

_Default = TypeVar("_Default")
_REQUIRED: Any = object()


class Fields:
    """The fields of one section of the settings.

    Args:
        data: What the file has there; must be an object.
        path: The path of the section for messages, for instance ``control.bounds``.
        known: Names of all fields that the section may have.

    Raises:
        SettingsError: If the data are no object, or have a field of another name.
    """

    def __init__(self, data: object, path: str, known: tuple[str, ...]) -> None:
        if not isinstance(data, Mapping):
            raise SettingsError(f"{path} is {_kind(data)}: expected an object")
        self._data: Mapping[str, Any] = data
        self._path = path
        for name in data:
            if name not in known:
                raise SettingsError(f'{path} has no field "{name}" ({nearest(str(name), known)})')

    def value(self, name: str, default: Any = _REQUIRED) -> Any:
        """The field as it stands; an error if it is missing and there is no default."""
        if name in self._data:
            return self._data[name]
        if default is _REQUIRED:
            raise SettingsError(f'{self._path} has no "{name}": expected one')
        return default

    def has(self, name: str) -> bool:
        """Whether the field stands there."""
        return name in self._data

    def real(self, name: str, default: float = _REQUIRED) -> float:
        """A number of double precision."""
        value = self.value(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(name, value, "a number")
        return float(value)

    def number(self, name: str, default: float = _REQUIRED) -> float:
        """A number of single precision."""
        return rounded(self.real(name, default))

    def whole(self, name: str, default: int = _REQUIRED, most: int = 2**64 - 1) -> int:
        """A whole number from 0 to ``most``."""
        value = self.value(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise self._wrong(name, value, f"a whole number from 0 to {most}")
        return value

    def optional_whole(self, name: str) -> int | None:
        """A whole number of 64 bits, or nothing."""
        return None if self._data.get(name) is None else self.whole(name)

    def optional_number(self, name: str) -> float | None:
        """A number of single precision, or nothing."""
        return None if self._data.get(name) is None else self.number(name)

    def flag(self, name: str, default: bool = _REQUIRED) -> bool:
        """Yes or no."""
        value = self.value(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def text(self, name: str, default: str = _REQUIRED) -> str:
        """A text."""
        value = self.value(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, value, "a text")
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str = _REQUIRED) -> str:
        """One of several names."""
        value = self.text(name, default)
        if value not in choices:
            raise SettingsError(f'{self._path}.{name} is "{value}" ({nearest(value, choices)})')
        return value

    def sequence(self, name: str, default: _Default = _REQUIRED) -> list[Any] | _Default:
        """A list, or the default where it is missing."""
        value = self.value(name, default)
        if name in self._data and not isinstance(value, (list, tuple)):
            raise self._wrong(name, value, "a list")
        return list(value) if name in self._data else value

    def numbers(self, name: str, default: tuple[float, ...] = _REQUIRED, count: int | None = None) -> tuple[float, ...]:
        """Numbers of single precision; ``count`` of them if it is given."""
        values = self.sequence(name, default)
        if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in values):
            raise self._wrong(name, values, "a list of numbers")
        if count is not None and len(values) != count:
            raise SettingsError(f"{self._path}.{name} has {len(values)} numbers: expected {count}")
        return tuple(rounded(value) for value in values)

    def rows(self, name: str, default: tuple[tuple[float, ...], ...], count: int) -> tuple[tuple[float, ...], ...]:
        """``count`` rows of as many numbers of single precision."""
        rows = self.sequence(name, default)
        if len(rows) != count:
            raise SettingsError(f"{self._path}.{name} has {len(rows)} rows: expected {count}")
        return tuple(Fields({name: row}, self._path, (name,)).numbers(name, count=count) for row in rows)

    def _wrong(self, name: str, value: object, expected: str) -> SettingsError:
        shown_value = value if isinstance(value, (int, float)) and not isinstance(value, bool) else _kind(value)
        return SettingsError(f"{self._path}.{name} is {shown_value}: expected {expected}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return shown(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return "a list"
    return "an object" if isinstance(value, Mapping) else str(value)
