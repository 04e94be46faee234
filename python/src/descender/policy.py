"""The policy: a network that turns an observation into an action, and the head that reads its outputs."""

from __future__ import annotations

import math

import numpy as np

from .float32 import Array, rounded
from .network import Network

Action = int | tuple[float, ...]
"""A decision: the number of a discrete action from 0, or a number in [−1, 1] for each dimension."""

HEADS = ("greedy-values", "squashed")
"""``greedy-values``: discrete actions, the highest output is taken. ``squashed``: tanh of each output."""


def highest(values: Array) -> int:
    """The index of the highest value, the first of equals; what is not a number is below all others.

    Args:
        values: Any number of values.

    Returns:
        The index; 0 if no value is a number, or there is none.
    """
    numbers = np.flatnonzero(~np.isnan(values))
    return int(numbers[np.argmax(values[numbers])]) if numbers.size else 0


class Policy:
    """A frozen network with its head.

    Args:
        head: One of :data:`HEADS`.
        network: The network.
    """

    def __init__(self, head: str, network: Network) -> None:
        self.head = head
        self.network = network

    def act(self, observation: Array) -> Action:
        """The action for this observation, which has one number for each input of the network."""
        outputs = self.network.outputs(observation)
        if self.head == "greedy-values":
            return highest(outputs)
        return tuple(rounded(math.tanh(z)) for z in outputs.tolist())
