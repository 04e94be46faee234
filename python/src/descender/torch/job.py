"""The job of a training in PyTorch: what can be seen from the model and the optimizer, and what the caller says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import torch
from torch import nn

from ..errors import SettingsError
from ..job import Classes, Job, Numbers


def input_scale(inputs: torch.Tensor) -> float:
    """The root mean square of inputs, as a job states it.

    Args:
        inputs: A batch, or more, of what goes into the model.

    Returns:
        √(mean of x²).
    """
    return float(inputs.detach().double().pow(2).mean().sqrt())


def job_of(
    parameters: Iterable[torch.Tensor],
    model: nn.Module | None,
    steps: int,
    *,
    batch_size: int | None = None,
    dataset_size: int | None = None,
    input_scale: float | None = None,
    num_classes: int | None = None,
    num_outputs: int | None = None,
) -> Job:
    """The job of a training.

    Args:
        parameters: What the optimizer moves.
        model: The model, which tells embeddings and recurrent layers from others; without it every array of two or more
            dimensions counts as the weights of a linear or convolutional layer.
        steps: Updates of the whole training.
        batch_size: Examples of one update, all micro-batches and ranks together.
        dataset_size: Training examples.
        input_scale: Root mean square of the inputs.
        num_classes: Classes to choose from.
        num_outputs: Numbers to predict, instead of classes.

    Returns:
        The job; what is not said is unknown.

    Raises:
        SettingsError: If classes and numbers are both given, or a value can't be one.
    """
    if num_classes is not None and num_outputs is not None:
        raise SettingsError("num_classes and num_outputs are both given: expected one of them")
    targets: Classes | Numbers | None = None
    if num_classes is not None:
        targets = Classes(num_classes)
    elif num_outputs is not None:
        targets = Numbers(num_outputs)
    moved = [parameter for parameter in parameters if parameter.requires_grad]
    arrays = _fan_ins(moved) if model is None else _fan_ins_of(model, {id(parameter) for parameter in moved})
    fan_ins = [fan_in for fan_in in arrays if fan_in > 0]
    return Job(
        steps=steps,
        batch_size=batch_size,
        examples=dataset_size,
        parameters=sum(parameter.numel() for parameter in moved) or None,
        input_scale=input_scale,
        targets=targets,
        layers=len(fan_ins) or None,
        fan_in=math.exp(sum(map(math.log, fan_ins)) / len(fan_ins)) if fan_ins else None,
    )


def _fan_ins(parameters: Iterable[torch.Tensor]) -> list[int]:
    """Inputs of a unit of each weight array: weights are ``[out, in, …]``."""
    return [parameter[0].numel() for parameter in parameters if parameter.dim() >= 2 and parameter.shape[0] > 0]


def _fan_ins_of(model: nn.Module, moved: set[int]) -> Iterator[int]:
    """The same, layer by layer; an array that several modules share counts once."""
    seen: set[int] = set()
    for module in model.modules():
        own = [
            (name, parameter)
            for name, parameter in module.named_parameters(recurse=False)
            if parameter.dim() >= 2 and id(parameter) in moved and id(parameter) not in seen
        ]
        seen.update(id(parameter) for _, parameter in own)
        if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
            yield from (1 for _ in own)
        elif isinstance(module, nn.RNNBase):
            # One layer: inputs and states together.
            layers: dict[str, int] = {}
            for name, parameter in own:
                if name.startswith(("weight_ih", "weight_hh")):
                    place = name.removeprefix("weight_ih").removeprefix("weight_hh")
                    layers[place] = layers.get(place, 0) + parameter[0].numel()
            yield from layers.values()
        elif isinstance(module, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)):
            for _, parameter in own:
                yield parameter.numel() // max(1, parameter.shape[1])
        else:
            yield from _fan_ins(parameter for _, parameter in own)
