"""Files of schedules: tables and JSON documents, as ``descender export schedule`` writes them, and simpler ones.

=============  =================================================================  ==============================
form           example                                                            what it holds
=============  =================================================================  ==============================
table          ``step,learning_rate,b1,optimizer`` and one line for each step     entries of μ, and the optimizer
plain table    one number in each line, such as ``0.1``                           η
JSON document  ``{"optimizer": {…}, "learning_rate": […], "b1": […]}``            entries of μ, and the optimizer
JSON list      ``[0.1, 0.2]``                                                     η
=============  =================================================================  ==============================

Names may be in capitals, and usual names serve as well: ``lr``, ``eta``, ``momentum``, ``beta1``, ``beta2``. A column
or a list of any other name is refused, because it may be misspelt; but a table with a column ``step`` may be a log,
whose losses are passed over. Other fields of the document are for people.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .container import unique
from .errors import SettingsError, nearest
from .float32 import rounded, single
from .hyper_parameters import HyperParameters
from .method import Method

Columns = dict[str, list[float]]
"""Entries of μ with their values, step by step."""

ENTRIES = HyperParameters._fields
"""The names of the entries of μ, in their order."""

_LOG = ("epoch", "loss", "train_loss", "validation_loss", "val_loss", "time")
_STEP = ("step", "iteration", "")
# What a heading stands for: entries of μ, each the number itself or 1 − the number.
_HEADINGS: dict[str, tuple[tuple[str, bool], ...]] = {
    **{entry: ((entry, True),) for entry in ENTRIES},
    "lr": (("learning_rate", True),),
    "eta": (("learning_rate", True),),
    "momentum": (("b1", True),),
    "beta1": (("b1", True), ("b2", False)),
    "beta_1": (("b1", True), ("b2", False)),
    "beta2": (("a1", True), ("a2", False)),
    "beta_2": (("a1", True), ("a2", False)),
}


class Content(NamedTuple):
    """What a file holds."""

    columns: Columns
    """The entries of μ."""
    method: Method | None
    """The optimizer that it names."""
    notes: dict[str, Any]
    """The document's fields ``task`` and ``source``."""


def allowed(entry: str, value: float) -> bool:
    """Whether a step can use the value: any finite number, but no η below 0."""
    return math.isfinite(value) and (entry != "learning_rate" or value >= 0.0)


def expectation(entry: str) -> str:
    """What :func:`allowed` allows, in words."""
    return "a finite number, 0 or more" if entry == "learning_rate" else "a finite number"


