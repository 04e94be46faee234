"""The arguments of a study: what can be used, and what they are as plain data."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ..controller import Controller
from ..job import Classes, Job
from .course import BLIND, CourseSettings
from .errors import StudyError
from .policy import LinearPolicy

RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)
"""Peaks of one-cycle that are tried by default."""
STEERED = ("momentum", "second-moment", "weight-decay")
"""What a blind start steers beside η, by default."""


def told_of(job: Job | None, total_steps: int, batch_size: int | None, dataset_size: int | None) -> Job:
    """What the study is told of the training.

    Raises:
        StudyError: If a job of other steps is given, or one beside the other arguments.
    """
    if job is None:
        return Job(steps=total_steps, batch_size=batch_size, examples=dataset_size)
    if batch_size is not None or dataset_size is not None or job.steps != total_steps:
        raise StudyError(f"job: expected one of {total_steps} steps, and no batch_size or dataset_size beside it")
    return job


def job_fields(job: Job) -> dict[str, Any]:
    """A job as plain data, as in a controller's file; what is not known is left out."""
    plain = {field.name: getattr(job, field.name) for field in fields(job)}
    targets = plain.pop("targets")
    if targets is not None:
        plain["targets"] = {"classes" if isinstance(targets, Classes) else "numbers": targets.count}
    return {name: value for name, value in plain.items() if value is not None}


def beginning(start: str | os.PathLike[str] | bytes | Controller) -> tuple[LinearPolicy | None, str]:
    """The policy to begin with, and what to call it."""
    if isinstance(start, str) and start == "blind":
        return None, BLIND
    controller = start if isinstance(start, Controller) else Controller.load(start)
    name = "pretrained" if isinstance(start, str) and start == "pretrained" else "the controller it began with"
    return LinearPolicy(controller), name


def check(
    total_steps: int, episodes: int, seed: int, rates: Sequence[float], pairs: int, spread: float, shrink: float
) -> tuple[float, ...]:
    """Refuses what cannot be used; returns the rates in their order."""
    whole = [("total_steps", total_steps, 1), ("episodes", episodes, 1), ("seed", seed, 0), ("pairs", pairs, 1)]
    for name, value, least in whole:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 2**63:
            raise StudyError(f"{name} = {value!r}: expected a whole number, {least} or more")
    for name, number in (("spread", spread), ("shrink", shrink)):
        if not (isinstance(number, (int, float)) and 0 < number < math.inf):
            raise StudyError(f"{name} = {number!r}: expected a number above 0")
    ordered = tuple(sorted({float(rate) for rate in rates}))
    if not ordered or not all(0 < rate < math.inf for rate in ordered):
        raise StudyError(f"rates = {list(rates)}: expected one or more numbers above 0")
    return ordered


def identity(settings: CourseSettings) -> dict[str, Any]:
    """All that a study depends on, as plain data: what its folder must have been made with."""
    plan = settings.plan
    start = None if settings.start is None else zlib.crc32(settings.start.to_bytes())
    return {
        "version": 1,
        "total_steps": settings.job.steps,
        "episodes": plan.episodes,
        "seed": settings.seed,
        "start": "auto" if settings.auto else settings.start_name,
        "start_checksum": start,
        "job": job_fields(settings.job),
        "rates": list(settings.rates),
        "anchor": settings.anchor,
        "steered": list(settings.steered),
        "pairs": plan.pairs,
        "spread": settings.spread,
        "shrink": settings.shrink,
    }
