"""What a controller and a schedule have in common: an optimizer whose updates are counted and whose groups are set."""

from __future__ import annotations

import warnings
import weakref
from typing import Any

import torch

from ..hyper_parameters import HyperParameters
from ..method import Method
from .groups import Groups, unwrapped
from .updates import Updates


class Steering:
    """Something that sets an optimizer's hyper-parameters from update to update.

    Args:
        optimizer: The optimizer, or what wraps it.
        method: What the settings are those of.
        entries: The entries of μ that are set.
        any_optimizer: Whether an optimizer of another kind is taken.
    """

    def __init__(self, optimizer: Any, method: Method, entries: tuple[str, ...], any_optimizer: bool) -> None:
        self.optimizer = unwrapped(optimizer)
        """The optimizer that is steered."""
        self._groups = Groups(self.optimizer, method, entries, any_optimizer)
        self._updates = Updates(self.optimizer, self)
        self._updated = 0
        self._sum: Any = None
        self._count = 0
        self._last: Any = None
        self._warned: set[str] = set()

    @property
    def steps(self) -> int:
        """Updates that were counted."""
        return self._updated

    def step(self, loss: Any = None, val_loss: Any = None) -> None:
        """Takes in what happened since the last call, and sets the hyper-parameters of the next update.

        It belongs after ``optimizer.step()``, and may be called after each micro-batch: a call counts if the
        optimizer has made an update since the last one; the losses of the calls without one only enter the mean.

        Args:
            loss: The loss of the batch: a tensor, which stays on its device, or a number.
            val_loss: The mean loss of examples that are not learned, whenever there is one.
        """
        updates = self._updates
        if loss is not None:
            if not updates.made and self._was_told(loss):
                self._warn(
                    "step() was called twice with the same loss and without an update between: the second is no step"
                )
                return
            if isinstance(loss, torch.Tensor):
                # Not the tensor itself, on which its graph hangs.
                self._last, value = weakref.ref(loss), loss.detach()
            else:
                self._last, value = loss, torch.tensor(float(loss))
            self._sum = value if self._sum is None else self._sum + value
            self._count += 1
        if not updates.made:
            return
        updates.made = 0
        mean = self._sum / self._count if self._count > 1 else self._sum
        self._sum, self._count = None, 0
        if self._updated == 0:
            self._groups.refuse_sparse()
        self._updated += 1
        self._advance(mean, updates.flag, val_loss)

    def _was_told(self, loss: Any) -> bool:
        """Whether it is the loss of the last call."""
        last = self._last
        return (last() if isinstance(last, weakref.ref) else last) is loss

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group for the next update."""
        return self._groups.rates

    def _advance(self, loss: torch.Tensor | None, flag: torch.Tensor | None, val_loss: Any) -> None:
        """Takes in an update.

        Args:
            loss: The mean loss of its micro-batches; ``None`` where there was none.
            flag: Whether a gradient scaler had it skipped; ``None`` where there is no such flag.
            val_loss: The mean loss of examples that are not learned.
        """
        raise NotImplementedError

    def _write(self, mu: HyperParameters) -> None:
        self._groups.write(mu)

    def _warn(self, text: str) -> None:
        """Warns once."""
        if text not in self._warned:
            self._warned.add(text)
            warnings.warn(text, stacklevel=4)
