"""Sessions: late losses, losses that are not finite, states, and calls that cannot be made."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import descender
from descender import Advice, Controller, Job, OrderError, SettingsError, StateError, StepStatistics
from descender.policy import highest

from . import files, reference

JOB = Job(steps=400, batch_size=64, examples=8000, targets=descender.Classes(10))


def pretrained() -> descender.Session:
    return Controller.load("pretrained").start(JOB)


def compact(**control: Any) -> Controller:
    description = files.description()
    description["control"].update(control)
    return Controller.assemble(description, files.tensors())


def job_controller(size: float = 0.1) -> Controller:
    return reference.controller("job-anchored")


def test_pretrained_needs_no_loss_and_falls_to_the_end_of_its_job() -> None:
    session = pretrained()
    assert not session.needs_losses
    decisions = 0
    rates = []
    for _ in range(JOB.steps):
        assert session.losses_needed() == 0
        rates.append(session.hyper_parameters.learning_rate)
        session.advance()
        decisions += session.decided
        assert session.decided == session.is_decision
    assert decisions == 40
    assert session.untold == JOB.steps
    assert rates[-1] < 0.02 * max(rates)
    bounds = Controller.load("pretrained").bounds
    assert all(bounds.contains(rate) for rate in rates)


def test_steps_beyond_the_job_stay_at_its_end() -> None:
    session = pretrained()
    for _ in range(JOB.steps + 100):
        session.advance()
    assert session.hyper_parameters.learning_rate == Controller.load("pretrained").bounds.lower


def test_what_is_ahead_is_what_comes() -> None:
    for session in (pretrained(), compact(interval=4).start(), job_controller().start(JOB)):
        for _ in range(60):
            ahead, came = session.ahead(), list[float]()
            decided = False
            while not decided:
                assert session.ahead() == ahead[len(came) :]
                came.append(session.hyper_parameters.learning_rate)
                session.record(2.3)
                decided = session.decided
            assert came == ahead


def test_recording_and_advancing_do_the_same_where_no_loss_is_read() -> None:
    one, other = pretrained(), pretrained()
    for step in range(JOB.steps):
        assert one.record(2.3 - step / 400) == other.advance()
        assert one.decided == other.decided


def test_a_decision_waits_for_the_losses_that_it_reads() -> None:
    controller = compact(interval=4)
    session = controller.start()
    session.advance()
    assert session.losses_needed() == 1
    assert not session.decided
    with pytest.raises(OrderError, match="a decision waits for the losses of 1 steps"):
        session.advance()
    session.tell(2.3)
    assert session.decided
    for _ in range(3):
        session.advance()
        assert session.losses_needed() == 0
    session.advance()
    assert session.losses_needed() == 4
    session.tell([2.2, 2.1])
    assert not session.decided
    assert session.losses_needed() == 2
    session.tell([2.0, 1.9])
    assert session.decided


def test_the_job_observation_leaves_a_whole_decision_s_time() -> None:
    controller = job_controller()
    session = controller.start(Job(steps=90))
    interval = session.control.interval
    assert session.needs_losses
    for step in range(1, 3 * interval + 1):
        needed = session.losses_needed()
        if step == interval + 1:
            assert needed == 1  # of the first step, at which the first decision came
        elif step == 2 * interval + 1:
            assert needed == interval
        session.tell([2.0] * needed)
        session.advance()
        assert session.decided == ((step - 1) % interval == 0)
    assert session.untold == 2 * interval - 1


def test_a_loss_that_is_not_finite_puts_the_rate_at_the_lower_bound_also_late() -> None:
    bounds = Controller.load("pretrained").bounds
    for loss in (math.nan, math.inf, -math.inf, 1e39):
        session = pretrained()
        for _ in range(13):
            session.advance()
        before = session.hyper_parameters
        session.tell([2.0] * 5)
        assert session.hyper_parameters == before
        session.tell([2.0, loss, 2.0])
        assert session.hyper_parameters == before._replace(learning_rate=bounds.lower)
        assert session.fallbacks == 1
        while not session.decided:
            assert session.hyper_parameters.learning_rate == bounds.lower
            session.advance()
        assert session.hyper_parameters.learning_rate > bounds.lower


def test_a_decision_that_waits_is_not_made_on_a_loss_that_is_not_finite() -> None:
    controller = compact(interval=2)
    session = controller.start()
    session.advance()
    session.tell(math.nan)
    assert not session.decided
    assert session.hyper_parameters.learning_rate == controller.bounds.lower
    session.advance()
    session.advance()
    session.tell([math.nan, 2.0])
    assert session.decided
    assert session.fallbacks == 2


def test_a_safety_net_judges_each_step() -> None:
    session = compact(safety={"enabled": True}).start()
    session.advance()
    assert session.losses_needed() == 1
    with pytest.raises(OrderError):
        session.advance()
    session.tell(2.3)
    session.advance()
    session.tell(math.nan)
    assert session.advice is Advice.RESTORE
    assert str(session.interventions[0]).startswith("step 1: the loss is not finite; back to the start, learning rate")


def test_a_state_with_untold_losses_continues_exactly() -> None:
    controller, job = job_controller(), Job(steps=90)
    one = controller.start(job)
    recording = reference.losses(reference.document()["recordings"]["falls"])
    told = 0
    for _ in range(40):
        needed = one.losses_needed()
        one.tell(recording[told : told + needed])
        told += needed
        one.advance()
    other = controller.start(job)
    other.restore(json.loads(json.dumps(one.state())))
    for _ in range(45):
        for session in (one, other):
            needed = session.losses_needed()
            session.tell(recording[told : told + needed])
        told += needed
        assert one.advance() == other.advance()
    assert one.state() == other.state()


def test_a_state_whose_decision_waits_continues_exactly() -> None:
    for controller in (compact(interval=3), compact(interval=3, safety={"enabled": True})):
        one = controller.start()
        for loss in (2.3, 2.2, 2.1):
            one.advance()
            one.tell([loss] * one.losses_needed())
        one.advance()
        assert one.losses_needed() > 0
        other = controller.start()
        other.restore(json.loads(json.dumps(one.state())))
        for session in (one, other):
            session.tell([1.9] * session.losses_needed())
            assert session.decided
        np.testing.assert_array_equal(one.observed, other.observed)
        assert one.state() == other.state()


def test_states_of_something_else_are_refused() -> None:
    state = pretrained().state()
    controller = Controller.load("pretrained")
    with pytest.raises(StateError, match="of another job"):
        controller.start(Job(steps=100)).restore(state)
    with pytest.raises(StateError, match='of the observation "job": expected "compact"'):
        compact().start().restore(state)
    with pytest.raises(StateError, match="both with or both without a safety net"):
        compact(safety={"enabled": True}).start().restore(compact().start().state())
    with pytest.raises(StateError, match="cannot be read"):
        pretrained().restore({"format": 1})
    with pytest.raises(StateError, match="format 2"):
        pretrained().restore({**state, "format": 2})
    outside = {**state, "hyper_parameters": [100.0, *state["hyper_parameters"][1:]]}
    with pytest.raises(StateError, match="learning rate 100: expected one in"):
        pretrained().restore(outside)
    with pytest.raises(StateError, match="other actions"):
        compact(action={"name": "factors", "factors": [0.1, 1.0, 10.0]}).start().restore(compact().start().state())


def test_a_state_is_plain_data() -> None:
    def check(value: object) -> None:
        if isinstance(value, dict):
            assert all(type(key) is str for key in value)
            value = list(value.values())
        if isinstance(value, list):
            for part in value:
                check(part)
        else:
            assert value is None or type(value) in (int, float, str, bool), type(value)

    for controller in (compact(), compact(safety={"enabled": True}), Controller.load("pretrained"), job_controller()):
        session = controller.start(JOB)
        for step in range(30):
            session.record(2.3 - 0.05 * step)
        check(session.state())


def test_calls_that_cannot_be_made_are_told() -> None:
    session = pretrained()
    session.advance()
    with pytest.raises(OrderError, match=r"the losses of 1 earlier steps are not told: tell\(\) them first"):
        session.record(2.0)
    with pytest.raises(SettingsError, match="2 losses: expected at most 1"):
        session.tell([1.0, 2.0])
    with pytest.raises(SettingsError, match="expected a Job with its steps"):
        Controller.load("pretrained").start()
    paper = reference.controller("paper-default").start()
    assert paper.needs_statistics
    with pytest.raises(SettingsError, match="reads the statistics of updates"):
        paper.record(2.0)
    paper.record(2.0, StepStatistics())
    paper.advance()
    with pytest.raises(SettingsError, match="2 statistics: expected 1, one for each loss"):
        paper.tell(1.0, [StepStatistics(), StepStatistics()])
    with pytest.raises(SettingsError, match="reads the statistics of updates"):
        paper.tell(1.0)


def test_statistics_are_those_of_the_update() -> None:
    gradient, before = np.array([[1.0, -2.0], [0.0, 3.0]]), np.array([[1.0, 1.0], [-1.0, 1.0]])
    statistics = StepStatistics.of(gradient, before, before - 0.1 * gradient)
    expected = (0.5, 1.5, 4.0, -2.0, 1, 2, 0.15)
    assert statistics == pytest.approx(expected)
    with pytest.raises(SettingsError, match="expected the same number"):
        StepStatistics.of(gradient, before, before[0])


def test_numpy_scalars_and_arrays_are_losses() -> None:
    one, other = compact().start(), compact().start()
    assert one.record(np.float32(2.0)) == other.record(2)
    one.advance()
    one.tell(np.array([1.5], dtype=np.float32))
    other.record(1.5)
    assert one.hyper_parameters == other.hyper_parameters


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps = 0: expected a whole number, 1 or more"),
        ({"steps": 10.5}, "steps = 10.5"),
        ({"steps": 10, "batch_size": -1}, "batch_size = -1"),
        ({"steps": 10, "input_scale": math.nan}, "input_scale = nan: expected a finite number"),
        ({"steps": 10, "targets": 10}, r"targets = 10: expected Classes\(n\) or Numbers\(n\)"),
    ],
)
def test_a_job_that_is_none_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Job(**arguments)


def test_the_shipped_file_is_the_program_s() -> None:
    program = reference.FOLDER.parent / "crates" / "control" / "controllers"
    package = reference.FOLDER.parent / "python" / "src" / "descender" / "controllers"
    assert {path.name for path in program.iterdir()} == {path.name for path in package.iterdir()}
    for path in program.iterdir():
        assert path.read_bytes() == (package / path.name).read_bytes(), path.name


def test_what_needs_the_compiled_package_says_so() -> None:
    try:
        import descender_native  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match="needs the compiled package: expected descender_native"):
            _ = descender.compare
    with pytest.raises(AttributeError, match="no attribute 'comparr'"):
        _ = descender.comparr


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))])
def test_controllers_and_sessions_are_copied_and_pickled(copied: Callable[[Any], Any]) -> None:
    guarded = compact(safety={"enabled": True})
    for controller in (Controller.load("pretrained"), compact(interval=3), guarded, job_controller()):
        assert copied(controller) == controller
        session = controller.start(JOB)
        for step in range(25):
            session.record(2.3 - 0.05 * step)
        other = copied(session)
        for step in range(25, 60):
            assert session.record(2.3 - 0.05 * step) == other.record(2.3 - 0.05 * step)
        assert session.why() == other.why()


def test_of_equal_values_the_first_is_taken_and_none_that_is_no_number() -> None:
    nan, infinite = math.nan, math.inf
    for values, index in (
        ([1.0, 3.0, 3.0], 1),
        ([nan, 1.0, 2.0], 2),
        ([nan, -infinite, nan], 1),
        ([3.0, nan, infinite], 2),
        ([nan, nan], 0),
        ([], 0),
    ):
        assert highest(np.array(values, dtype=np.float32)) == index
