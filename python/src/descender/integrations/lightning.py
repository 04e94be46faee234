"""A controller in Lightning's Trainer.

    >>> from descender.integrations.lightning import ControllerCallback     # doctest: +SKIP
    >>> Trainer(max_epochs=10, callbacks=[ControllerCallback(num_classes=10)]).fit(module)  # doctest: +SKIP

``configure_optimizers`` returns one optimizer, without a scheduler. The Trainer tells steps, batch size, examples and
model. A checkpoint holds the controller's state, and a training that goes on from one continues exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from ..errors import SettingsError
from ..torch import Controller
from .building import build, checked, examples

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    try:
        from pytorch_lightning.callbacks import Callback
    except ImportError as error:
        raise ImportError(
            "descender.integrations.lightning needs the library: expected lightning, from `pip install lightning`"
        ) from error


class ControllerCallback(Callback):
    """Steers the optimizer of a module.

    In a module that optimizes by hand, at most one update of a batch counts.

    Args:
        controller: What ``descender.torch.Controller`` loads.
        **arguments: Its further arguments, before what the Trainer tells.

    Raises:
        SettingsError: If there is no such argument.
    """

    def __init__(self, controller: Any = "pretrained", **arguments: Any) -> None:
        super().__init__()
        self._which = controller
        self._arguments = checked(arguments)
        self._stored: dict[str, Any] | None = None
        self.controller: Controller | None = None
        """The controller at work, when the training has begun."""

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Begins, or goes on from a checkpoint.

        Raises:
            SettingsError: If there are several optimizers, or schedulers, or the optimizer doesn't fit.
        """
        if len(trainer.optimizers) != 1:
            raise SettingsError(
                f"configure_optimizers returns {len(trainer.optimizers)} optimizers: expected one for one controller"
            )
        if trainer.lr_scheduler_configs:
            raise SettingsError(
                "configure_optimizers returns a scheduler, which would set what the controller sets: expected the "
                "optimizer alone"
            )
        steps = trainer.estimated_stepping_batches
        loader = trainer.train_dataloader
        batch = getattr(loader, "batch_size", None)
        self.controller = build(
            trainer.optimizers[0],
            self._which,
            {
                "total_steps": int(steps) if math.isfinite(steps) and steps > 0 else None,
                "batch_size": batch * trainer.accumulate_grad_batches * trainer.world_size if batch else None,
                "dataset_size": examples(getattr(loader, "dataset", None)),
                "model": pl_module,
            },
            self._arguments,
            self._stored,
        )
        self._stored = None

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """After a batch; whether there was an update, the controller sees by itself."""
        if self.controller is None:
            return
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if not isinstance(loss, torch.Tensor):
            loss = None
        elif pl_module.automatic_optimization:
            loss = loss * trainer.accumulate_grad_batches  # Lightning has divided it
        self.controller.step(loss)

    def state_dict(self) -> dict[str, Any]:
        """What Lightning puts into a checkpoint."""
        return (self._stored or {}) if self.controller is None else self.controller.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Keeps the state of a checkpoint until the training begins."""
        self._stored = state_dict or None
