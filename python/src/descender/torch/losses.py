"""Losses on their way from the device: kept there, stacked, and copied once a decision."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch.distributed as distributed

import torch


class Losses:
    """The losses of the updates that the session was not told of.

    They come in intervals, one for each decision. An interval is copied to the host without waiting, and read when it
    is needed, or one interval later, when it has long arrived. On several ranks it is averaged over them first: all
    see the same.
    """

    def __init__(self, group: object | None) -> None:
        self._group = group
        self._open: list[torch.Tensor] = []
        self._flags: list[torch.Tensor | None] = []
        self._under_way: deque[_Copy] = deque()

    def add(self, loss: torch.Tensor, flag: torch.Tensor | None) -> None:
        """A loss, and the flag that says whether its update was skipped."""
        self._open.append(loss)
        self._flags.append(flag)

    def close(self) -> None:
        """Ends an interval: its losses are sent."""
        if not self._open:
            return
        plain = all(loss.dim() == 0 and loss.dtype == torch.float32 for loss in self._open)
        losses = torch.stack(self._open if plain else [loss.reshape(()).float() for loss in self._open])
        flagged = any(flag is not None for flag in self._flags)
        none = torch.zeros((), device=losses.device) if flagged else losses
        flags = (
            torch.stack([none if flag is None else flag.to(losses.device).reshape(()).float() for flag in self._flags])
            if flagged
            else None
        )
        self._under_way.append(_Copy(losses, flags, self._group))
        self._open, self._flags = [], []

    @property
    def waiting(self) -> int:
        """Intervals that are sent and not read."""
        return len(self._under_way)

    @property
    def unsent(self) -> int:
        """Losses of the interval that is not over."""
        return len(self._open)

    def read(self) -> tuple[list[float], int]:
        """The losses of the oldest interval whose updates were made, and how many were skipped."""
        return self._under_way.popleft().read()


class _Copy:
    """An interval on its way."""

    def __init__(self, losses: torch.Tensor, flags: torch.Tensor | None, group: object | None) -> None:
        both = losses if flags is None else torch.cat([losses, flags])
        if group is not None and distributed.is_initialized():
            ranks: Any = None if group is True else group
            world = distributed.get_world_size(ranks)
            if world > 1:
                both = both.clone()
                distributed.all_reduce(both, group=ranks)
                both /= world
        self._flagged = flags is not None
        self._event: torch.cuda.Event | None = None
        if both.device.type == "cuda":
            host = torch.empty(both.shape, dtype=both.dtype, pin_memory=True)
            self._values = host.copy_(both, non_blocking=True)
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()
        else:
            self._values = both

    def read(self) -> tuple[list[float], int]:
        if self._event is not None:
            self._event.synchronize()
        values: list[float] = self._values.tolist()
        if not self._flagged:
            return values, 0
        half = len(values) // 2
        made = [loss for loss, flag in zip(values[:half], values[half:], strict=True) if flag == 0.0]
        return made, half - len(made)
