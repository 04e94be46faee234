"""The page and the line of progress."""

from __future__ import annotations

import io
import math
import re
from html.parser import HTMLParser

import pytest

from descender.study import Study, StudyError
from descender.study.chart import Line, bars, lines
from descender.study.progress import Progress
from descender.study.statistics import Estimate

from . import trainings


class Page(HTMLParser):
    """What is open, what refers elsewhere, and the words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elsewhere: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "line", "circle", "polyline"):
            self.open.append(tag)
        self.elsewhere += [name for name, _ in attrs if name in ("src", "href")] + [tag] * (tag == "script")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("line", "circle", "polyline"):
            return
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def study() -> Study:
    made = Study(60, 90, seed=3, batch_size=8, steered=["momentum"])
    made.optimize(trainings.sometimes_lost)
    return made


def test_the_page_is_whole_and_says_what_was_found(study: Study) -> None:
    page = Page()
    text = study.report()
    page.feed(text)
    assert page.open == []
    assert page.elsewhere == []
    assert study.verdict is not None
    assert study.verdict.sentence[1:] in page.words
    assert str(study.plan)[1:] in page.words
    for row in study.verdict.rows:
        assert row.name in page.words
    for rate, _ in study.found.tuning:
        assert f"{rate:g}" in page.words
    assert text.count("<svg") >= 3
    assert "NaN" not in text
    assert "nan" not in re.sub("[a-z]+nan|nan[a-z]+", "", text)


def test_before_the_end_there_is_no_page_and_no_verdict() -> None:
    study = Study(60, 90, start="blind")
    assert study.verdict is None
    with pytest.raises(StudyError, match=r"0 of \d+ trainings are made: expected all before the report"):
        study.report()
    with pytest.raises(StudyError, match="expected all before the result"):
        study.result()
    with pytest.raises(StudyError, match="no controller yet"):
        _ = study.best


def test_charts_leave_out_what_they_cannot_show() -> None:
    assert lines("a", [Line("b", [(0.0, math.inf), (1.0, math.nan)])]) == ""
    assert lines("a", [Line("b", [(0.0, 0.0)])], logarithmic=True) == ""
    assert bars([("a", Estimate(1.0, -math.inf, 2.0))]) == ""
    flat = lines("a < b", [Line("", [(0.0, 2.0), (1.0, 2.0)])])
    assert "a &lt; b" in flat
    assert "nan" not in flat
    # A value half way between the ends of four decades is half way up.
    chart = lines("a", [Line("", [(0.0, 1.0), (1.0, 10.0), (2.0, 100.0)])], logarithmic=True)
    points = re.search(r"points='([^']*)'", chart)
    assert points is not None
    heights = [float(point.split(",")[1]) for point in points[1].split()]
    assert heights[1] == pytest.approx((heights[0] + heights[2]) / 2)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_a_line_on_a_terminal_and_nothing_elsewhere_unless_asked_for() -> None:
    silent, asked, terminal = io.StringIO(), io.StringIO(), Terminal()
    for stream, wanted in ((silent, None), (asked, True), (terminal, None)):
        progress = Progress(wanted, stream)
        for made in range(3):
            progress.show(made, 9, "round 1", "one-cycle 0.1: 0.5")
        progress.say("done")
    assert silent.getvalue() == ""
    assert asked.getvalue() == "study: 0 of 9 trainings · round 1 · one-cycle 0.1: 0.5\ndone\n"
    assert terminal.getvalue().count("\r") == 3
    assert terminal.getvalue().endswith("\ndone\n")
    off = Terminal()
    Progress(False, off).show(1, 2, "round 1", "")
    assert off.getvalue() == ""
