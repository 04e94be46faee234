"""What can go wrong, as exceptions whose message is one line: the thing, what was found, and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DescenderError(ValueError):
    """The base of this package's errors."""


class SettingsError(DescenderError):
    """A setting, or an argument, that cannot be used."""


class ControllerFileError(DescenderError):
    """Bytes, or a file, that are no controller."""


class StateError(DescenderError):
    """A stored state that does not belong to the session that it was given to."""


class OrderError(RuntimeError):
    """A call that cannot come here, such as a step before the losses that a decision waits for."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, or all that are known.

    Args:
        name: The name that is not known.
        known: The names that are.

    Returns:
        For instance ``nearest: "interval"``.
    """
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f'nearest: "{close[0]}"'
    return "known: " + ", ".join(names) if names else "it has none"


def setting_error(field: str, value: object, expected: str) -> SettingsError:
    """The error of a setting with a value outside of its range.

    Args:
        field: The setting's path, for instance ``bounds.lower``.
        value: The value found.
        expected: What would have been right.

    Returns:
        The error, to be raised.
    """
    return SettingsError(f"{field} = {value}: expected {expected}")
