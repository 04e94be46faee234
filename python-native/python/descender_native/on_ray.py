"""The command on a Ray cluster: tasks without state, one processor and one thread each, made again if their worker is lost.

A task is a shard of a comparison, or of one stage of a learning over a set of jobs. It works in a folder of its own, which it
sends back; the results are byte for byte those of one machine.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .command import merge, run
from .results import Comparison

RETRIES = 10
"""How often a task is made again whose worker was lost."""

CONTROLLER = "controller.safetensors"
"""The file with which a learning ends."""

Files = dict[str, bytes]
"""The files of a folder, by their names."""


def compare(words: Sequence[str], out: Path | None, shards: int | None, quiet: bool) -> Comparison:
    """A comparison, as ``descender`` with these words, a shard a task.

    Args:
        words: The words of the comparison, without ``--out``.
        out: The folder to create; none where it is None.
        shards: How many; as many as the cluster has processors where it is None.
        quiet: Show no progress.
    """
    with _cluster() as (ray, processors), tempfile.TemporaryDirectory(prefix="descender-ray-") as place:
        count = shards or processors
        task = _task(ray, _shard)
        made = ray.get([task.remote(list(words), {}, number, count) for number in range(1, count + 1)])
        folders = [_written(files, Path(place) / f"shard-{number}") for number, files in enumerate(made, 1)]
        whole = merge(folders, out if out is not None else Path(place) / "whole", quiet=quiet)
        return Comparison(whole.document, out)


def train(words: Sequence[str], out: Path, shards: int | None) -> None:
    """A learning over a set of jobs, as ``descender`` with these words, a share of a stage a task.

    Args:
        words: The words of the training, without ``--out``.
        out: The folder to create, or to go on in.
        shards: How many shares a stage has; as many as the cluster has processors where it is None.
    """
    with _cluster() as (ray, processors):
        count = shards or processors
        task = _task(ray, _shard)
        files = _read(out) if out.exists() else {}
        # The last stage that is made ends with the controller.
        while CONTROLLER not in files:
            there = ray.put(files)
            shares = [task.remote([*words, "--stage"], there, number, count) for number in range(1, count + 1)]
            for made in ray.get(shares):
                files |= made
            _written(files, out)


def _shard(words: list[str], files: Files, number: int, count: int) -> Files:
    """Runs a shard in a folder that begins with these files, and returns what it has that is new."""
    with tempfile.TemporaryDirectory(prefix="descender-ray-") as place:
        folder = Path(place) / "folder"
        if files:
            _written(files, folder)
        run([*words, "--shard", f"{number}/{count}", "--threads", "1", "--out", str(folder)], quiet=True)
        return {name: content for name, content in _read(folder).items() if files.get(name) != content}


def _task(ray: Any, function: Any) -> Any:
    return ray.remote(num_cpus=1, max_retries=RETRIES)(function)


@contextmanager
def _cluster() -> Iterator[tuple[Any, int]]:
    """Ray, connected to its cluster, or else on this machine, and the processors that it has."""
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError as error:
        raise ImportError("ray=True needs Ray: pip install 'descender-native[ray]'") from error
    own = not ray.is_initialized()
    if own:
        ray.init(log_to_driver=False, include_dashboard=False)
    try:
        yield ray, max(1, int(ray.cluster_resources().get("CPU", 1)))
    finally:
        if own:
            ray.shutdown()


def _read(folder: Path) -> Files:
    """The files of a folder and of the folders in it; a lock is of its own place."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _written(files: Files, folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder
