"""What an action definition is: which actions there are, and what each does to μ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..hyper_parameters import HyperParameters
from ..policy import Action


class ActionDefinition(Protocol):
    """Which actions there are, and what each does to μ.

    A definition has no memory, and knows nothing of bounds: whoever applies it takes η into them afterwards.
    """

    @property
    def name(self) -> str:
        """The name, as in files."""

    @property
    def head(self) -> str:
        """The head that a policy needs to decide in this space."""

    @property
    def dimensions_or_actions(self) -> int:
        """How many outputs that head needs."""

    @property
    def space(self) -> str:
        """The shape of a decision, in words."""

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries of μ that an action may change, in the order of μ."""

    @property
    def descriptions(self) -> tuple[str, ...]:
        """What each action, or each dimension of one, does in words."""

    @property
    def largest_log_change(self) -> float:
        """The largest |ln(η after / η before)| that one action can cause."""

    def check(self) -> None:
        """Checks every setting.

        Raises:
            SettingsError: Names the setting that cannot be used.
        """

    def fitted(self, steps: int) -> ActionDefinition:
        """The definition for descents of so many steps."""

    def begin(self, mu: HyperParameters) -> HyperParameters:
        """μ before the first decision."""

    def apply(self, action: Action, step: int, mu: HyperParameters) -> HyperParameters:
        """μ after ``action``, before step ``step`` (from 0)."""

    def follower(self, action: Action) -> Callable[[int], float] | None:
        """η as a function of the step while this action is in force; ``None`` where it stays as it is."""
