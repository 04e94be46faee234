"""The settings of the safety net."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..errors import setting_error
from ..fields import Fields
from ..float32 import rounded, shown
from ..method import Method
from .curve import Curve

_MOST = 2**32 - 1


def _check_count(name: str, value: int) -> None:
    if value == 0:
        raise setting_error(f"safety.{name}", value, "1 or more")


@dataclass(frozen=True)
class Fallback:
    """What takes over when a policy has failed: the controller's own optimizer, and η by the time alone."""

    schedule: Curve = field(default_factory=lambda: Curve.read({"name": "linear"}, "schedule"))
    """How η goes over the descent."""
    peak_learning_rate: float = 0.0
    """The highest η; 0: what people usually begin with under the optimizer."""
    descent_steps: int = 500
    """Steps of the descent, 1 or more: the schedule's T. Undone steps count."""

    @classmethod
    def read(cls, data: object, path: str) -> Fallback:
        """The fallback as it stands in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        fields = Fields(data, path, ("schedule", "peak_learning_rate", "descent_steps"))
        return cls(
            Curve.read(fields.value("schedule", {"name": "linear"}), f"{path}.schedule"),
            fields.number("peak_learning_rate", cls.peak_learning_rate),
            fields.whole("descent_steps", cls.descent_steps),
        )

    def learning_rate(self, step: int, method: Method) -> float:
        """η before step ``step`` of a descent under ``method``."""
        peak = self.peak_learning_rate or method.usual_learning_rate
        return self.schedule.learning_rate(peak, step, max(1, self.descent_steps))

    def check(self) -> None:
        """Checks every field.

        Raises:
            SettingsError: Names the field that cannot be used.
        """
        if not 0.0 <= self.peak_learning_rate < math.inf:
            raise setting_error(
                "safety.fallback.peak_learning_rate",
                shown(self.peak_learning_rate),
                "a finite learning rate, or 0 for the optimizer's usual one",
            )
        _check_count("fallback.descent_steps", self.descent_steps)


@dataclass(frozen=True)
class SafetySettings:
    """When the safety net steps in, and what it does then."""

    enabled: bool = False
    """Whether there is a net at all."""
    fast_steps: int = 10
    """Window of the fast average of the loss in steps, 1 or more."""
    slow_steps: int = 50
    """Window of the slow average of the loss in steps, above the fast one."""
    rise: float = 1.5
    """The fast average is too high above this many times the lowest slow one, or the first loss. Above 1."""
    noise: float = 4.0
    """How many standard errors the fast average must lie above the lowest slow one for that. 0 or more."""
    warm_up: int = 20
    """Steps at the beginning in which the fast average is compared with the first loss only."""
    stall_after: int = 100
    """Steps in a row without progress that make a stall; 0: none is looked for."""
    stall_fraction: float = rounded(0.955)
    """There is no progress while the slow average is not below this many times the first loss. Above 0, at most 1."""
    save_every: int = 10
    """Least number of steps between two saved states, 1 or more."""
    cut: float = 0.5
    """After a rise, η is at most this many times the highest η of the undone steps. Above 0, at most 1."""
    hold: int = 50
    """Steps under the fallback before the policy is asked again, 1 or more."""
    trips: int = 3
    """Interventions after which the fallback stays, 1 or more; after a stall it stays at once."""
    fallback: Fallback = field(default_factory=Fallback)
    """What sets η in place of the policy."""

    @classmethod
    def read(cls, data: object, path: str) -> SafetySettings:
        """The settings as they stand in a file.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        fields = Fields(data, path, tuple(cls.__dataclass_fields__))
        return cls(
            enabled=fields.flag("enabled", cls.enabled),
            fast_steps=fields.whole("fast_steps", cls.fast_steps, _MOST),
            slow_steps=fields.whole("slow_steps", cls.slow_steps, _MOST),
            rise=fields.number("rise", cls.rise),
            noise=fields.number("noise", cls.noise),
            warm_up=fields.whole("warm_up", cls.warm_up, _MOST),
            stall_after=fields.whole("stall_after", cls.stall_after, _MOST),
            stall_fraction=fields.number("stall_fraction", cls.stall_fraction),
            save_every=fields.whole("save_every", cls.save_every, _MOST),
            cut=fields.number("cut", cls.cut),
            hold=fields.whole("hold", cls.hold, _MOST),
            trips=fields.whole("trips", cls.trips, _MOST),
            fallback=Fallback.read(fields.value("fallback", {}), f"{path}.fallback"),
        )

    def check(self) -> None:
        """Checks every field, whether the net is on or off.

        Raises:
            SettingsError: Names the field that cannot be used.
        """
        _check_count("fast_steps", self.fast_steps)
        if self.slow_steps <= self.fast_steps:
            raise setting_error("safety.slow_steps", self.slow_steps, "more steps than fast_steps")
        if not 1.0 < self.rise < math.inf:
            raise setting_error("safety.rise", shown(self.rise), "a finite factor above 1")
        if not 0.0 <= self.noise < math.inf:
            raise setting_error("safety.noise", shown(self.noise), "a finite number of standard errors, 0 or more")
        for name in ("stall_fraction", "cut"):
            share = getattr(self, name)
            if not 0.0 < share <= 1.0:
                raise setting_error(f"safety.{name}", shown(share), "a factor above 0 and at most 1")
        for name in ("save_every", "hold", "trips"):
            _check_count(name, getattr(self, name))
        self.fallback.check()
