"""Controller files for tests: one that is in order, and ways to break it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

import descender

KEY = "descender.controller"


def description() -> dict[str, Any]:
    """A controller of five features and three factors, with one hidden layer."""
    return {
        "head": "greedy-values",
        "network": {
            "input": {"height": 1, "width": 1, "channels": 5},
            "layers": [{"linear": {"outputs": 4}}, "tanh", {"linear": {"outputs": 3}}],
        },
        "control": {"observation": {"name": "compact"}, "action": {"name": "factors"}},
        "features": ["learning_rate", "loss", "loss_trend", "total_steps", "last_action"],
        "method": {"name": "momentum", "momentum": 0.8},
        "provenance": {
            "task": "test",
            "agent": "none",
            "reward": "none",
            "seed": 1,
            "episodes": 0,
            "program_version": "0",
        },
    }


def tensors() -> dict[str, Any]:
    """The parameters of its network."""
    shapes = {
        "policy.0.weight": (5, 4),
        "policy.0.bias": (4,),
        "policy.2.weight": (4, 3),
        "policy.2.bias": (3,),
    }
    return {
        name: np.sin(np.arange(np.prod(shape)) * 1.7 + place).reshape(shape).astype(np.float32)
        for place, (name, shape) in enumerate(shapes.items())
    }


def controller() -> descender.Controller:
    """The controller."""
    return descender.Controller.assemble(description(), tensors())


def split(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header of a safetensors file, and the bytes after it."""
    (length,) = struct.unpack_from("<Q", data)
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    return header, data[8 + length :]


def joined(header: dict[str, Any], body: bytes) -> bytes:
    """The file of a header and the bytes after it."""
    text = json.dumps(header, ensure_ascii=False).encode()
    return struct.pack("<Q", len(text)) + text + body


def with_header(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The controller's file with a changed header."""
    header, body = split(controller().to_bytes())
    change(header)
    return joined(header, body)


def with_entry(change: Callable[[str], str]) -> bytes:
    """The controller's file with another text of the metadata entry."""

    def changed(header: dict[str, Any]) -> None:
        header["__metadata__"][KEY] = change(header["__metadata__"][KEY])

    return with_header(changed)
