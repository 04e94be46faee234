"""Three trainings that the program's own engine doesn't have: a transformer on text, a residual network with batch norm on
images, and embeddings on a table.

Data: *Alice's Adventures in Wonderland* from this repository; Fashion-MNIST (MIT) from Debian's package
`dataset-fashion-mnist`; `diamonds` (53,940 rows, of ggplot2, MIT) from the PyPI package `plotnine`. Each has training,
selection and validation examples; the split is the same for every seed.
"""

import functools
import gzip
import pathlib
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Data(NamedTuple):
    inputs: object
    targets: torch.Tensor

    def take(self, rows):
        inputs = tuple(part[rows] for part in self.inputs) if isinstance(self.inputs, tuple) else self.inputs[rows]
        return inputs, self.targets[rows]


class Task(NamedTuple):
    name: str
    steps: int
    batch: int
    train: Data
    selection: Data
    validation: Data
    model: object  # () -> nn.Module
    loss: object  # (outputs, targets) -> scalar
    told: dict  # what a controller is told of the job besides steps, batch and examples
    second: str  # what is told beside the loss: "bits per character", "accuracy" or "explained variance"


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.inside, self.outside = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.inside(self.first(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.outside(seen.transpose(1, 2).reshape(batch, length, width))
        return x + self.feed(self.second(x))


class Transformer(nn.Module):
    def __init__(self, symbols, length, width=64, blocks=2, heads=4):
        super().__init__()
        self.symbols, self.places = nn.Embedding(symbols, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(blocks)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, symbols)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.symbols(x) + self.places.weight[: x.shape[1]])))


def codes_of(text):
    """The text as numbers of its symbols in their order, and how many symbols there are."""
    symbols = sorted(set(text))
    return torch.tensor([symbols.index(symbol) for symbol in text]), len(symbols)


def windows_of(codes, length):
    """Windows of so many symbols, each with what follows: seven tenths to learn, one to select, two to validate."""
    windows = codes[: (len(codes) - 1) // length * length].view(-1, length)
    nexts = codes[1 : 1 + windows.numel()].view(-1, length)
    cuts = [int(len(windows) * share) for share in (0.7, 0.8)]
    parts = zip(torch.tensor_split(windows, cuts), torch.tensor_split(nexts, cuts), strict=True)
    return [Data(x, y) for x, y in parts]


@functools.cache
def text(length=48):
    raw = gzip.decompress((ROOT / "crates/task/data/text/alice.txt.gz").read_bytes()).decode()
    codes, symbols = codes_of(raw)
    train, selection, validation = windows_of(codes, length)
    return Task(
        name="transformer",
        steps=500,
        batch=16,
        train=train,
        selection=selection,
        validation=validation,
        model=lambda: Transformer(symbols, length),
        loss=lambda outputs, targets: F.cross_entropy(outputs.flatten(0, 1), targets.flatten()),
        told={"num_classes": symbols},
        second="bits per character",
    )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.inside = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return F.relu(x + self.inside(x))


def residual_network():
    def step(before, after):
        return [nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(), Residual(after)]

    return nn.Sequential(*step(1, 8), *step(8, 16), *step(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


def _idx(name):
    for folder in ("/usr/share/dataset-fashion-mnist", "/usr/share/datasets/fashion-mnist", "/usr/share/fashion-mnist"):
        for path in pathlib.Path(folder).rglob(f"{name}*"):
            raw = path.read_bytes()
            raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
            shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(raw[3])]
            return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(shape).copy())
    raise SystemExit(f"{name}: not found; expected Debian's package dataset-fashion-mnist")


@functools.cache
def images():
    def data(images, labels):
        return Data((images.float()[:, None] / 255.0 - 0.286) / 0.353, labels.long())

    pictures, labels = _idx("train-images"), _idx("train-labels")
    validation = data(_idx("t10k-images")[:2000], _idx("t10k-labels")[:2000])
    train, selection = data(pictures[:20000], labels[:20000]), data(pictures[20000:22000], labels[20000:22000])
    return Task(
        name="residual-batch-norm",
        steps=400,
        batch=64,
        train=train,
        selection=selection,
        validation=validation,
        model=residual_network,
        loss=F.cross_entropy,
        told={"num_classes": 10, "input_scale": float(train.inputs.pow(2).mean().sqrt())},
        second="accuracy",
    )


class Embedded(nn.Module):
    """Embeddings of categories beside numbers, then a perceptron."""

    def __init__(self, categories, numbers):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(count, 4) for count in categories)
        width = 4 * len(categories) + numbers
        self.rest = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, inputs):
        categories, numbers = inputs
        parts = [table(categories[:, place]) for place, table in enumerate(self.tables)]
        return self.rest(torch.cat([*parts, numbers], 1)).squeeze(1)


@functools.cache
def table():
    from plotnine.data import diamonds

    rows = np.random.default_rng(0).permutation(len(diamonds))
    categories = torch.tensor(np.stack([diamonds[name].cat.codes.to_numpy() for name in ("cut", "color", "clarity")], 1)).long()
    numbers = torch.tensor(diamonds[["carat", "depth", "table", "x", "y", "z"]].to_numpy()).float()
    price = torch.tensor(np.log(diamonds["price"].to_numpy())).float()
    parts = [rows[:20000], rows[20000:24000], rows[24000:32000]]
    mean, deviation = numbers[parts[0]].mean(0), numbers[parts[0]].std(0)
    numbers = (numbers - mean) / deviation
    price = (price - price[parts[0]].mean()) / price[parts[0]].std()
    train, selection, validation = (Data((categories[part], numbers[part]), price[part]) for part in parts)
    return Task(
        name="embeddings-on-a-table",
        steps=1000,
        batch=64,
        train=train,
        selection=selection,
        validation=validation,
        model=lambda: Embedded([int(categories[:, place].max()) + 1 for place in range(3)], 6),
        loss=F.mse_loss,
        told={"num_outputs": 1, "input_scale": 1.0},
        second="explained variance",
    )


TASKS = {task: make for task, make in (("transformer", text), ("residual-batch-norm", images), ("embeddings-on-a-table", table))}
