"""Safetensors files: named tensors with a header of JSON. Read with every byte checked, and written.

A file is the length of the header (8 bytes, little-endian), the header, and the bytes of the tensors without gaps. The
header gives each tensor's type, shape and place, and under ``__metadata__`` texts by name.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import ControllerFileError
from .float32 import Array

_PREFIX = 8
_MOST_HEADER = 100_000_000
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """A tensor of a file."""

    dtype: str
    """Its type, such as ``F32``."""
    shape: tuple[int, ...]
    """Its extents."""
    data: bytes
    """Its bytes, little-endian, neighbours along the last extent."""

    def numbers(self) -> Array:
        """The numbers of an ``F32`` tensor."""
        return np.frombuffer(self.data, dtype="<f4").astype(np.float32).reshape(self.shape)


def one_line(text: object) -> str:
    """``text`` on one line: what comes out of a broken file may hold line ends and control characters."""
    return "".join(character if character.isprintable() else " " for character in str(text))


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose names all differ: the hook for ``json``'s ``object_pairs_hook``."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"duplicate field `{name}`")
        fields[name] = value
    return fields


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def strict_decoder() -> json.JSONDecoder:
    """A decoder of JSON that takes no name twice, and no NaN."""
    return json.JSONDecoder(object_pairs_hook=unique, parse_constant=_refuse_constant)


def read_container(data: bytes) -> tuple[dict[str, str], dict[str, Tensor]]:
    """The texts and the tensors of a safetensors file.

    Args:
        data: The whole file.

    Returns:
        The metadata, and the tensors in the order of their bytes.

    Raises:
        ControllerFileError: If the bytes are truncated, or no such file.
    """
    if not data:
        raise ControllerFileError("the file is empty: expected a controller in a safetensors file")
    if len(data) < _PREFIX:
        raise _truncated(len(data), _PREFIX)
    (length,) = struct.unpack_from("<Q", data)
    if length > _MOST_HEADER:
        raise _invalid("header too large")
    begin = _PREFIX + length
    if begin > len(data):
        raise _truncated(len(data), begin)
    try:
        header = strict_decoder().decode(data[_PREFIX:begin].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _invalid(f"invalid header: {one_line(error)}") from None
    if not isinstance(header, dict):
        raise _invalid("invalid header: expected an object")
    metadata = header.pop("__metadata__", None) or {}
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise _invalid("invalid header: __metadata__ holds something else than texts")
    places = sorted((_place(name, entry) for name, entry in header.items()), key=lambda place: place[3:5])
    end = 0
    for name, dtype, shape, start, stop in places:
        if start != end or stop < start:
            raise _invalid(f"invalid offset for tensor `{one_line(name)}`")
        end = stop
        if math.prod(shape) * _BITS[dtype] != 8 * (stop - start):
            raise _invalid(f"the bytes of tensor `{one_line(name)}` are not those of its shape")
    if begin + end > len(data):
        raise _truncated(len(data), begin + end)
    if begin + end < len(data):
        raise _invalid(f"{len(data)} bytes, expected {begin + end}")
    return metadata, {
        name: Tensor(dtype, shape, data[begin + start : begin + stop]) for name, dtype, shape, start, stop in places
    }


def write_container(metadata: dict[str, str], tensors: dict[str, Array]) -> bytes:
    """The bytes of a safetensors file; the same content gives the same bytes.

    Args:
        metadata: Texts by name.
        tensors: Arrays of 32-bit floats by name.

    Returns:
        The file.
    """
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))}
    parts = []
    end = 0
    for name, tensor in sorted(tensors.items()):
        part = np.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [end, end + len(part)]}
        end += len(part)
        parts.append(part)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((struct.pack("<Q", len(text)), text, *parts))


def _place(name: str, entry: object) -> tuple[str, str, tuple[int, ...], int, int]:
    """Name, type, shape, and the range of the bytes of a tensor, as the header says."""

    def whole(values: object) -> bool:
        return isinstance(values, list) and all(type(value) is int and 0 <= value < 2**63 for value in values)

    if isinstance(entry, dict) and set(entry) == {"dtype", "shape", "data_offsets"}:
        dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if dtype in _BITS and whole(shape) and whole(offsets) and len(offsets) == 2:
            return name, dtype, tuple(shape), offsets[0], offsets[1]
    raise _invalid(f"invalid header: tensor `{one_line(name)}` has no type, shape and place")


def _truncated(found: int, expected: int) -> ControllerFileError:
    return ControllerFileError(f"truncated, or not a safetensors file: {found} bytes, expected {expected}")


def _invalid(reason: str) -> ControllerFileError:
    return ControllerFileError(f"not a valid safetensors file: {reason}")
