"""The network of a policy: what it is, and its outputs for one observation.

A network is a list of layers, each a function of the one before. Numbers are summed in double precision, so that the
outputs are the same on every machine, and are then rounded to single precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import SettingsError, nearest
from .fields import Fields
from .float32 import Array

_LIMIT = 1 << 28  # the most values of an activation, and parameters of a network
_DEEPEST = 16  # residuals inside of residuals

_Double = NDArray[np.float64]
_Function = Callable[[_Double], _Double]
_Tensors = Mapping[str, Array]


def _sigmoid(x: _Double) -> _Double:
    result: _Double = 1.0 / (1.0 + np.exp(-np.clip(x, -700.0, 700.0)))
    return result


def _relu(x: _Double) -> _Double:
    result: _Double = np.maximum(x, 0.0)
    return result


_ELEMENT_WISE: dict[str, _Function] = {"relu": _relu, "tanh": np.tanh, "sigmoid": _sigmoid}
_ELSEWHERE = ("conv2d", "max-pool2d", "gru", "lstm", "global-average-pool", "embedding")
_KNOWN = (*_ELEMENT_WISE, "linear", "layer-norm", "dropout", "residual")


@dataclass(frozen=True)
class Layer:
    """One layer: its name in files, and what it needs."""

    name: str
    outputs: int = 0
    """Outputs of a linear layer."""
    inner: tuple[Layer, ...] = ()
    """The layers of a residual."""

    @classmethod
    def read(cls, data: object, path: str) -> Layer:
        """A layer as it stands in a file: its name, or its name around its settings.

        Raises:
            SettingsError: If this package has no layer of this name, or a setting is wrong.
        """
        name, settings = data, None
        if isinstance(data, Mapping) and len(data) == 1:
            name, settings = next(iter(data.items()))
        if name in _ELSEWHERE:
            raise SettingsError(f"{path} is {name}: this package evaluates policies of {', '.join(_KNOWN)}")
        if not isinstance(name, str) or name not in _KNOWN:
            raise SettingsError(f"{path} is {name!r} ({nearest(str(name), _KNOWN)})")
        if name == "linear":
            return cls(name, outputs=Fields(settings, path, ("outputs",)).whole("outputs", most=_LIMIT))
        if name == "dropout":
            rate = Fields(settings, path, ("rate",)).number("rate")
            if not 0.0 <= rate < 1.0:
                raise SettingsError(f"a dropout rate of {rate}; expected at least 0 and below 1")
            return cls(name)
        if name == "residual":
            if not isinstance(settings, list):
                raise SettingsError(f"{path}.residual: expected a list of layers")
            return cls(name, inner=tuple(cls.read(part, f"{path}[{place}]") for place, part in enumerate(settings)))
        if settings is not None:
            raise SettingsError(f"{path} is {name}, which has no settings")
        return cls(name)


@dataclass(frozen=True)
class NetworkSpecification:
    """A network as data: the number of its inputs, and its layers."""

    inputs: int
    """Number of inputs."""
    layers: tuple[Layer, ...]
    """The layers, first to last."""

    @classmethod
    def read(cls, data: object, path: str) -> NetworkSpecification:
        """The specification as it stands in a file.

        Raises:
            SettingsError: If it describes no network that this package can evaluate.
        """
        fields = Fields(data, path, ("input", "layers"))
        shape = Fields(fields.value("input"), f"{path}.input", ("height", "width", "channels"))
        height, width, channels = (shape.whole(name, most=_LIMIT) for name in ("height", "width", "channels"))
        if height * width * channels == 0:
            raise SettingsError(
                f"the network's input {height} × {width} × {channels} is empty; height, width and channels must be at "
                "least 1"
            )
        layers = tuple(
            Layer.read(layer, f"{path}.layers[{place}]") for place, layer in enumerate(fields.sequence("layers"))
        )
        specification = cls(height * width * channels, layers)
        if any(layer.name == "layer-norm" for layer in layers) and (height, width) != (1, 1):
            raise SettingsError(f"{path}.input has positions: this package normalises flat inputs")
        specification.tensors()
        return specification

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the parameters, in the order of the layers: ``policy.0.weight`` and so on.

        Raises:
            SettingsError: If the layers make no network.
        """
        if not self.layers:
            raise SettingsError("the network has no layers; expected at least one")
        shapes: dict[str, tuple[int, ...]] = {}
        self._walk(self.layers, self.inputs, 0, 0, shapes)
        return shapes

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        return self._walk(self.layers, self.inputs, 0, 0, {})[0]

    def _walk(
        self, layers: Sequence[Layer], width: int, index: int, depth: int, shapes: dict[str, tuple[int, ...]]
    ) -> tuple[int, int]:
        """Outputs of these layers, and the index of the layer after them. Indices go through residuals."""
        for layer in layers:
            number = index + 1
            if layer.name == "linear":
                if layer.outputs == 0:
                    raise SettingsError(f"layer {number} (linear): outputs is 0; expected at least 1")
                if width * layer.outputs > _LIMIT:
                    raise SettingsError(f"layer {number} (linear): its values or parameters number more than {_LIMIT}")
                shapes[f"policy.{index}.weight"] = (width, layer.outputs)
                shapes[f"policy.{index}.bias"] = (layer.outputs,)
                width = layer.outputs
            elif layer.name == "layer-norm":
                shapes[f"policy.{index}.weight"] = (width,)
                shapes[f"policy.{index}.bias"] = (width,)
            elif layer.name == "residual":
                if not layer.inner:
                    raise SettingsError(
                        f"layer {number} (residual): its list of layers is empty; expected at least one"
                    )
                if depth == _DEEPEST:
                    raise SettingsError(f"layer {number} (residual): nested more than {_DEEPEST} deep")
                inside, after = self._walk(layer.inner, width, index + 1, depth + 1, shapes)
                if inside != width:
                    raise SettingsError(
                        f"layer {number} (residual): its layers turn 1 × 1 × {width} into 1 × 1 × {inside}; expected "
                        "the same shape, so that the two can be added"
                    )
                index = after - 1
            index += 1
        return width, index


