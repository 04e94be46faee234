"""The README's Python runs as it stands, its parts after each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PARTS = re.findall(
    r"^```python\n(.*?)^```", (Path(__file__).parents[2] / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)


def test_what_needs_numpy_alone_runs() -> None:
    names: dict[str, Any] = {}
    parts = [part for part in PARTS if "torch" not in part and "Study" not in part]
    assert len(parts) == 3
    for part in parts:
        exec(part, names)
    assert abs(names["theta"]).max() < 0.1


def test_the_ten_lines_in_pytorch_run() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("descender.torch")
    names: dict[str, Any] = {}
    (part,) = (part for part in PARTS if "from descender.torch import" in part and "Study" not in part)
    exec(part, names)
    assert float(names["loss"].detach()) < 1.0
