"""The bytes of a controller: one safetensors file (version 1 of the format).

Each weight and bias of the policy network is a tensor ``policy.LAYER.weight`` or ``policy.LAYER.bias``. The metadata
has one entry, whose JSON is ``{"format_version": 1, "checksum": "crc32:89abcdef", "controller": {the description}}``.
The checksum is CRC-32 over the text of ``controller`` as it stands, followed by the bytes of the tensors in the order
of the layers, weight before bias. It is looked at last, so that a recognisable fault gets its own message.
"""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from .container import one_line, read_container, strict_decoder, write_container
from .errors import ControllerFileError, DescenderError
from .float32 import Array

FORMAT_VERSION = 1
"""The version of the format that this package reads and writes."""
_KEY = "descender.controller"
_MOST_BYTES = 256 << 20
_WHITESPACE = " \t\n\r"


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a controller's file.

    Raises:
        ControllerFileError: If it cannot be read, is no file, or is larger than any controller.
    """
    try:
        information = os.stat(path)
        if not stat.S_ISREG(information.st_mode):
            found = "a directory" if stat.S_ISDIR(information.st_mode) else "a device, socket or pipe"
            raise ControllerFileError(f"is {found}: expected a file")
        if information.st_size > _MOST_BYTES:
            raise ControllerFileError(f"has {information.st_size} bytes: expected at most {_MOST_BYTES}")
        return Path(path).read_bytes()
    except OSError as error:
        raise ControllerFileError(f"cannot be read: {error.strerror or error}") from error


def write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Writes a file as a whole: whoever reads it at any moment finds the old one or the new one.

    Raises:
        OSError: If the operating system refuses; an existing file is then unchanged.
    """
    target = Path(path)
    temporary = target.with_name(f".descender-{target.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


Shapes = Callable[[Any], dict[str, tuple[int, ...]]]
"""From a description to the names and shapes of the policy's tensors, in the order of the layers."""


def decode(data: bytes, shapes: Shapes) -> tuple[str, dict[str, Any], dict[str, Array], Callable[[], None]]:
    """Reads the bytes of a controller's file.

    Args:
        data: The whole file.
        shapes: What tensors a description asks for; may raise an error of this package.

    Returns:
        The text of the description, the description, the tensors, and a function that checks the checksum, to be
        called when all else is known to be right.

    Raises:
        ControllerFileError: Says what is wrong with the bytes and what was expected.
    """
    metadata, stored = read_container(data)
    entry = metadata.get(_KEY)
    if entry is None:
        raise ControllerFileError(f'not a controller: the header\'s metadata has no "{_KEY}"')
    fields = _fields(entry)
    version = _value(fields, "format_version")
    if isinstance(version, bool) or not isinstance(version, int):
        raise _unreadable("format_version is no whole number")
    if version != FORMAT_VERSION:
        raise ControllerFileError(f"format version {version}: this program reads version {FORMAT_VERSION}")
    for name in fields:
        if name not in ("format_version", "checksum", "controller"):
            raise _unreadable(f"unknown field `{one_line(name)}`")
    checksum, description = _value(fields, "checksum"), _value(fields, "controller")
    if not isinstance(checksum, str):
        raise _unreadable("checksum is no text")
    text = fields["controller"][0]
    expected = shapes(description)
    tensors: dict[str, Array] = {}
    for name in stored:
        if name not in expected:
            raise ControllerFileError(f'unexpected tensor "{one_line(name)}": the policy network has none of this name')
    for name, shape in expected.items():
        tensor = stored.get(name)
        if tensor is None:
            raise ControllerFileError(f'tensor "{name}" is missing')
        if tensor.dtype != "F32":
            raise ControllerFileError(f'tensor "{name}" has type {tensor.dtype}: expected F32')
        if tensor.shape != shape:
            raise ControllerFileError(f'tensor "{name}" has shape {list(tensor.shape)}: expected {list(shape)}')
        tensors[name] = tensor.numbers()

    def check() -> None:
        found = _checksum(text, tensors.values())
        if found != checksum:
            raise ControllerFileError(
                f"checksum {found}: expected {one_line(checksum)}, so the file was changed after it was written"
            )

    return text, description, tensors, check


def encode(text: str, tensors: dict[str, Array]) -> bytes:
    """The bytes of a controller's file.

    Args:
        text: The description as JSON.
        tensors: The policy's parameters, in the order of the layers, weight before bias.

    Returns:
        The file.
    """
    checksum = json.dumps(_checksum(text, tensors.values()))
    entry = f'{{"format_version":{FORMAT_VERSION},"checksum":{checksum},"controller":{text}}}'
    return write_container({_KEY: entry}, tensors)


def _checksum(text: str, tensors: Iterable[Array]) -> str:
    value = zlib.crc32(text.encode())
    for tensor in tensors:
        value = zlib.crc32(np.ascontiguousarray(tensor, dtype="<f4").tobytes(), value)
    return f"crc32:{value:08x}"


def _fields(entry: str) -> dict[str, tuple[str, Any]]:
    """The fields of the metadata entry: each one's text as it stands, and its value."""
    decoder, fields = strict_decoder(), dict[str, tuple[str, Any]]()

    def skip(at: int) -> int:
        while at < len(entry) and entry[at] in _WHITESPACE:
            at += 1
        return at

    def expect(at: int, character: str) -> int:
        at = skip(at)
        if entry[at : at + 1] != character:
            raise ValueError(f"expected `{character}` at character {at}")
        return skip(at + 1)

    try:
        at = expect(0, "{")
        while entry[at : at + 1] != "}":
            if fields:
                at = expect(at, ",")
            name, at = decoder.raw_decode(entry, at)
            if not isinstance(name, str) or name in fields:
                raise ValueError(f"the field `{name}` stands there twice, or is none")
            at = expect(at, ":")
            value, end = decoder.raw_decode(entry, at)
            fields[name] = (entry[at:end], value)
            at = skip(end)
        if skip(at + 1) != len(entry):
            raise ValueError("trailing characters")
    except (ValueError, RecursionError) as error:
        raise _unreadable(one_line(error)) from None
    return fields


def _value(fields: dict[str, tuple[str, Any]], name: str) -> Any:
    if name not in fields:
        raise _unreadable(f"missing field `{name}`")
    return fields[name][1]


def _unreadable(reason: str) -> ControllerFileError:
    return ControllerFileError(f"the description in the header cannot be read: {reason}")


def named(path: object, error: DescenderError) -> ControllerFileError:
    """The error with the file in front."""
    return ControllerFileError(f"controller file {path}: {error}")
