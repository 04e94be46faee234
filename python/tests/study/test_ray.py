"""Trainings as tasks of Ray: the bytes are those of a study without it, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="Ray is not installed: pip install 'descender[ray]'")

TESTS = Path(__file__).parents[1]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "lock"}


def begin(folder: Path, workers: Path, how: str) -> subprocess.Popen[bytes]:
    # The workers of Ray find the trainings by the path, as the modules of a user's project.
    path = os.pathsep.join([str(TESTS), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path, "STUDY_WORKERS": str(workers), "RAY_AUTH_MODE": "disabled"}
    command = [sys.executable, "-m", "study.run_study", str(folder), "slow_and_told", how]
    return subprocess.Popen(command, cwd=TESTS, env=environment)


def trials_of(worker: Path) -> list[list[str]]:
    return [line.split() for line in worker.read_text().splitlines()]


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder, workers = tmp_path_factory.mktemp("without"), tmp_path_factory.mktemp("workers")
    assert begin(folder, workers, "here").wait(120) == 0
    return contents(folder)


@pytest.mark.parametrize("kill", [False, True])
def test_two_workers_give_the_bytes_of_none(tmp_path: Path, without: dict[str, bytes], kill: bool) -> None:
    folder, workers = tmp_path / "study", tmp_path / "workers"
    workers.mkdir()
    process = begin(folder, workers, "ray")
    lost = None
    deadline = time.monotonic() + 120
    while kill and lost is None and time.monotonic() < deadline:
        time.sleep(0.02)
        busy = [worker for worker in workers.iterdir() if len(trials_of(worker)) >= 3]
        if len(list(workers.iterdir())) >= 2 and busy:
            lost = int(busy[0].name)
            os.kill(lost, signal.SIGKILL)
    assert process.wait(180) == 0
    assert contents(folder) == without
    by_worker = {int(worker.name): trials_of(worker) for worker in workers.iterdir()}
    assert len(by_worker) >= 2
    # One thread for each, whatever the machine has.
    assert {tuple(line[1:]) for lines in by_worker.values() for line in lines} == {("1", "1")}
    if kill:
        assert lost is not None
        # Another worker took the place of the one that was killed in the middle of its work.
        assert len(by_worker) >= 3
        assert len(by_worker[lost]) < max(len(lines) for lines in by_worker.values())
