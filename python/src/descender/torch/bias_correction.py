"""Adam's bias correction where β changes on the way.

A moment is divided by the weights that it holds: 1 − Π β over the updates. PyTorch divides by 1 − βᵗ with the present
β, which is the same only while β stays. So during an update η is multiplied by the ratio of both corrections, ε by
what of it is the root's, and a decoupled weight decay is divided by the ratio, since PyTorch multiplies it by η. Before
and after the update, and in a closure, the groups have the plain values. An η that is a tensor is replaced by another
one for the update, and stays as it is.

One count is kept for all parameters. One that got its first gradient later than others has another in PyTorch, and the
ratio of the others. The k updates that a fused optimizer has skipped are counted until a scaler's flags are read, two
decisions later at most; until then η is off by k/(2t) at most under ``pretrained``, at update t.
"""

from __future__ import annotations

import math
import weakref
from typing import Any

import torch

from ..hyper_parameters import HyperParameters


class BiasCorrection:
    """The correction around the updates of an optimizer, AdamW or Adam.

    If it has made updates before, they count with the β that it has now.

    Args:
        optimizer: The optimizer.
        owner: With whom the hooks go.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, owner: object) -> None:
        self.updates, self.first, self.second = _made_before(optimizer)
        """Updates that were made, and Π β₁ and Π β₂ over them; all three without the last, where ``_begun`` is set."""
        self._coming = (self.updates, self.first, self.second)
        self._begun = False
        self._b1, self._a1 = 0.0, 0.0
        self._ratio, self._root = 1.0, 1.0
        self._plain: list[tuple[dict[str, Any], Any, Any, Any]] = []
        self._decoupled = isinstance(optimizer, torch.optim.AdamW)
        before = optimizer.register_step_pre_hook(self._before)
        after = optimizer.register_step_post_hook(self._put_back)
        for hook in (before, after):
            weakref.finalize(owner, hook.remove)
        # In what torch.compile compiles, the numbers of a hook would be constants.
        disable: Any = torch.compiler.disable
        self._untraced_before, self._untraced_put_back = disable(self._before), disable(self._put_back)

    @staticmethod
    def fits(optimizer: torch.optim.Optimizer) -> bool:
        """Whether it is an optimizer whose correction is known."""
        return type(optimizer) in (torch.optim.Adam, torch.optim.AdamW)

    def set(self, mu: HyperParameters) -> None:
        """The μ of the coming updates."""
        self._b1, self._a1 = mu.b1, mu.a1
        self.prepare()

    def prepare(self) -> None:
        """Counts the last update, and calculates the correction of the coming one."""
        self._count()
        updates, first, second = self.updates + 1, self.first * self._b1, self.second * self._a1
        self._coming = updates, first, second
        self._root = root = math.sqrt((1.0 - second) / (1.0 - self._a1**updates))
        self._ratio = (1.0 - self._b1**updates) / (1.0 - first) * root

    def take_back(self, updates: int, mu: HyperParameters) -> None:
        """Takes back so many updates under μ that the optimizer has skipped; :meth:`set` follows."""
        self._count()
        self.updates -= updates
        # A product that is 0 says no longer what it was.
        self.first /= mu.b1**updates or 1.0
        self.second /= mu.a1**updates or 1.0

    def _count(self) -> None:
        """Counts the last update, unless it was broken off: then the groups still have other values than the plain."""
        if self._plain:
            self._put_back()
        elif self._begun:
            self.updates, self.first, self.second = self._coming
        self._begun = False

    def _before(
        self, optimizer: torch.optim.Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        if torch.compiler.is_dynamo_compiling():
            return self._untraced_before(optimizer, args, kwargs)  # type: ignore[no-any-return]
        if self._begun:
            self.prepare()  # nobody has since the last update
        closure = args[1] if len(args) > 1 else kwargs.get("closure")
        if closure is not None:

            def evaluated() -> Any:
                loss = closure()
                self._before(optimizer, (optimizer,), {})
                return loss

            return (optimizer, evaluated), {}
        self._begun = True
        ratio, root = self._ratio, self._root
        for group in optimizer.param_groups:
            rate, decay, epsilon = group["lr"], group["weight_decay"], group["eps"]
            self._plain.append((group, rate, decay, epsilon))
            group["lr"], group["eps"] = rate * ratio, epsilon * root
            if group.get("decoupled_weight_decay", self._decoupled):
                group["weight_decay"] = decay / ratio
        return None

    def _put_back(self, *_: Any) -> None:
        if torch.compiler.is_dynamo_compiling():
            self._untraced_put_back()
            return
        for group, rate, decay, epsilon in self._plain:
            group["lr"], group["weight_decay"], group["eps"] = rate, decay, epsilon
        self._plain.clear()

    def state(self) -> list[float]:
        """What a continuation needs."""
        self._count()
        return [self.updates, self.first, self.second]

    def restore(self, state: list[float]) -> None:
        """Continues from a state; :meth:`set` follows."""
        updates, self.first, self.second = state
        self.updates, self._begun = int(updates), False


def _made_before(optimizer: torch.optim.Optimizer) -> tuple[int, float, float]:
    updates = int(next((state["step"] for state in optimizer.state.values() if "step" in state), 0))
    b1, a1 = map(float, optimizer.param_groups[0]["betas"])
    return updates, b1**updates, a1**updates
