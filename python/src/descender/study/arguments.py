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
from ..method import Method
from .course import BLIND, CourseSettings
from .errors import StudyError
from .policy import LinearPolicy

FACTORS = (0.3, 1.0, 3.0, 10.0, 30.0)
"""Peaks of one-cycle that are tried by default, as multiples of the η that people usually start from."""
PRETRAINED = "pretrained"
"""What a study begins with by default, if it is better than a linear decay."""


def usual_rates(method: Method) -> tuple[float, ...]:
    """The peaks of one-cycle that are tried by default."""
    return tuple(float(f"{factor * method.usual_learning_rate:.3g}") for factor in FACTORS)


def usually_steered(method: Method) -> tuple[str, ...]:
    """What a blind start steers beside η by default: what the optimizer has."""
    settings = method.settings
    has = {
        "momentum": settings.get("beta1", settings.get("momentum", 0.0)) > 0,
        "second-moment": settings.get("beta2", 0.0) > 0,
        "weight-decay": settings.get("weight_decay", 0.0) > 0,
    }
    return tuple(name for name, there in has.items() if there)


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


def beginning(
    start: str | os.PathLike[str] | bytes | Controller, optimizer: str
) -> tuple[LinearPolicy | None, str, bool, Method]:
    """The policy to begin with, what it is called, whether the blind one is tried against it, and the optimizer.

    Raises:
        StudyError: If the controller steers another optimizer, or is of another kind.
        DescenderError: If there is no such controller or optimizer.
    """
    method = Method.named(optimizer)
    auto = isinstance(start, str) and start == "auto"
    if isinstance(start, str) and (start == "blind" or (auto and optimizer != "adamw")):
        return None, BLIND, False, method
    if auto:
        start = PRETRAINED
    policy = LinearPolicy(start if isinstance(start, Controller) else Controller.load(start))
    steered = policy.controller.method
    if steered.name != optimizer:
        raise StudyError(f"start: the controller steers {steered.name}: expected one that steers {optimizer}")
    name = PRETRAINED if isinstance(start, str) and start == PRETRAINED else "the controller it began with"
    return policy, name, auto, steered


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
        "optimizer": settings.method.name,
        "pairs": plan.pairs,
        "spread": settings.spread,
        "shrink": settings.shrink,
    }
