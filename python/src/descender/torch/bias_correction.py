"""Adam's bias correction where β changes on the way.

A moment is divided by the weights that it holds: 1 − Π β over the updates. PyTorch divides by 1 − βᵗ with the present
β, which is the same only while β stays. So during an
update η is multiplied by the ratio of both corrections, ε by what of it is the root's, and a decoupled weight decay is
divided by the ratio, since PyTorch multiplies it by η. Before and after the update the groups have the plain values.
"""

from __future__ import annotations

import math
import weakref
from typing import Any

import torch

from ..hyper_parameters import HyperParameters


class BiasCorrection:
    """The correction around the updates of an optimizer, AdamW or Adam, whose numbers are no tensors.

    Args:
        optimizer: The optimizer.
    """

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self.updates, self.first, self.second = 0, 1.0, 1.0
        self._mu: HyperParameters | None = None
        self._kept: list[tuple[float, float, float]] = []
        own = weakref.ref(self)

        def before(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            correction = own()
            if correction is not None:
                correction._before(optimizer)

        def after(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            correction = own()
            if correction is not None:
                correction._after(optimizer)

        for hook in (optimizer.register_step_pre_hook(before), optimizer.register_step_post_hook(after)):
            weakref.finalize(self, hook.remove)

    @staticmethod
    def fits(optimizer: torch.optim.Optimizer) -> bool:
        """Whether it is an optimizer whose correction is known, with plain numbers."""
        if type(optimizer) not in (torch.optim.Adam, torch.optim.AdamW):
            return False
        return all(
            not isinstance(value, torch.Tensor)
            for group in optimizer.param_groups
            for value in (group["lr"], group["weight_decay"], group["eps"], *group["betas"])
        )

    def set(self, mu: HyperParameters) -> None:
        """The μ of the coming update."""
        self._mu = mu

    def _before(self, optimizer: torch.optim.Optimizer) -> None:
        mu = self._mu
        if mu is None or self._kept:
            return
        self.updates += 1
        self.first *= mu.b1
        self.second *= mu.a1
        root = math.sqrt((1.0 - self.second) / (1.0 - mu.a1**self.updates))
        ratio = (1.0 - mu.b1**self.updates) / (1.0 - self.first) * root
        self._kept = [(group["lr"], group["weight_decay"], group["eps"]) for group in optimizer.param_groups]
        for group in optimizer.param_groups:
            group["lr"] *= ratio
            if group.get("decoupled_weight_decay", isinstance(optimizer, torch.optim.AdamW)):
                group["weight_decay"] /= ratio
            group["eps"] *= root

    def _after(self, optimizer: torch.optim.Optimizer) -> None:
        for group, kept in zip(optimizer.param_groups, self._kept, strict=False):
            group["lr"], group["weight_decay"], group["eps"] = kept
        self._kept = []

    def state(self) -> list[float]:
        """What a continuation needs."""
        return [self.updates, self.first, self.second]

    def restore(self, state: list[float]) -> None:
        """Continues from a state."""
        updates, self.first, self.second = state
        self.updates = int(updates)
