"""The policy: a network that turns an observation into an action, and the head that reads its outputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .errors import SettingsError
from .fields import Fields
from .float32 import Array, rounded
from .network import Network

Action = int | tuple[float, ...]
"""A decision: the number of a discrete action from 0, or a number in [−1, 1] for each dimension."""

HEADS = ("greedy-values", "squashed", "greedy-expectation")
"""``greedy-values``: discrete actions, the highest output is taken. ``squashed``: tanh of each output.
``greedy-expectation``: discrete actions with a distribution over returns each, the highest mean is taken.
"""

_MOST_ATOMS = 65_536


@dataclass(frozen=True)
class Head:
    """How the outputs of a policy network become an action."""

    name: str = HEADS[0]
    """One of :data:`HEADS`."""
    atoms: int = 1
    """Outputs for each action: of ``greedy-expectation`` the logits of as many returns, else 1."""
    least: float = 0.0
    """The lowest of these returns."""
    most: float = 0.0
    """The highest of these returns."""

    @classmethod
    def read(cls, data: object, path: str) -> Head:
        """A head as it stands in a file: its name, or its name around its numbers.

        Raises:
            SettingsError: If there is no head of this name, or a number is wrong.
        """
        if not (isinstance(data, dict) and list(data) == [HEADS[2]]):
            return cls(Fields({"head": data}, path, ("head",)).choice("head", HEADS[:2]))
        path = f"{path}.head.{HEADS[2]}"
        fields = Fields(data[HEADS[2]], path, ("atoms", "least", "most"))
        atoms = fields.whole("atoms", most=_MOST_ATOMS)
        least, most = fields.number("least"), fields.number("most")
        if atoms < 2:
            raise SettingsError(f"{path}.atoms is {atoms}: expected from 2 to {_MOST_ATOMS}")
        if not (least < most and math.isfinite(rounded(most - least))):
            raise SettingsError(f"{path}: expected a finite least return below a finite most one")
        return cls(HEADS[2], atoms, least, most)

    @property
    def discrete(self) -> bool:
        """Whether it decides between discrete actions."""
        return self.name != "squashed"


def highest(values: Array) -> int:
    """The index of the highest value, the first of equals; what is not a number is below all others.

    Args:
        values: Any number of values.

    Returns:
        The index; 0 if no value is a number, or there is none.
    """
    numbers = np.flatnonzero(~np.isnan(values))
    return int(numbers[np.argmax(values[numbers])]) if numbers.size else 0


def expected_returns(logits: Array, least: float, most: float) -> Array:
    """The means of distributions over returns.

    Args:
        logits: Of each action a row, with the logits of returns evenly from ``least`` to ``most``.
        least: The lowest return.
        most: The highest return.

    Returns:
        For each action the sum of its returns times their probabilities (softmax of the logits).
    """
    weights = logits.astype(np.float64)
    weights = np.exp(weights - weights.max(axis=1, keepdims=True))
    atoms = logits.shape[1]
    places = weights @ np.arange(atoms, dtype=np.float64) / weights.sum(axis=1)
    means: Array = (least + (most - least) / (atoms - 1) * places).astype(np.float32)
    return means


class Policy:
    """A frozen network with its head.

    Args:
        head: How it decides.
        network: The network.
    """

    def __init__(self, head: Head, network: Network) -> None:
        self.head = head
        self.network = network

    def act(self, observation: Array) -> Action:
        """The action for this observation, which has one number for each input of the network."""
        outputs = self.network.outputs(observation)
        head = self.head
        if head.name == "greedy-expectation":
            return highest(expected_returns(outputs.reshape(-1, head.atoms), head.least, head.most))
        if head.name == "greedy-values":
            return highest(outputs)
        return tuple(rounded(math.tanh(z)) for z in outputs.tolist())
