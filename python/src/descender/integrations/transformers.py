"""A controller in the Trainer of Hugging Face Transformers.

    >>> from descender.integrations.transformers import ControllerCallback     # doctest: +SKIP
    >>> arguments = TrainingArguments(..., lr_scheduler_type="constant")        # doctest: +SKIP
    >>> Trainer(model, arguments, ..., callbacks=[ControllerCallback()]).train()  # doctest: +SKIP

The Trainer tells steps, batch size, examples and model. What it can't tell, such as ``num_classes``, is an argument of
the callback. Its own scheduler is overruled after each update, and the learning rate that it logs is the controller's.
A checkpoint holds the controller's state, and a training that goes on from one continues exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from ..errors import SettingsError, StateError
from ..torch import Controller
from .building import build, checked, examples

try:
    import transformers
    from transformers.trainer_callback import ExportableState
except ImportError as error:
    raise ImportError(
        "descender.integrations.transformers needs the library: expected transformers, from `pip install transformers "
        "accelerate`"
    ) from error

_PLAIN = (bool, int, float, str, type(None))


class ControllerCallback(transformers.TrainerCallback, ExportableState):
    """Steers the Trainer's optimizer.

    Args:
        controller: What ``descender.torch.Controller`` loads.
        **arguments: Its further arguments, before what the Trainer tells.

    Raises:
        SettingsError: If there is no such argument.
    """

    def __init__(self, controller: Any = "pretrained", **arguments: Any) -> None:
        self._which = controller
        self._arguments = checked(arguments)
        self._losses: list[torch.Tensor] = []
        self._in_parts = False
        self._hook: Any = None
        self.stored: dict[str, Any] | None = None
        """The state that a checkpoint held."""
        self.controller: Controller | None = None
        """The controller at work, when the training has begun."""

    def on_train_begin(
        self,
        args: Any,
        state: Any,
        control: Any,
        model: Any = None,
        optimizer: Any = None,
        lr_scheduler: Any = None,
        train_dataloader: Any = None,
        **_: Any,
    ) -> None:
        """Begins, or goes on from a checkpoint.

        Raises:
            SettingsError: If the optimizer doesn't fit, or a scheduler sets the learning rate after an evaluation.
            StateError: If the training goes on from a checkpoint without a state of the controller.
        """
        _refuse_metric_schedules(lr_scheduler)
        if getattr(args, "restore_callback_states_from_checkpoint", False):
            self._refuse_what_is_not_plain()
        self.controller = build(
            optimizer,
            self._which,
            {
                "total_steps": state.max_steps,
                "batch_size": args.train_batch_size * args.gradient_accumulation_steps * args.world_size,
                "dataset_size": examples(getattr(train_dataloader, "dataset", None)),
                "model": model,
            },
            self._arguments,
            _stored(state, type(self).__name__) if state.global_step > 0 else None,
        )
        if self.controller.session.needs_losses:
            self._listen(args, model)
        _tell(lr_scheduler, self.controller)

    def on_step_end(self, args: Any, state: Any, control: Any, lr_scheduler: Any = None, **_: Any) -> None:
        """After an update, and after the Trainer's own scheduler."""
        if self.controller is None:
            return
        self.controller.step(self._mean_loss(args))
        _tell(lr_scheduler, self.controller)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Lets go of the model."""
        self._deafen()

    def state(self) -> dict[str, Any]:
        """What the Trainer puts into a checkpoint."""
        stored = self.stored if self.controller is None else self.controller.state_dict()
        plain = {name: value for name, value in self._arguments.items() if isinstance(value, _PLAIN)}
        if isinstance(self._which, str):
            plain["controller"] = self._which
        return {"args": plain, "attributes": {"stored": stored}}

    def _refuse_what_is_not_plain(self) -> None:
        """The Trainer makes callbacks anew from what a checkpoint says of their arguments.

        Raises:
            SettingsError: If an argument can't be written there.
        """
        for name, value in {"controller": self._which, **self._arguments}.items():
            if not isinstance(value, _PLAIN):
                raise SettingsError(
                    f"{name} is a {type(value).__name__}, which a checkpoint of the Trainer can't hold: expected a "
                    "text or a number, or restore_callback_states_from_checkpoint=False, with which the controller "
                    "goes on just the same"
                )

    def _listen(self, args: Any, model: Any) -> None:
        """Hears the losses, which the Trainer tells nobody, from the model.

        Raises:
            SettingsError: If they can't be heard there.
        """
        if args.n_gpu > 1:
            raise SettingsError("one process has several devices, and the controller reads the loss: expected one each")
        if args.label_smoothing_factor:
            raise SettingsError("label_smoothing_factor hides the loss from the controller, which reads it: expected 0")
        self._deafen()

        def heard(module: Any, _: Any, named: Mapping[str, Any], output: Any) -> None:
            if not module.training:
                return
            loss = output.get("loss") if isinstance(output, Mapping) else output[0]
            if not isinstance(loss, torch.Tensor) or loss.numel() != 1:
                raise SettingsError("the model's output has no loss, and the controller reads it")
            self._losses.append(loss.detach().reshape(()))
            # Then each micro-batch's loss is its part of the mean over all.
            self._in_parts = named.get("num_items_in_batch") is not None

        self._hook = model.register_forward_hook(heard, with_kwargs=True)

    def _deafen(self) -> None:
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    def _mean_loss(self, args: Any) -> torch.Tensor | None:
        if not self._losses:
            return None
        losses = torch.stack(self._losses)
        self._losses = []
        if not self._in_parts:
            return losses.mean()
        ranks = args.world_size if getattr(args, "average_tokens_across_devices", False) else 1
        return losses.sum() * ranks


def _stored(state: Any, name: str) -> dict[str, Any]:
    stored = (state.stateful_callbacks or {}).get(name)
    if isinstance(stored, list):
        raise StateError(f"the checkpoint has states of {len(stored)} callbacks {name}: expected one")
    found = None if stored is None else stored["attributes"].get("stored")
    if found is None:
        raise StateError(
            f"the checkpoint of step {state.global_step} has no state of a {name}: expected one that was made with it"
        )
    settings: dict[str, Any] = found
    return settings


def _refuse_metric_schedules(scheduler: Any) -> None:
    greedy = getattr(transformers.optimization, "GreedyLR", ())
    if isinstance(scheduler, (torch.optim.lr_scheduler.ReduceLROnPlateau, *((greedy,) if greedy else ()))):
        raise SettingsError(
            f"{type(scheduler).__name__} sets the learning rate after an evaluation: expected "
            'lr_scheduler_type="constant" beside a controller'
        )


def _tell(scheduler: Any, controller: Controller) -> None:
    """The learning rate that the Trainer logs is what its scheduler says."""
    if hasattr(scheduler, "_last_lr"):
        scheduler._last_lr = controller.get_last_lr()
