"""A controller in a loop over what an Accelerator of Hugging Face has prepared.

    >>> model, optimizer, loader = accelerator.prepare(model, optimizer, loader)           # doctest: +SKIP
    >>> controller = controller_for(accelerator, optimizer, loader, total_steps=2000)      # doctest: +SKIP
    >>> for x, y in loader:                                                                # doctest: +SKIP
    ...     with accelerator.accumulate(model):
    ...         loss = loss_fn(model(x), y)
    ...         accelerator.backward(loss)
    ...         optimizer.step(); optimizer.zero_grad()
    ...     controller.step(loss)

The controller itself is not prepared. ``save_state`` and ``load_state`` hold its state with the rest.
"""

from __future__ import annotations

from typing import Any

from ..errors import SettingsError
from ..torch import Controller
from .building import build, checked, examples

try:
    from accelerate.optimizer import AcceleratedOptimizer
except ImportError as error:
    raise ImportError(
        "descender.integrations.accelerate needs the library: expected accelerate, from `pip install accelerate`"
    ) from error


def controller_for(
    accelerator: Any, optimizer: Any, loader: Any = None, controller: Any = "pretrained", **arguments: Any
) -> Controller:
    """A controller whose batch size counts all processes and all micro-batches, and whose state is saved.

    Args:
        accelerator: The Accelerator.
        optimizer: The optimizer, as it was prepared.
        loader: The training loader, as it was prepared: tells batch size and examples.
        controller: What ``descender.torch.Controller`` loads.
        **arguments: Its further arguments, before what the loader tells; ``total_steps`` are updates, not
            micro-batches.

    Returns:
        The controller.

    Raises:
        SettingsError: If the optimizer was not prepared or doesn't fit, or there is no such argument.
    """
    if not isinstance(optimizer, AcceleratedOptimizer):
        raise SettingsError(
            f"optimizer is a {type(optimizer).__name__}: expected what accelerator.prepare(optimizer) returned"
        )
    steering = build(
        optimizer,
        controller,
        {"batch_size": _batch_size(accelerator, loader), "dataset_size": _dataset_size(loader)},
        checked(arguments),
    )
    accelerator.register_for_checkpointing(steering)
    return steering


def _batch_size(accelerator: Any, loader: Any) -> int | None:
    """Examples of an update: a prepared loader tells those of all processes."""
    together = getattr(loader, "total_batch_size", None)
    if together is None:
        alone = getattr(loader, "batch_size", None)
        together = None if alone is None else alone * accelerator.num_processes
    return None if together is None else int(together) * int(accelerator.gradient_accumulation_steps)


def _dataset_size(loader: Any) -> int | None:
    return examples(getattr(loader, "dataset", None))
