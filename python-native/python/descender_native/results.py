"""What a training or a comparison came to: data frames, and pictures where a page can show them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


class Picture:
    """A picture of a report, which a notebook shows."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Writes the picture to a file."""
        Path(path).write_text(self.svg, encoding="utf-8")


def _pictures(page: Path) -> list[Picture]:
    if not page.exists():
        return []
    return [Picture(svg) for svg in _SVG.findall(page.read_text(encoding="utf-8"))]


def _frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("a data frame needs pandas: pip install pandas") from error
    return pandas.DataFrame(rows)


def _flat(row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A row without nesting: ``first_hit.iqm``, and an interval as its two ends, ``first_hit.low`` and ``first_hit.high``."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if key == "ci95" and isinstance(value, list):
            flat[prefix + "low"], flat[prefix + "high"] = value
        elif isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


class Comparison:
    """A comparison of methods.

    Attributes:
        document: The whole of it, as ``descender compare --json`` prints it.
        folder: Where it is kept, if it is.
    """

    def __init__(self, document: dict[str, Any], folder: Path | None = None) -> None:
        self.document = document
        self.folder = folder

    @property
    def frame(self) -> pandas.DataFrame:
        """A row for each method; over a set of jobs, one for each method and family of jobs."""
        rows = []
        for method in self.document["methods"]:
            figures = method.get("figures")
            if figures is None:
                rows.append({key: value for key, value in method.items() if key != "settings"})
            else:
                rows += [{"name": method["name"], **of_family} for of_family in figures]
        return _frame([_flat(row) for row in rows])

    @property
    def pictures(self) -> list[Picture]:
        """The pictures of its report; none where it isn't kept in a folder."""
        return _pictures(self.folder / "report.html") if self.folder is not None else []

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(index=False)) + "".join(picture.svg for picture in self.pictures[:1])


class Training:
    """A complete training.

    Attributes:
        folder: Its run folder.
        text: What the command printed: the table, and what to do next.
    """

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        self.text = text

    @property
    def controller(self) -> Path:
        """The controller's file. Of several seeds each has its own: see :attr:`runs`."""
        return self.folder / "controller.safetensors"

    @property
    def runs(self) -> list[Training]:
        """The trainings of several seeds; this one alone where there was one seed."""
        folders = sorted(path.parent for path in self.folder.glob("*/config.toml"))
        return [Training(folder, "") for folder in folders] or [self]

    @property
    def comparison(self) -> Comparison | None:
        """The comparison at the end; None where the training has none."""
        for folder in (self.folder, self.folder / "comparison"):
            path = folder / "comparison.json"
            if path.exists():
                return Comparison(json.loads(path.read_text(encoding="utf-8")), folder)
        return None

    @property
    def frame(self) -> pandas.DataFrame:
        """A row for each method of the comparison at the end."""
        comparison = self.comparison
        if comparison is None:
            raise ValueError(f"{self.folder}: a training over a set has no comparison; expected compare(controller, …)")
        return comparison.frame

    @property
    def episodes(self) -> pandas.DataFrame:
        """A row for each training episode."""
        path = self.folder / "episodes.jsonl"
        if not path.exists():
            raise ValueError(f"{self.folder}: no episodes.jsonl; a training over jobs has rounds, not episodes")
        return _frame([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])

    @property
    def report(self) -> Path:
        """The page that shows everything."""
        return self.folder / "report.html"

    @property
    def pictures(self) -> list[Picture]:
        """The pictures of the report."""
        comparison = self.comparison
        return _pictures(self.report) or (comparison.pictures if comparison is not None else [])

    def _repr_html_(self) -> str:
        comparison = self.comparison
        table = str(comparison.frame.to_html(index=False)) if comparison is not None else ""
        return table + "".join(picture.svg for picture in self.pictures[:1])
