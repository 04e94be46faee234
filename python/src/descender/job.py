"""The description of a training that a controller steers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import setting_error

_MOST = 2**64 - 1


def _check_count(field: str, value: object, least: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not (whole and least <= value <= _MOST):  # type: ignore[operator]
        raise setting_error(field, repr(value), f"a whole number, {least} or more")


@dataclass(frozen=True)
class Classes:
    """A network that predicts one of ``count`` classes."""

    count: int
    """Number of classes."""

    def __post_init__(self) -> None:
        _check_count("Classes.count", self.count, 1)


@dataclass(frozen=True)
class Numbers:
    """A network that predicts ``count`` numbers."""

    count: int
    """How many numbers."""

    def __post_init__(self) -> None:
        _check_count("Numbers.count", self.count, 1)


@dataclass(frozen=True)
class Job:
    """A training, as a controller is told of it: the steps always, the rest where it is known.

    A controller that reads the job acts differently on a short and on a long training, on a small and on a large
    network. What is not known is ``None``, and counts as usual.
    """

    steps: int
    """Updates of the whole training."""
    batch_size: int | None = None
    """Examples in a batch (those of one update: with accumulation, of all its micro-batches together)."""
    examples: int | None = None
    """Training examples."""
    parameters: int | None = None
    """Parameters of the network."""
    input_scale: float | None = None
    """Root mean square of the inputs."""
    targets: Classes | Numbers | None = None
    """What is predicted."""
    layers: int | None = None
    """Weight arrays of the network: those with two or more dimensions, one for a layer."""
    fan_in: float | None = None
    """Geometric mean, over the weight arrays, of the number of inputs of a unit: C·k² for a convolution of k × k over C
    channels, inputs and states together for a recurrent layer, 1 for an embedding."""

    def __post_init__(self) -> None:
        _check_count("steps", self.steps, 1)
        for field in ("batch_size", "examples", "parameters", "layers"):
            value = getattr(self, field)
            if value is not None:
                _check_count(field, value, 0)
        for field in ("input_scale", "fan_in"):
            value = getattr(self, field)
            if value is not None and not (isinstance(value, (int, float)) and math.isfinite(value) and value >= 0):
                raise setting_error(field, repr(value), "a finite number, 0 or more")
        if self.targets is not None and not isinstance(self.targets, (Classes, Numbers)):
            raise setting_error("targets", repr(self.targets), "Classes(n) or Numbers(n)")

    @property
    def steps_per_epoch(self) -> int | None:
        """Steps in an epoch of full batches; ``None`` where examples or batch size are not known."""
        if self.examples is None or self.batch_size is None:
            return None
        return self.examples // max(1, self.batch_size)
