"""Which states of a training are kept to go back to."""

from __future__ import annotations

from typing import Generic, TypeVar

State = TypeVar("State")


class Keeper(Generic[State]):
    """The kept states of a training: what :class:`Advice` asks of whoever trains.

    A state that is saved is a candidate, and becomes the good state only when the next one is saved: it holds an update
    whose loss has not been seen yet. If all is well at the next save, the update was harmless.

    Args:
        start: The state before the first step, of any kind.

    Example:
        >>> keeper = Keeper("start")
        >>> keeper.save("step 10")
        >>> keeper.restore()  # and the candidate is forgotten
        'start'
        >>> keeper.save("step 30")
        >>> keeper.save("step 40")
        >>> keeper.restore()
        'step 30'
        >>> keeper.restart()
        'start'
    """

    def __init__(self, start: State) -> None:
        self.start: State = start
        self.good: State | None = None
        self.candidate: State | None = None

    def save(self, state: State) -> None:
        """Keeps the present state; the candidate before it becomes the good one."""
        if self.candidate is not None:
            self.good = self.candidate
        self.candidate = state

    def restore(self) -> State:
        """The state to go back to; the candidate is forgotten."""
        self.candidate = None
        return self.start if self.good is None else self.good

    def restart(self) -> State:
        """The state to begin with anew."""
        self.good = self.candidate = None
        return self.start
