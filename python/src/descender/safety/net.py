"""The net of one descent: it judges each step, and sets μ while its fallback is in force.

A step trips the net if its loss is not finite, if the loss has risen, or if the descent stands still
(:class:`~descender.safety.watch.Watch`). Then the descent goes back to a good state, and for some steps the fallback
sets μ, with η at most half of what it was. After some trips, and after a stall at once, the fallback stays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import StateError
from ..float32 import single
from ..hyper_parameters import HyperParameters
from ..method import Method
from .intervention import Advice, Cause, Intervention
from .keeper import Keeper
from .settings import SafetySettings
from .watch import Watch


class Descent(Protocol):
    """What the net needs to know of the descent, and may do to it."""

    @property
    def steps(self) -> int:
        """Steps recorded, undone ones counted."""

    @property
    def is_decision(self) -> bool:
        """Whether a decision is due."""

    @property
    def highest_learning_rate(self) -> float:
        """The upper bound on η."""

    def observation_state(self) -> dict[str, Any]:
        """The state of the observation."""

    def rewind_observation(self, state: dict[str, Any]) -> None:
        """Makes the observation what it was, except for the time."""

    def impose(self, mu: HyperParameters) -> None:
        """Sets μ."""


@dataclass(frozen=True)
class _Memory:
    """What goes back with the descent."""

    steps: int
    watch: Watch
    observation: dict[str, Any]

    def state(self) -> list[Any]:
        return [self.steps, self.watch.state(), self.observation]


class SafetyNet:
    """The net of one descent.

    Args:
        settings: Its settings.
        method: The optimizer whose μ the fallback sets.
        descent: The descent, before its first step.
    """

    def __init__(self, settings: SafetySettings, method: Method, descent: Descent) -> None:
        self._settings = settings
        self._method = method
        self._watch = Watch.of(settings)
        self._step = 0
        self._kept = Keeper(_Memory(descent.steps, self._watch, descent.observation_state()))
        self._since_save = 0
        self._highest = (0.0, 0.0)  # the highest η since the good state, and since the candidate
        self._holding = False  # whether the fallback is in force
        self._done = False  # whether it stays in force
        self._left = 0  # steps under it before the policy may be asked again
        self._cap: float | None = None  # the highest η allowed until then
        self.advice = Advice.PROCEED
        self.interventions: list[Intervention] = []

    def record(self, loss: float, mu: HyperParameters, descent: Descent) -> bool:
        """Judges the step that the descent has just recorded, and sets μ if the fallback is in force.

        Args:
            loss: The step's loss.
            mu: What it was made with.
            descent: The descent.

        Returns:
            Whether the policy is to be asked when a decision is due.
        """
        self._step += 1
        self.advice = Advice.PROCEED
        good, candidate = self._highest
        self._highest = (max(good, mu.learning_rate), max(candidate, mu.learning_rate))
        self._left = max(0, self._left - 1)
        if not self._done:
            cause = self._fault(loss, descent)
            if cause is not None:
                self._trip(cause, descent)
            else:
                self._save_if_due(descent)
        if self._holding and self._left == 0:
            self._cap = None
            self._holding = self._done or not descent.is_decision
        if self._holding:
            descent.impose(self._fallback(descent))
        return not self._holding

    def state(self) -> dict[str, Any]:
        """Everything, as plain numbers, lists and texts."""
        kept = (self._kept.start, self._kept.good, self._kept.candidate)
        return {
            "watch": self._watch.state(),
            "step": self._step,
            "kept": [None if memory is None else memory.state() for memory in kept],
            "since_save": self._since_save,
            "highest": list(self._highest),
            "holding": self._holding,
            "done": self._done,
            "left": self._left,
            "cap": self._cap,
            "advice": self.advice.value,
            "interventions": [intervention.state() for intervention in self.interventions],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes over such a state."""
        fresh = Watch.of(self._settings)
        kept = [
            None if memory is None else _Memory(int(memory[0]), fresh.with_state(memory[1]), memory[2])
            for memory in state["kept"]
        ]
        if kept[0] is None:
            raise StateError("the stored safety net has no start: expected the state before the first step")
        self._watch = fresh.with_state(state["watch"])
        self._kept = Keeper(kept[0])
        self._kept.good, self._kept.candidate = kept[1], kept[2]
        self._step, self._since_save = int(state["step"]), int(state["since_save"])
        good, candidate = state["highest"]
        self._highest = (float(good), float(candidate))
        self._holding, self._done = bool(state["holding"]), bool(state["done"])
        self._left, self._cap = int(state["left"]), state["cap"]
        self.advice = Advice(state["advice"])
        self.interventions = [Intervention.of_state(entry) for entry in state["interventions"]]

    def _fault(self, loss: float, descent: Descent) -> Cause | None:
        """Records a loss, and returns what is wrong."""
        if not math.isfinite(loss):
            return Cause("not-finite")
        first = self._watch.steps == 0
        self._watch = self._watch.recorded(loss, self._settings)
        if first:
            # The first loss is that of the start.
            self._kept = Keeper(_Memory(0, self._watch, descent.observation_state()))
        if self._holding and self._left > 0:
            return None
        return self._watch.fault(self._settings)

    def _save_if_due(self, descent: Descent) -> None:
        self._since_save += 1
        if self._since_save < self._settings.save_every or not self._watch.is_healthy(self._settings):
            return
        self._kept.save(_Memory(descent.steps, self._watch, descent.observation_state()))
        self._since_save = 0
        self._highest = (self._highest[1], 0.0)
        self.advice = Advice.SAVE

    def _trip(self, cause: Cause, descent: Descent) -> None:
        settings, stall = self._settings, cause.kind == "stall"
        memory = self._kept.restart() if stall else self._kept.restore()
        self.advice = Advice.RESTART if stall else Advice.RESTORE
        self._watch = memory.watch
        descent.rewind_observation(memory.observation)
        highest, self._highest = self._highest[0], (0.0, 0.0)
        self._since_save = 0
        self._holding = True
        self._left = settings.hold
        self._cap = None if stall else float(single(settings.cut) * single(highest))
        self._done = stall or len(self.interventions) + 1 >= settings.trips
        self.interventions.append(
            Intervention(
                step=max(0, descent.steps - 1),
                cause=cause,
                back_to=memory.steps,
                learning_rate=highest,
                fallback_learning_rate=self._fallback(descent).learning_rate,
                hold=None if self._done else settings.hold,
            )
        )

    def _fallback(self, descent: Descent) -> HyperParameters:
        """The fallback's μ for the coming step."""
        highest = descent.highest_learning_rate
        if self._cap is not None:
            highest = min(highest, self._cap)
        rate = self._settings.fallback.learning_rate(self._step, self._method)
        return self._method.hyper_parameters(min(rate, highest))
