"""The reference values that the Rust program writes: `reference/controllers.json` at the top of the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import descender
from descender.observation.job import read_job

FOLDER = Path(__file__).resolve().parents[3] / "reference"


def document() -> dict[str, Any]:
    """The whole file."""
    content: dict[str, Any] = json.loads((FOLDER / "controllers.json").read_text())
    return content


def controller(name: str) -> descender.Controller:
    """The controller of a case: one that ships, or a file of the reference."""
    if name in descender.SHIPPED:
        return descender.Controller.load(name)
    return descender.Controller.load(FOLDER / "controllers" / f"{name}.safetensors")


def job(data: dict[str, Any] | None) -> descender.Job | None:
    """The job of a case."""
    return None if data is None else read_job(data, "job")


def losses(recording: dict[str, Any]) -> list[float]:
    """The losses of a recording; those that are not finite are words."""
    return [float(loss) for loss in recording["losses"]]


def statistics(recording: dict[str, Any]) -> list[descender.StepStatistics]:
    """The statistics of the updates of a recording."""
    return [descender.StepStatistics(*row) for row in recording["statistics"]]
