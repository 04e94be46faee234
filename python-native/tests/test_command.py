"""The command from Python: results as data frames, errors as exceptions, an interrupt as a safe point."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import descender_native
from descender_native import CommandError

SETTINGS = {"episodes": 8, "comparison.starts": 4, "selection.starts": 2, "selection.final_starts": 2, "environments": 2}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DESCENDER_RIVALS", "")


def small_training(out: str, **others: object) -> descender_native.Training:
    settings = {**SETTINGS, "comparison.against": "sgd:0.1"}
    return descender_native.train(
        "mnist-small", preset="dqn", steps=40, seed=1, settings=settings, out=out, quiet=True, **others
    )


def test_a_training_has_frames_and_pictures(tmp_path: Path) -> None:
    trained = small_training("run")
    assert trained.controller.exists()
    assert len(trained.episodes) == 8
    assert trained.frame["name"].tolist() == ["controller", "sgd:0.1"]
    assert (trained.frame["final_validation_loss.low"] <= trained.frame["final_validation_loss.high"]).all()
    assert trained.report.exists()
    assert trained.pictures[0]._repr_svg_().startswith("<svg")
    assert "<table" in trained._repr_html_()
    again = small_training("again", threads=1)
    assert again.controller.read_bytes() == trained.controller.read_bytes()


def test_a_training_without_a_folder_gets_one_of_its_own() -> None:
    folders = [descender_native.command._numbered("python")]
    folders[0].mkdir(parents=True)
    folders.append(descender_native.command._numbered("python"))
    assert [folder.name for folder in folders] == ["python-1", "python-2"]


def test_a_comparison_over_starts_and_over_jobs_is_a_frame() -> None:
    compared = descender_native.compare(
        task="mnist-small", against=["sgd:0.1", "adam:0.01"], starts=4, steps=40, quiet=True
    )
    assert compared.frame["name"].tolist() == ["sgd:0.1", "adam:0.01"]
    assert compared.pictures == []
    jobs = descender_native.compare(
        "pretrained", task="data-sets", against="adam:0.01", starts=4, out="jobs", quiet=True
    )
    assert set(jobs.frame["name"]) == {"controller", "adam:0.01"}
    assert {"family", "regret.value", "regret.low"} <= set(jobs.frame.columns)
    assert jobs.folder is not None
    assert (jobs.folder / "comparison.json").exists()


def test_shards_merge_to_the_whole(tmp_path: Path) -> None:
    words = ["compare", "--task", "mnist-small", "--against", "sgd:0.1", "--starts", "4", "--steps", "40"]
    for shard in (1, 2):
        descender_native.run([*words, "--shard", f"{shard}/2", "--out", f"part-{shard}"], quiet=True)
    merged = descender_native.merge(["part-1", "part-2"], "merged", quiet=True)
    whole = descender_native.compare(task="mnist-small", against="sgd:0.1", starts=4, steps=40, quiet=True)
    assert merged.document == whole.document


def test_mistakes_are_value_errors_with_the_command_s_message() -> None:
    with pytest.raises(ValueError, match="no task `mnist-cmn`, expected one of mnist-cnn"):
        descender_native.train("mnist-cmn", quiet=True)
    with pytest.raises(ValueError, match="episodes"):
        descender_native.train("mnist-small", preset="dqn", settings={"episodes": 0}, quiet=True)
    assert not Path("runs").exists()
    Path("file.safetensors").write_text("nothing")
    with pytest.raises(CommandError, match="file.safetensors"):
        descender_native.compare("file.safetensors", quiet=True)


def test_the_command_is_there() -> None:
    assert "pretrained" in descender_native.run(["list", "controllers"])
    listed = subprocess.run([sys.executable, "-m", "descender_native", "--version"], capture_output=True, text=True)
    assert listed.stdout.startswith("descender ")
    assert listed.returncode == 0


def test_an_interrupt_ends_at_a_safe_point_and_the_run_goes_on_from_there() -> None:
    script = (
        "import descender_native as d\n"
        "d.train('mnist-small', preset='dqn', seed=1, out='long', settings={'checkpoint_seconds': 0,"
        "'comparison.against': 'sgd:0.1', 'comparison.starts': 2}, quiet=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    state = Path("long/checkpoint/state")
    while not state.exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in messages
    assert "descender train --resume long" in messages
    assert state.exists()


def test_a_command_ends_with_the_process_that_asked_for_it() -> None:
    script = (
        "import descender_native as d\n"
        "d.train('mnist-small', preset='dqn', seed=1, out='orphan', settings={'checkpoint_seconds': 0}, quiet=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    state = Path("orphan/checkpoint/state")
    while not state.exists():
        time.sleep(0.02)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        pytest.skip("the system doesn't list a process's children")
    child = int(children.read_text().split()[0])
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(200):
        try:
            status = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if status == "Z":
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the command still works though nobody waits for it")
