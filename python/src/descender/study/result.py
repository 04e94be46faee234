"""The figures of a study as plain data."""

from __future__ import annotations

import math
from typing import Any

from ..job import Job
from .arguments import job_fields
from .course import Found
from .plan import Plan
from .verdict import Verdict


def figures(plan: Plan, job: Job, made: int, found: Found, verdict: Verdict) -> dict[str, Any]:
    """All figures of a study, ready for JSON; a number that is not finite is ``None``.

    Args:
        plan: How the trainings were to be split.
        job: What is known of the training.
        made: Trainings that were made.
        found: What was found.
        verdict: What it says to use.

    Returns:
        The figures by name.
    """
    return {
        "verdict": verdict.sentence,
        "use": verdict.use,
        "gain_percent": _plain(verdict.gain),
        "gain_over_start_percent": _plain(verdict.over_start),
        "plan": str(plan),
        "trainings": made,
        "job": job_fields(job),
        "tuning": [{"rate": rate, "losses": _plain(losses)} for rate, losses in found.tuning],
        "rate": found.rate,
        "beginnings": [{"name": name, "losses": _plain(losses)} for name, losses in found.starts],
        "start": found.start_name,
        "candidates": [
            {"name": candidate.name, "score": _plain(candidate.score), "chosen": place == found.chosen}
            for place, candidate in enumerate(found.candidates)
        ],
        "comparison": [
            {
                "name": row.name,
                "iqm": _plain(row.loss.value),
                "ci95": _plain([row.loss.low, row.loss.high]),
                "lost": row.lost,
                "losses": _plain(row.losses),
            }
            for row in verdict.rows
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value
