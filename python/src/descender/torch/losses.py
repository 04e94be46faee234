"""Losses on their way from the device: kept there, stacked, and copied once a decision."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import torch.distributed as distributed

import torch

from ..hyper_parameters import HyperParameters


class Interval(NamedTuple):
    """What is known of the updates of an interval."""

    losses: list[float]
    """Losses of the updates that were made."""
    skipped: int
    """Updates that were not."""
    mu: HyperParameters
    """μ of its updates; η is that of the last."""


class Losses:
    """The losses of the updates that the session was not told of.

    They come in intervals, one for each decision. An interval is copied to the host without waiting, and read when it
    is needed, or one interval later, when it has long arrived. On several ranks it is averaged over them first: all
    see the same.
    """

    def __init__(self, group: object | None) -> None:
        self._group = group
        self._open: list[tuple[torch.Tensor | None, torch.Tensor | None]] = []
        self._under_way: deque[_Copy] = deque()

    def add(self, loss: torch.Tensor | None, flag: torch.Tensor | None) -> None:
        """The loss of an update, where there is one, and the flag that says whether it was skipped."""
        self._open.append((loss, flag))

    def close(self, mu: HyperParameters) -> None:
        """Ends an interval, whose updates were made with μ: its losses are sent."""
        there = [value for pair in self._open for value in pair if value is not None]
        if there:
            try:
                values = torch.stack(there)
            except RuntimeError:  # of several shapes or devices
                values = torch.stack([value.reshape(()).float().to(there[0].device) for value in there])
            values = values.reshape(len(there)).float()
            kinds = [(loss is not None, flag is not None) for loss, flag in self._open]
            self._under_way.append(_Copy(values, kinds, mu, self._group))
        self._open = []

    @property
    def waiting(self) -> int:
        """Intervals that are sent and not read."""
        return len(self._under_way)

    def read(self) -> Interval:
        """The oldest interval."""
        return self._under_way.popleft().read()


class _Copy:
    """An interval on its way: its losses and flags in turn, and for each update which of both there are."""

    def __init__(
        self, values: torch.Tensor, kinds: list[tuple[bool, bool]], mu: HyperParameters, group: object | None
    ) -> None:
        if group is not None and distributed.is_initialized():
            ranks: Any = None if group is True else group
            world = distributed.get_world_size(ranks)
            if world > 1:
                distributed.all_reduce(values, group=ranks)
                values /= world
        self._kinds, self._mu = kinds, mu
        self._event: torch.cuda.Event | None = None
        if values.device.type == "cuda":
            host = torch.empty(values.shape, dtype=values.dtype, pin_memory=True)
            self._values = host.copy_(values, non_blocking=True)
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()
        else:
            self._values = values

    def read(self) -> Interval:
        if self._event is not None:
            self._event.synchronize()
        values = iter(self._values.tolist())
        losses: list[float] = []
        skipped = 0
        for has_loss, has_flag in self._kinds:
            loss = next(values) if has_loss else None
            if has_flag and next(values) != 0.0:
                skipped += 1
            elif loss is not None:
                losses.append(loss)
        return Interval(losses, skipped, self._mu)
