"""What the observations share that read every loss up to the decision: they wait for all of them."""

from __future__ import annotations

from ..hyper_parameters import HyperParameters


class PromptObservation:
    """The count of steps, and of the losses that are told."""

    def __init__(self) -> None:
        self.steps = 0
        self.told = 0

    def step(self, mu: HyperParameters) -> None:
        """One more step was made."""
        self.steps += 1

    def untold_for_decision(self) -> int:
        """All steps."""
        return self.steps - self.told

    def untold_for_next_decision(self) -> int:
        """None: the steps before a decision can be told together at the decision."""
        return 0

    def wants_probe(self) -> int | None:
        """No probe is wanted."""
        return None

    def probe(self, loss: float) -> None:
        """A probe passes unnoticed."""

    def note_action(self, before: HyperParameters, after: HyperParameters) -> None:
        """A decision passes unnoticed."""
