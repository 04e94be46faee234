"""A controller: a frozen policy with everything that is needed to use it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .action import ActionDefinition
from .bounds import Bounds
from .container import one_line
from .controller_file import decode, encode, named, read_bytes, write_bytes
from .errors import ControllerFileError, DescenderError, SettingsError, nearest
from .fields import Fields
from .float32 import Array, rounded
from .job import Job
from .method import Method
from .network import Network, NetworkSpecification
from .observation import ObservationSettings
from .policy import HEADS, Head, Policy
from .session import Session
from .settings import ControlSettings

SHIPPED = ("pretrained",)
"""The controllers that come with this package."""
_KNOWN = ("head", "network", "control", "features", "method", "provenance")


@dataclass(frozen=True)
class Provenance:
    """Where a controller comes from."""

    task: str
    """The task that it was learned on."""
    agent: str
    """The agent that learned it."""
    reward: str
    """The reward that it was learned with."""
    seed: int
    """The seed of its training."""
    episodes: int
    """Episodes of training."""
    program_version: str
    """Version of the program that learned it."""

    @classmethod
    def read(cls, data: object, path: str) -> Provenance:
        """The provenance as it stands in a file.

        Raises:
            SettingsError: If a field is missing, unknown, or of the wrong kind.
        """
        fields = Fields(data, path, tuple(cls.__dataclass_fields__))
        return cls(
            task=fields.text("task"),
            agent=fields.text("agent"),
            reward=fields.text("reward"),
            seed=fields.whole("seed"),
            episodes=fields.whole("episodes"),
            program_version=fields.text("program_version"),
        )


@dataclass(frozen=True)
class _Parts:
    """What a description says, without the numbers of the network."""

    head: Head
    network: NetworkSpecification
    control: ControlSettings
    features: tuple[str, ...]
    method: Method
    provenance: Provenance

    @classmethod
    def read(cls, data: object) -> _Parts:
        """The parts as they stand in a file; ranges are not yet checked."""
        fields = Fields(data, "the controller", _KNOWN)
        features = fields.sequence("features")
        if not all(isinstance(feature, str) for feature in features):
            raise SettingsError("features: expected a list of texts")
        return cls(
            head=Head.read(fields.value("head", HEADS[0]), "the controller"),
            network=NetworkSpecification.read(fields.value("network"), "network"),
            control=ControlSettings.read(fields.value("control"), "control"),
            features=tuple(features),
            method=Method.read(fields.value("method"), "method"),
            provenance=Provenance.read(fields.value("provenance"), "provenance"),
        )

    def check_features(self) -> None:
        """Checks that the features in the file are those that this package computes."""
        expected = self.control.observation.feature_names
        for index in range(max(len(expected), len(self.features))):
            found = self.features[index] if index < len(self.features) else ""
            known = expected[index] if index < len(expected) else ""
            if found != known:
                raise ControllerFileError(
                    f'feature {index + 1} of the observation is "{one_line(found)}": this program\'s observation has '
                    f'"{known}" there'
                )

    def check_fit(self, tensors: Mapping[str, Array]) -> None:
        """Checks that all settings can be used, and that the policy fits the observation and the actions."""
        self.control.check()
        features, inputs = len(self.control.observation.feature_names), self.network.inputs
        if features != inputs:
            raise SettingsError(f"the observation has {features} features, but the policy network has {inputs} inputs")
        action = self.control.action
        if self.head.discrete != (action.head == HEADS[0]):
            raise SettingsError(f"a policy with the head {self.head.name} cannot decide between {action.space}")
        actions = self.head.atoms * action.dimensions_or_actions
        if actions != self.network.outputs:
            raise SettingsError(
                f"there are {actions} actions, but the policy network has {self.network.outputs} outputs"
            )
        for name, tensor in tensors.items():
            wrong = np.flatnonzero(~np.isfinite(tensor))
            if wrong.size:
                value = tensor.ravel()[wrong[0]]
                raise SettingsError(f'entry {wrong[0]} of tensor "{name}" is {value}: expected finite numbers')


class Controller:
    """A frozen policy with its observation, its actions, its bounds, and the optimizer that it was learned on.

    Made by :meth:`load`, :meth:`from_bytes` or :meth:`assemble`; the parts are known to fit.

    Example:
        >>> controller = Controller.load("pretrained")
        >>> session = controller.start(Job(steps=400, batch_size=64))
        >>> for step in range(400):
        ...     mu = session.hyper_parameters
        ...     loss = 1.0  # one step of the training, with mu.learning_rate and the rest
        ...     _ = session.record(loss)
        >>> session.hyper_parameters.learning_rate < 1e-3  # it falls to the end of the job
        True
    """

    def __init__(self, parts: _Parts, text: str, tensors: dict[str, Array]) -> None:
        self._parts = parts
        self._text = text
        self._policy = Policy(parts.head, Network(parts.network, tensors))

    @classmethod
    def load(cls, source: str | os.PathLike[str] | bytes) -> Controller:
        """Reads a controller.

        Args:
            source: The name of one that comes with this package (``"pretrained"``), the path of a file, or the bytes
                of one.

        Returns:
            The controller.

        Raises:
            ControllerFileError: Names the file, and says what is wrong with it and what was expected.
        """
        if isinstance(source, (bytes, bytearray, memoryview)):
            return cls.from_bytes(bytes(source))
        if isinstance(source, str) and source in SHIPPED:
            path = resources.files(__package__).joinpath("controllers").joinpath(f"{source}.safetensors")
            return cls.from_bytes(path.read_bytes())
        try:
            return cls.from_bytes(read_bytes(source))
        except DescenderError as error:
            hint = ""
            if isinstance(source, str) and not os.path.exists(source) and os.path.basename(source) == source:
                hint = f"; no controller of this name comes with the package ({nearest(source, SHIPPED)})"
            raise ControllerFileError(f"{named(os.fspath(source), error)}{hint}") from error

    @classmethod
    def from_bytes(cls, data: bytes) -> Controller:
        """Reads a controller from the bytes of its file.

        Raises:
            ControllerFileError: Says what is wrong with the bytes and what was expected.
        """
        known: list[_Parts] = []

        def shapes(description: object) -> dict[str, tuple[int, ...]]:
            parts = _Parts.read(description)
            parts.check_features()
            known.append(parts)
            return parts.network.tensors()

        try:
            text, _, tensors, check = decode(data, shapes)
            known[0].check_fit(tensors)
            check()
        except SettingsError as error:
            raise ControllerFileError(one_line(error)) from error
        return cls(known[0], text, tensors)

    @classmethod
    def assemble(cls, description: Mapping[str, Any], tensors: Mapping[str, ArrayLike]) -> Controller:
        """Puts a controller together.

        Args:
            description: As in a file: ``head``, ``network``, ``control``, ``features`` (may be missing: those of the
                observation), ``method``, ``provenance``.
            tensors: The network's parameters by name, ``policy.0.weight`` and so on.

        Returns:
            The controller.

        Raises:
            SettingsError: If a part cannot be used, or two do not fit.
        """
        data = dict(description)
        if "features" not in data:
            control = ControlSettings.read(data.get("control", {}), "control")
            data["features"] = list(control.observation.feature_names)
        parts = _Parts.read(data)
        parts.check_features()
        arrays: dict[str, Array] = {}
        expected = parts.network.tensors()
        for name in tensors:
            if name not in expected:
                raise SettingsError(f'unexpected tensor "{name}": the policy network has none of this name')
        for name, shape in expected.items():
            if name not in tensors:
                raise SettingsError(f'tensor "{name}" is missing')
            array = np.array(tensors[name], dtype=np.float32)
            if array.shape != shape:
                raise SettingsError(f'tensor "{name}" has shape {list(array.shape)}: expected {list(shape)}')
            arrays[name] = array
        parts.check_fit(arrays)
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return cls(parts, text, arrays)

    def to_bytes(self) -> bytes:
        """The bytes of the controller's file; the same controller gives the same bytes."""
        return encode(self._text, self._policy.network.tensors)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the controller's file, as a whole or not at all; the program reads it.

        Raises:
            OSError: If the operating system refuses; an existing file is then unchanged.
        """
        write_bytes(path, self.to_bytes())

    def with_tensors(self, tensors: Mapping[str, ArrayLike], **provenance: Any) -> Controller:
        """The same controller with other parameters of its network.

        Args:
            tensors: The new parameters by name; those that are not named stay.
            provenance: Fields of the provenance that change.

        Returns:
            The new controller.

        Raises:
            SettingsError: If a tensor is of another name or shape, or not finite.
        """
        description = self.description
        description["provenance"] = {**description["provenance"], **provenance}
        return self.assemble(description, {**self.tensors, **tensors})

    @property
    def description(self) -> dict[str, Any]:
        """All of the controller but the numbers of its network, as it stands in its file; a copy."""
        description: dict[str, Any] = json.loads(self._text)
        return description

    @property
    def tensors(self) -> dict[str, Array]:
        """The parameters of its network by name; copies."""
        return {name: tensor.copy() for name, tensor in self._policy.network.tensors.items()}

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self._policy

    @property
    def control(self) -> ControlSettings:
        """Observation, actions, bounds, interval, initial η and safety net."""
        return self._parts.control

    @property
    def observation(self) -> ObservationSettings:
        """What the policy sees."""
        return self.control.observation

    @property
    def action(self) -> ActionDefinition:
        """What the policy may do."""
        return self.control.action

    @property
    def bounds(self) -> Bounds:
        """The bounds on η."""
        return self.control.bounds

    @property
    def method(self) -> Method:
        """The optimizer that it was learned on."""
        return self._parts.method

    @property
    def provenance(self) -> Provenance:
        """Where it comes from."""
        return self._parts.provenance

    @property
    def needs_losses(self) -> bool:
        """Whether anything of it reads losses: the policy through its observation, or the safety net."""
        return self.control.safety.enabled or self._reads(self.observation.loss_features)

    @property
    def needs_statistics(self) -> bool:
        """Whether the policy reads the statistics of updates, which must then be told with every loss."""
        return self._reads(self.observation.statistics_features)

    def outside(self, job: Job) -> list[str]:
        """What the job has outside of the range that the controller was learned for, a text each."""
        return self.observation.outside(job)

    def with_initial_learning_rate(self, learning_rate: float) -> Controller:
        """The same controller, whose descents begin with this η, taken into its bounds.

        Without effect where its actions place η anew.
        """
        rate = self.bounds.clip(rounded(learning_rate))
        description = self.description
        description["control"]["initial_learning_rate"] = rate
        return self.assemble(description, self.tensors)

    def start(self, job: Job | None = None) -> Session:
        """A session for one descent.

        Args:
            job: The job that is steered. A controller for jobs of any length needs it, and takes all its measures of
                time from it; another one was made for descents of one length and does without.

        Returns:
            The session, before the first step.

        Raises:
            SettingsError: If the controller needs a job and there is none.
        """
        if job is None:
            if self.control.is_relative:
                raise SettingsError("this controller steers jobs of any length: expected a Job with its steps")
            control = self.control
        else:
            control = self.control.fitted(job)
        return Session(
            control=control,
            method=self.method,
            policy=self._policy,
            reads_losses=self._reads(self.observation.loss_features),
            reads_statistics=self.needs_statistics,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Controller):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        return hash(self.to_bytes())

    def __reduce__(self) -> tuple[Any, ...]:
        return (Controller.from_bytes, (self.to_bytes(),))

    def __repr__(self) -> str:
        names = ", ".join(self.action.entries)
        return f"<Controller of {names} of {self.method.name}, learned on {self.provenance.task}>"

    def _reads(self, features: tuple[bool, ...]) -> bool:
        return bool((self._policy.network.used_inputs() & np.array(features)).any())


def load(source: str | os.PathLike[str] | bytes) -> Controller:
    """Reads a controller: the same as :meth:`Controller.load`."""
    return Controller.load(source)
