"""The MNIST images that the program embeds, read from the repository: so that all contestants train on the same."""

import gzip
import struct
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "crates/task/data/mnist"


def read(name):
    """Extents and bytes of one IDX file."""
    content = gzip.decompress((FOLDER / f"{name}.gz").read_bytes())
    dimensions = content[3]
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    return shape, content[4 + 4 * dimensions :]


def tensors(kind="train"):
    """Images [n, 1, 28, 28] with values in [0, 1], and labels [n]; `kind` is `train` or `t10k`."""
    import torch

    shape, pixels = read(f"{kind}-images-idx3-ubyte")
    _, labels = read(f"{kind}-labels-idx1-ubyte")
    images = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(shape[0], 1, *shape[1:])
    return images.float() / 255.0, torch.frombuffer(bytearray(labels), dtype=torch.uint8).long()


def write(folder):
    """The four raw IDX files as torchvision expects them under `folder`, with all 10,000 images as training
    images (the 8,000 first), so that who splits them 8 : 2 has the sizes of the paper's task."""
    raw = Path(folder) / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for what in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        (shape, train), (test_shape, test) = read(f"train-{what}"), read(f"t10k-{what}")
        for name, count, content in (
            (f"train-{what}", shape[0] + test_shape[0], train + test),
            (f"t10k-{what}", test_shape[0], test),
        ):
            header = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", count, *shape[1:])
            (raw / name).write_bytes(header + content)
