"""What a controller costs a training in PyTorch: its share of a step, as JSON.

Two networks on the processor, batches of 32 of the embedded MNIST: the paper's convolutional network (28,938 parameters)
and a perceptron of about a million. In each training every call of `controller.step(loss)` is timed, and so is the rest of
the step (forward, backward, update), both in processor time on one thread, as PyTorch's steps are timed in the other
benchmarks. The share is that of whole trainings: decisions, about 40 of them, count.

Run from the top of the repository, on a machine that does nothing else:

    PYTHONPATH=python/src python benchmarks/torch_overhead.py --out benchmarks/results/torch_overhead.json
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

import machine
import mnist
import paper
from descender.torch import Controller

BATCH = 32
STEPS = 400


def perceptron() -> nn.Sequential:
    """784-768-512-10: 1,001,738 parameters."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 768), nn.ReLU(), nn.Linear(768, 512), nn.ReLU(), nn.Linear(512, 10)
    )


NETWORKS = {"paper": paper.network, "perceptron": perceptron}


def training(build, images: torch.Tensor, labels: torch.Tensor, with_loss: bool, seed: int) -> dict[str, float]:
    """One training under `pretrained`; seconds and shares of it."""
    torch.manual_seed(seed)
    model = build()
    optimizer = torch.optim.AdamW(model.parameters())
    controller = Controller(
        optimizer, total_steps=STEPS, batch_size=BATCH, dataset_size=len(images), model=model, num_classes=10
    )
    between, decisions, rest = [], [], []
    for _ in range(STEPS):
        began = time.process_time_ns()
        batch = torch.randint(len(images), (BATCH,))
        loss = functional.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        stepped = time.process_time_ns()
        known = len(controller.history)
        controller.step(loss if with_loss else None)
        ended = time.process_time_ns()
        rest.append(stepped - began)
        (decisions if len(controller.history) > known else between).append(ended - stepped)
    return {
        "share": (sum(between) + sum(decisions)) / (sum(between) + sum(decisions) + sum(rest)),
        "step_microseconds": statistics.median(rest) / 1000,
        "between_microseconds": statistics.median(between) / 1000,
        "decision_microseconds": statistics.median(decisions) / 1000,
        "decisions": len(decisions),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--trainings", type=int, default=7, help="trainings of each kind (7); medians are reported")
    arguments.add_argument("--out", type=Path, help="where the document goes; default: standard output")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    images, labels = mnist.tensors()
    notes = machine.notes(Path(__file__).parents[1], ["torch", "numpy"])
    cases = []
    for name, build in NETWORKS.items():
        for with_loss in (False, True):
            training(build, images, labels, with_loss, 0)  # warms up
            runs = [training(build, images, labels, with_loss, seed) for seed in range(given.trainings)]
            shares = sorted(run["share"] for run in runs)
            cases.append(
                {
                    "network": name,
                    "parameters": sum(parameter.numel() for parameter in build().parameters()),
                    "loss_told": with_loss,
                    "share_percent": {
                        "median": round(100 * statistics.median(shares), 3),
                        "lowest": round(100 * shares[0], 3),
                        "highest": round(100 * shares[-1], 3),
                    },
                    **{
                        key: round(statistics.median(run[key] for run in runs), 2)
                        for key in ("step_microseconds", "between_microseconds", "decision_microseconds")
                    },
                    "decisions": runs[0]["decisions"],
                }
            )
    document = {
        **notes,
        "load_after": machine.load(),
        "threads": 1,
        "steps": STEPS,
        "batch_size": BATCH,
        "trainings": given.trainings,
        "cases": cases,
    }
    text = json.dumps(document, indent=2) + "\n"
    if given.out is None:
        print(text, end="")
    else:
        given.out.write_text(text)


if __name__ == "__main__":
    main()
