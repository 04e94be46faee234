"""Learned controllers that set an optimizer's hyper-parameters while a network trains.

A :class:`Controller` is a frozen policy in a file. It steers a :class:`Job`, one training, through a :class:`Session`:

    >>> import descender
    >>> controller = descender.Controller.load("pretrained")
    >>> session = controller.start(descender.Job(steps=2000, batch_size=64, examples=60000))
    >>> session.hyper_parameters.learning_rate > 0
    True
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .controller import SHIPPED, Controller, Provenance, load
from .errors import ControllerFileError, DescenderError, OrderError, SettingsError, StateError
from .feedback import StepStatistics
from .hyper_parameters import HyperParameters
from .job import Classes, Job, Numbers
from .method import Method
from .safety import Advice, Cause, Intervention, Keeper
from .schedule import Schedule
from .session import Session

if TYPE_CHECKING:
    from .study import Study as Study

__version__ = "0.1.0"

_NATIVE = ("train", "compare", "merge", "DescentEnv", "DescentVectorEnv")
"""What the compiled package ``descender-native`` brings."""

if find_spec("descender_native") is not None:
    import_module("descender_native")  # its environments have names in Gymnasium from then on

__all__ = [
    "SHIPPED",
    "Advice",
    "Cause",
    "Classes",
    "Controller",
    "ControllerFileError",
    "DescenderError",
    "HyperParameters",
    "Intervention",
    "Job",
    "Keeper",
    "Method",
    "Numbers",
    "OrderError",
    "Provenance",
    "Schedule",
    "Session",
    "SettingsError",
    "StateError",
    "StepStatistics",
    "Study",
    "load",
]


def __getattr__(name: str) -> Any:
    """What is loaded when it is first asked for: studies, and what only the compiled package can do."""
    if name == "Study":
        from .study import Study

        return Study
    if name in _NATIVE:
        try:
            import descender_native
        except ImportError as error:
            raise ImportError(
                f"descender.{name} needs the compiled package: expected descender_native, from `pip install "
                "descender-native`"
            ) from error
        return getattr(descender_native, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
