#!/usr/bin/env python3
"""What a controller costs beside the rest of a training step, in one run, in processor time of the thread.

    python benchmarks/pytorch/overhead.py results/pytorch/overhead.json

A job of 2,000 steps: a perceptron of a million parameters and the paper's convolutional network, batches of 32, one thread.
Training steps under a controller and the same without one take turns, round by round; the cost is the time inside of
`controller.step`, decisions included, and that of the hooks around the update, less what the clock itself takes there in the
rounds without a controller. Medians over rounds.

The times depend on what else the processor does. The calls of Python functions, counted in a round of their own, do not.
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


def paper():
    """The network of the paper: two convolutions with pooling, then a linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 10),
    )  # fmt: skip


class Clock:
    """Sums the processor time between `start` and `stop`."""

    def __init__(self):
        self.seconds = 0.0

    def start(self, *_):
        self.began = time.thread_time()

    def stop(self, *_):
        self.seconds += time.thread_time() - self.began


class Calls:
    """Counts the calls of Python functions between `start` and `stop`: in all, and one number for each time."""

    def __init__(self):
        self.each = []

    def start(self, *_):
        self.each.append(0)
        sys.setprofile(self.count)

    def stop(self, *_):
        sys.setprofile(None)

    def count(self, frame, event, argument):
        self.each[-1] += event == "call" and frame.f_code is not Calls.stop.__code__


def round_of(make, steered, step_meter, hook_meter):
    """Microseconds of a training step; the meters measure what the controller does in `step`, and in the hooks."""
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.AdamW(model.parameters())
    # Hooks are called in the order in which they were registered.
    optimizer.register_step_pre_hook(hook_meter.start)
    optimizer.register_step_post_hook(hook_meter.start)
    controller = Controller(optimizer, total_steps=2000, batch_size=32, dataset_size=8000, model=model) if steered else None
    optimizer.register_step_pre_hook(hook_meter.stop)
    optimizer.register_step_post_hook(hook_meter.stop)
    inputs, targets = torch.randn(32, 1, 28, 28), torch.randint(0, 10, (32,))
    began = time.thread_time()
    for _ in range(STEPS):
        loss = nn.functional.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        step_meter.start()
        if controller is not None:
            controller.step(loss)
        step_meter.stop()
    return (time.thread_time() - began) / STEPS * 1e6


def timed(make):
    """Microseconds of a step without and with a controller, and what of the latter is in its `step` and in its hooks."""
    (bare, *clock), (steered, *inside) = (
        (round_of(make, with_controller, step, hooks), step.seconds / STEPS * 1e6, hooks.seconds / STEPS * 1e6)
        for with_controller, step, hooks in ((False, Clock(), Clock()), (True, Clock(), Clock()))
    )
    return bare, steered, inside[0] - clock[0], inside[1] - clock[1]


def main():
    torch.set_num_threads(1)
    found = {"machine": platform.processor() or platform.machine(), "torch": torch.__version__.split("+")[0], "networks": {}}
    for name, make in (("perceptron", perceptron), ("paper", paper)):
        rounds = [timed(make) for _ in range(ROUNDS)]
        bare, steered, inside, hooks = (statistics.median(column) for column in zip(*rounds, strict=True))
        step_calls, hook_calls = Calls(), Calls()
        round_of(make, True, step_calls, hook_calls)
        parameters = sum(parameter.numel() for parameter in make().parameters())
        share = (inside + hooks) / bare
        found["networks"][name] = {
            "parameters": parameters,
            "step_us": round(bare, 1),
            "step_with_controller_us": round(steered, 1),
            "controller_us": round(inside, 1),
            "hooks_us": round(hooks, 1),
            "share": round(share, 5),
            "calls": round((sum(step_calls.each) + sum(hook_calls.each)) / STEPS, 1),
            "calls_between_decisions": statistics.median(step_calls.each) + sum(hook_calls.each) // STEPS,
        }
        print(
            f"{name}: {parameters} parameters, a step {bare:.0f} µs, controller {inside:.1f} µs and hooks {hooks:.1f} µs, "
            f"{100 * share:.2f} %; {found['networks'][name]['calls']} calls, "
            f"{found['networks'][name]['calls_between_decisions']} between decisions"
        )
    pathlib.Path(sys.argv[1]).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
