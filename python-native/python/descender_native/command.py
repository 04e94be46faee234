"""The command ``descender`` from Python: run as it is, and :func:`train`, :func:`compare` and :func:`merge` with data frames.

Each runs in a process of its own: an interrupt ends the work at its next safe point, with everything saved, as it does in a
terminal, and nothing that goes wrong in the work can take the interpreter with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from .results import Comparison, Training
from .settings import Setting, assignments

PARENT = "DESCENDER_PARENT"
"""Names the process for which a command works: without it the command has no purpose, and ends."""


class CommandError(RuntimeError):
    """The command failed while running; the message is its own."""


def main() -> None:
    """The command itself, with the words of this process."""
    from ._native import run_command

    # The command minds interrupts itself.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if PARENT in os.environ:
        threading.Thread(target=_end_with, args=(int(os.environ[PARENT]),), daemon=True).start()
    sys.exit(run_command(["descender", *sys.argv[1:]]))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def run(words: Iterable[str | os.PathLike[str]], *, quiet: bool = False) -> str:
    """Runs ``descender`` with these words, and returns what it writes to standard output.

    Args:
        words: The words after ``descender``, such as ``["list", "tasks"]``.
        quiet: Show no progress and no messages.

    Raises:
        ValueError: Wrong usage or configuration; the message is the command's.
        CommandError: The command failed while running, or was stopped.
        KeyboardInterrupt: It was interrupted, and ended at a safe point.
    """
    command = [sys.executable, "-m", "descender_native", *map(os.fspath, words)]
    on_terminal = not quiet and sys.stderr is sys.__stderr__ and sys.stderr.isatty()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None if on_terminal else subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, PARENT: str(os.getpid())},
        # An interrupt reaches it once, through this process.
        start_new_session=True,
    )
    messages: list[str] = []
    listener = threading.Thread(target=_forward, args=(process.stderr, messages, quiet), daemon=True)
    listener.start()
    assert process.stdout is not None
    interrupted = False
    while True:
        try:
            output = process.stdout.read()
            code = process.wait()
            listener.join()
            break
        except KeyboardInterrupt:
            interrupted = True
            process.send_signal(signal.SIGINT)
    if interrupted:
        raise KeyboardInterrupt(messages[-1] if messages else "stopped")
    if code != 0:
        message = messages[-1] if messages else f"exit code {code}; its message is above"
        message = message.removeprefix("descender: ")
        raise ValueError(message) if code == 2 else CommandError(message)
    return output


def _forward(stream: IO[str] | None, messages: list[str], quiet: bool) -> None:
    """Passes messages on to where this process shows its own, which in a notebook is the page."""
    if stream is None:
        return
    for line in stream:
        if line.strip():
            messages.append(line.strip())
            if not quiet:
                print(line, end="", file=sys.stderr)


def _options(**values: object) -> list[str]:
    """``--name value`` for each value that is given."""
    words: list[str] = []
    for name, value in values.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words += [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
    return words


def _numbered(name: str) -> Path:
    """A folder ``runs/NAME-N`` that isn't there yet."""
    number = 1
    while (folder := Path("runs") / f"{name}-{number}").exists():
        number += 1
    return folder


def train(
    task: str | None = None,
    *,
    preset: str | None = None,
    steps: int | None = None,
    seed: int | None = None,
    seeds: Iterable[int] | None = None,
    settings: Mapping[str, Setting] | None = None,
    config: str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    leave_out: str | None = None,
    threads: int | None = None,
    tensorboard: bool = False,
    out: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
    quiet: bool = False,
) -> Training:
    """Trains a controller, as ``descender train`` with the options of these names.

    Args:
        task: A task, a task file (which specialises ``pretrained``), or a set of jobs.
        preset: The settings to begin with.
        steps: Steps of each descent.
        seed: The seed of every random stream.
        seeds: Several trainings, compared on the same starts.
        settings: Settings laid over the preset.
        config: A file of settings.
        data: A folder of the task's data.
        leave_out: Of a set: what is left out, separated by commas.
        threads: Threads; they never change a result.
        tensorboard: Also write event files.
        out: The run folder; ``runs/python-N`` where it is None.
        resume: A run folder to continue.
        quiet: Show no progress.

    Raises:
        ValueError: Wrong usage or configuration.
        CommandError: The training failed.
    """
    folder = Path(resume) if resume is not None else Path(out) if out is not None else _numbered("python")
    words = ["train", *_options(task=task, preset=preset, steps=steps, seed=seed, config=config, data=data)]
    words += _options(leave_out=leave_out, threads=threads, tensorboard=tensorboard, resume=resume)
    words += _options(seeds=",".join(map(str, seeds)) if seeds is not None else None)
    for assignment in assignments(settings):
        words += ["--set", assignment]
    if resume is None:
        words += ["--out", str(folder)]
    return Training(folder, run(words, quiet=quiet))


def compare(
    controller: str | os.PathLike[str] | None = None,
    *,
    task: str | None = None,
    against: str | Iterable[str] | None = None,
    starts: int | None = None,
    steps: int | None = None,
    seed: int | None = None,
    threshold: float | None = None,
    initial_learning_rate: float | None = None,
    only: str | None = None,
    portfolio: bool = False,
    data: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: str | os.PathLike[str] | None = None,
    quiet: bool = False,
) -> Comparison:
    """Compares methods from the same starts, as ``descender compare`` with the options of these names.

    Args:
        controller: A controller's name or file, or a run folder.
        task: A task, a task file, or a set of jobs.
        against: The other contenders, in one text with commas or as a list.
        starts: Held-out starts, or jobs of a set.
        steps: Steps of each descent.
        seed: The seed of the starts.
        threshold: The batch loss that counts as a hit.
        initial_learning_rate: That of the controller's descents.
        only: Of a set: what is compared on, separated by commas.
        portfolio: Of a set: add a portfolio.
        data: A folder of the task's data.
        threads: Threads; they never change a result.
        out: A folder to keep it in, with a report.
        resume: The folder of a comparison to continue.
        quiet: Show no progress.

    Raises:
        ValueError: Wrong usage or configuration.
        CommandError: The comparison failed.
    """
    if against is not None and not isinstance(against, str):
        against = ",".join(against)
    words = ["compare", "--json", *_options(controller=controller, task=task, against=against, starts=starts)]
    words += _options(steps=steps, seed=seed, threshold=threshold, initial_learning_rate=initial_learning_rate)
    words += _options(only=only, portfolio=portfolio, data=data, threads=threads, out=out, resume=resume)
    output = run(words, quiet=quiet)
    folder = resume if resume is not None else out
    return Comparison(json.loads(output), Path(folder) if folder is not None else None)


def merge(
    folders: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    threads: int | None = None,
    quiet: bool = False,
) -> Comparison:
    """Makes one comparison of its shards, as ``descender merge``.

    Args:
        folders: The folders of all shards.
        out: The folder to create.
        threads: Threads; they never change a result.
        quiet: Show no progress.

    Raises:
        ValueError: The folders are not all shards of one comparison.
        CommandError: The merging failed.
    """
    words = ["merge", *map(os.fspath, folders), "--out", os.fspath(out), "--json", *_options(threads=threads)]
    return Comparison(json.loads(run(words, quiet=quiet)), Path(out))
