"""The page of the trainings in PyTorch is what its runs say."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def test_the_page_is_made_from_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    specification = importlib.util.spec_from_file_location("table", ROOT / "benchmarks/pytorch/table.py")
    assert specification is not None
    assert specification.loader is not None
    table: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(table)
    for name in ("README.md", "runs.jsonl", "held-out.jsonl"):
        shutil.copy(ROOT / "results/pytorch" / name, tmp_path)
    monkeypatch.setattr("sys.argv", ["table.py", str(tmp_path)])
    table.main()
    assert (tmp_path / "README.md").read_text() == (ROOT / "results/pytorch/README.md").read_text()
