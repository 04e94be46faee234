"""The paper's network under `pretrained`: in PyTorch as in Rust, from the same parameters, with the same batches.

Rust's side is in `reference/`: `crates/descender/tests/paper_in_torch.rs` makes it and says how to write it anew.
"""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'descender[torch]'")

import descender  # noqa: E402
from descender.torch import Controller, input_scale  # noqa: E402

TOP = Path(__file__).parents[3]
TOLERANCE = 1e-3
MEASURED = 512
"""Rust takes the scale of the inputs from so many examples, evenly spaced."""


@functools.cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((TOP / "reference/paper_descent.json").read_text())
    return read


@functools.cache
def images() -> tuple[torch.Tensor, torch.Tensor]:
    """The 8,000 training images as ``[n, 1, 28, 28]`` in [0, 1], and their classes."""
    folder = TOP / "crates/task/data/mnist"
    pixels = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    classes = gzip.decompress((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    values = np.frombuffer(pixels, dtype=np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.tensor(values / 255, dtype=torch.float32), torch.tensor(list(classes[8:]))


def network() -> torch.nn.Sequential:
    """The paper's network at the start.

    Rust's arrays are ``[ky, kx, in, out]`` for a convolution, and ``[h, w, c, out]`` for the last layer.
    """
    made = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 5, padding=2),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 5, padding=2),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(1568, 10),
    )
    values = torch.tensor(np.fromfile(TOP / "reference/paper_descent.f32", dtype="<f4"))
    shapes = {0: (5, 5, 1, 16), 3: (5, 5, 16, 32), 7: (7, 7, 32, 10)}
    place = 0
    with torch.no_grad():
        for layer, shape in shapes.items():
            count = int(np.prod(shape))
            weight = values[place : place + count].reshape(shape).permute(3, 2, 0, 1)
            made[layer].weight.copy_(weight.reshape(made[layer].weight.shape))
            made[layer].bias.copy_(values[place + count : place + count + shape[3]])
            place += count + shape[3]
    assert place == len(values)
    return made


def steered(recorded: dict[str, Any], model: torch.nn.Module) -> Controller:
    job = recorded["job"]
    return Controller(
        torch.optim.AdamW(model.parameters()),
        "pretrained",
        total_steps=job["steps"],
        batch_size=32,
        dataset_size=8000,
        model=model,
        input_scale=input_scale(images()[0][torch.arange(MEASURED) * 8000 // MEASURED]),
        num_classes=10,
    )


@pytest.mark.parametrize("number", [0, 1])
def test_the_job_that_is_seen_is_the_one_that_rust_sees(number: int) -> None:
    recorded = document()["descents"][number]
    told, seen = recorded["job"], steered(recorded, network()).job
    assert seen.targets == descender.Classes(told["targets"]["classes"])
    for name in ("steps", "batch_size", "examples", "parameters", "layers"):
        assert getattr(seen, name) == told[name], name
    for name in ("input_scale", "fan_in"):
        assert getattr(seen, name) == pytest.approx(told[name], rel=1e-5), name


def differences(number: int) -> list[float]:
    """How far each loss is from Rust's; μ must be the same at each step.

    PyTorch computes in 64 bits here. In 32 bits both round, each in its own way, and after some fifty steps a
    difference in the last digit may switch a unit and grow: then PyTorch is as far from itself in 64 bits as from Rust.
    """
    recorded = document()["descents"][number]
    inputs, classes = images()
    model = network().double()
    steering = steered(recorded, model)
    found = []
    for step, batch in enumerate(document()["batches"]):
        known = recorded["hyper_parameters"][step]
        for name, value in steering.hyper_parameters._asdict().items():
            assert value == pytest.approx(known[name], rel=1e-5, abs=1e-9), (step, name)
        loss = torch.nn.functional.cross_entropy(model(inputs[batch].double()), classes[batch])
        found.append(abs(loss.item() - recorded["losses"][step]))
        loss.backward()
        steering.optimizer.step()
        steering.optimizer.zero_grad()
        steering.step(loss)
    assert steering.steps == 100
    return found


@pytest.mark.parametrize("number", [0, 1])
def test_the_descent_is_the_one_in_rust(number: int) -> None:
    assert max(differences(number)) <= TOLERANCE
