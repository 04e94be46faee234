"""A controller over the updates of an optimizer of PyTorch.

Between two decisions, of which there are about 40 in a training, nothing but η moves, and it is known beforehand. So an
update then keeps its loss, sets η, and calculates the bias correction; the rest is made up for at the decision, or when
somebody asks. ``benchmarks/pytorch/overhead.py`` measures what it costs. Nothing waits for the device, either: at a
decision the losses since the last are sent in one copy, which is read at the next. A controller that reads the loss at
its decisions waits for that copy, one with a safety net waits at every update.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import nn

from ..controller import Controller as Frozen
from ..errors import SettingsError, StateError, setting_error
from ..hyper_parameters import HyperParameters
from ..job import Job
from ..session import Session
from .bias_correction import BiasCorrection
from .job import job_of
from .losses import Losses
from .snapshots import Snapshots
from .steering import Steering

_FORMAT = 1
_UNKNOWN_STEPS = 1000
"""Steps of the job that is assumed where neither the horizon nor an epoch is known."""
_EPOCHS = 10
"""Epochs of the job that is assumed where the horizon is not known."""
_HELD = 0.25
"""The share of the assumed job at which the hyper-parameters then stay."""


class Entry(NamedTuple):
    """What was set at a decision."""

    step: int
    """Updates made before it."""
    learning_rate: float
    """η of the first group, caps included."""
    hyper_parameters: HyperParameters
    """All of μ, as the controller wants it."""


class Controller(Steering):
    """Sets the hyper-parameters of an optimizer while a model trains.

    Args:
        optimizer: An optimizer of ``torch.optim``, with one or more groups of parameters; ratios between the groups'
            learning rates stay, and so do those of their weight decays.
        controller: The name of one that comes with this package, the path of a file, its bytes, or a
            :class:`descender.Controller`.
        total_steps: Updates of the whole training. Without it the controller doesn't know where it is: it goes
            through the first quarter of an assumed job (ten epochs, or 1,000 steps) and stays there. That is weaker,
            and warned of.
        batch_size: Examples of one update, all micro-batches and ranks together.
        dataset_size: Training examples.
        model: The model: tells embeddings and recurrent layers from others.
        input_scale: Root mean square of the inputs (:func:`descender.torch.input_scale`).
        num_classes: Classes to choose from.
        num_outputs: Numbers to predict, instead of classes.
        job: The whole job, instead of all that says it.
        max_lr: The highest η of the first group.
        min_lr: The lowest.
        max_change: The largest factor by which η changes from one decision to the next.
        snapshots: The model, to switch the safety net on: it keeps states of the model (buffers included) and the
            optimizer in memory and goes back to one when the training breaks. It reads the loss at every update.
        process_group: The ranks that must agree; ``True``: all, if there are several (the default); ``None``: no
            others.
        any_optimizer: Whether an optimizer of another kind than the controller's is taken, of which η alone is set.

    Raises:
        SettingsError: If the controller, the optimizer or a number can't be used.
        ControllerFileError: If the file is no controller.
    """

    def __init__(
        self,
        optimizer: Any,
        controller: str | os.PathLike[str] | bytes | Frozen = "pretrained",
        total_steps: int | None = None,
        batch_size: int | None = None,
        dataset_size: int | None = None,
        *,
        model: nn.Module | None = None,
        input_scale: float | None = None,
        num_classes: int | None = None,
        num_outputs: int | None = None,
        job: Job | None = None,
        max_lr: float | None = None,
        min_lr: float | None = None,
        max_change: float | None = None,
        snapshots: nn.Module | None = None,
        process_group: Any = True,
        any_optimizer: bool = False,
    ) -> None:
        frozen = controller if isinstance(controller, Frozen) else Frozen.load(controller)
        self.controller = _guarded(frozen, snapshots is not None)
        """The frozen controller."""
        super().__init__(optimizer, frozen.method, ("learning_rate", *frozen.action.entries), any_optimizer)
        if frozen.needs_statistics:
            raise SettingsError(
                f'the controller reads the statistics of updates ("{frozen.observation.name}"), which an optimizer of '
                "PyTorch doesn't tell: expected one that reads losses or the job alone"
            )
        self._caps = _Caps(min_lr, max_lr, max_change)
        corrected = self._groups.sets("b1", "a1") and BiasCorrection.fits(self.optimizer)
        self._correction = BiasCorrection(self.optimizer, self) if corrected else None
        self._held_at: int | None = None
        if job is None:
            if total_steps is None:
                epoch = dataset_size // batch_size if dataset_size and batch_size else 0
                total_steps = max(1, _EPOCHS * epoch or _UNKNOWN_STEPS)
                self._held_at = max(1, int(_HELD * total_steps))
                warnings.warn(
                    f"total_steps is not given: the hyper-parameters stay from step {self._held_at} on as in a job of "
                    f"{total_steps} steps, which is weaker than a known end",
                    stacklevel=2,
                )
            parameters = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
            job = job_of(
                parameters,
                model if model is not None else snapshots,
                total_steps,
                batch_size=batch_size,
                dataset_size=dataset_size,
                input_scale=input_scale,
                num_classes=num_classes,
                num_outputs=num_outputs,
            )
        self.job = job
        """What the controller is told of the training."""
        self.outside = frozen.outside(job)
        """What of it is outside of what the controller was learned for; it is read as the nearest that was known."""
        self._session = self.controller.start(job)
        self._needs_losses = self._session.needs_losses
        self._behind = 0
        self._coming: Iterator[float] = iter(())
        self._losses = Losses(process_group)
        self._owed = 0
        self.history: list[Entry] = []
        """What was set at each decision."""
        self._snapshots = None if snapshots is None else Snapshots(snapshots, self.optimizer, self._correction)
        self._set()

    @property
    def session(self) -> Session:
        """The controller at work, without the optimizer."""
        for _ in range(self._behind):
            self._session.advance()
        self._behind = 0
        return self._session

    @property
    def hyper_parameters(self) -> HyperParameters:
        """μ of the next update, as the controller wants it: without caps and groups."""
        return self.session.hyper_parameters

    def wants_probe(self) -> int | None:
        """How many examples the controller wants to be probed at.

        They are not learned; it wants the mean loss of them, as ``val_loss`` of the coming
        call of :meth:`step`; ``None``: none. It does without where there is none.
        """
        return self.session.wants_probe()

    def why(self) -> str:
        """Which readings moved η at the last decision, in words."""
        text = self._session.why()
        return f"{text}; outside of what it was learned for: {', '.join(self.outside)}" if self.outside else text

    def _advance(self, loss: torch.Tensor | None, flag: torch.Tensor | None, val_loss: Any) -> None:
        if loss is None and self._needs_losses:
            raise SettingsError("step() has no loss, and the controller reads it: expected step(loss)")
        rate = next(self._coming, None)
        if rate is None:
            self._follow(loss, flag, val_loss)
            return
        self._losses.add(loss, flag)
        self._behind += 1
        self._rate = rate
        self._groups.write_rate(rate)
        if self._correction is not None:
            self._correction.prepare()

    def _follow(self, loss: torch.Tensor | None, flag: torch.Tensor | None, val_loss: Any) -> None:
        """An update after which there may be a decision, or anything else but the next η."""
        session = self.session
        if self._held:
            self._set()
            return
        if session.steps == self.job.steps:
            self._warn(f"total_steps = {self.job.steps} are over: η is at its end, and further updates move little")
        if val_loss is not None and session.wants_probe() is not None:
            session.probe(float(val_loss))
        self._losses.add(loss, flag)
        if self._owed > 0:
            # An update of before, which was counted, had been skipped.
            self._owed -= 1
            self._set()
            return
        session.advance()
        if session.is_decision or session.losses_needed():
            self._losses.close(self._mu)
        while session.losses_needed() > 0 and self._losses.waiting:
            self._tell()
        # The first flag is waited for: a scaler often begins with a step too large, and of few updates one is much.
        while self._losses.waiting > (0 if flag is not None and session.steps == 1 else 1):
            self._tell()
        if session.decided:
            self._caps.decide(self._rate)
            self._set()
            self.history.append(Entry(session.steps, self._rate, session.hyper_parameters))
            return
        if self._snapshots is not None:
            self._snapshots.follow(session.advice)
            self._groups.forget()
        self._set()

    def _tell(self) -> None:
        interval = self._losses.read()
        if interval.skipped:
            self._owed += interval.skipped
            if self._correction is not None:
                self._correction.take_back(interval.skipped, interval.mu)
        losses = interval.losses[: self._session.untold]
        if losses:
            self._session.tell(losses)

    def _set(self) -> None:
        """Sets μ as the session has it, and takes down what follows."""
        self._mu = mu = self._session.hyper_parameters
        self._rate = self._caps.capped(mu.learning_rate)
        self._groups.write(mu._replace(learning_rate=self._rate))
        if self._correction is not None:
            self._correction.set(mu)
        self._coming = iter([self._caps.capped(rate) for rate in self._ahead()])

    def _ahead(self) -> list[float]:
        """η after each of the coming updates that move nothing else."""
        session = self._session
        if session.is_guarded or self._owed > 0 or self._held:
            return []
        rates = session.ahead()[1:]
        if self._needs_losses:
            rates = rates[:-1]  # the losses may be needed an update before the decision
        ends = [end - session.steps for end in (self._held_at, self.job.steps) if end is not None]
        return rates[: min((left for left in ends if left >= 0), default=None)]

    @property
    def _held(self) -> bool:
        """Whether μ stays as it is, since nothing is known of the training's end."""
        return self._held_at is not None and self._session.steps >= self._held_at

    def state_dict(self) -> dict[str, Any]:
        """What a continuation needs besides the controller and the job: numbers, lists and texts.

        ``torch.load(weights_only=True)`` reads. Losses under way are waited for.
        """
        session = self.session
        self._losses.close(self._mu)
        while self._losses.waiting:
            self._tell()
        self._set()
        return {
            "format": _FORMAT,
            "updated": self._updated,
            "owed": self._owed,
            "groups": self._groups.state(),
            "caps": self._caps.state(self._rate),
            "correction": None if self._correction is None else self._correction.state(),
            "session": session.state(),
            "history": [[entry.step, entry.learning_rate, list(entry.hyper_parameters)] for entry in self.history],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continues from a state of the same controller and job, and sets what was set then.

        So it doesn't matter whether the optimizer was restored before this controller was made, or after.

        Raises:
            StateError: If the state is of another controller or job, or is none.
        """
        try:
            if state["format"] != _FORMAT:
                raise StateError(f"the stored state has format {state['format']}: this version reads {_FORMAT}")
            self._session.restore(state["session"])
            self._updated, self._owed = int(state["updated"]), int(state["owed"])
            self._groups.restore(state["groups"])
            self._caps.restore(state["caps"])
            if self._correction is not None and state["correction"] is not None:
                self._correction.restore(state["correction"])
            self.history = [
                Entry(int(step), float(rate), HyperParameters(*map(float, mu))) for step, rate, mu in state["history"]
            ]
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, StateError):
                raise
            raise StateError(f"the stored state cannot be read: {type(error).__name__}: {error}") from error
        self._behind = 0
        self._set()


class _Caps:
    """Limits on η that the caller sets."""

    def __init__(self, least: float | None, most: float | None, change: float | None) -> None:
        for name, value in (("min_lr", least), ("max_lr", most)):
            if value is not None and not (0.0 < value < float("inf")):
                raise setting_error(name, value, "a number above 0")
        if least is not None and most is not None and least > most:
            raise setting_error("min_lr", least, f"at most max_lr = {most}")
        if change is not None and not (1.0 < change < float("inf")):
            raise setting_error("max_change", change, "a factor above 1")
        self._least = 0.0 if least is None else least
        self._most = float("inf") if most is None else most
        self._change = change
        self._from: float | None = None

    def decide(self, rate: float) -> None:
        """A decision: from here on η may change by the factor once more, from what it is now."""
        if self._change is not None:
            self._from = rate or None

    def capped(self, rate: float) -> float:
        """η within the limits."""
        if self._change is not None and self._from is not None:
            rate = min(max(rate, self._from / self._change), self._from * self._change)
        return min(max(rate, self._least), self._most)

    def state(self, rate: float) -> dict[str, float | None]:
        """What a continuation needs, where η is at a rate."""
        return {"from": self._from, "effective": rate}

    def restore(self, state: dict[str, float | None]) -> None:
        from_ = state["from"]
        self._from = None if from_ is None else float(from_)


def _guarded(controller: Frozen, guarded: bool) -> Frozen:
    """The controller with its safety net on or off: it needs states to go back to."""
    if controller.control.safety.enabled == guarded:
        return controller
    description = controller.description
    safety = description["control"].setdefault("safety", {})
    safety["enabled"] = guarded
    return Frozen.assemble(description, controller.tensors)
