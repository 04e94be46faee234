"""Trials in PyTorch: a controller for those under a policy, and one-cycle, used in the same way, for the others."""

from __future__ import annotations

import importlib
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import StateError
from ..job import Classes
from .one_cycle import one_cycle

if TYPE_CHECKING:
    from .trial import Trial


def steer(trial: Trial, optimizer: Any, arguments: Mapping[str, Any]) -> Any:
    """What steers an optimizer of PyTorch in a trial.

    Args:
        trial: The trial.
        optimizer: The optimizer.
        arguments: Further arguments of ``descender.torch.Controller``; they go before what the study was told.

    Returns:
        A ``descender.torch.Controller``, or a :class:`OneCycle`.
    """
    if trial.contender.peak is not None:
        return OneCycle(optimizer, trial.contender.peak.learning_rate, trial.total_steps)
    in_torch: Any = importlib.import_module("..torch", __package__)
    job = trial.job
    told: dict[str, Any] = {
        "total_steps": job.steps,
        "batch_size": job.batch_size,
        "dataset_size": job.examples,
        "input_scale": job.input_scale,
    }
    if job.targets is not None:
        told["num_classes" if isinstance(job.targets, Classes) else "num_outputs"] = job.targets.count
    known = {name: value for name, value in told.items() if value is not None}
    controller = in_torch.Controller(optimizer, trial.policy, **{**known, **arguments})
    trial.note(controller.job)
    return controller


class OneCycle:
    """One-cycle over an optimizer as it is: of all it has, the learning rate alone is set.

    It is used like a controller: call :meth:`step` after each update, or after each micro-batch. A call counts only if
    the optimizer has made a step since the last one, so that accumulated micro-batches and the steps that a gradient
    scaler skips move nothing. Where groups of parameters have learning rates of their own, their ratios to the first
    group's stay.

    Args:
        optimizer: The optimizer.
        peak: The highest η.
        total_steps: Updates of the training.
    """

    def __init__(self, optimizer: Any, peak: float, total_steps: int) -> None:
        self.optimizer = optimizer
        self._rates = one_cycle(peak, total_steps)
        self._steps = 0
        self._stepped = False
        first = float(optimizer.param_groups[0]["lr"])
        self._ratios = [float(group["lr"]) / first if first > 0 else 1.0 for group in optimizer.param_groups]
        self.history: list[float] = []
        """η of each update that was made."""
        own = weakref.ref(self)

        def made(*_: Any) -> None:
            schedule = own()
            if schedule is not None:
                schedule._stepped = True

        self._hook = optimizer.register_step_post_hook(made)
        self._set()

    def step(self, loss: Any = None, val_loss: Any = None) -> None:
        """Sets the learning rate for the next update, if the last one was made. No loss changes it."""
        if not self._stepped:
            return
        self._stepped = False
        self.history.append(self._rate)
        self._steps += 1
        self._set()

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group for the next update."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    def why(self) -> str:
        """Why the learning rate is what it is."""
        return f"the schedule of one-cycle, at step {self._steps} of {len(self._rates)}"

    def state_dict(self) -> dict[str, Any]:
        """What a continuation needs besides the trial."""
        return {"steps": self._steps, "ratios": list(self._ratios)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continues from a state.

        Raises:
            StateError: If it is no such state.
        """
        try:
            self._steps, self._ratios = int(state["steps"]), [float(ratio) for ratio in state["ratios"]]
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(f"the stored state cannot be read: {type(error).__name__}: {error}") from error
        self._set()

    @property
    def _rate(self) -> float:
        return self._rates[min(self._steps, len(self._rates) - 1)]

    def _set(self) -> None:
        for place, group in enumerate(self.optimizer.param_groups):
            ratio = self._ratios[place] if place < len(self._ratios) else 1.0
            rate = self._rate * ratio
            if hasattr(group["lr"], "fill_"):
                group["lr"].fill_(rate)  # in place: a compiled step is not compiled again
            else:
                group["lr"] = rate
