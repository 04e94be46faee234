"""The paper's network under `pretrained` in PyTorch and in Rust: when the batch loss first falls to 0.02, over 30 starts.

    DESCENDER_STARTS=$PWD/target/starts cargo test --release -p descender --test paper_in_torch -- --ignored
    pip install torch numpy ./python
    python benchmarks/pytorch/first_hits.py target/starts results/pytorch/first-hits.json

Both begin with the same parameters and see the same batches; PyTorch computes in 32 bits, as a user does. Rounding sends
the descents apart after some fifty steps, so single first hits differ: what must agree is their distribution.
"""

import gzip
import json
import pathlib
import sys

import numpy as np
import torch

from descender.study.statistics import interquartile_mean
from descender.torch import Controller, input_scale

ROOT = pathlib.Path(__file__).resolve().parents[2]
THRESHOLD = 0.02
RESAMPLES = 10_000


def images():
    """The 8,000 training images as ``[n, 1, 28, 28]`` in [0, 1], and their classes."""
    folder = ROOT / "crates/task/data/mnist"
    pixels = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    classes = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    values = np.frombuffer(pixels, dtype=np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.tensor(values / 255, dtype=torch.float32), torch.tensor(list(classes[8:]))


def network(path):
    """The paper's network with Rust's parameters: ``[ky, kx, in, out]`` of a convolution, ``[h, w, c, out]`` of the last."""
    conv, relu, pool = torch.nn.Conv2d, torch.nn.ReLU, torch.nn.MaxPool2d
    model = torch.nn.Sequential(
        conv(1, 16, 5, padding=2), relu(), pool(2), conv(16, 32, 5, padding=2), relu(), pool(2)
    )
    model.extend([torch.nn.Flatten(), torch.nn.Linear(1568, 10)])
    values, place = torch.tensor(np.fromfile(path, dtype="<f4")), 0
    with torch.no_grad():
        for layer, shape in {0: (5, 5, 1, 16), 3: (5, 5, 16, 32), 7: (7, 7, 32, 10)}.items():
            count = int(np.prod(shape))
            weight = values[place : place + count].reshape(shape).permute(3, 2, 0, 1)
            model[layer].weight.copy_(weight.reshape(model[layer].weight.shape))
            model[layer].bias.copy_(values[place + count : place + count + shape[3]])
            place += count + shape[3]
    return model


def descend(folder, number, steps, inputs, classes):
    """The losses of a descent in PyTorch."""
    model = network(folder / f"{number}.f32")
    batches = torch.tensor(np.fromfile(folder / f"{number}.u16", dtype="<u2").astype(np.int64)).reshape(steps, 32)
    controller = Controller(
        torch.optim.AdamW(model.parameters()),
        "pretrained",
        total_steps=steps,
        batch_size=32,
        dataset_size=len(inputs),
        model=model,
        input_scale=input_scale(inputs[torch.arange(512) * 8000 // 512]),
        num_classes=10,
    )
    losses = []
    for batch in batches:
        loss = torch.nn.functional.cross_entropy(model(inputs[batch]), classes[batch])
        loss.backward()
        controller.optimizer.step()
        controller.optimizer.zero_grad()
        controller.step(loss)
        losses.append(loss.item())
    return losses


def first_hit(losses):
    """The first step at or below the threshold; the number of steps where there is none."""
    return next((step for step, loss in enumerate(losses) if loss <= THRESHOLD), len(losses))


def interval(values, statistic, draw):
    """The statistic with its 95 % percentile interval over the starts."""
    drawn = [statistic(values[draw.integers(len(values), size=len(values))]) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"value": float(statistic(values)), "ci95": [float(low), float(high)]}


def main():
    folder, out = map(pathlib.Path, sys.argv[1:])
    job, of_rust = json.loads((folder / "descents.json").read_text())
    inputs, classes = images()
    of_torch = [descend(folder, number, job["steps"], inputs, classes) for number in range(len(of_rust))]
    hits = np.array([[first_hit(losses) for losses in side] for side in (of_rust, of_torch)], dtype=float)
    ends = np.array([[np.mean(losses[-50:]) for losses in side] for side in (of_rust, of_torch)])
    apart = [[abs(a - b) for a, b in zip(*pair, strict=True)] for pair in zip(of_rust, of_torch, strict=True)]
    draw = np.random.default_rng(1)
    result = {
        "steps": job["steps"],
        "starts": len(of_rust),
        "threshold": THRESHOLD,
        "torch": torch.__version__,
        "first_hits": {"rust": hits[0].tolist(), "torch": hits[1].tolist()},
        "first_hit": {
            "rust": interval(hits[0], interquartile_mean, draw),
            "torch": interval(hits[1], interquartile_mean, draw),
            "torch - rust, the same start": interval(hits[1] - hits[0], np.mean, draw),
        },
        "mean of the last 50 batch losses": {
            "rust": interval(ends[0], np.mean, draw),
            "torch": interval(ends[1], np.mean, draw),
            "torch - rust, the same start": interval(ends[1] - ends[0], np.mean, draw),
        },
        "same first hit": int((hits[0] == hits[1]).sum()),
        "largest difference of a loss in the first 40 steps": max(max(row[:40]) for row in apart),
    }
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "first_hits"}, indent=1))


if __name__ == "__main__":
    main()
