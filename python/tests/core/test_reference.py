"""The same controllers do the same as in Rust: actions, μ, features and the safety net's sentences, at every step."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import descender
from descender.method import Method

from . import reference

DOCUMENT = reference.document()
CASES = {case["name"] + "/" + str(number): case for number, case in enumerate(DOCUMENT["cases"])}
ENTRIES = descender.HyperParameters._fields


def close(found: Any, expected: Any, what: object, unit: float, within: float = 1e-6) -> None:
    """Fails unless the numbers agree within 1e-6 of themselves, or of ``unit`` where they are smaller.

    The program sums a layer's products in single precision and this package in double: they differ by its rounding.
    """
    a, b = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    assert a.shape == b.shape, what
    worst = np.max(np.abs(a - b) / np.maximum(np.abs(b), unit), initial=0.0)
    assert worst <= within, f"{what}: {worst:.2e}"


class Follower:
    """A session beside the case's numbers."""

    def __init__(self, case: dict[str, Any]) -> None:
        recording = DOCUMENT["recordings"][case["recording"]]
        self.case = case
        self.losses = reference.losses(recording)
        self.statistics = reference.statistics(recording)
        self.controller = reference.controller(case["controller"])
        self.session = self.start()
        self.decisions: list[list[Any]] = []
        self.probes: list[list[int]] = []
        self.advice: list[list[Any]] = []
        self.observed: dict[int, Any] = {}

    def start(self) -> descender.Session:
        return self.controller.start(reference.job(self.case["job"]))

    def expected(self, step: int) -> list[float]:
        """μ before this step."""
        changing = self.case["changing"]
        return [changing[entry][step] if entry in changing else self.case["first"][entry] for entry in ENTRIES]

    def check(self, step: int) -> None:
        # η is the exponential of an action times half the logarithm of its range, about 5: so much more of a
        # difference.
        close(self.session.hyper_parameters, self.expected(step), (self.case["name"], step), unit=1e-9, within=1e-5)

    def before_record(self, step: int) -> None:
        examples = self.session.wants_probe()
        if examples is not None:
            self.probes.append([step + 1, examples])
            self.session.probe(float(np.float32(self.losses[step]) * np.float32(1.25)))

    def after_record(self) -> None:
        session = self.session
        if session.decided:
            self.decisions.append([session.steps, session.state()["decision"]])
            self.observed[session.steps] = session.observed
        if session.advice is not descender.Advice.PROCEED:
            self.advice.append([session.steps, session.advice.name.capitalize()])

    def check_end(self, unread: bool = False) -> None:
        case, session = self.case, self.session
        assert [step for step, _ in self.decisions] == [step for step, _ in case["decisions"]]
        for (step, found), (_, expected) in zip(self.decisions, case["decisions"], strict=True):
            if "Discrete" in expected:
                assert found == expected["Discrete"], step
            else:
                close(found, expected["Continuous"], ("action", case["name"], step), unit=1.0)
        for step, features in case["observed"]:
            used = self.controller.policy.network.used_inputs() if unread else np.ones(len(features), dtype=bool)
            close(self.observed[step][used], np.array(features)[used], ("features", case["name"], step), unit=1.0)
        assert self.probes == case["probes"]
        assert self.advice == case["advice"]
        assert [str(intervention) for intervention in session.interventions] == case["interventions"]
        assert session.fallbacks == case["fallbacks"]


@pytest.mark.parametrize("name", CASES)
def test_a_session_does_what_the_program_s_does(name: str) -> None:
    follower = Follower(CASES[name])
    for step in range(follower.case["steps"]):
        follower.check(step)
        follower.before_record(step)
        follower.session.record(follower.losses[step], follower.statistics[step])
        follower.after_record()
    follower.check(follower.case["steps"])
    follower.check_end()


@pytest.mark.parametrize("name", CASES)
def test_a_state_that_went_through_json_continues_exactly(name: str) -> None:
    follower, other = Follower(CASES[name]), Follower(CASES[name])
    for step in range(follower.case["steps"]):
        follower.before_record(step)
        mu = follower.session.record(follower.losses[step], follower.statistics[step])
        # The other one is carried on in a new session at every step.
        text = json.dumps(other.session.state())
        other.session = other.start()
        other.session.restore(json.loads(text))
        other.before_record(step)
        assert other.session.record(other.losses[step], other.statistics[step]) == mu
        assert other.session.advice == follower.session.advice
    assert json.dumps(other.session.state()) == json.dumps(follower.session.state())
    assert other.session.interventions == follower.session.interventions


@pytest.mark.parametrize("name", CASES)
def test_losses_that_come_as_late_as_they_may_change_nothing(name: str) -> None:
    follower = Follower(CASES[name])
    if follower.case["fallbacks"]:
        pytest.skip("a loss that is not finite is noticed later, and that is meant")
    told = 0
    session = follower.session
    for step in range(follower.case["steps"]):
        follower.check(step)
        follower.before_record(step)
        session.advance()
        while needed := session.losses_needed():
            session.tell(follower.losses[told : told + needed], follower.statistics[told : told + needed])
            told += needed
        follower.after_record()
    follower.check(follower.case["steps"])
    follower.check_end(unread=told == 0)
    assert told == 0 or session.needs_losses


@pytest.mark.parametrize("values", DOCUMENT["methods"], ids=lambda values: values["method"]["name"])
def test_an_optimizer_has_the_program_s_mu(values: dict[str, Any]) -> None:
    method = Method.read(values["method"], "method")
    assert method.settings == {key: value for key, value in values["method"].items() if key != "name"}
    assert method.usual_learning_rate == np.float32(values["usual_learning_rate"])
    expected = [float(np.float32(values["hyper_parameters"][entry])) for entry in ENTRIES]
    assert list(method.hyper_parameters(0.1)) == expected


@pytest.mark.parametrize("values", DOCUMENT["outside"], ids=lambda values: str(values["job"]["steps"]))
def test_what_is_outside_of_the_training_is_told_in_the_program_s_words(values: dict[str, Any]) -> None:
    job = reference.job(values["job"])
    assert job is not None
    assert descender.Controller.load("pretrained").outside(job) == values["texts"]


def test_every_method_observation_and_fallback_is_in_the_reference() -> None:
    assert {values["method"]["name"] for values in DOCUMENT["methods"]} == set(Method.names())
    controllers = [reference.controller(case["controller"]) for case in DOCUMENT["cases"]]
    assert {controller.observation.name for controller in controllers} == {
        "paper",
        "compact",
        "progress",
        "timetable",
        "job",
    }
    assert len({controller.control.safety.fallback.schedule.name for controller in controllers}) == 7


@pytest.mark.parametrize("name", sorted({case["controller"] for case in DOCUMENT["cases"]}))
def test_a_controller_is_written_as_it_was_read(name: str) -> None:
    controller = reference.controller(name)
    data = controller.to_bytes()
    if name not in descender.SHIPPED:
        assert data == (reference.FOLDER / "controllers" / f"{name}.safetensors").read_bytes()
    again = descender.Controller.assemble(controller.description, controller.tensors)
    assert descender.Controller.from_bytes(again.to_bytes()).description == controller.description