def parse(text: str) -> Content:
    """Reads a file in any of the forms.

    Args:
        text: The whole file.

    Returns:
        Its content; the columns may be of different lengths, or missing.

    Raises:
        SettingsError: Names the line and the column that cannot be read.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip()[:1] in ("[", "{"):
        return _read_json(text)
    columns, method = _read_table(text)
    return Content(columns, method, {})


def positional(value: float | np.float32) -> str:
    """The number with the fewest digits that are read back as the same, without an exponent."""
    return np.format_float_positional(value, unique=True, trim="-")


def optimizer_text(method: Method) -> str:
    """The optimizer as a cell of a table: ``momentum;momentum=0.9``."""
    parts = [method.name]
    for key, value in method.settings.items():
        if isinstance(value, bool):
            parts.append(f"{key}={'true' if value else 'false'}")
        else:
            parts.append(f"{key}={positional(value) if isinstance(value, float) else value}")
    return ";".join(parts)


def write_table(columns: Columns, method: Method | None) -> str:
    """The table: ``step``, a column for each entry, and the optimizer if there is one; one line for each step."""
    names = ["step", *columns, *(["optimizer"] if method else [])]
    lines = [",".join(names)]
    end = [optimizer_text(method)] if method else []
    for step, values in enumerate(zip(*columns.values(), strict=True)):
        lines.append(",".join([str(step), *(positional(single(value)) for value in values), *end]))
    return "\n".join(lines) + "\n"


def write_document(columns: Columns, method: Method | None, notes: Mapping[str, Any]) -> str:
    """The JSON document, one field in each line."""
    fields: dict[str, Any] = dict(notes)
    fields["steps"] = len(columns["learning_rate"])
    if method:
        fields["optimizer"] = {"name": method.name, **method.settings}
    for entry, values in columns.items():
        fields[entry] = [float(str(single(value))) for value in values]
    lines = [f'  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in fields.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _read_json(text: str) -> Content:
    try:
        document = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"not a JSON document ({error})") from None
    if isinstance(document, list):
        return Content({"learning_rate": _numbers("learning_rate", "learning_rate", document)}, None, {})
    columns: Columns = {}
    for name, field in document.items():
        heading = _HEADINGS.get(_plain(name))
        if heading is not None:
            for entry, whole in heading:
                values = _numbers(name, entry, field)
                _add(columns, entry, [value if whole else rounded(1.0 - value) for value in values])
        elif isinstance(field, list):
            raise SettingsError(f"unknown list `{name}` ({nearest(name, _HEADINGS)})")
    optimizer = document.get("optimizer")
    method = None if optimizer is None else Method.read(optimizer, "optimizer")
    notes = {name: document[name] for name in ("task", "source") if name in document}
    return Content(columns, method, notes)


def _numbers(name: str, entry: str, field: object) -> list[float]:
    if not isinstance(field, list):
        raise SettingsError(f"{name}: expected a list of numbers")
    for place, value in enumerate(field):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (number and allowed(entry, rounded(value))):
            raise SettingsError(f"{name}[{place}] is {json.dumps(value)}; expected {expectation(entry)}")
    return [float(value) for value in field]


def _read_table(text: str) -> tuple[Columns, Method | None]:
    rows = csv.reader(io.StringIO(text))
    headings: list[str] | None = None
    columns: Columns = {}
    optimizer: str | None = None
    method: Method | None = None
    last: int | None = None
    for row in rows:
        cells, line = [cell.strip() for cell in row], rows.line_num
        if not any(cells) and len(cells) < 2:
            continue
        if headings is None:
            headings, is_heading = _first_line(cells, line)
            for heading in headings:
                for entry, _ in _HEADINGS.get(heading, ()):
                    _add(columns, entry, [])
            if is_heading:
                continue
        if len(cells) != len(headings):
            raise SettingsError(f"line {line} has {len(cells)} columns; expected {len(headings)}, as in the first line")
        for place, (cell, heading) in enumerate(zip(cells, headings, strict=True)):
            where = f"line {line}, column {place + 1}"
            if heading in _STEP:
                last = _step(cell, last, where)
            elif heading == "optimizer":
                if optimizer is None:
                    method = _optimizer(cell, where)
                    optimizer = cell
                elif optimizer != cell:
                    raise SettingsError(f"{where} (optimizer): `{cell}`; expected {optimizer}, as in the lines before")
            else:
                for entry, whole in _HEADINGS.get(heading, ()):
                    columns[entry].append(_cell(cell, entry, whole, where))
    return columns, method


def _first_line(cells: list[str], line: int) -> tuple[list[str], bool]:
    """What the columns hold, and whether the first line says so."""
    if all(_is_number(cell) for cell in cells):
        if len(cells) == 1:
            return ["learning_rate"], False
        raise SettingsError(
            f"line {line}: {len(cells)} columns without headings; expected a first line such as step,learning_rate"
        )
    headings = [_plain(cell) for cell in cells]
    is_log = any(heading in _STEP for heading in headings)
    for place, heading in enumerate(headings):
        if heading in _HEADINGS or heading in _STEP or heading == "optimizer" or (is_log and heading in _LOG):
            continue
        advice = (
            "it can stand beside a column `step` only"
            if heading in _LOG
            else f"did you mean {nearest(heading, _HEADINGS)}?"
        )
        raise SettingsError(
            f"line {line}, column {place + 1}: unknown column `{cells[place]}`; {advice} (the columns, separated by "
            f"commas, are {', '.join(cells)})"
        )
    return headings, True


def _step(cell: str, last: int | None, where: str) -> int:
    step = int(cell) if cell.isdecimal() else None
    if step is None or (last is not None and step != last + 1):
        expected = "a step's number" if last is None else f"{last + 1}, as there is a line for each step"
        raise SettingsError(f"{where} (step): `{cell}`; expected {expected}")
    return step


def _cell(cell: str, entry: str, whole: bool, where: str) -> float:
    if _is_number(cell):
        value = rounded(float(cell) if whole else 1.0 - float(cell))
        if allowed(entry, value):
            return value
    raise SettingsError(f"{where} ({entry}): `{cell}`; expected {expectation(entry)}")


def _optimizer(cell: str, where: str) -> Method:
    name, *settings = (part.strip() for part in cell.split(";"))
    data: dict[str, Any] = {"name": name}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not equals:
            raise SettingsError(f"{where} (optimizer): `{setting}` is not key=value")
        try:
            data[key] = json.loads(value)
        except ValueError:
            data[key] = value
    try:
        return Method.read(data, "optimizer")
    except SettingsError as error:
        raise SettingsError(f"{where} (optimizer): {error}") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _plain(heading: str) -> str:
    name = heading.strip().lower()
    for character in " -.":
        name = name.replace(character, "_")
    return name


def _add(columns: Columns, entry: str, values: list[float]) -> None:
    if entry in columns:
        raise SettingsError(f"{entry} stands there twice; expected one column for it")
    columns[entry] = values
