"""How far a study is, in one line on standard error."""

from __future__ import annotations

import sys
from typing import TextIO


class Progress:
    """The line, rewritten in place on a terminal, and on a line of its own for each stage elsewhere.

    Args:
        wanted: Whether to show it; ``None``: only on a terminal.
        stream: Where to; by default standard error.
    """

    def __init__(self, wanted: bool | None = None, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._terminal = bool(getattr(self._stream, "isatty", lambda: False)())
        self._wanted = self._terminal if wanted is None else wanted
        self._width = 0
        self._stage: str | None = None

    def show(self, made: int, of: int, stage: str, best: str) -> None:
        """Shows how many trainings are made, what the study is at, and what it knows."""
        if not self._wanted:
            return
        text = f"study: {made} of {of} trainings · {stage}{f' · {best}' if best else ''}"
        if self._terminal:
            self._stream.write("\r" + text.ljust(self._width))
            self._width = len(text)
        elif stage != self._stage:
            self._stream.write(text + "\n")
        self._stage = stage
        self._stream.flush()

    def say(self, text: str) -> None:
        """Says something on a line of its own, below the line of the progress."""
        if self._wanted:
            self._stream.write(("\n" if self._terminal and self._width else "") + text + "\n")
            self._stream.flush()
            self._width = 0
