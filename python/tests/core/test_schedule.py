"""Schedules: every form of file, what is wrong with one, other lengths, and a controller as a table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from descender import Controller, Job, Method, Schedule, SettingsError

from . import reference

RATES = [float(np.float32(0.1)), 0.25]


@pytest.mark.parametrize(
    "text",
    [
        "[0.1, 0.25]",
        "0.1\n0.25\n",
        "step,learning_rate\n0,0.1\n\n1,0.25",
        "\ufeff0.1\n0.25\n",
        "\ufeffLR\r\n0.1\r\n0.25\r\n",
        "eta\n0.1\n0.25",
        '"Step","Learning Rate"\n0,0.1\n1,0.25',
        '"","lr"\n"1",0.1\n"2",0.25',
        "step,lr,loss\n0,0.1,2.302\n1,0.25,2.1",
        "loss, epoch, lr ,Step\n2.302,0,0.1,7\nNA,0,0.25,8",
        '\ufeff{"lr": [0.1, 0.25]}',
        '{"learning_rate": [0.1, 0.25], "task": "mnist-small"}',
    ],
)
def test_learning_rates_may_be_json_plain_or_with_columns(text: str) -> None:
    schedule = Schedule.parse(text)
    assert schedule.entries == ("learning_rate",)
    assert schedule.column("learning_rate").tolist() == RATES
    assert schedule.method is None


@pytest.mark.parametrize(
    "text",
    [
        "step,learning_rate,b1,b2\n0,0.1,0,1\n1,0.25,0.9,-0.5\n",
        "b2, b1 ,learning_rate\n1,0,0.1\n-0.5,0.9,0.25",
        '\n {"learning_rate": [0.1, 0.25], "b2": [1, -0.5], "b1": [0, 0.9]}',
    ],
)
def test_any_entry_may_have_a_column(text: str) -> None:
    schedule = Schedule.parse(text)
    assert schedule.entries == ("learning_rate", "b1", "b2")
    mu = schedule.hyper_parameters(1)
    assert (mu.learning_rate, mu.b1, mu.b2) == (0.25, float(np.float32(0.9)), -0.5)
    assert schedule.hyper_parameters(99) == mu


def test_the_usual_names_of_decays_are_entries_of_mu() -> None:
    for text in (
        "lr,beta1,Beta_2\n0.1,0.9,0.5\n0.1,0.75,0.5",
        '{"lr": [0.1, 0.1], "beta1": [0.9, 0.75], "beta2": [0.5, 0.5]}',
    ):
        schedule = Schedule.parse(text)
        assert schedule.entries == ("learning_rate", "a1", "a2", "b1", "b2")
        assert schedule.column("b2").tolist() == [float(np.float32(0.1)), 0.25]
    assert Schedule.parse("lr,momentum\n0.1,0.5").entries == ("learning_rate", "b1")


def test_an_optimizer_is_read_from_both_forms() -> None:
    table = Schedule.parse("lr,optimizer\n0.1,momentum;momentum=0.5\n")
    document = Schedule.parse('{"lr": [0.1], "optimizer": {"name": "momentum", "momentum": 0.5}}')
    assert table == document
    assert table.method == Method.read({"name": "momentum", "momentum": 0.5}, "optimizer")
    assert table.hyper_parameters(0).b1 == 0.5


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["no learning rate", "one for each step"]),
        ("lr\n", ["no learning rate"]),
        ("{}", ["no learning rate"]),
        ("step,b1\n0,0.5\n", ["no learning rate"]),
        ("step,lr,los\n0,0.1,2\n", ["column 3: unknown column `los`", "are step, lr, los"]),
        ("epoch,lr\n0,0.1\n", ["unknown column `epoch`", "`step`"]),
        ("step;lr\n0;0.1\n", ["unknown column `step;lr`", "separated by commas"]),
        ("0,0.1\n1,0.1\n", ["2 columns without headings", "step,learning_rate"]),
        ("lr,eta\n1,1\n", ["learning_rate stands there twice"]),
        ("b1,beta1,lr\n0,0,1\n", ["b1 stands there twice"]),
        ("lr,optimizer\n0.1,adam\n0.1,sgd\n", ["line 3, column 2 (optimizer): `sgd`", "expected adam, as"]),
        ("lr,optimizer\n0.1,adem\n", ["(optimizer)", "adem"]),
        ("lr,optimizer\n0.1,adam;beta3=1\n", ["(optimizer)", "beta3"]),
        ("lr,optimizer\n0.1,adam;beta1\n", ["(optimizer)", "not key=value"]),
        ("0.1\nfast\n", ["line 2", "`fast`; expected a finite number, 0 or more"]),
        ("0.1\n-0.5\n", ["line 2", "`-0.5`; expected a finite number, 0 or more"]),
        ("NaN\n0.1\n", ["line 1", "`NaN`"]),
        ('[0.1, "a"]', ['learning_rate[1] is "a"', "expected a finite number"]),
        ("[0.1", ["not a JSON document"]),
        ('{"learning_rate": 0.1}', ["learning_rate", "a list of numbers"]),
        ('{"learning_rate": [0.1], "b1": [0.5, 0.5]}', ["b1 has 2 steps", "expected 1"]),
        ('{"learning_rates": [0.1]}', ["unknown list `learning_rates`", "learning_rate"]),
        ('{"learning_rate": [0.1], "optimizer": {"name": "adem"}}', ["optimizer", "adem"]),
        ("learning_rate,b1\n0.1,0.5\n0.1,inf\n", ["line 3, column 2 (b1): `inf`", "expected a finite number"]),
        ("learning_rate,b1\n0.1\n", ["line 2 has 1 columns", "expected 2"]),
        ("step,learning_rate\n0,0.1\n10,0.1\n", ["line 3, column 1 (step): `10`", "expected 1, as"]),
        ("step,learning_rate\nzero,0.1\n", ["line 2, column 1 (step): `zero`", "a step's number"]),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, parts: list[str]) -> None:
    path = tmp_path / "rates"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        Schedule.load(path)
    for part in (str(path), *parts):
        assert part in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.csv: cannot be read: No such file"):
        Schedule.load(tmp_path / "none.csv")
    (tmp_path / "latin").write_bytes(b"\xff\xfe0.1")
    with pytest.raises(SettingsError, match="latin: "):
        Schedule.load(tmp_path / "latin")


def test_both_forms_come_back_with_the_same_bits(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    columns = {
        entry: (generator.random(500) * 10.0 ** generator.integers(-40, 20, 500)).astype(np.float32)
        for entry in ("learning_rate", "b1", "b2")
    }
    schedule = Schedule(columns, Method.read({"name": "adam", "beta1": 0.85, "epsilon": 1e-12}, "optimizer"))
    for text, name in (
        (schedule.to_csv(tmp_path / "s.csv"), "s.csv"),
        (schedule.to_json(tmp_path / "s.json"), "s.json"),
    ):
        assert (tmp_path / name).read_text() == text
        back = Schedule.load(tmp_path / name)
        assert back == schedule
        for entry, values in columns.items():
            np.testing.assert_array_equal(back.column(entry), values)


def test_the_program_s_own_files_are_read_and_written() -> None:
    # descender export schedule pretrained --task mnist-small --steps 60 --starts 2 --out reference/schedule.csv
    # (and .json)
    table, document = (Schedule.load(reference.FOLDER / f"schedule.{ending}") for ending in ("csv", "json"))
    assert table == document
    assert table.method == Method.named("adamw")
    assert table.to_csv() == (reference.FOLDER / "schedule.csv").read_text()
    written = json.loads(document.to_json())
    program = json.loads((reference.FOLDER / "schedule.json").read_text())
    assert written == {name: value for name, value in program.items() if name in written}
    assert set(program) - set(written) == {"calibration", "comparison", "advice"}


def test_a_controller_s_table_is_the_program_s() -> None:
    explained = json.loads((reference.FOLDER / "explanations.json").read_text())
    (job,) = (reference.job({**e["job"], "steps": 60}) for e in explained if e["task"] == "mnist-small")
    assert job is not None
    schedule = Schedule.of(Controller.load("pretrained"), job)
    program = Schedule.load(reference.FOLDER / "schedule.json")
    assert schedule.entries == program.entries
    for entry in program.entries:
        # An action's difference of 4e-7, the rounding of the program's sums, is multiplied by half the width of the
        # range of ln η, which is 4: one η of the 60 differs by 1.01e-6.
        np.testing.assert_allclose(schedule.column(entry), program.column(entry), rtol=1.5e-6)


def test_another_length_keeps_the_course() -> None:
    steps = 100
    linear = Schedule({"learning_rate": [1 - step / steps for step in range(steps)]})
    for other in (10, 50, 333, 1000):
        scaled = linear.scaled(other)
        assert len(scaled) == other
        expected = np.maximum(1 - np.arange(other) / other, 1 / steps)  # the table ends one step before 0
        np.testing.assert_allclose(scaled.column("learning_rate"), expected, atol=1e-6)
    assert linear.scaled(steps) is linear
    assert [mu.learning_rate for mu in linear.scaled(2)] == [1.0, 0.5]
    with pytest.raises(SettingsError, match="steps = 0: expected 1 or more"):
        linear.scaled(0)


def test_a_controller_that_reads_no_loss_is_a_table() -> None:
    controller, job = Controller.load("pretrained"), Job(steps=300, batch_size=32)
    schedule = Schedule.of(controller, job)
    assert schedule.entries == ("learning_rate", "a1", "a2", "b1", "b2", "w")
    session = controller.start(job)
    for step in range(job.steps):
        assert schedule.hyper_parameters(step) == session.hyper_parameters
        session.record(2.0)
    with pytest.raises(SettingsError, match="it has no schedule that is known beforehand"):
        Schedule.of(reference.controller("compact-factors"), job)


def test_impossible_columns_are_named() -> None:
    for columns, message in (
        ({"lr": [0.1]}, 'μ has no entry "lr"'),
        ({"b1": [0.1]}, "no learning rate"),
        ({"learning_rate": [0.1, -0.1]}, "learning_rate of step 1 is -0.1"),
        ({"learning_rate": [0.1], "c": [np.inf]}, "c of step 0 is inf; expected a finite number"),
    ):
        with pytest.raises(SettingsError, match=message):
            Schedule(columns)
    with pytest.raises(SettingsError, match='no column "b1"'):
        Schedule({"learning_rate": [0.1]}).column("b1")
    with pytest.raises(SettingsError, match="step -1"):
        Schedule({"learning_rate": [0.1]}).hyper_parameters(-1)
