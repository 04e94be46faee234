"""Times a training step beside PyTorch: forward, loss, backward; one thread each, rounds interleaved.

    cargo build --release -p descender-nn --example step_time
    python reference/nn_speed.py [ROUNDS] [NETWORK]...

NETWORK is the beginning of a name, such as gru or mlp; all networks without one.
Prints for each network the medians over the rounds in microseconds and the median of the rounds' ratios. The
first tenth of the steps (the fastest) is given, too: other programs on the machine disturb it less. PyTorch's
steps are measured in processor time, so that waiting for a busy processor does not count against it; ours, which
are shorter than a time slice, in wall-clock time.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from torch import nn

torch.set_num_threads(1)
ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/examples/step_time"


def paper():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1568, 10),
    )


def perceptron(*widths):
    layers = []
    for before, after in zip(widths, widths[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class ByRows(nn.Module):
    """A recurrent layer over the rows of an image, and ten classes from its last state."""

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent(28, 64, batch_first=True)
        self.linear = nn.Linear(64, 10)

    def forward(self, inputs):
        states, _ = self.recurrent(inputs)
        return self.linear(states[:, -1])


NETWORKS = {
    "paper": (paper, (1, 28, 28), 10, 32),
    "mlp-784-128-64-10": (lambda: perceptron(784, 128, 64, 10), (784,), 10, 64),
    "mlp-18-50-3": (lambda: perceptron(18, 50, 3), (18,), 3, 32),
    "mlp-5-64-64-5": (lambda: perceptron(5, 64, 64, 5), (5,), 5, 64),
    "gru-28-64-10": (lambda: ByRows(nn.GRU), (28, 28), 10, 32),
    "lstm-28-64-10": (lambda: ByRows(nn.LSTM), (28, 28), 10, 32),
}


def torch_step(name):
    """Median and tenth percentile of the seconds of one step."""
    build, shape, classes, batch = NETWORKS[name]
    network = build()
    # A fifth of the pixels is not zero, as in handwritten digits.
    inputs = torch.rand(batch, *shape) * (torch.rand(batch, *shape) < 0.2)
    labels = torch.arange(batch) % classes
    loss_of = nn.CrossEntropyLoss()
    times = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < 0.7:
        start = time.process_time()
        network.zero_grad()
        loss = loss_of(network(inputs), labels)
        loss.backward()
        loss.item()
        times.append(time.process_time() - start)
    times.sort()
    return times[len(times) // 2] * 1e6, times[len(times) // 10] * 1e6


def main():
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    rounds = numbers[0] if numbers else 5
    beginnings = tuple(word for word in sys.argv[1:] if not word.isdigit()) or ("",)
    results = {}
    for _ in range(rounds):
        for name in filter(lambda name: name.startswith(beginnings), NETWORKS):
            theirs = torch_step(name)
            output = subprocess.run([PROGRAM, "1", name], capture_output=True, text=True, check=True).stdout
            for line in output.splitlines():
                words = line.split()
                ours = (float(words[4]), float(words[5]))
                results.setdefault((name, words[2]), []).append((theirs, ours))
    print(f"PyTorch {torch.__version__}, 1 thread, {rounds} rounds; microseconds a step: median (fastest tenth)")
    for (name, instructions), rows in results.items():
        middle = [statistics.median(row[side][kind] for row in rows) for side in (0, 1) for kind in (0, 1)]
        ratio = [statistics.median(row[0][kind] / row[1][kind] for row in rows) for kind in (0, 1)]
        print(
            f"{name:18} {instructions:9} PyTorch {middle[0]:8.1f} ({middle[1]:8.1f})"
            f"  ours {middle[2]:8.1f} ({middle[3]:8.1f})  times faster {ratio[0]:6.2f} ({ratio[1]:6.2f})"
        )


if __name__ == "__main__":
    main()
