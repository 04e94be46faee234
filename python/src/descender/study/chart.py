"""Small charts as SVG: lines over time, and figures with their intervals."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import NamedTuple

from .statistics import Estimate

_COLOURS = ("#1f5fbf", "#c2571a", "#6e7781")
_WIDTH, _HEIGHT = 760, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 28, 28


class Line(NamedTuple):
    """A line of a chart."""

    name: str
    """What it is; nothing for a line that needs no name."""
    points: Sequence[tuple[float, float]]
    """Its points: x and y."""


class _Axis(NamedTuple):
    """A scale from values to pixels."""

    least: float
    most: float
    first: float
    last: float
    logarithmic: bool = False

    def at(self, value: float) -> float:
        least, most = self.least, self.most
        if self.logarithmic:
            value, least, most = math.log(max(value, least)), math.log(least), math.log(most)
        share = (value - least) / (most - least) if most > least else 0.5
        return self.first + (self.last - self.first) * share

    def ticks(self) -> list[float]:
        if self.logarithmic:
            first, last = math.ceil(math.log10(self.least) - 1e-9), math.floor(math.log10(self.most) + 1e-9)
            tens = [10.0**power for power in range(first, last + 1)]
            if len(tens) > 1:
                return tens
        if self.most <= self.least:
            return [self.least]
        return [self.least + (self.most - self.least) * part / 4 for part in range(5)]


def lines(title: str, drawn: Sequence[Line], *, logarithmic: bool = False) -> str:
    """A chart of lines.

    Args:
        title: What y is.
        drawn: The lines; points that are not finite, and on a scale of logarithms those not above 0, are left out.
        logarithmic: Whether y is on a scale of logarithms, four decades at most.

    Returns:
        SVG; nothing where there is no point.
    """
    kept = [
        Line(line.name, [(x, y) for x, y in line.points if math.isfinite(y) and (y > 0 or not logarithmic)])
        for line in drawn
    ]
    points = [point for line in kept for point in line.points]
    if not points:
        return ""
    most = max(y for _, y in points)
    least = min(y for _, y in points)
    if logarithmic:
        least = max(least, most / 1e4)
    x_axis = _Axis(min(x for x, _ in points), max(x for x, _ in points), _LEFT, _WIDTH - _RIGHT)
    y_axis = _Axis(least, most, _HEIGHT - _BOTTOM, _TOP, logarithmic)
    parts = [f"<text x='{_LEFT}' y='14'>{html.escape(title)}</text>"]
    for tick in y_axis.ticks():
        y = y_axis.at(tick)
        parts.append(
            f"<line x1='{_LEFT}' x2='{_WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#8884'/>"
            f"<text x='{_LEFT - 6}' y='{y + 4:.1f}' text-anchor='end'>{tick:.3g}</text>"
        )
    for x, anchor in ((x_axis.least, "start"), (x_axis.most, "end")):
        parts.append(f"<text x='{x_axis.at(x):.1f}' y='{_HEIGHT - 8}' text-anchor='{anchor}'>{x:g}</text>")
    for place, line in enumerate(kept):
        colour = _COLOURS[place % len(_COLOURS)]
        path = " ".join(f"{x_axis.at(x):.1f},{y_axis.at(y):.1f}" for x, y in line.points)
        parts.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>")
        if line.name:
            x = _WIDTH - _RIGHT
            y = _TOP + 14 + 16 * place
            parts.append(
                f"<text x='{x}' y='{y}' text-anchor='end' style='fill:{colour}'>{html.escape(line.name)}</text>"
            )
    return _svg(parts, _HEIGHT, title)


def bars(rows: Sequence[tuple[str, Estimate]]) -> str:
    """A chart of figures with their intervals, one below the other.

    Args:
        rows: What each is, and its figure; what is not finite is left out.

    Returns:
        SVG; nothing where there is nothing to show.
    """
    shown = [(name, of) for name, of in rows if all(math.isfinite(value) for value in of)]
    if not shown:
        return ""
    axis = _Axis(min(of.low for _, of in shown), max(of.high for _, of in shown), 220, _WIDTH - 60)
    height = 30 + 30 * len(shown)
    parts = []
    for place, (name, of) in enumerate(shown):
        y = 20 + 30 * place
        colour = _COLOURS[place % len(_COLOURS)]
        parts.append(
            f"<text x='210' y='{y + 4}' text-anchor='end'>{html.escape(name)}</text>"
            f"<line x1='{axis.at(of.low):.1f}' x2='{axis.at(of.high):.1f}' y1='{y}' y2='{y}' stroke='{colour}' "
            f"stroke-width='3'/><circle cx='{axis.at(of.value):.1f}' cy='{y}' r='5' fill='{colour}'/>"
            f"<text x='{axis.at(of.value):.1f}' y='{y - 8}' text-anchor='middle'>{of.value:.4g}</text>"
        )
    for value, anchor in ((axis.least, "start"), (axis.most, "end")):
        parts.append(f"<text x='{axis.at(value):.1f}' y='{height - 6}' text-anchor='{anchor}'>{value:.4g}</text>")
    return _svg(parts, height, "losses with their intervals")


def _svg(parts: Sequence[str], height: int, title: str) -> str:
    return (
        f"<svg viewBox='0 0 {_WIDTH} {height}' role='img' aria-label='{html.escape(title, quote=True)}'>"
        + "".join(parts)
        + "</svg>"
    )
