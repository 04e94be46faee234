"""What an observation is: the settings that a file holds, and the memory of one descent."""

from __future__ import annotations

from typing import Any, Protocol

from ..feedback import StepStatistics
from ..float32 import Array
from ..hyper_parameters import HyperParameters
from ..job import Job


class Observation(Protocol):
    """What a policy sees of one descent: the features, and the memory that they need.

    A descent tells each step twice: :meth:`step` when it is made, and :meth:`tell` when its loss is known, which may be
    later. Steps are told in their order.
    """

    def step(self, mu: HyperParameters) -> None:
        """Takes in that a step was made with μ."""

    def tell(self, loss: float, statistics: StepStatistics | None) -> None:
        """Takes in the loss, and where they are there the statistics, of the oldest step not yet told."""

    def untold_for_decision(self) -> int:
        """How many of the oldest steps not yet told must be told before :meth:`write`."""

    def untold_for_next_decision(self) -> int:
        """How many must be told before :meth:`write` if only further steps come before it."""

    def wants_probe(self) -> int | None:
        """Examples that a descent should be probed at before the coming decision; ``None``: no probe is wanted."""

    def probe(self, loss: float) -> None:
        """Takes in the mean loss of examples that are not learned, at the present parameters."""

    def note_action(self, before: HyperParameters, after: HyperParameters) -> None:
        """Takes in a decision: μ as it was before and as it is now, bounds included."""

    def write(self) -> Array:
        """The features: one number each, all finite."""

    def state(self) -> dict[str, Any]:
        """All that :meth:`restore` needs, as plain numbers, lists and texts."""

    def restore(self, state: dict[str, Any]) -> None:
        """Becomes what it was when ``state`` was taken."""

    def rewind(self, state: dict[str, Any]) -> None:
        """Becomes what it was when ``state`` was taken, except for the time: the undone steps are spent."""


class ObservationSettings(Protocol):
    """The settings of an observation, as a controller file holds them."""

    @property
    def name(self) -> str:
        """The name, as in files."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the features, in their order."""

    @property
    def loss_features(self) -> tuple[bool, ...]:
        """For each feature, whether losses change it."""

    @property
    def statistics_features(self) -> tuple[bool, ...]:
        """For each feature, whether the statistics of updates change it."""

    def check(self) -> None:
        """Checks every field.

        Raises:
            SettingsError: Names the field that cannot be used.
        """

    def fitted(self, job: Job) -> ObservationSettings:
        """The settings for descents of this job."""

    def outside(self, job: Job) -> list[str]:
        """What the job has outside of the range of the training, a text each."""

    def start(self, mu: HyperParameters, largest_log_change: float) -> Observation:
        """The observation of a descent that begins with μ.

        Args:
            mu: The μ of the first step.
            largest_log_change: The largest |ln(η after / η before)| that one action can cause.
        """
