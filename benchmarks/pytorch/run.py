#!/usr/bin/env python3
"""Trains three tasks in PyTorch under `pretrained` and under its rivals, which are tuned on other seeds.

    pip install torch numpy plotnine schedulefree ./python && apt-get install dataset-fashion-mnist
    python benchmarks/pytorch/run.py results/pytorch/runs.jsonl [TASK]
    python benchmarks/pytorch/table.py results/pytorch

A line for each training; those that are there are not made again. Seeds 100 to 102 tune, by the selection loss; seeds 0 to 9
are reported, by the validation loss. About half an hour a task on one core; two tasks may run side by side.
"""

import json
import math
import pathlib
import sys
import time

import torch
from tasks import TASKS

from descender.torch import Controller

TUNING, REPORTED = range(100, 103), range(10)
RATES = [0.001, 0.003, 0.01, 0.03, 0.1]


def one_cycle(peak, steps):
    """η of each step: up on a straight line for a tenth, down on a cosine."""
    rise = max(1, round(0.1 * steps))
    return [
        peak * (step + 1) / rise if step < rise else peak * (1 + math.cos(math.pi * (step - rise) / (steps - rise))) / 2
        for step in range(steps)
    ]


def train(task, method, rate, seed):
    """A training: selection and validation loss after the last step, and its time."""
    torch.manual_seed(seed)
    model = task.model()
    order = torch.Generator().manual_seed(seed)
    steps, batch, examples = task.steps, task.batch, len(task.train.targets)
    steering, rates, optimizer = None, None, None
    if method == "schedule-free":
        import schedulefree

        optimizer = schedulefree.AdamWScheduleFree(model.parameters(), lr=rate, warmup_steps=steps // 10)
        optimizer.train()
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.001 if rate is None else rate)
    if method == "one-cycle":
        rates = one_cycle(rate, steps)
    elif method == "pretrained":
        steering = Controller(
            optimizer, total_steps=steps, batch_size=batch, dataset_size=examples, model=model, **task.told
        )
    elif method == "pretrained, three numbers":
        steering = Controller(optimizer, total_steps=steps, batch_size=batch, dataset_size=examples)
    began = time.perf_counter()
    for step in range(steps):
        if rates is not None:
            optimizer.param_groups[0]["lr"] = rates[step]
        inputs, targets = task.train.take(torch.randint(examples, (batch,), generator=order))
        loss = task.loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if steering is not None:
            steering.step(loss)
    seconds = time.perf_counter() - began
    if method == "schedule-free":
        # The averaged weights need their own statistics of batches.
        model.train()
        optimizer.eval()
        with torch.no_grad():
            for _ in range(50):
                model(task.train.take(torch.randint(examples, (batch,), generator=order))[0])
    model.eval()
    losses = []
    with torch.no_grad():
        for data in (task.selection, task.validation):
            parts = torch.arange(len(data.targets)).split(250)
            total = sum(float(task.loss(model(x), y)) * len(rows) for rows in parts for x, y in [data.take(rows)])
            losses.append(total / len(data.targets))
    entry = {"selection": losses[0], "validation": losses[1], "seconds": round(seconds, 2)}
    if steering is not None:
        entry["outside"] = steering.outside
        entry["rates"] = [round(each.learning_rate, 6) for each in steering.history[::5]]
    return entry


def main():
    torch.set_num_threads(1)
    path = pathlib.Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    known = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {(line["task"], line["method"], line["rate"], line["seed"]): line for line in known}

    def made(task, method, rate, seed):
        key = (task.name, method, rate, seed)
        if key not in done:
            done[key] = {"task": task.name, "method": method, "rate": rate, "seed": seed, **train(task, method, rate, seed)}
            with path.open("a") as file:
                file.write(json.dumps(done[key]) + "\n")
            print(*key, f"{done[key]['validation']:.4f}", flush=True)
        return done[key]

    for name in sys.argv[2:] or TASKS:
        task = TASKS[name]()
        plan = [("AdamW 0.001", 0.001), ("pretrained", None), ("pretrained, three numbers", None)]
        for method in ("one-cycle", "schedule-free"):
            scores = {
                rate: sum(math.log(made(task, method, rate, seed)["selection"]) for seed in TUNING) for rate in RATES
            }
            scores = {rate: score for rate, score in scores.items() if not math.isnan(score)}
            plan.append((method, min(scores, key=scores.get)))
        plan.append(("schedule-free", 0.0025))  # its own default
        for seed in REPORTED:
            for method, rate in plan:
                made(task, method, rate, seed)


if __name__ == "__main__":
    main()
