"""Other networks beside PyTorch: forward, loss and backward, one thread each, in processor time. Writes
results/networks.json.

    cargo build --release -p descender-nn --example step_time
    python benchmarks/networks.py

A network that the program `step_time` doesn't have yet is left out.
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

    def __init__(self, kind, hidden):
        super().__init__()
        self.recurrent, self.head = kind(28, hidden, batch_first=True), nn.Linear(hidden, 10)

    def forward(self, rows):
        return self.head(self.recurrent(rows)[0][:, -1])


def conv(channels, out_channels):
    return nn.Conv2d(channels, out_channels, 3, padding=1)


def classes(channels):
    """From a feature map to ten classes."""
    return nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)


def convolutions(channels, *pool):
    """Two convolutions with ReLU on images with as many channels."""
    stage = lambda: (conv(channels, channels), nn.ReLU(), *pool)
    return nn.Sequential(*stage(), *stage(), *classes(channels))


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each position; no copy where images are channels last."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, images):
        return self.norm(images.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Residual(nn.Module):
    """A residual block with normalisation."""

    def __init__(self, channels):
        super().__init__()
        norm = lambda: ChannelNorm(channels)
        self.inner = nn.Sequential(conv(channels, channels), norm(), nn.ReLU(), conv(channels, channels), norm())

    def forward(self, images):
        return images + self.inner(images)


def residual(channels):
    """Two residual blocks on images of 28 × 28."""
    stem = conv(1, channels), ChannelNorm(channels), nn.ReLU(), nn.MaxPool2d(2)
    blocks = Residual(channels), nn.ReLU(), Residual(channels), nn.ReLU()
    return nn.Sequential(*stem, *blocks, *classes(channels))


# Name in `step_time`: network, shape of an example, batch.
NETWORKS = {
    "mlp-784-128-64-10": (lambda: perceptron(784, 128, 64, 10), (784,), 64),
    "mlp-784-1024-1024-10": (lambda: perceptron(784, 1024, 1024, 10), (784,), 64),
    "gru-28-64-10": (lambda: Recurrent(nn.GRU, 64), (28, 28), 32),
    "gru-28-256-10": (lambda: Recurrent(nn.GRU, 256), (28, 28), 32),
    "lstm-28-64-10": (lambda: Recurrent(nn.LSTM, 64), (28, 28), 32),
    "lstm-28-256-10": (lambda: Recurrent(nn.LSTM, 256), (28, 28), 32),
    "convolutions-64": (lambda: convolutions(64), (64, 14, 14), 32),
    "convolutions-128": (lambda: convolutions(128), (128, 14, 14), 32),
    "convolutions-256": (lambda: convolutions(256), (256, 14, 14), 32),
    "pooled-64": (lambda: convolutions(64, nn.MaxPool2d(2)), (64, 14, 14), 32),
    "pooled-256": (lambda: convolutions(256, nn.MaxPool2d(2)), (256, 14, 14), 32),
    "residual-16": (lambda: residual(16), (1, 28, 28), 32),
    "residual-32": (lambda: residual(32), (1, 28, 28), 32),
    "residual-64": (lambda: residual(64), (1, 28, 28), 32),
}


def pytorch(name, seconds):
    """Steps a second of PyTorch; of images in the memory layout that suits it better."""
    layouts = [torch.contiguous_format]
    if len(NETWORKS[name][1]) == 3:
        layouts.append(torch.channels_last)
    return max(steps(name, layout, seconds / len(layouts)) for layout in layouts)


def steps(name, layout, seconds):
    """Steps a second of PyTorch in one memory layout."""
    build, shape, batch = NETWORKS[name]
    network = build().to(memory_format=layout)
    # A fifth of the pixels is not zero, as in handwritten digits.
    inputs = torch.rand(batch, *shape) * (torch.rand(batch, *shape) < 0.2)
    inputs = inputs.to(memory_format=layout)
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
