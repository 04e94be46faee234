"""The controller of a training that another library runs, from its beginning or from a checkpoint on."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import torch

from ..errors import SettingsError, nearest
from ..torch import Controller

_KNOWN = tuple(
    name
    for name in inspect.signature(Controller.__init__).parameters
    if name not in ("self", "optimizer", "controller")
)


def checked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Further arguments of a controller, whose names are looked at before a training begins.

    Raises:
        SettingsError: If ``descender.torch.Controller`` has no such argument.
    """
    for name in arguments:
        if name not in _KNOWN:
            raise SettingsError(f'a controller has no argument "{name}" ({nearest(name, _KNOWN)})')
    return dict(arguments)


def build(
    optimizer: Any,
    controller: Any,
    seen: Mapping[str, Any],
    arguments: Mapping[str, Any],
    state: dict[str, Any] | None = None,
) -> Controller:
    """A controller over an optimizer.

    Args:
        optimizer: The optimizer.
        controller: What to load.
        seen: Arguments that the library tells; ``None`` where it doesn't.
        arguments: What the user says instead.
        state: Where a training goes on: what the controller's ``state_dict`` returned.

    Returns:
        The controller. With a state, the optimizer's hyper-parameters are those that were set with it.
    """
    optimizer = inner(optimizer)
    told = {name: value for name, value in seen.items() if value is not None}
    steering = Controller(optimizer, controller, **{**told, **arguments})
    if state is not None:
        steering.load_state_dict(state)
    return steering


def inner(optimizer: Any) -> Any:
    """The optimizer inside of what wraps it; a wrapper may itself be an optimizer by its type."""
    while isinstance(getattr(optimizer, "optimizer", None), torch.optim.Optimizer):
        optimizer = optimizer.optimizer
    return optimizer


def examples(dataset: Any) -> int | None:
    """How many examples a data set has; ``None`` where it can't tell."""
    try:
        return len(dataset) or None
    except TypeError:
        return None
