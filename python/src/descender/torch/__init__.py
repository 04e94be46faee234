"""Controllers and schedules for the optimizers of PyTorch.

    >>> from descender.torch import Controller              # doctest: +SKIP
    >>> controller = Controller(optimizer, "pretrained", total_steps=2000, batch_size=64, dataset_size=60000)
    >>> for x, y in loader:
    ...     loss = loss_fn(model(x), y); loss.backward(); optimizer.step(); optimizer.zero_grad()
    ...     controller.step(loss)

A controller is used like a scheduler, and is none: nothing must prepare or wrap it. It has no train and no eval mode.
"""

from __future__ import annotations

from .controller import Controller, Entry
from .job import input_scale, job_of
from .schedule import Schedule

__all__ = ["Controller", "Entry", "Schedule", "input_scale", "job_of"]
