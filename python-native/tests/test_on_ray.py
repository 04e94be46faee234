"""Tasks of Ray: the bytes are those of a run without it, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import descender_native

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'descender-native[ray]'")

LEARNING: dict[str, Any] = {
    "task": "jobs",
    "settings": {"rounds": 2, "instances": 8, "pairs": 1, "judged": 6},
    "quiet": True,
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    os.environ["RAY_AUTH_MODE"] = "disabled"
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    out = tmp_path_factory.mktemp("without") / "run"
    return descender_native.train(**LEARNING, out=out).controller.read_bytes()


def workers() -> list[int]:
    """Ray's workers that wait for a command of ours."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            of_ray = b"ray::" in Path(f"/proc/{parent}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"descender_native" in words and of_ray:
            found.append(parent)
    return found


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.usefixtures("cluster")
def test_a_learning_in_two_shares_gives_the_same_bytes(tmp_path: Path, controller: bytes, kill: bool) -> None:
    lost: list[int] = []

    def kill_one() -> None:
        deadline = time.monotonic() + 60
        while not lost and time.monotonic() < deadline:
            for worker in workers():
                os.kill(worker, signal.SIGKILL)
                lost.append(worker)
                return
            time.sleep(0.01)

    killer = threading.Thread(target=kill_one)
    if kill:
        killer.start()
    trained = descender_native.train(**LEARNING, out=tmp_path / "run", ray=2)
    assert trained.controller.read_bytes() == controller
    if kill:
        killer.join()
        assert lost


@pytest.mark.usefixtures("cluster")
def test_a_learning_goes_on_from_the_stages_that_are_there(tmp_path: Path, controller: bytes) -> None:
    trained = descender_native.train(**LEARNING, out=tmp_path / "run", ray=2)
    trained.controller.unlink()
    for path in trained.folder.glob("round-2.*"):
        path.unlink()
    again = descender_native.train(**LEARNING, out=tmp_path / "run", ray=3)
    assert again.controller.read_bytes() == controller


@pytest.mark.usefixtures("cluster")
def test_comparisons_in_shards_are_those_of_one_machine(tmp_path: Path) -> None:
    one_task: dict[str, Any] = {"task": "mnist-small", "against": "sgd:0.1,adam:0.01", "starts": 5, "steps": 40}
    jobs: dict[str, Any] = {"controller": "pretrained", "task": "data-sets", "against": "adam:0.01", "starts": 5}
    for number, arguments in enumerate([one_task, jobs]):
        here = descender_native.compare(**arguments, quiet=True)
        there = descender_native.compare(**arguments, out=tmp_path / str(number), ray=True, quiet=True)
        assert there.document == here.document
        assert (tmp_path / str(number) / "comparison.json").exists()


@pytest.mark.usefixtures("cluster")
def test_mistakes_come_back(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mnist-smal"):
        descender_native.compare(task="mnist-smal", ray=True, quiet=True)
    with pytest.raises(ValueError, match="expected a set of jobs"):
        descender_native.train("mnist-small", out=tmp_path / "run", ray=True, quiet=True)
