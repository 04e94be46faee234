"""How μ comes into the parameter groups of an optimizer, and what of it stays the caller's.

============  ==========================================================================
entry of μ    of a group
============  ==========================================================================
η             ``lr``: η times the ratio of the group's own to that of the first group
b1            ``betas[0]``, or ``momentum``
b2            ``dampening`` = 1 − b2, beside ``momentum``
a1            ``betas[1]``, or ``alpha``
w             ``weight_decay``: w times the method's own, times the ratio of the group's
              to the largest; a group without weight decay stays without
============  ==========================================================================

Only what the controller sets is touched. A value that is a tensor is filled in place: a compiled step reads the same
tensor, and is not compiled again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, MutableMapping
from typing import Any

import torch

from ..errors import SettingsError
from ..hyper_parameters import HyperParameters
from ..method import Method

Group = MutableMapping[str, Any]

_ADAPTIVE = ("a1", "a2")


def unwrapped(optimizer: Any) -> torch.optim.Optimizer:
    """The optimizer inside of what wraps it, such as Accelerate's.

    Raises:
        SettingsError: If there is none, or one that nothing can steer.
    """
    # Accelerate's wrapper is itself an Optimizer, without hooks of its own.
    while isinstance(inner := getattr(optimizer, "optimizer", None), torch.optim.Optimizer):
        optimizer = inner
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise SettingsError(f"optimizer is a {type(optimizer).__name__}: expected an optimizer of torch.optim")
    if isinstance(optimizer, (torch.optim.LBFGS, torch.optim.SparseAdam)):
        raise SettingsError(
            f"{type(optimizer).__name__} cannot be steered: expected an optimizer of one update a step, with dense "
            "gradients"
        )
    for group in optimizer.param_groups:
        if "lr" not in group:
            raise SettingsError(f"{type(optimizer).__name__} has no lr: expected an optimizer with a learning rate")
    return optimizer


class Groups:
    """The parameter groups of an optimizer.

    Args:
        optimizer: The optimizer.
        method: What the controller was learned on.
        entries: The entries of μ that are set.
        any_optimizer: Whether an optimizer of another kind than the method is taken, of which η alone is set.

    Raises:
        SettingsError: If the optimizer is of another kind.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, method: Method, entries: Collection[str], any_optimizer: bool
    ) -> None:
        self._optimizer = optimizer
        self._decay = float(method.settings.get("weight_decay", 0.0))
        first = optimizer.param_groups[0]
        fits = self._fits(method, first)
        if not fits and not any_optimizer:
            raise SettingsError(
                f"the controller was learned on {method.name}, and {type(optimizer).__name__} has other settings: "
                f"expected {_expected(method)}, or any_optimizer=True to set its learning rate alone"
            )
        self._entries = frozenset(entries) if fits else frozenset({"learning_rate"})
        self._rates = [_number(group["lr"]) for group in optimizer.param_groups]
        self._decays = [_number(group.get("weight_decay", 0.0)) for group in optimizer.param_groups]
        self._shares: list[float] = []
        self._rate = 0.0
        self._last: HyperParameters | None = None

    def _fits(self, method: Method, group: Group) -> bool:
        mu = method.hyper_parameters(0.1)
        adaptive = mu.a1 != 0.0 or mu.a2 != 0.0
        if adaptive:
            return "betas" in group if mu.b1 != 0.0 else "betas" in group or "alpha" in group
        return "betas" not in group and "alpha" not in group

    def sets(self, *entries: str) -> bool:
        """Whether one of these entries of μ is set."""
        return any(entry in self._entries for entry in entries)

    @property
    def rates(self) -> list[float]:
        """The learning rate of each group, as it was set."""
        return [self._rate * share for share in self._shares]

    def write(self, mu: HyperParameters) -> None:
        """Puts μ into all groups, those that were added later included."""
        groups = self._optimizer.param_groups
        for group in groups[len(self._rates) :]:
            self._rates.append(_number(group["lr"]))
            self._decays.append(_number(group.get("weight_decay", 0.0)))
            self._last = None
        reference = next((rate for rate in self._rates if rate > 0.0), 0.0)
        self._shares = [rate / reference if reference > 0.0 else 1.0 for rate in self._rates[: len(groups)]]
        if (self._last is None or mu[1:] != self._last[1:]) and len(self._entries) > 1:
            self._write_rest(mu)
        self._last = mu
        self.write_rate(mu.learning_rate)

    def write_rate(self, rate: float) -> None:
        """Puts η alone into all groups."""
        groups = self._optimizer.param_groups
        if len(groups) != len(self._shares) and self._last is not None:
            self.write(self._last._replace(learning_rate=rate))
            return
        self._rate = rate
        for group, share in zip(groups, self._shares, strict=True):
            there = group["lr"]
            if isinstance(there, torch.Tensor):
                there.fill_(rate * share)
            else:
                group["lr"] = rate * share

    def forget(self) -> None:
        """Something else has set the groups: all is written anew the next time."""
        self._last = None

    def _write_rest(self, mu: HyperParameters) -> None:
        entries = self._entries
        largest = max(self._decays, default=0.0)
        for group, decay in zip(self._optimizer.param_groups, self._decays, strict=False):
            if "betas" in group:
                betas = list(group["betas"])
                changed = False
                for place, entry in enumerate(("b1", "a1")):
                    if entry in entries:
                        changed |= _put(betas, place, getattr(mu, entry))
                if changed:
                    group["betas"] = tuple(betas)
            else:
                if "b1" in entries and "momentum" in group:
                    _fill(group, "momentum", mu.b1)
                    if "b2" in entries and "dampening" in group and not group.get("nesterov"):
                        _fill(group, "dampening", 1.0 - mu.b2)
                if "a1" in entries and "alpha" in group:
                    _fill(group, "alpha", mu.a1)
            if "w" in entries and decay > 0.0:
                _fill(group, "weight_decay", mu.w * self._decay * decay / largest)

    def refuse_sparse(self) -> None:
        """Looks at the gradients that are there.

        Raises:
            SettingsError: If one is sparse.
        """
        for parameter in self._parameters():
            if parameter.grad is not None and parameter.grad.layout != torch.strided:
                raise SettingsError("a gradient is sparse: expected dense ones (sparse=False in embeddings)")

    def _parameters(self) -> Iterator[torch.Tensor]:
        for group in self._optimizer.param_groups:
            yield from group["params"]

    def state(self) -> dict[str, list[float]]:
        """The rates and the weight decays that the groups came with."""
        return {"rates": list(self._rates), "decays": list(self._decays)}

    def restore(self, state: dict[str, list[float]]) -> None:
        """Takes them from a state."""
        self._rates = [float(rate) for rate in state["rates"]]
        self._decays = [float(decay) for decay in state["decays"]]
        self.forget()


def _expected(method: Method) -> str:
    mu = method.hyper_parameters(0.1)
    if mu.a1 != 0.0 or mu.a2 != 0.0:
        return "one with betas, such as AdamW" if mu.b1 != 0.0 else "one with betas or alpha, such as RMSprop"
    return "one without, such as SGD"


def _number(value: Any) -> float:
    return float(value)


def _fill(group: Group, name: str, value: float) -> None:
    there = group.get(name)
    if isinstance(there, torch.Tensor):
        there.fill_(value)
    else:
        group[name] = value


def _put(values: list[Any], place: int, value: float) -> bool:
    """Puts a number into a list; whether the list has changed, and not a tensor in it."""
    if isinstance(values[place], torch.Tensor):
        values[place].fill_(value)
        return False
    values[place] = value
    return True
