"""What one step reports besides its loss."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .errors import SettingsError


class StepStatistics(NamedTuple):
    """Statistics of one update, which some observations read (the paper's 18 features do).

    g is the gradient before the update, Δθ the change that the update makes, n the number of parameters.
    """

    gradient_mean: float = 0.0
    """Σ g / n."""
    gradient_mean_absolute: float = 0.0
    """Σ |g| / n."""
    gradient_sum_positive: float = 0.0
    """Sum of the positive entries of g."""
    gradient_sum_negative: float = 0.0
    """Sum of the negative entries of g (0 or less)."""
    parameters_increased: int = 0
    """Number of parameters with Δθ > 0."""
    parameters_decreased: int = 0
    """Number of parameters with Δθ < 0."""
    relative_change: float = 0.0
    """Σ |Δθ| / Σ |θ|, with θ before the update; 0 where Σ |θ| = 0."""

    @classmethod
    def of(cls, gradient: ArrayLike, before: ArrayLike, after: ArrayLike) -> StepStatistics:
        """The statistics of an update.

        Args:
            gradient: The gradient at the parameters before the update, of any shape.
            before: The parameters before the update, of the same shape.
            after: The parameters after it, of the same shape.

        Returns:
            The statistics; sums are taken in double precision.

        Raises:
            SettingsError: If the shapes differ, or there are no parameters.
        """
        g, old, new = (np.asarray(values, dtype=np.float64).ravel() for values in (gradient, before, after))
        if not g.size == old.size == new.size or g.size == 0:
            raise SettingsError(
                f"gradient, before and after have {g.size}, {old.size} and {new.size} entries: expected the same "
                "number, 1 or more"
            )
        change = new - old
        size = float(np.abs(old).sum())
        return cls(
            gradient_mean=float(g.sum()) / g.size,
            gradient_mean_absolute=float(np.abs(g).sum()) / g.size,
            gradient_sum_positive=float(g[g > 0].sum()),
            gradient_sum_negative=float(g[g < 0].sum()),
            parameters_increased=int((change > 0).sum()),
            parameters_decreased=int((change < 0).sum()),
            relative_change=float(np.abs(change).sum()) / size if size > 0 else 0.0,
        )
