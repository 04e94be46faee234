"""Which calls of ``optimizer.step()`` moved the parameters.

A hook of the optimizer counts its steps: a gradient scaler that finds an infinity makes none. A fused optimizer is
called all the same, and skips the update by itself where the scaler's flag says so. That flag is on the device. It is
kept, and read with the losses, an interval later: then as many of the coming updates are not counted as were counted
too much.
"""

from __future__ import annotations

import weakref
from typing import Any

import torch


class Updates:
    """The updates of an optimizer since one last asked."""

    def __init__(self, optimizer: torch.optim.Optimizer) -> None:
        self._made = 0
        self._flag: torch.Tensor | None = None
        own = weakref.ref(self)

        def made(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            updates = own()
            if updates is not None:
                updates._made += 1
                flag = getattr(optimizer, "found_inf", None)
                updates._flag = flag.detach().clone() if isinstance(flag, torch.Tensor) else None

        self._hook = optimizer.register_step_post_hook(made)
        weakref.finalize(self, self._hook.remove)

    def take(self) -> tuple[bool, torch.Tensor | None]:
        """Whether there was an update, and the flag that says whether it was skipped; they are forgotten."""
        made, flag = self._made > 0, self._flag
        self._made, self._flag = 0, None
        return made, flag
