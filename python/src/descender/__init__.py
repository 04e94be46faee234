"""Learned controllers that set an optimizer's hyper-parameters while a network trains.

A :class:`Controller` is a frozen policy in a file. It steers a :class:`Job`, one training, through a :class:`Session`:

    >>> import descender
    >>> controller = descender.Controller.load("pretrained")
    >>> session = controller.start(descender.Job(steps=2000, batch_size=64, examples=60000))
    >>> session.hyper_parameters.learning_rate > 0
    True
"""

from __future__ import annotations

from .controller import SHIPPED, Controller, Provenance, load
from .errors import ControllerFileError, DescenderError, OrderError, SettingsError, StateError
from .feedback import StepStatistics
from .hyper_parameters import HyperParameters
from .job import Classes, Job, Numbers
from .safety import Advice, Cause, Intervention, Keeper
from .session import Session

__version__ = "0.1.0"

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
    "Numbers",
    "OrderError",
    "Provenance",
    "Session",
    "SettingsError",
    "StateError",
    "StepStatistics",
    "load",
]
