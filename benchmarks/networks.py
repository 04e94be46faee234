"""Other networks beside PyTorch: forward, loss and backward, one thread each. Writes results/networks.json.

    cargo build --release -p descender-nn --example step_time
    python benchmarks/networks.py

A network that the program `step_time` doesn't have yet is
left out.
"""

import subprocess
import sys

import torch
from torch import nn
from torch.nn import functional

import measure

torch.set_num_threads(1)


def perceptron(*widths):
    """Linear layers with ReLU between them."""
    layers = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Recurrent(nn.Module):
    """28 rows of 28 pixels, one after the other; the last state goes to ten classes."""

    def __init__(self, kind):
        super().__init__()
        self.recurrent, self.head = kind(28, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, rows):
        return self.head(self.recurrent(rows)[0][:, -1])


# Name in `step_time`: network, shape of an example, batch.
NETWORKS = {
    "mlp-784-128-64-10": (lambda: perceptron(784, 128, 64, 10), (784,), 64),
    "gru-28-64-10": (lambda: Recurrent(nn.GRU), (28, 28), 32),
    "lstm-28-64-10": (lambda: Recurrent(nn.LSTM), (28, 28), 32),
}


def pytorch(name, seconds):
    """Steps a second of PyTorch."""
    build, shape, batch = NETWORKS[name]
    network = build()
    # A fifth of the pixels is not zero, as in handwritten digits.
    inputs = torch.rand(batch, *shape) * (torch.rand(batch, *shape) < 0.2)
    labels = torch.arange(batch) % 10

    def step():
        network.zero_grad()
        loss = functional.cross_entropy(network(inputs), labels)
        loss.backward()
        loss.item()

    return measure.rate(step, seconds)


def ours(options, name):
    """Steps a second of ours with the machine's best instruction set; None if there is no such network."""
    path = measure.program(options.target / "examples/step_time")
    output = subprocess.run([path, "1", name], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in output.splitlines()]
    # `ROUND NAME SET step MEDIAN TENTH forward MEDIAN TENTH`, the best set last.
    return 1e6 / float(lines[-1][4]) if lines else None


def main():
    options = measure.arguments(__doc__.splitlines()[0])
    contestants, ratios = {}, {}
    for name in NETWORKS:
        if ours(options, name) is None:
            print(f"step_time has no {name}; left out", file=sys.stderr)
            continue
        contestants[f"PyTorch {name}"] = lambda name=name: pytorch(name, options.seconds)
        contestants[f"descender {name}"] = lambda name=name: ours(options, name)
        ratios[name] = (f"descender {name}", f"PyTorch {name}")
    measure.run(
        "networks",
        options,
        contestants,
        ratios,
        ["torch", "numpy"],
        setting={"threads": 1, "step": "forward, loss, backward"},
    )


if __name__ == "__main__":
    main()
