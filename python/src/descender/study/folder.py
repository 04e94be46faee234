"""A study's folder: its settings, and one line for each trial that was told.

A line is on the disk before the study goes on, and a line that a kill cut off is dropped. The results are written
anew from the losses, each file as a whole. One process at a time has the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .errors import StudyError

_SETTINGS = "study.json"
_TRIALS = "trials.jsonl"
_LOCK = "lock"


class Told(NamedTuple):
    """What a trial was told."""

    number: int
    """The trial."""
    loss: float | None
    """Its loss; ``None`` if the training was lost."""
    error: str | None = None
    """Why it was lost, if an exception ended it."""
    job: dict[str, Any] | None = None
    """What the trial knew of the training, where that is more than the study was told."""


class Folder:
    """The folder of a study, made where it is not there.

    Args:
        path: Where it is.
        settings: All that the study depends on; the folder of a study with other settings is refused.

    Raises:
        StudyError: If the folder belongs to another study or another process, or cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str], settings: Mapping[str, Any]) -> None:
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StudyError(f"{self.path}: cannot be made or used as a folder ({error.strerror})") from error
        self._lock = self._take()
        try:
            self._check(json.loads(json.dumps(settings)))
            self.told = list(self._read())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Gives the folder free for another process."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def add(self, told: Told) -> None:
        """Keeps what a trial was told, on the disk before this returns."""
        with open(self.path / _TRIALS, "ab") as file:
            file.write(_line(told))
            file.flush()
            os.fsync(file.fileno())

    def put_in_order(self, told: Mapping[int, Told]) -> None:
        """Writes all that was told in the order of the trials, whatever the order was in which it came."""
        self.write(_TRIALS, b"".join(_line(told[number]) for number in sorted(told)))

    def write(self, name: str, data: bytes) -> None:
        """Replaces a file by these bytes, as a whole or not at all."""
        path, new = self.path / name, self.path / f"{name}.new"
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)

    def _take(self) -> int | None:
        try:
            import fcntl
        except ImportError:  # not on Windows
            return None
        lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise StudyError(f"{self.path}: another process has this study; expected one at a time") from error
        return lock

    def _check(self, settings: Mapping[str, Any]) -> None:
        try:
            text = (self.path / _SETTINGS).read_text(encoding="utf-8")
        except FileNotFoundError:
            if (self.path / _TRIALS).exists():
                raise StudyError(f"{self.path}: has {_TRIALS} but no {_SETTINGS}: expected both, or neither") from None
            self.write(_SETTINGS, (json.dumps(settings, indent=2, ensure_ascii=False) + "\n").encode())
            return
        try:
            there = json.loads(text)
        except ValueError as error:
            raise StudyError(f"{self.path / _SETTINGS}: not a JSON document ({error})") from error
        if there == settings:
            return
        there = there if isinstance(there, dict) else {}
        differing = [
            f"{name} was {_short(there.get(name))}, now {_short(settings.get(name))}"
            for name in sorted({*there, *settings})
            if there.get(name) != settings.get(name)
        ]
        raise StudyError(
            f"{self.path}: the folder of another study ({'; '.join(differing)}): expected the same settings, or "
            "another folder"
        )

    def _read(self) -> Iterator[Told]:
        path = self.path / _TRIALS
        with contextlib.suppress(FileNotFoundError):
            data = path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if whole != data:
                self.write(_TRIALS, whole)  # the rest is of a line that a kill cut off
            for place, line in enumerate(whole.splitlines(), 1):
                try:
                    fields = json.loads(line)
                    loss = None if fields["loss"] is None else fields["loss"] + 0.0
                    told = Told(int(fields["trial"]), loss, fields.get("error"), fields.get("job"))
                except (ValueError, KeyError, TypeError) as error:
                    raise StudyError(f"{path}: line {place} is no trial: expected trial and loss") from error
                yield told


def _line(told: Told) -> bytes:
    fields: dict[str, Any] = {"trial": told.number, "loss": told.loss}
    if told.error is not None:
        fields["error"] = told.error
    if told.job is not None:
        fields["job"] = told.job
    return (json.dumps(fields, ensure_ascii=False) + "\n").encode()


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
