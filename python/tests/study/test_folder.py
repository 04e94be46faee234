"""A study in a folder: killed at any time it goes on to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from descender.study import Study, StudyError

from . import trainings

TESTS = Path(__file__).parents[1]
RESULTS = ("best.safetensors", "schedule.csv", "result.json", "report.html", "trials.jsonl", "study.json")


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in RESULTS}


def study(folder: Path, **settings: object) -> Study:
    given = {"total_steps": 60, "episodes": 90, "seed": 3, "start": "blind", "steered": [], **settings}
    return Study(folder=folder, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    with study(folder) as made:
        made.optimize(trainings.noisy_quadratic)
    return contents(folder)


def lines(folder: Path) -> int:
    path = folder / "trials.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.mark.parametrize("how", ["here", "processes"])
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_after_kills_the_results_are_those_of_a_study_without_any(
    tmp_path: Path, whole: dict[str, bytes], how: str
) -> None:
    command = [sys.executable, "-m", "study.run_study", str(tmp_path), "slow", how]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for stop in (5, 25, 60, 80):
        process = subprocess.Popen(
            command, cwd=TESTS, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while lines(tmp_path) < stop and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.01)
        assert lines(tmp_path) >= stop
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    end = subprocess.run(command, cwd=TESTS, env=environment, check=True, capture_output=True, text=True)
    assert end.stdout.startswith("use: ")
    assert contents(tmp_path) == whole


def test_a_line_that_a_kill_cut_off_is_dropped(tmp_path: Path, whole: dict[str, bytes]) -> None:
    for name in ("study.json", "trials.jsonl"):
        (tmp_path / name).write_bytes(whole[name])
    cut = whole["trials.jsonl"][:-9]
    (tmp_path / "trials.jsonl").write_bytes(cut)
    with study(tmp_path) as made:
        assert made.made == cut.count(b"\n")
        made.optimize(trainings.noisy_quadratic)
    assert contents(tmp_path) == whole


def test_a_finished_study_is_read_and_makes_nothing(tmp_path: Path, whole: dict[str, bytes]) -> None:
    for name in ("study.json", "trials.jsonl"):
        (tmp_path / name).write_bytes(whole[name])
    with study(tmp_path) as made:
        assert made.finished
        assert made.ask() is None
        assert made.verdict is not None
    assert contents(tmp_path) == whole


def test_a_folder_of_another_study_is_refused_naming_what_differs(tmp_path: Path) -> None:
    study(tmp_path).close()
    others: list[tuple[dict[str, object], str]] = [
        ({"episodes": 100, "seed": 4}, r"episodes was 90, now 100; seed was 3, now 4"),
        ({"start": "pretrained"}, r'start was "linear decay", now "pretrained"'),
        ({"batch_size": 5}, r'job was \{"steps": 60\}, now \{"steps": 60, "batch_size": 5\}'),
        ({"rates": [0.1, 0.2]}, "rates was"),
    ]
    for settings, named in others:
        with pytest.raises(StudyError, match=named):
            study(tmp_path, **settings)
    study(tmp_path).close()


def test_a_folder_that_another_has_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with study(tmp_path), pytest.raises(StudyError, match="another process has this study"):
        study(tmp_path)
    study(tmp_path).close()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("study.json", "{", "not a JSON document"),
        ("study.json", "[]", "the folder of another study"),
        ("trials.jsonl", '{"loss": 1}\n', "line 1 is no trial: expected trial and loss"),
        ("trials.jsonl", '{"trial": 0, "loss": "x"}\n', "line 1 is no trial"),
        ("trials.jsonl", '{"trial": 7000, "loss": 1}\n', "trial 7000 is not of this study"),
    ],
)
def test_files_that_cannot_be_read_are_refused_by_name(tmp_path: Path, name: str, text: str, message: str) -> None:
    study(tmp_path).close()
    (tmp_path / name).write_text(text)
    with pytest.raises(StudyError, match=message):
        study(tmp_path)


def test_a_path_that_can_be_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot be made or used as a folder"):
        study(tmp_path / "file")


def test_trials_without_settings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "trials.jsonl").write_text("")
    with pytest.raises(StudyError, match=r"has trials.jsonl but no study.json"):
        study(tmp_path)


def test_a_mistake_in_the_function_leaves_nothing_behind(tmp_path: Path, whole: dict[str, bytes]) -> None:
    with study(tmp_path) as broken, pytest.raises(StudyError, match="KeyError"):
        broken.optimize(trainings.broken)
    with study(tmp_path) as made:
        assert made.made == 0
        made.optimize(trainings.noisy_quadratic)
    assert contents(tmp_path) == whole


def test_what_broke_before_the_first_success_is_kept_with_it(tmp_path: Path) -> None:
    with study(tmp_path) as made:
        for told in (RuntimeError("no memory"), 0.5):
            trial = made.ask()
            assert trial is not None
            made.fail(trial, told) if isinstance(told, RuntimeError) else made.tell(trial, told)
    assert lines(tmp_path) == 2
    assert "no memory" in (tmp_path / "trials.jsonl").read_text()


def test_the_files_say_what_was_found(whole: dict[str, bytes]) -> None:
    result = json.loads(whole["result.json"])
    assert result["verdict"].startswith("use: ")
    assert result["trainings"] == whole["trials.jsonl"].count(b"\n")
    assert [row["name"] for row in result["comparison"]][-1].startswith("one-cycle")
    assert whole["schedule.csv"].count(b"\n") >= 60
