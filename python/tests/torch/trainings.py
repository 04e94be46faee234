"""Small trainings for the tests of PyTorch."""

from __future__ import annotations

import functools
from typing import Any

import descender
import torch
from descender.torch import Controller

STEPS = 100


def model(seed: int = 0) -> torch.nn.Sequential:
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))


def batch(step: int, size: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    chances = torch.Generator().manual_seed(step)
    inputs = torch.randn(size, 6, generator=chances)
    return inputs, inputs[:, :3].argmax(1)


def loss_of(network: Any, step: int, size: int = 8) -> torch.Tensor:
    inputs, targets = batch(step, size)
    return torch.nn.functional.cross_entropy(network(inputs), targets)


def adamw(network: torch.nn.Module, **settings: Any) -> torch.optim.AdamW:
    return torch.optim.AdamW(network.parameters(), **settings)


def controller(optimizer: Any, which: Any = "pretrained", **arguments: Any) -> Controller:
    return Controller(optimizer, which, **{"total_steps": STEPS, "batch_size": 8, "dataset_size": 800, **arguments})


def update(network: Any, optimizer: Any, step: int) -> torch.Tensor:
    loss = loss_of(network, step)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


def session(which: Any = "pretrained", **job: Any) -> descender.Session:
    """The same controller without PyTorch."""
    network = model()
    known = {
        "steps": STEPS,
        "batch_size": 8,
        "examples": 800,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "layers": 2,
        "fan_in": (6 * 8) ** 0.5,
        **job,
    }
    frozen = which if isinstance(which, descender.Controller) else descender.Controller.load(which)
    return frozen.start(descender.Job(**known))


@functools.cache
def reading_losses(safety: bool = False) -> descender.Controller:
    """A controller that reads the losses: η rises where they fall."""
    pretrained = descender.Controller.load("pretrained").description
    control = pretrained["control"]
    control["decisions"], control["interval"] = 0, 5
    control["observation"] = {"name": "progress", "total_steps": STEPS}
    control["safety"] = {"enabled": safety}
    pretrained["network"] = {
        "input": {"height": 1, "width": 1, "channels": 4},
        "layers": [{"linear": {"outputs": len(control["action"]["dimensions"])}}],
    }
    del pretrained["features"]
    outputs = len(control["action"]["dimensions"])
    weights = [[0.0] * outputs for _ in range(4)]
    weights[0][0] = 0.4
    return descender.Controller.assemble(pretrained, {"policy.0.weight": weights, "policy.0.bias": [0.0] * outputs})
