"""Which calls of ``optimizer.step()`` moved the parameters.

A hook of the optimizer counts its steps: a gradient scaler that finds an infinity makes none. A fused optimizer is
called all the same, and skips the update by itself where the scaler's flag says so. That flag is on the device. It is
kept, and read with the losses, an interval later (that of the first update: at once): then as many of the coming
updates are not counted as were counted too much.
"""

from __future__ import annotations

import weakref
from typing import Any

import torch


class Updates:
    """The updates of an optimizer since one last asked.

    Args:
        optimizer: The optimizer.
        owner: With whom the hook goes.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, owner: object) -> None:
        self.made = 0
        """Calls of ``optimizer.step()``; whoever has read it sets it to 0."""
        self.flag: torch.Tensor | None = None
        """Whether the last of them was skipped, where a scaler knows."""
        weakref.finalize(owner, optimizer.register_step_post_hook(self._after).remove)

    def _after(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        self.made += 1
        flag = getattr(optimizer, "found_inf", None)
        self.flag = flag.detach().clone() if isinstance(flag, torch.Tensor) else None
