"""The page of a study: the sentence, the schedule found, the comparison and how it was learned, in one file of HTML.

It needs nothing else: no script, no network. All numbers of the charts are in tables beside them.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from ..controller import Controller
from ..hyper_parameters import HyperParameters
from ..job import Job
from ..schedule import Schedule
from .chart import Line, bars, lines
from .course import CourseSettings, Found
from .one_cycle import one_cycle
from .statistics import Estimate, interquartile_mean
from .verdict import Verdict

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24;
  background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.verdict { font-size: 1.1rem; padding: .8rem 1rem; background: #eef3fb; border-left: 4px solid #1f5fbf; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #d8dee4; }
th:first-child, td:first-child { text-align: left; }
.chosen td { font-weight: 600; } p.note { color: #57606a; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: currentColor; }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117; } .verdict { background: #16233a; }
  th, td { border-color: #30363d; } p.note { color: #9198a1; } }
"""
_OTHERS = (("b1", "b1 (momentum, β₁)"), ("a1", "a1 (second moment, β₂)"), ("w", "w (factor on the weight decay)"))


def page(settings: CourseSettings, job: Job, found: Found, verdict: Verdict, best: Controller) -> str:
    """The page.

    Args:
        settings: The study's settings.
        job: What is known of the training.
        found: What the study found.
        verdict: What it says to use.
        best: The controller found.

    Returns:
        HTML.
    """
    parts = [
        f"<p class='verdict'>{_text(_capital(verdict.sentence))}.</p>",
        f"<p class='note'>{_text(_capital(str(settings.plan)))}. Seed {settings.seed}; trainings of {job.steps} "
        "steps.</p>",
        "<h2>Comparison on starts that nothing else has seen</h2>",
        _comparison(verdict),
        "<h2>The schedule</h2>",
        *_schedule(settings, job, found, best),
        "<h2>How it was learned</h2>",
        *_learning(found),
        "<h2>One-cycle, tuned</h2>",
        _tuning(found),
    ]
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'><title>A study</title>"
        f"<style>{_STYLE}</style></head><body>\n<h1>A study of {settings.plan.total} trainings</h1>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _comparison(verdict: Verdict) -> str:
    rows = [
        [row.name, _number(row.loss.value), _interval(row.loss), str(row.lost), str(len(row.losses))]
        for row in verdict.rows
    ]
    shown = [(row.name, row.loss) for row in verdict.rows]
    note = (
        "<p class='note'>Interquartile means over starts, with 95 % bootstrap intervals. The verdict compares start by "
        f"start: gain over one-cycle {_gain(verdict.gain)}"
        + (f", over what the study began with {_gain(verdict.over_start)}" if verdict.over_start else "")
        + ".</p>"
    )
    return bars(shown) + _table(["contender", "loss", "95 % interval", "lost", "starts"], rows) + note


def _schedule(settings: CourseSettings, job: Job, found: Found, best: Controller) -> list[str]:
    if best.needs_losses:
        return ["<p>The controller looks at the losses, and so has no one schedule.</p>"]
    own = list(Schedule.of(best, job))
    plain = one_cycle(found.rate or min(settings.rates), job.steps)
    places = _places(job.steps)
    rates = [
        Line("found", [(t, own[t].learning_rate) for t in places]),
        Line(f"one-cycle {found.rate:g}", [(t, plain[t]) for t in places]),
    ]
    if found.begun is not None and found.chosen > 0:
        begun = list(Schedule.of(found.begun.controller, job))
        rates.append(Line(found.start_name, [(t, begun[t].learning_rate) for t in places]))
    charts = [lines("η, the learning rate, at each step (on a scale of logarithms)", rates, logarithmic=True)]
    steered = [(name, words) for name, words in _OTHERS if len({getattr(mu, name) for mu in own}) > 1]
    for name, words in steered:
        charts.append(lines(words, [Line("found", [(t, getattr(own[t], name)) for t in places])]))
    some = list(dict.fromkeys(round(share * (job.steps - 1)) for share in (0, 0.04, 0.12, 0.28, 0.6, 0.9, 1)))
    heads = ["step", "η", "η of one-cycle", *(words.split(" ")[0] for _, words in steered)]
    rows = [[str(t), *_row(own[t], plain[t], [name for name, _ in steered])] for t in some]
    return [*charts, _table(heads, rows)]


def _row(mu: HyperParameters, plain: float, names: Sequence[str]) -> list[str]:
    return [_number(mu.learning_rate), _number(plain), *(_number(getattr(mu, name)) for name in names)]


def _learning(found: Found) -> list[str]:
    rows = []
    curve = []
    for number, of in enumerate(found.rounds, 1):
        logs = [start.base for start in of.starts]
        ends = [math.exp(log) if math.isfinite(log) else math.inf for log in logs]
        pairs = [loss for start in of.starts for pair in start.pairs for loss in (pair.plus, pair.minus)]
        lost = sum(1 for loss in [*logs, *pairs] if math.isinf(loss))
        rows.append([f"round {number}", _number(interquartile_mean(ends)), str(len(ends)), str(lost)])
        curve.append((float(number), interquartile_mean(ends)))
    drawn = [point for point in curve if math.isfinite(point[1])]
    parts = [lines("loss of each round's policy, unperturbed (each round has starts of its own)", [Line("", drawn)])]
    parts.append(_table(["round", "loss", "starts", "lost"], rows))
    choice = [
        [candidate.name, f"{candidate.score:+.4f}", "yes" if place == found.chosen else ""]
        for place, candidate in enumerate(found.candidates)
    ]
    parts.append(_table(["candidate", "ln loss against the first", "chosen"], choice))
    return parts


def _tuning(found: Found) -> str:
    rows = [
        [f"{rate:g}", _number(interquartile_mean(losses)), str(len(losses)), "yes" if rate == found.rate else ""]
        for rate, losses in found.tuning
    ]
    rows += [
        [name, _number(interquartile_mean(losses)), str(len(losses)), "begun with" if name == found.start_name else ""]
        for name, losses in found.starts
    ]
    return _table(["peak η", "loss", "starts", "taken"], rows)


def _places(steps: int) -> list[int]:
    """At most 200 steps, evenly in time."""
    count = min(steps, 200)
    return [round(place * (steps - 1) / max(count - 1, 1)) for place in range(count)]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in heads)
    body = "".join(
        ("<tr class='chosen'>" if row[-1] == "yes" else "<tr>")
        + "".join(f"<td>{_text(cell)}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(text: str) -> str:
    return html.escape(text)


def _number(value: float) -> str:
    return "lost" if math.isinf(value) else "unknown" if math.isnan(value) else f"{value:.4g}"


def _interval(estimate: Estimate) -> str:
    return f"[{_number(estimate.low)}, {_number(estimate.high)}]"


def _gain(gain: Estimate) -> str:
    return f"{gain.value:.1f} % [{gain.low:.1f}, {gain.high:.1f}]"
