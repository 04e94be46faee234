#!/usr/bin/env python3
"""What `controller.step(loss)` costs beside the rest of a training step, in one run, in processor time of the thread.

    python benchmarks/pytorch/overhead.py results/pytorch/overhead.json

A job of 2,000 steps: a perceptron of a million parameters and the paper's small network, batches of 32, one thread. Training steps under a
controller and the same without one take turns, round by round; the cost is the time inside of `controller.step`, decisions
included. Medians over rounds.
"""

import json
import pathlib
import platform
import statistics
import sys
import time

import torch
from torch import nn

from descender.torch import Controller

ROUNDS, STEPS = 9, 200


def perceptron():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 850), nn.ReLU(), nn.Linear(850, 390), nn.ReLU(), nn.Linear(390, 10))


def small():
    """The network of the paper: two convolutions with pooling, then two linear layers."""
    return nn.Sequential(
        nn.Conv2d(1, 10, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(10, 20, 5), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(320, 50), nn.ReLU(), nn.Linear(50, 10),
    )  # fmt: skip


def round_of(make, steered):
    """Microseconds of a training step, and of that of the controller."""
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.AdamW(model.parameters())
    controller = Controller(optimizer, total_steps=2000, batch_size=32, dataset_size=8000, model=model) if steered else None
    inputs, targets = torch.randn(32, 1, 28, 28), torch.randint(0, 10, (32,))
    inside = 0.0
    began = time.thread_time()
    for _ in range(STEPS):
        loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if controller is not None:
            before = time.thread_time()
            controller.step(loss)
            inside += time.thread_time() - before
    return (time.thread_time() - began) / STEPS * 1e6, inside / STEPS * 1e6


def main():
    torch.set_num_threads(1)
    found = {"machine": platform.processor() or platform.machine(), "torch": torch.__version__.split("+")[0], "networks": {}}
    for name, make in (("perceptron", perceptron), ("paper", small)):
        rounds = [(round_of(make, False)[0], *round_of(make, True)) for _ in range(ROUNDS)]
        bare, steered, inside = (statistics.median(column) for column in zip(*rounds, strict=True))
        parameters = sum(parameter.numel() for parameter in make().parameters())
        found["networks"][name] = {
            "parameters": parameters,
            "step_us": round(bare, 1),
            "step_with_controller_us": round(steered, 1),
            "controller_us": round(inside, 1),
            "share": round(inside / bare, 5),
        }
        print(f"{name}: {parameters} parameters, a step {bare:.0f} µs, controller {inside:.1f} µs, {100 * inside / bare:.2f} %")
    pathlib.Path(sys.argv[1]).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
