"""μ, the hyper-parameters of one step."""

from __future__ import annotations

from typing import NamedTuple


class HyperParameters(NamedTuple):
    """μ = (η, a1, a2, a3, b1, b2, b3, c, w): the hyper-parameters of one step of the family h(μ).

    The family (Zhu, Hayashi and Ohsawa, "Gradient Descent Optimization by Reinforcement Learning", Table 1) is
    P ← a1·P + a2·g² + a3, Q ← b1·Q + b2·g + b3, θ ← θ − η / √P · Q. Every value is one that a 32-bit float holds
    exactly.
    """

    learning_rate: float
    """η."""
    a1: float
    """Decay of the second moment P: β₂ of Adam."""
    a2: float
    """Weight of the squared gradient in P."""
    a3: float
    """Constant added to P."""
    b1: float
    """Decay of the first moment Q: β₁ of Adam, or the momentum."""
    b2: float
    """Weight of the gradient in Q."""
    b3: float
    """Constant added to Q."""
    c: float
    """Factor on the share of the newest iterate in an average of iterates; 1 is the optimizer's own share."""
    w: float
    """Factor on the optimizer's weight decay; 1 is its own."""
