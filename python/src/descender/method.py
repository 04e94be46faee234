"""The optimizers that controllers steer: their settings, and their μ.

A controller file names the optimizer that the controller was learned on, with its settings. From these follows the μ
that a descent begins with; what is not controlled stays there. The steps themselves are the business of whoever trains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import SettingsError, nearest
from .fields import Fields
from .float32 import LARGEST, rounded
from .hyper_parameters import HyperParameters

Moment = tuple[float, float, float]
"""How a moment M of h(μ) follows x: M ← decay·M + weight·x + constant."""

_ONE: Moment = (0.0, 0.0, 1.0)  # P of an optimizer without a denominator
_GRADIENT: Moment = (0.0, 1.0, 0.0)  # Q of an optimizer without momentum


def _average(beta: float, constant: float = 0.0) -> Moment:
    return (beta, 1.0 - beta, constant)


@dataclass(frozen=True)
class _Setting:
    """A setting's default, what it may be, and that in words."""

    default: Any
    allowed: Callable[[Any], bool]
    expected: str


def _number(default: float, allowed: Callable[[float], bool], expected: str) -> _Setting:
    return _Setting(default, lambda x: abs(x) <= LARGEST and allowed(x), expected)


def _decay(default: float) -> _Setting:
    return _number(default, lambda x: 0.0 <= x < 1.0, "a number of at least 0 and below 1")


def _positive(default: float) -> _Setting:
    return _number(default, lambda x: x > 0.0, "a number above 0")


def _not_negative(default: float) -> _Setting:
    return _number(default, lambda x: x >= 0.0, "a number of at least 0")


def _fraction(default: float) -> _Setting:
    return _number(default, lambda x: 0.0 <= x <= 1.0, "a number from 0 to 1")


def _finite(default: float) -> _Setting:
    return _number(default, math.isfinite, "a finite number")


def _growth() -> _Setting:
    return _number(0.0, lambda x: x == 0.0 or x >= 1.0, "a number of at least 1, or 0 for no limit")


def _flag(default: bool) -> _Setting:
    return _Setting(default, lambda _: True, "true or false")


def _steps() -> _Setting:
    return _Setting(0, lambda _: True, "a whole number of at least 0")


def _place() -> _Setting:
    return _Setting("outside", lambda place: place in ("outside", "inside"), "outside or inside")


_Values = Mapping[str, Any]


@dataclass(frozen=True)
class _Kind:
    """An optimizer: what people usually start η from, its settings, and its moments."""

    usual_learning_rate: float
    settings: dict[str, _Setting]
    second: Callable[[_Values], Moment] = lambda _: _ONE
    first: Callable[[_Values], Moment] = lambda _: _GRADIENT


def _inside(values: _Values) -> float:
    """ε where it stands inside the root, else 0."""
    return float(values["epsilon"]) if values.get("epsilon_place") == "inside" else 0.0


def _adam(rate: float, weight_decay: float, epsilon_place: bool = True, **more: _Setting) -> _Kind:
    place = {"epsilon_place": _place()} if epsilon_place else {}
    return _Kind(
        rate,
        {
            "beta1": _decay(0.9),
            "beta2": _decay(0.999),
            "epsilon": _positive(1e-8),
            **place,
            **more,
            "weight_decay": _not_negative(weight_decay),
        },
        second=lambda s: _average(s["beta2"], _inside(s)),
        first=lambda s: _average(s["beta1"]),
    )


