"""A controller at work on one descent, with the safety rules of deployed use.

Two rules hold whatever the policy wants. η never leaves the controller's bounds. And where a loss is not finite, η goes
to the lower bound at once, without asking the policy, until the next decision after a finite loss. Where there is a
safety net, it takes the place of the second rule.

Losses may come late. A step is made with :meth:`Session.advance`, and its loss is told with :meth:`Session.tell` when
it is known; a decision waits for the losses that it reads, and for no others. :meth:`Session.record` is both in one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .errors import OrderError, SettingsError, StateError
from .explanation import Explanation, explain
from .feedback import StepStatistics
from .float32 import Array, single
from .hyper_parameters import HyperParameters
from .method import Method
from .policy import Action, Policy
from .safety import Advice, Intervention
from .safety.net import SafetyNet
from .settings import ControlSettings

_FORMAT = 1


class Session:
    """A controller at work on one descent; made by :meth:`descender.Controller.start`.

    Each step of the descent uses :attr:`hyper_parameters`, and is then recorded.
    """

    def __init__(
        self, control: ControlSettings, method: Method, policy: Policy, reads_losses: bool, reads_statistics: bool
    ) -> None:
        self._control = control
        self._method = method
        self._policy = policy
        self._reads_losses = reads_losses
        self._reads_statistics = reads_statistics
        self._bounds, self._action, self._interval = control.bounds, control.action, control.interval
        mu = self._action.begin(method.hyper_parameters(self._bounds.clip(control.initial_learning_rate)))
        self._mu = mu._replace(learning_rate=self._bounds.clip(mu.learning_rate))
        self._observation = control.observation.start(self._mu, self._action.largest_log_change)
        self._steps = 0
        self._untold = 0
        self._decision: Action | None = None
        self._follower: Any = None
        self._observed: Array | None = None
        self._decided_at = (0, 0.0)  # the steps made before the last decision, and η after it
        self._decided = False
        self._waiting = False
        self._made_with = self._mu  # the μ of the last step
        self._fallbacks = 0
        self._net = SafetyNet(control.safety, method, self) if control.safety.enabled else None

    # What is asked at each step.

    @property
    def hyper_parameters(self) -> HyperParameters:
        """μ for the next step; η is inside the bounds, but may be lower where a safety net's fallback sets it."""
        return self._mu

    @property
    def steps(self) -> int:
        """Steps made since the start."""
        return self._steps

    @property
    def is_decision(self) -> bool:
        """Whether a decision is due after the step made last: after the first, and each ``interval`` further ones."""
        return self._steps >= 1 and (self._steps - 1) % self._interval == 0

    @property
    def decided(self) -> bool:
        """Whether the policy decided after the step made last."""
        return self._decided

    @property
    def observed(self) -> Array | None:
        """What the policy saw when it decided after the step made last; ``None`` if it did not."""
        return self._observed.copy() if self._decided and self._observed is not None else None

    @property
    def advice(self) -> Advice:
        """What to do after the step made last, where states of the training are kept; without a net: proceed."""
        return Advice.PROCEED if self._net is None else self._net.advice

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What the safety net did in this descent, in the order of the steps."""
        return () if self._net is None else tuple(self._net.interventions)

    @property
    def is_guarded(self) -> bool:
        """Whether there is a safety net."""
        return self._net is not None

    @property
    def fallbacks(self) -> int:
        """Losses that were not finite, for which η was put at the lower bound; 0 under a safety net."""
        return self._fallbacks

    @property
    def needs_losses(self) -> bool:
        """Whether anything of the controller reads losses: the policy, or the safety net."""
        return self._reads_losses or self._net is not None

    @property
    def needs_statistics(self) -> bool:
        """Whether the policy reads the statistics of updates."""
        return self._reads_statistics

    @property
    def control(self) -> ControlSettings:
        """The settings, fitted to the job."""
        return self._control

    @property
    def explanation(self) -> Explanation | None:
        """Which readings moved η at the last decision; ``None`` before the first one, or where η is not placed.

        It is computed when it is asked for, in a few hundred microseconds.
        """
        if self._observed is None:
            return None
        step, learning_rate = self._decided_at
        names = self._control.observation.feature_names
        return explain(step, learning_rate, self._policy, self._action, names, self._observed)

    def why(self) -> str:
        """Which readings moved η at the last decision, in words: ``step 41: η 0.0123  parameters ×0.61, batch ×1.20``.

        A factor is how much higher η is than it would be if the reading were the usual one.
        """
        if self._observed is None:
            return "no decision was made in this session yet"
        explanation = self.explanation
        if explanation is None:
            return "this controller multiplies η by factors: no reading of it can be told apart"
        return str(explanation)

    # A step.

    def wants_probe(self) -> int | None:
        """How many examples that are not learned the policy wants the mean loss of.

        Asked after a step is made and before it is recorded. ``None`` where no decision follows, or no probe is wanted.
        A policy that gets no :meth:`probe` does without.
        """
        return self._observation.wants_probe() if self._steps % self._interval == 0 else None

    def probe(self, loss: float) -> None:
        """Takes in the mean loss of examples that are not learned, at the present parameters."""
        self._observation.probe(float(loss))

    def record(self, loss: float, statistics: StepStatistics | None = None) -> HyperParameters:
        """Takes in a step that was made with :attr:`hyper_parameters`, and decides if it is time.

        Args:
            loss: The loss of the step's batch, before the update.
            statistics: The statistics of the update, for observations that read them.

        Returns:
            μ for the next step.

        Raises:
            OrderError: If losses of earlier steps were not told.
            SettingsError: If the policy reads statistics and there are none.
        """
        if self._untold:
            raise OrderError(
                f"the losses of {self._untold} earlier steps are not told: tell() them first, or go on with advance()"
            )
        value = float(single(float(loss)))
        self._check_statistics(statistics)
        self._made()
        self._observation.tell(value, statistics)
        self._judge(value)
        return self._mu

    def advance(self) -> HyperParameters:
        """Takes in that a step was made with :attr:`hyper_parameters`; its loss is told later.

        μ follows the base schedule, and a decision is made if it is time. Where it reads losses that are not told
        (:meth:`losses_needed` is above 0 afterwards), it is made when they are.

        Returns:
            μ for the next step, unless losses are needed first.

        Raises:
            OrderError: If a decision still waits for losses.
        """
        if self._waiting:
            raise OrderError(f"a decision waits for the losses of {self.losses_needed()} steps: tell() them first")
        self._made()
        self._untold += 1
        if self._net is not None:
            self._waiting = True
        elif self.is_decision:
            if self._required():
                self._waiting = True
            else:
                self._decide()
        return self._mu

    def tell(self, losses: ArrayLike, statistics: Sequence[StepStatistics] | None = None) -> HyperParameters:
        """Takes in the losses of the oldest steps that are not told.

        Args:
            losses: One or more numbers, in the order of the steps.
            statistics: The statistics of these updates, for observations that read them.

        Returns:
            μ for the next step.

        Raises:
            SettingsError: If there are more losses than untold steps, or other numbers of losses and statistics.
        """
        values = np.asarray(losses, dtype=np.float64).ravel().tolist()
        if len(values) > self._untold:
            raise SettingsError(f"{len(values)} losses: expected at most {self._untold}, those of the untold steps")
        if statistics is not None and len(statistics) != len(values):
            raise SettingsError(f"{len(statistics)} statistics: expected {len(values)}, one for each loss")
        if statistics is None and values:
            self._check_statistics(None)
        broken = 0
        value = 0.0
        for place, loss in enumerate(values):
            value = float(single(loss))
            broken += not math.isfinite(value)
            self._observation.tell(value, None if statistics is None else statistics[place])
            self._untold -= 1
        if not values:
            return self._mu
        if self._net is not None:
            self._waiting = False
            self._judge(value)
        elif self._waiting and not self._required():
            self._waiting = False
            if math.isfinite(value):
                self._fallbacks += broken
                self._decide()
            else:
                self._fall_back(broken)
        elif broken:
            self._fall_back(broken)
        return self._mu

    def ahead(self) -> list[float]:
        """η of each coming step up to the next decision, as all that is known says; the first is that of the next step.

        The rest of μ stays until then. A loss that is told meanwhile and is not finite changes η, and so may a safety
        net.
        """
        decision = self._steps + self._interval - (self._steps - 1) % self._interval
        if self._follower is None:
            return [self._mu.learning_rate] * (decision - self._steps)
        later = (self._bounds.clip(self._follower(step)) for step in range(self._steps + 1, decision))
        return [self._mu.learning_rate, *later]

    def losses_needed(self) -> int:
        """How many of the oldest untold losses must be told before the next :meth:`advance`."""
        if self._waiting:
            return self._untold if self._net is not None else self._required()
        if self._reads_losses and self._net is None and self._steps % self._interval == 0:
            return self._observation.untold_for_next_decision()
        return 0

    @property
    def untold(self) -> int:
        """Steps whose losses are not told."""
        return self._untold

    # State.

    def state(self) -> dict[str, Any]:
        """What an exact continuation needs besides the controller and the job: plain numbers, lists and texts."""
        return {
            "format": _FORMAT,
            "observation_name": self._control.observation.name,
            "observation": self._observation.state(),
            "hyper_parameters": list(self._mu),
            "made_with": list(self._made_with),
            "decision": list(self._decision) if isinstance(self._decision, tuple) else self._decision,
            "steps": self._steps,
            "untold": self._untold,
            "waiting": self._waiting,
            "fallbacks": self._fallbacks,
            "net": None if self._net is None else self._net.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continues from a state that a session of the same controller and job returned.

        Raises:
            StateError: If the state is of another controller or job, or is none. The session is then not to be used.
        """
        try:
            self._restore(state)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, StateError):
                raise
            raise StateError(f"the stored state cannot be read: {type(error).__name__}: {error}") from error

    def _restore(self, state: dict[str, Any]) -> None:
        if state["format"] != _FORMAT:
            raise StateError(f"the stored state has format {state['format']}: this version reads {_FORMAT}")
        name = self._control.observation.name
        if state["observation_name"] != name:
            raise StateError(f'the stored state is of the observation "{state["observation_name"]}": expected "{name}"')
        if (state["net"] is None) != (self._net is None):
            raise StateError("the stored session and this one are not both with or both without a safety net")
        mu = HyperParameters(*map(float, state["hyper_parameters"]))
        if self._net is None and not self._bounds.contains(mu.learning_rate):
            raise StateError(
                f"the stored state has learning rate {mu.learning_rate:g}: expected one in "
                f"[{self._bounds.lower:g}, {self._bounds.upper:g}]"
            )
        self._observation.restore(state["observation"])
        if self._net is not None:
            self._net.restore(state["net"])
        decision = state["decision"]
        self._mu, self._made_with = mu, HyperParameters(*map(float, state["made_with"]))
        self._steps, self._untold = int(state["steps"]), int(state["untold"])
        self._waiting, self._fallbacks = bool(state["waiting"]), int(state["fallbacks"])
        self._keep(tuple(map(float, decision)) if isinstance(decision, list) else decision)
        self._decided = False

    def __getstate__(self) -> dict[str, Any]:
        """All but the function of the step, which follows from the decision."""
        return {name: value for name, value in self.__dict__.items() if name != "_follower"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._keep(self._decision)

    # What the safety net needs.

    @property
    def highest_learning_rate(self) -> float:
        """The upper bound on η."""
        return self._bounds.upper

    def observation_state(self) -> dict[str, Any]:
        """The state of the observation."""
        return self._observation.state()

    def rewind_observation(self, state: dict[str, Any]) -> None:
        """Makes the observation what it was, except for the time."""
        self._observation.rewind(state)

    def impose(self, mu: HyperParameters) -> None:
        """Puts μ at what the safety net says; the policy's last decision is no longer in force."""
        before, self._mu = self._mu, mu
        self._keep(None)
        self._observation.note_action(before, mu)

    # The parts of a step.

    def _made(self) -> None:
        """One more step was made; μ follows the last decision to the next one."""
        mu = self._made_with = self._mu
        self._observation.step(mu)
        self._steps += 1
        self._decided = False
        if self._follower is not None:
            rate = self._bounds.clip(self._follower(self._steps))
            self._mu = HyperParameters(rate, *mu[1:])

    def _judge(self, loss: float) -> None:
        """Decides after a step whose loss, and all before it, are known."""
        if self._net is not None:
            free = self._net.record(loss, self._made_with, self)
        else:
            free = math.isfinite(loss)
            if not free:
                self._fall_back(1)
        if free and self.is_decision:
            self._decide()

    def _fall_back(self, losses: int) -> None:
        """Puts η at the lower bound, after so many losses that were not finite."""
        self._fallbacks += losses
        self.impose(self._mu._replace(learning_rate=self._bounds.lower))

    def _decide(self) -> None:
        self._observed = self._observation.write()
        action = self._policy.act(self._observed)
        before = self._mu
        mu = self._action.apply(action, self._steps, before)
        self._mu = mu._replace(learning_rate=self._bounds.clip(mu.learning_rate))
        self._observation.note_action(before, self._mu)
        self._keep(action)
        self._decided = True
        self._decided_at = (self._steps, self._mu.learning_rate)

    def _keep(self, action: Action | None) -> None:
        self._decision = action
        follower = None if action is None else self._action.follower(action)
        # Who looks ahead asks for each step twice.
        self._follower = None if follower is None else functools.cache(follower)

    def _required(self) -> int:
        """How many of the oldest untold losses the decision that is due reads."""
        return self._observation.untold_for_decision() if self._reads_losses else 0

    def _check_statistics(self, statistics: StepStatistics | None) -> None:
        if statistics is None and self._reads_statistics:
            raise SettingsError(
                f'the observation "{self._control.observation.name}" reads the statistics of updates: expected '
                "StepStatistics with the loss"
            )
