"""The policy that a study moves: linear in the readings of the job, with an output at each of six points of time.

For one job the readings stay what they are. So nothing but the weights of the points themselves moves, and a perturbed
training is one under a controller like any other, whose weights there differ by the offsets.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..controller import Controller
from ..float32 import Array, rounded
from ..method import Method
from ..observation.job import JobObservationSettings
from .errors import StudyError
from .points import SHARES, Numbers

VERSION = "0.1.0"
"""The version of this package, as controllers name it."""

_WEIGHT = "policy.0.weight"
_FEATURES = len(JobObservationSettings.feature_names)
_AT_A_POINT = _FEATURES // len(SHARES)

LOWEST_ANCHOR, HIGHEST_ANCHOR = 1e-7, 1.0
"""Limits of η where a blind policy begins: it can move η by a factor of e⁴ both ways."""

STEERED: dict[str, tuple[float, float, str]] = {
    "momentum": (1.0 - 0.1 * math.exp(2.0), 1.0 - 0.1 / math.exp(2.0), "complement"),
    "second-moment": (1.0 - 0.01 * math.exp(2.0), 1.0 - 0.01 / math.exp(2.0), "complement"),
    "weight-decay": (0.5, 400.0, "logarithmic"),
}
"""Hyper-parameters that can be steered beside η: the ends, and how the values between them are spaced."""


class LinearPolicy:
    """A controller whose policy a study can move.

    Args:
        controller: A linear controller of anchored actions that reads the job.

    Raises:
        StudyError: If it is of another kind.
    """

    def __init__(self, controller: Controller) -> None:
        description = controller.description
        kinds = [
            ("observation", controller.observation.name, "job"),
            ("action", description["control"]["action"]["name"], "anchored"),
            ("number of layers", len(description["network"]["layers"]), 1),
        ]
        for what, found, expected in kinds:
            if found != expected:
                raise StudyError(
                    f"start: the controller's {what} is {found}: expected {expected}; a study begins with a linear "
                    "controller that reads the job, such as pretrained"
                )
        steered = [dimension["parameter"] for dimension in description["control"]["action"]["dimensions"]]
        if "learning-rate" not in steered:
            raise StudyError(
                f"start: the controller steers {', '.join(steered)}: expected one that steers learning-rate"
            )
        self.controller = controller
        """The controller."""
        self.rate: int = steered.index("learning-rate")
        """The output that is ln η."""

    @classmethod
    def blind(cls, anchor: float, steered: tuple[str, ...], method: Method) -> LinearPolicy:
        """A policy whose outputs are all 0: η falls on a straight line from the anchor to 0.

        Args:
            anchor: η at the beginning; the policy can move it by a factor of e⁴ both ways.
            steered: Names of :data:`STEERED`.
            method: The optimizer that is steered.

        Raises:
            StudyError: If a name is none of them, or the anchor is impossible.
        """
        if not LOWEST_ANCHOR <= anchor <= HIGHEST_ANCHOR:
            raise StudyError(f"anchor = {anchor}: expected {LOWEST_ANCHOR:g} to {HIGHEST_ANCHOR:g}")
        ends = {"learning-rate": (anchor / math.exp(4.0), anchor * math.exp(4.0), "logarithmic")}
        for name in steered:
            if name not in STEERED:
                raise StudyError(f'steered has "{name}": expected names among {", ".join(STEERED)}')
            ends[name] = STEERED[name]
        dimensions = [
            {"parameter": name, "low": rounded(low), "high": rounded(high), "scale": scale}
            for name, (low, high, scale) in ends.items()
        ]
        description = {
            "head": "squashed",
            "network": {
                "input": {"height": 1, "width": 1, "channels": _FEATURES},
                "layers": [{"linear": {"outputs": len(dimensions)}}],
            },
            "control": {
                "interval": 1,
                "decisions": 40,
                "initial_learning_rate": rounded(anchor),
                "bounds": {"lower": 1e-9, "upper": 100.0},
                "observation": {"name": "job", "probe_every": 0},
                "action": {
                    "name": "anchored",
                    "schedule": "linear",
                    "total_steps": 200.0,
                    "dimensions": dimensions,
                },
                "safety": {"enabled": False},
            },
            "method": {"name": method.name, **method.settings},
            "provenance": provenance("none", 0, 0, VERSION),
        }
        outputs = len(dimensions)
        weight, bias = np.zeros((_FEATURES, outputs)), np.zeros(outputs)
        return cls(Controller.assemble(description, {_WEIGHT: weight, "policy.0.bias": bias}))

    @property
    def outputs(self) -> Numbers:
        """The weights of the points, ``[point, output]``: the part that a study moves."""
        rows: Numbers = self._weight[::_AT_A_POINT].astype(np.float64)
        return rows

    def with_outputs(self, outputs: Numbers, **source: Any) -> LinearPolicy:
        """The policy with other weights of the points, ``[point, output]``, and other fields of its provenance."""
        weight = self._weight
        weight[::_AT_A_POINT] = outputs.astype(np.float32)
        return LinearPolicy(self.controller.with_tensors({_WEIGHT: weight}, **source))

    def to_bytes(self) -> bytes:
        """The bytes of the controller's file; the same policy gives the same bytes."""
        return self.controller.to_bytes()

    @property
    def _weight(self) -> Array:
        return self.controller.tensors[_WEIGHT]


def provenance(task: str, seed: int, episodes: int, version: str) -> dict[str, Any]:
    """Where a controller of a study comes from, as in its file."""
    return {
        "task": task,
        "agent": "regression on perturbed trainings",
        "reward": "the loss that a training returned",
        "seed": seed,
        "episodes": episodes,
        "program_version": version,
    }
