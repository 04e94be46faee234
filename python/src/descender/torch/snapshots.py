"""States of a training to go back to, where the safety net asks for it: weights, buffers and the optimizer's memory."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from ..safety import Advice, Keeper
from .bias_correction import BiasCorrection


class Snapshots:
    """The kept states of a model and its optimizer; the state at the start is kept from the beginning.

    Args:
        model: The model; its buffers are kept as well.
        optimizer: The optimizer.
        correction: Its bias correction, whose count of updates goes back with the optimizer's own.
    """

    def __init__(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, correction: BiasCorrection | None = None
    ) -> None:
        self._model, self._optimizer, self._correction = model, optimizer, correction
        self._keeper: Keeper[Any] = Keeper(self._state())

    def _state(self) -> Any:
        correction = None if self._correction is None else self._correction.state()
        # Copies: a state_dict shares its tensors with the model.
        return copy.deepcopy((self._model.state_dict(), self._optimizer.state_dict(), correction))

    def follow(self, advice: Advice) -> None:
        """Keeps or restores, as the safety net says."""
        if advice is Advice.SAVE:
            self._keeper.save(self._state())
        elif advice is Advice.RESTORE:
            self._load(self._keeper.restore())
        elif advice is Advice.RESTART:
            self._load(self._keeper.restart())

    def _load(self, state: Any) -> None:
        weights, memory, correction = copy.deepcopy(state)
        self._model.load_state_dict(weights)
        self._optimizer.load_state_dict(memory)
        if self._correction is not None:
            self._correction.restore(correction)
