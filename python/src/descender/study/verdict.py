"""The verdict of a study: one sentence that says what to use, and claims no more than the intervals.

The schedule is advised only where it is shown to be better than plain one-cycle: where the 95 % interval of the paired
difference lies on its side. Otherwise the simpler thing is advised.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .statistics import FEWEST_STARTS, Estimate, differences, estimate, interquartile_mean


@dataclass(frozen=True)
class Row:
    """A contender of the comparison at the end."""

    name: str
    """What it is."""
    losses: tuple[float, ...]
    """Its loss from each start; ∞ where the training was lost."""
    loss: Estimate
    """The interquartile mean of its losses."""
    lost: int
    """Trainings that were lost."""


@dataclass(frozen=True)
class Verdict:
    """What to use, and what is to be gained by it."""

    use: str
    """``controller`` (the one that was found), ``start`` (the one that the study began with), ``one-cycle``, or
    ``nothing``."""
    gain: Estimate
    """By how much the loss of the controller is below that of one-cycle, in per cent of the latter."""
    over_start: Estimate | None
    """The same against the controller that the study began with; ``None`` where it is that one."""
    rows: tuple[Row, ...]
    """All contenders, the controller first."""
    sentence: str
    """The verdict in one sentence."""

    def __str__(self) -> str:
        return self.sentence


def verdict(
    compared: Mapping[str, Sequence[float]],
    rate: float,
    start_name: str,
    method: str,
    *,
    open_loop: bool,
    at_the_end: bool,
    seed: int,
) -> Verdict:
    """The verdict on a comparison.

    Args:
        compared: The losses of ``one-cycle``, ``start`` and, where another policy was chosen, ``controller``; start by
            start.
        rate: The tuned peak of one-cycle.
        start_name: What the controller is called that the study began with.
        method: The optimizer that the controller steers.
        open_loop: Whether the controller looks at no loss, and so is a schedule.
        at_the_end: Whether that peak is the lowest or the highest of those tried.
        seed: The seed of the resampling.

    Returns:
        The verdict.
    """
    names = {"controller": "the controller found", "start": start_name, "one-cycle": f"one-cycle, η = {_number(rate)}"}
    rows = tuple(
        Row(
            names[key],
            tuple(compared[key]),
            estimate(compared[key], f"study {seed}: {key}"),
            sum(1 for loss in compared[key] if not math.isfinite(loss)),
        )
        for key in ("controller", "start", "one-cycle")
        if key in compared
    )
    found = "controller" in compared
    over_start = _gain(compared, "controller", "start", seed) if found else None
    # Where what was found is shown to be worse than what it came from, the latter is the product.
    product = "controller" if found and not (over_start is not None and over_start.high < 0) else "start"
    gain = _gain(compared, product, "one-cycle", seed)
    plain = f"plain one-cycle with η = {_number(rate)}"
    what = "the controller" if product == "controller" else start_name
    words = _words(gain)
    use = product
    if all(math.isinf(loss) for losses in compared.values() for loss in losses):
        use, sentence = "nothing", "nothing can be said, for all trainings of the comparison were lost"
    elif gain.high < 0:
        use = "one-cycle"
        sentence = (
            f"{plain}; it is better than {what}, whose loss is {-gain.value:.1f} % higher (95 % interval "
            f"{-gain.high:.1f} to {-gain.low:.1f} %)"
        )
    elif not gain.low > 0:
        use = "one-cycle"
        few = len(compared["one-cycle"]) < FEWEST_STARTS
        because = f"fewer than {FEWEST_STARTS} starts tell nothing apart" if few else f"it gains {words}"
        sentence = f"{plain}; {what} is not shown to be better: {because}"
    elif product == "controller":
        form = "the schedule of the controller" if open_loop else "the controller"
        sentence = f"{form} (over {method}); against {plain} it gains {words}"
        if over_start is not None:
            sentence += f", and against {start_name} {_words(over_start, of='')}"
    else:
        because = "it is better than what the study found" if found else "the study found nothing better"
        sentence = f"{start_name} as it is (over {method}; {because}); against {plain} it gains {words}"
    if at_the_end and use != "nothing":
        sentence += f" (η = {_number(rate)} is at the end of the rates tried: another one may be better for one-cycle)"
    return Verdict(use, gain, over_start, rows, f"use: {sentence}")


def _gain(compared: Mapping[str, Sequence[float]], own: str, other: str, seed: int) -> Estimate:
    """By how much the loss of `own` is below that of `other`, in per cent of the latter."""
    difference = estimate(differences(compared[own], compared[other]), f"study {seed}: {own} against {other}")
    scale = interquartile_mean(compared[other])
    if math.isinf(scale) and difference.high < 0:
        return Estimate(100.0, 100.0, 100.0)
    if not (math.isfinite(scale) and scale > 0):
        return Estimate(math.nan, -math.inf, math.inf)
    value, low, high = (-100.0 * x / scale for x in (difference.value, difference.high, difference.low))
    return Estimate(value, low, high)


def _words(gain: Estimate, of: str = " of the loss") -> str:
    return f"{gain.value:.1f} %{of} (95 % interval {gain.low:.1f} to {gain.high:.1f} %)"


def _number(value: float) -> str:
    """A setting for people: four digits."""
    return f"{value:.4g}"