class Network:
    """A network with its parameters.

    Args:
        specification: What it is.
        tensors: Its parameters by name, each of the shape that the specification says.
    """

    def __init__(self, specification: NetworkSpecification, tensors: _Tensors) -> None:
        self.specification = specification
        self.tensors: dict[str, Array] = {name: tensors[name] for name in specification.tensors()}
        self._functions, _ = _functions(specification.layers, 0, self.tensors)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Network, (self.specification, self.tensors))

    def outputs(self, inputs: Array) -> Array:
        """The outputs for one observation.

        Args:
            inputs: As many numbers as the network has inputs.

        Returns:
            As many as it has outputs.
        """
        values: _Double = inputs.astype(np.float64)
        for function in self._functions:
            values = function(values)
        return values.astype(np.float32)

    def used_inputs(self) -> NDArray[np.bool_]:
        """Which inputs can change the outputs: those of a first linear layer that have a weight other than 0."""
        if self.specification.layers[0].name != "linear":
            return np.ones(self.specification.inputs, dtype=np.bool_)
        used: NDArray[np.bool_] = (self.tensors["policy.0.weight"] != 0).any(axis=1)
        return used


def _functions(layers: Sequence[Layer], index: int, tensors: _Tensors) -> tuple[list[_Function], int]:
    functions: list[_Function] = []
    for layer in layers:
        if layer.name in _ELEMENT_WISE:
            functions.append(_ELEMENT_WISE[layer.name])
        elif layer.name == "linear":
            functions.append(_linear(tensors, index))
        elif layer.name == "layer-norm":
            functions.append(_normalise(tensors, index))
        elif layer.name == "residual":
            inner, after = _functions(layer.inner, index + 1, tensors)
            functions.append(_residual(inner))
            index = after - 1
        index += 1
    return functions, index


def _linear(tensors: _Tensors, index: int) -> _Function:
    weight: Any = tensors[f"policy.{index}.weight"].astype(np.float64)
    bias: Any = tensors[f"policy.{index}.bias"].astype(np.float64)
    return lambda x: x @ weight + bias


def _normalise(tensors: _Tensors, index: int) -> _Function:
    """PyTorch's ``LayerNorm`` over all values, with the variance's divisor n and 10⁻⁵ added."""
    weight: Any = tensors[f"policy.{index}.weight"].astype(np.float64)
    bias: Any = tensors[f"policy.{index}.bias"].astype(np.float64)
    return lambda x: weight * (x - x.mean()) / np.sqrt(x.var() + 1e-5) + bias


def _residual(inner: Sequence[_Function]) -> _Function:
    def apply(x: _Double) -> _Double:
        values = x
        for function in inner:
            values = function(values)
        return x + values

    return apply
