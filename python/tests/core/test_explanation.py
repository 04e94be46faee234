"""What moved η, in the program's words."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from descender import Controller, Job

from . import files, reference

EXPLAINED: list[dict[str, Any]] = json.loads((reference.FOLDER / "explanations.json").read_text())


@pytest.mark.parametrize("explained", EXPLAINED, ids=lambda explained: explained["task"])
def test_why_says_what_the_program_says(explained: dict[str, Any]) -> None:
    job = reference.job(explained["job"])
    assert job is not None
    session = Controller.load("pretrained").start(job)
    assert session.why() == "no decision was made in this session yet"
    lines = []
    for _ in range(job.steps - 1):  # a decision after the last step has no effect
        session.advance()
        if session.decided:
            lines.append(session.why())
    assert lines == explained["lines"]


def test_an_influence_is_what_the_rate_loses_without_the_reading() -> None:
    controller = Controller.load("pretrained")
    with_batch, without = (controller.start(Job(steps=400, batch_size=batch)) for batch in (200, None))
    for session in (with_batch, without):
        session.advance()
    explanation = with_batch.explanation
    assert explanation is not None
    # A job that says nothing of its batch counts as one with the usual batch: the reading is 0.
    expected = math.log(with_batch.hyper_parameters.learning_rate / without.hyper_parameters.learning_rate)
    assert dict(explanation.influences)["batch"] == pytest.approx(expected, abs=1e-5)


def test_factors_cannot_be_explained() -> None:
    session = files.controller().start()
    session.record(2.0)
    assert session.explanation is None
    assert "multiplies η by factors" in session.why()
