"""The settings of control: what a controller sees, what it may do, how often, and between which bounds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .action import ActionDefinition, Factors, read_action
from .bounds import Bounds
from .errors import setting_error
from .fields import Fields
from .float32 import rounded, shown
from .job import Job
from .observation import ObservationSettings, read_observation
from .observation.paper import PaperObservationSettings
from .safety.settings import SafetySettings

_MOST = 2**32 - 1
_KNOWN = ("interval", "decisions", "initial_learning_rate", "bounds", "observation", "action", "safety")


@dataclass(frozen=True)
class ControlSettings:
    """How a descent is controlled: the part of a controller that is not learned."""

    interval: int = 1
    """Steps between two decisions, 1 or more."""
    decisions: int = 0
    """Decisions in a descent; 0: as ``interval`` says. Above 0, each job's steps set every measure of time."""
    initial_learning_rate: float = rounded(0.1)
    """η before the first decision; actions that place η anew begin at its anchor instead."""
    bounds: Bounds = field(default_factory=Bounds)
    """Bounds on η."""
    observation: ObservationSettings = field(default_factory=PaperObservationSettings)
    """What the policy sees."""
    action: ActionDefinition = field(default_factory=Factors)
    """What the policy may do."""
    safety: SafetySettings = field(default_factory=SafetySettings)
    """The safety net."""

    @classmethod
    def read(cls, data: object, path: str) -> ControlSettings:
        """The settings as they stand in a file; they are not yet checked.

        Raises:
            SettingsError: If a field is unknown, or of the wrong kind.
        """
        fields = Fields(data, path, _KNOWN)
        settings = cls()
        return cls(
            interval=fields.whole("interval", settings.interval, _MOST),
            decisions=fields.whole("decisions", settings.decisions, _MOST),
            initial_learning_rate=fields.number("initial_learning_rate", settings.initial_learning_rate),
            bounds=Bounds.read(fields.value("bounds", {}), f"{path}.bounds"),
            observation=read_observation(fields.value("observation", {"name": "paper"}), f"{path}.observation"),
            action=read_action(fields.value("action", {"name": "factors"}), f"{path}.action"),
            safety=SafetySettings.read(fields.value("safety", {}), f"{path}.safety"),
        )

    def check(self) -> None:
        """Checks every field.

        Raises:
            SettingsError: Names the first field that cannot be used, its value, and what was expected.
        """
        if self.interval == 0:
            raise setting_error("interval", 0, "1 step or more between two decisions")
        self.bounds.check()
        if not self.bounds.contains(self.initial_learning_rate):
            raise setting_error(
                "initial_learning_rate", shown(self.initial_learning_rate), "a learning rate inside the bounds"
            )
        self.observation.check()
        self.action.check()
        self.safety.check()
        peak = self.safety.fallback.peak_learning_rate
        if peak > self.bounds.upper:
            raise setting_error(
                "safety.fallback.peak_learning_rate", shown(peak), "a learning rate not above bounds.upper"
            )

    @property
    def is_relative(self) -> bool:
        """Whether it steers descents of any length."""
        return self.decisions > 0

    def fitted(self, job: Job) -> ControlSettings:
        """The settings for this job.

        Where they are relative, the interval is ⌈steps / decisions⌉, and base schedule, warm-up, observation and the
        safety net's fallback are scaled to the job. Others stay as they are: they were made for descents of one length.
        """
        if not self.is_relative:
            return self
        fallback = replace(self.safety.fallback, descent_steps=job.steps)
        return replace(
            self,
            interval=min(_MOST, -(-job.steps // self.decisions)),
            action=self.action.fitted(job.steps),
            observation=self.observation.fitted(job),
            safety=replace(self.safety, fallback=fallback),
        )
