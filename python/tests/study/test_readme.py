"""The README's study runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
PARTS = [part for part in re.findall(r"^```python\n(.*?)^```", README, re.M | re.S) if "Study(" in part]


def test_the_study_of_the_readme_runs() -> None:
    (part,) = PARTS
    names: dict[str, Any] = {}
    exec(part, names)
    assert names["study"].verdict.use == "controller"
    assert names["table"].startswith("step,learning_rate")
