"""The policy that a study moves, and its file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from descender import Controller, Job, Method, Schedule
from descender.study import Study, StudyError
from descender.study.policy import LinearPolicy

from . import trainings

ADAMW = Method.named("adamw")
ROOT = Path(__file__).parents[3]
PROGRAM = next(
    (str(path) for path in (ROOT / "target/release/descender", ROOT / "target/debug/descender") if path.exists()),
    os.environ.get("DESCENDER") or shutil.which("descender"),
)


def test_a_blind_policy_is_a_linear_decay_from_its_anchor() -> None:
    policy = LinearPolicy.blind(0.004, ("momentum", "second-moment", "weight-decay"), ADAMW)
    table = list(Schedule.of(policy.controller, Job(steps=50)))
    np.testing.assert_allclose([mu.learning_rate for mu in table], [0.004 * (1 - t / 50) for t in range(50)], rtol=1e-5)
    # The anchors: 0.9, 0.99, and the square root of 0.5 × 400 times the optimizer's weight decay.
    np.testing.assert_allclose([table[9].b1, table[9].a1, table[9].w], [0.9, 0.99, 14.142], rtol=1e-3)
    assert not policy.controller.needs_losses


def test_an_output_moves_eta_at_its_point_of_time_and_nowhere_else() -> None:
    policy = LinearPolicy.blind(0.01, ("momentum",), ADAMW)
    outputs = np.zeros((6, 2))
    outputs[3, policy.rate] = 0.2
    moved = policy.with_outputs(outputs, episodes=7)
    np.testing.assert_allclose(moved.outputs, outputs, rtol=1e-6)
    assert moved.controller.provenance.episodes == 7
    before, after = (list(Schedule.of(of.controller, Job(steps=400))) for of in (policy, moved))
    change = np.log([b.learning_rate / a.learning_rate for a, b in zip(before, after, strict=True)])
    # The third point lies at 28 %, its neighbours at 12 and 60 %; a decision holds for ten steps.
    assert np.flatnonzero(np.abs(change) > 1e-6).min() == 51
    assert np.flatnonzero(np.abs(change) > 1e-6).max() == 240
    assert change.max() == pytest.approx(4 * np.tanh(0.2), rel=0.05)
    assert 105 <= change.argmax() <= 125
    assert {mu.b1 for mu in after} == {mu.b1 for mu in before}


@pytest.mark.parametrize(
    ("optimizer", "rates", "steered"),
    [
        ("adamw", (0.0003, 0.001, 0.003, 0.01, 0.03), ["learning-rate", "momentum", "second-moment", "weight-decay"]),
        ("momentum", (0.003, 0.01, 0.03, 0.1, 0.3), ["learning-rate", "momentum"]),
        ("sgd", (0.03, 0.1, 0.3, 1.0, 3.0), ["learning-rate"]),
    ],
)
def test_what_a_blind_study_steers_is_what_the_optimizer_has(
    optimizer: str, rates: tuple[float, ...], steered: list[str]
) -> None:
    study = Study(60, 90, optimizer=optimizer, start="blind")
    # One-cycle begins at a 25th of its peak.
    tried = [25 * trial.session().hyper_parameters.learning_rate for trial in study.ready()]
    assert tried[:5] == pytest.approx(rates)
    while (trial := study.ask()) is not None and not trial.stage.startswith("round"):
        study.tell(trial, trainings.noisy_quadratic(trial))
    dimensions = study.best.description["control"]["action"]["dimensions"]
    assert [dimension["parameter"] for dimension in dimensions] == steered
    assert study.best.method == Method.named(optimizer)


def test_what_steers_no_learning_rate_is_refused() -> None:
    description = LinearPolicy.blind(0.01, ("momentum",), ADAMW).controller.description
    del description["control"]["action"]["dimensions"][0]
    description["network"]["layers"] = [{"linear": {"outputs": 1}}]
    tensors = {"policy.0.weight": np.zeros((366, 1)), "policy.0.bias": np.zeros(1)}
    with pytest.raises(StudyError, match="the controller steers momentum: expected one that steers learning-rate"):
        LinearPolicy(Controller.assemble(description, tensors))


@pytest.mark.skipif(PROGRAM is None, reason="the command descender is not built")
@pytest.mark.parametrize(
    ("start", "optimizer"), [("pretrained", "adamw"), ("blind", "adamw"), ("blind", "momentum"), ("blind", "sgd")]
)
def test_the_command_reads_the_controller_of_a_study(tmp_path: Path, start: str, optimizer: str) -> None:
    study = Study(60, 90, seed=3, start=start, optimizer=optimizer)
    study.optimize(trainings.noisy_quadratic)
    file = tmp_path / "mine.safetensors"
    study.best.save(file)
    assert PROGRAM is not None
    seen = subprocess.run([PROGRAM, "inspect", str(file), "--json"], capture_output=True, text=True, check=False)
    assert seen.returncode == 0, seen.stderr
    told = json.loads(seen.stdout)
    assert "regression on perturbed trainings" in json.dumps(told)
