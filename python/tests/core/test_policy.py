"""Heads of policies: what their outputs mean, and which are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import descender
from descender.policy import Head, expected_returns

from . import files

EXPECTATION = {"greedy-expectation": {"atoms": 3, "least": -1.0, "most": 1.0}}


def distributional() -> tuple[dict[str, Any], dict[str, Any]]:
    """The controller of the files, with a distribution over three returns for each of its factors."""
    description, tensors = files.description(), files.tensors()
    description["head"] = EXPECTATION
    description["network"]["layers"][-1] = {"linear": {"outputs": 9}}
    tensors["policy.2.weight"] = np.sin(np.arange(36) * 1.3).reshape(4, 9).astype(np.float32)
    tensors["policy.2.bias"] = np.cos(np.arange(9) * 0.9).astype(np.float32)
    return description, tensors


def test_the_mean_of_a_distribution_is_the_one_by_hand() -> None:
    # As in the Rust crate: 0.4 − 0.6 at the ends has mean 0.2, though 0.5 in the middle of the last has 0.3.
    probabilities = np.array([[0.4, 1e-9, 0.6], [1e-9, 1.0, 1e-9], [0.1, 0.5, 0.4]])
    logits = (np.log(probabilities) + 5.0).astype(np.float32)
    np.testing.assert_allclose(expected_returns(logits, -1.0, 1.0), [0.2, 0.0, 0.3], atol=1e-6)
    far = np.array([[1e4, -1e4]], dtype=np.float32)
    np.testing.assert_allclose(expected_returns(far, -2.0, 5.0), [-2.0])


def test_a_distributional_policy_takes_the_highest_expected_return() -> None:
    description, tensors = distributional()
    controller = descender.Controller.assemble(description, tensors)
    read = descender.Controller.from_bytes(controller.to_bytes())
    actions = set()
    for place in range(200):
        x = np.sin(np.arange(5) * 0.7 + place).astype(np.float32)
        hidden = np.tanh(x.astype(np.float64) @ tensors["policy.0.weight"] + tensors["policy.0.bias"])
        logits = (hidden @ tensors["policy.2.weight"] + tensors["policy.2.bias"]).reshape(3, 3)
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        expected = int(np.argmax(p @ [-1.0, 0.0, 1.0]))
        assert controller._policy.act(x) == expected
        assert read._policy.act(x) == expected
        actions.add(expected)
    assert len(actions) > 1


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"greedy-expectation": {"atoms": 1, "least": 0.0, "most": 1.0}}, "atoms is 1: expected from 2"),
        ({"greedy-expectation": {"atoms": 3, "least": 1.0, "most": 1.0}}, "expected a finite least return below"),
        ({"greedy-expectation": {"atoms": 3, "least": 0.0}}, 'has no "most"'),
        ({"greedy-expectation": {"atoms": 3, "least": 0.0, "most": 1.0, "mode": 2}}, 'no field "mode"'),
        ({"greedy-expectation": {"atoms": 5, "least": 0.0, "most": 1.0}}, "there are 15 actions, but the policy"),
    ],
)
def test_heads_that_cannot_be_are_refused(head: Any, message: str) -> None:
    description, tensors = distributional()
    description["head"] = head
    with pytest.raises(descender.DescenderError, match=message):
        descender.Controller.assemble(description, tensors)


def test_a_distribution_decides_between_discrete_actions_only() -> None:
    description, tensors = distributional()
    description["control"]["action"] = {"name": "anchored"}
    with pytest.raises(descender.DescenderError, match="greedy-expectation cannot decide between continuous"):
        descender.Controller.assemble(description, tensors)
    assert Head.read("squashed", "the controller").discrete is False
