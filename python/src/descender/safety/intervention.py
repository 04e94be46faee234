"""What the safety net says: its advice to whoever trains, and the record of what it did."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Any


class Advice(enum.Enum):
    """What whoever can keep and restore states of the training should do after a step. Others ignore it."""

    PROCEED = "proceed"
    """Just continue."""
    SAVE = "save"
    """The training is in good health: keep its present state (:meth:`Keeper.save`)."""
    RESTORE = "restore"
    """The loss has risen: go back to the good state (:meth:`Keeper.restore`)."""
    RESTART = "restart"
    """The training is dead: go back to the start (:meth:`Keeper.restart`)."""


def _short(x: float) -> str:
    """To about three digits."""
    if x == 0.0 or not math.isfinite(x) or not 1e-4 <= abs(x) < 1e6:
        mantissa, _, exponent = f"{x:.2e}".partition("e")
        return f"{mantissa}e{int(exponent)}" if exponent else mantissa
    digits = max(0, 2 - math.floor(math.log10(abs(x))))
    text = f"{x:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Cause:
    """Why the safety net stepped in."""

    kind: str
    """``not-finite``, ``rise``, ``above-start`` or ``stall``."""
    loss: float = 0.0
    """The average of the loss that was looked at; 0 where there is none."""
    reference: float = 0.0
    """What it was compared with: the lowest running mean, or the loss of the first step; 0 where there is none."""

    def __str__(self) -> str:
        if self.kind == "not-finite":
            return "the loss is not finite"
        if self.kind == "stall":
            return f"the loss {_short(self.loss)} does not fall below that of the first step, {_short(self.reference)}"
        factor = _short(self.loss / self.reference if self.reference else math.inf)
        than = "its lowest running mean" if self.kind == "rise" else "that of the first step"
        return f"the loss {_short(self.loss)} is {factor} times {than}"


@dataclass(frozen=True)
class Intervention:
    """One intervention of the safety net; as a text, one sentence."""

    step: int
    """The step (from 0, undone ones counted) after which it came."""
    cause: Cause
    """Why."""
    back_to: int
    """Steps that had been made in the state that it goes back to, undone ones counted; 0 is the start."""
    learning_rate: float
    """The highest η since that state."""
    fallback_learning_rate: float
    """η of the next step."""
    hold: int | None
    """Steps for which the fallback is in force; ``None`` for the rest of the training."""

    def __str__(self) -> str:
        place = "the start" if self.back_to == 0 else f"step {self.back_to}"
        end = "and the fallback for the rest" if self.hold is None else f"for {self.hold} steps"
        rates = f"learning rate {_short(self.learning_rate)} → {_short(self.fallback_learning_rate)}"
        return f"step {self.step}: {self.cause}; back to {place}, {rates} {end}"

    def state(self) -> list[Any]:
        """Everything, as plain numbers and texts."""
        cause = [self.cause.kind, self.cause.loss, self.cause.reference]
        return [self.step, *cause, self.back_to, self.learning_rate, self.fallback_learning_rate, self.hold]

    @classmethod
    def of_state(cls, state: list[Any]) -> Intervention:
        """The intervention that such a state is of."""
        step, kind, loss, reference, back_to, learning_rate, fallback, hold = state
        cause = Cause(str(kind), float(loss), float(reference))
        return cls(int(step), cause, int(back_to), float(learning_rate), float(fallback), hold)