_KINDS: dict[str, _Kind] = {
    "sgd": _Kind(0.1, {}),
    "momentum": _Kind(
        0.01,
        {"momentum": _decay(0.9), "dampening": _fraction(0.0), "weight_decay": _not_negative(0.0)},
        first=lambda s: (s["momentum"], 1.0 - s["dampening"], 0.0),
    ),
    "nesterov": _Kind(
        0.01,
        {"momentum": _decay(0.9), "weight_decay": _not_negative(0.0)},
        first=lambda s: (s["momentum"], 1.0, 0.0),
    ),
    "adagrad": _Kind(
        0.01,
        {"epsilon": _positive(1e-10), "epsilon_place": _place(), "weight_decay": _not_negative(0.0)},
        second=lambda s: (1.0, 1.0, _inside(s)),
    ),
    "rmsprop": _Kind(
        0.01,
        {
            "decay": _decay(0.99),
            "epsilon": _positive(1e-8),
            "epsilon_place": _place(),
            "weight_decay": _not_negative(0.0),
        },
        second=lambda s: _average(s["decay"], _inside(s)),
    ),
    "adadelta": _Kind(
        1.0,
        {"decay": _decay(0.9), "epsilon": _positive(1e-6), "weight_decay": _not_negative(0.0)},
        second=lambda s: _average(s["decay"]),
    ),
    "adam": _adam(0.001, 0.0),
    "adamw": _adam(0.001, 0.01),
    "nadamw": _adam(0.001, 0.01, epsilon_place=False),
    "adamax": _Kind(
        0.002,
        {
            "beta1": _decay(0.9),
            "beta2": _decay(0.999),
            "epsilon": _positive(1e-8),
            "weight_decay": _not_negative(0.0),
        },
        second=lambda s: (s["beta2"], 1.0, s["epsilon"]),
        first=lambda s: _average(s["beta1"]),
    ),
    "amsgrad": _adam(0.001, 0.0),
    "family": _Kind(
        0.1,
        {
            "a1": _finite(0.0),
            "a2": _finite(0.0),
            "a3": _finite(1.0),
            "b1": _finite(0.0),
            "b2": _finite(1.0),
            "b3": _finite(0.0),
            "epsilon": _not_negative(0.0),
            "weight_decay": _not_negative(0.0),
        },
        second=lambda s: (s["a1"], s["a2"], s["a3"]),
        first=lambda s: (s["b1"], s["b2"], s["b3"]),
    ),
    "schedule-free-sgd": _Kind(
        1.0,
        {
            "momentum": _decay(0.9),
            "warmup_steps": _steps(),
            "averaging_power": _not_negative(0.0),
            "rate_power": _not_negative(2.0),
            "weight_decay": _not_negative(0.0),
        },
        first=lambda s: (s["momentum"], 1.0, 0.0),
    ),
    "schedule-free-adamw": _Kind(
        rounded(0.0025),
        {
            "beta1": _decay(0.9),
            "beta2": _decay(0.999),
            "epsilon": _positive(1e-8),
            "warmup_steps": _steps(),
            "averaging_power": _not_negative(0.0),
            "rate_power": _not_negative(2.0),
            "weight_decay": _not_negative(0.0),
        },
        second=lambda s: _average(s["beta2"]),
        first=lambda s: (s["beta1"], 1.0, 0.0),
    ),
    "prodigy": _adam(
        1.0,
        0.0,
        epsilon_place=False,
        d0=_positive(1e-6),
        d_coef=_positive(1.0),
        growth_rate=_growth(),
        bias_correction=_flag(False),
        safeguard_warmup=_flag(False),
        decoupled=_flag(True),
    ),
    "dadapt-sgd": _Kind(
        1.0,
        {
            "momentum": _decay(0.0),
            "d0": _positive(1e-6),
            "growth_rate": _growth(),
            "weight_decay": _not_negative(0.0),
        },
        first=lambda s: _average(s["momentum"]),
    ),
    "dadapt-adam": _adam(
        1.0,
        0.0,
        epsilon_place=False,
        d0=_positive(1e-6),
        growth_rate=_growth(),
        bias_correction=_flag(False),
        decoupled=_flag(False),
    ),
    "dog": _Kind(
        1.0,
        {
            "initial_distance": _positive(1e-6),
            "epsilon": _positive(1e-8),
            "averaged": _flag(True),
            "averaging": _not_negative(8.0),
            "weight_decay": _not_negative(0.0),
        },
    ),
    "sgd-hd": _Kind(0.001, {"hypergradient_rate": _not_negative(0.001), "weight_decay": _not_negative(0.0)}),
    "adam-hd": _adam(0.001, 0.0, epsilon_place=False, hypergradient_rate=_not_negative(1e-7)),
}


@dataclass(frozen=True)
class Method:
    """An optimizer with its settings; η comes with each step, in μ."""

    name: str
    """The name, as in controller files: ``adamw``."""
    settings: Mapping[str, Any]
    """All its settings by name, those that a file leaves out at their defaults."""

    @classmethod
    def read(cls, data: object, path: str) -> Method:
        """The optimizer as it stands in a file, with every setting checked.

        Raises:
            SettingsError: If no optimizer has this name, or a setting is unknown or out of its range.
        """
        name = data.get("name") if isinstance(data, Mapping) else None
        if not isinstance(name, str):
            raise SettingsError(f'{path} has no "name": expected that of an optimizer')
        kind = _KINDS.get(name)
        if kind is None:
            raise SettingsError(f'no optimizer is called "{name}" ({nearest(name, _KINDS)})')
        fields = Fields(data, path, ("name", *kind.settings))
        settings: dict[str, Any] = {}
        for key, setting in kind.settings.items():
            value: Any
            if isinstance(setting.default, bool):
                value = fields.flag(key, setting.default)
            elif isinstance(setting.default, str):
                value = fields.text(key, setting.default)
            elif isinstance(setting.default, int):
                value = fields.whole(key, setting.default)
            else:
                value = fields.real(key, setting.default)
            if not setting.allowed(value):
                raise SettingsError(f'optimizer "{name}": setting "{key}" is {value}, expected {setting.expected}')
            settings[key] = value
        return cls(name, settings)

    @classmethod
    def named(cls, name: str) -> Method:
        """The optimizer of this name, with its default settings.

        Raises:
            SettingsError: If there is none.
        """
        return cls.read({"name": name}, "optimizer")

    @staticmethod
    def names() -> tuple[str, ...]:
        """The names of all optimizers."""
        return tuple(_KINDS)

    @property
    def usual_learning_rate(self) -> float:
        """The η that people usually start from: the default of PyTorch or of the authors' program."""
        return rounded(_KINDS[self.name].usual_learning_rate)

    def hyper_parameters(self, learning_rate: float) -> HyperParameters:
        """The optimizer's μ with this η."""
        kind = _KINDS[self.name]
        second, first = kind.second(self.settings), kind.first(self.settings)
        return HyperParameters._make(map(rounded, (learning_rate, *second, *first, 1.0, 1.0)))
