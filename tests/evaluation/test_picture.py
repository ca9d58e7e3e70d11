"""The picture that a report opens with: marks of made-up results, and where they stand."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.evaluation.report.heat import COLOUR, STRONGEST
from ner_rnn.evaluation.report.overview import calibration_figure, overview
from ner_rnn.evaluation.report.page import write_page
from ner_rnn.evaluation.schema import Figure, KindRow, Stress
from ner_rnn.text.templates import asset

from .chromium import Tab
from .made_up import EVIL, made_up

pytest.importorskip("matplotlib")
COPIES: tuple[Stress | None, ...] = (None, "lower", "upper")


def report_of(models: int, corpora: int) -> dict[str, Any]:
    """A report with made-up values; the lowest is the last model on the last kind, in capitals."""
    report, _ = made_up(20)
    one, *_ = report["models"]
    names = [f"a-rather-long-model-{n}" for n in range(models - 1)] + [EVIL]
    report["models"] = [{**one, "name": name} for name in names]
    kinds = [f"crossner/a_corpus_of_a_long_name_{n}_test.bio" for n in range(corpora - 1)]
    kinds.append(f"mail & {EVIL}")
    rows: list[KindRow] = []
    for row, copy, column in product(range(corpora), range(3), range(models)):
        f1 = 0.95 - 0.2 * copy - 0.5 * (row + column) / (corpora + models)
        rows.append(
            {
                "kind": kinds[row],
                "model": names[column],
                "stress": COPIES[copy],
                "corpora": [kinds[row]],
                "f1": f1,
                "interval": (f1 - 0.04, f1 + 0.03),
            }
        )
    for copy, name in product(COPIES, names):
        rows.append(
            {
                "kind": None,
                "model": name,
                "stress": copy,
                "corpora": kinds,
                "f1": 0.01,
                "interval": None,
            }
        )
    report["kinds"] = rows
    return report


def marks(figure: Figure, kind: str) -> dict[str, ET.Element]:
    """Parts of a figure by the end of their id: ``dot-0-1-2`` -> its group."""
    found = {}
    for group in ET.fromstring(figure["svg"]).iter("{http://www.w3.org/2000/svg}g"):
        name = group.get("id", "").removeprefix(f"{figure['name']}-")
        if name.startswith(kind):
            found[name] = group
    return found


def place(group: ET.Element) -> tuple[float, float]:
    """Where a dot stands, in points."""
    (use,) = (e for e in group.iter() if e.tag.endswith("use"))
    return float(use.get("x", "nan")), float(use.get("y", "nan"))


@pytest.mark.parametrize(("models", "corpora"), [(1, 1), (3, 5)])
def test_a_mark_for_each_value_at_its_place(models: int, corpora: int) -> None:
    report = report_of(models, corpora)
    dots, heat = overview(report)  # type: ignore[arg-type]
    rows = corpora + (corpora > 1)  # the mean of several has a row
    assert len(marks(dots, "dot-")) == len(marks(heat, "cell-")) == rows * models * 3
    assert len(marks(dots, "line-")) == corpora * models * 3
    assert len(marks(dots, "lowest")) == len(marks(heat, "lowest")) == 1
    values = {}
    for n, row in enumerate(r for r in report["kinds"] if r["kind"] is not None):
        corpus, rest = divmod(n, 3 * models)
        copy, model = divmod(rest, models)
        values[f"{corpus}-{model}-{copy}"] = row["f1"]
    drawn = {name.removeprefix("dot-"): place(at) for name, at in marks(dots, "dot-").items()}
    for copy in range(3):  # in each panel x is a straight line over F1
        here = [(values[key], drawn[key][0]) for key in values if key.endswith(f"-{copy}")]
        (f1, x), (other, beyond) = min(here), max(here)
        if len(here) > 1:
            slope = (beyond - x) / (other - f1)
            assert slope > 0
            assert all(at == pytest.approx(x + slope * (v - f1), abs=0.01) for v, at in here)
    for corpus in range(corpora - 1):  # rows stand one below the other
        below = [y for key, (_, y) in drawn.items() if int(key.split("-")[0]) == corpus + 1]
        above = [y for key, (_, y) in drawn.items() if int(key.split("-")[0]) == corpus]
        assert max(above) < min(below)
    (ring,) = marks(dots, "lowest").values()
    assert place(ring) == drawn[f"{corpora - 1}-{models - 1}-2"]
    said = marks(heat, "cell-")[f"cell-{corpora - 1}-{models - 1}-2"][0]
    assert said.text == f"{EVIL} on mail & {EVIL}, in upper case: " + (
        f"{100 * min(values.values()):.1f} ({100 * min(values.values()) - 4:.1f} to "
        f"{100 * min(values.values()) + 3:.1f})"
    )


def test_names_are_text_and_the_picture_is_described() -> None:
    for figure in overview(report_of(2, 2)):  # type: ignore[arg-type]
        assert EVIL not in figure["svg"]
        root = ET.fromstring(figure["svg"])
        title, description = root[0], root[1]
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == title.get("id")
        assert root.get("aria-describedby") == description.get("id")
        assert f"Lowest: {EVIL} on mail & {EVIL}, in upper case" in (description.text or "")


def test_an_undefined_value_has_no_dot() -> None:
    report = report_of(2, 2)
    report["kinds"][0]["f1"] = report["kinds"][0]["interval"] = None
    dots, heat = overview(report)  # type: ignore[arg-type]
    assert "dot-0-0-0" not in marks(dots, "dot-")
    assert marks(heat, "cell-")["cell-0-0-0"][0].text == "no F1"
    for row in report["kinds"]:
        row["f1"] = None
    assert overview(report) == []  # type: ignore[arg-type]


def test_calibration_is_drawn_by_corpus() -> None:
    report, _ = made_up(40)
    assert calibration_figure(report) is None, "bins without names"  # type: ignore[arg-type]
    for cell in report["cells"]:
        if cell["skipped"] is None:
            bins = [{"low": 0.9, "high": 1, "count": 4, "mean_score": 0.95, "precision": 0.5}]
            cell["calibration"]["bins"] = bins
    figure = calibration_figure(report)  # type: ignore[arg-type]
    assert figure is not None
    scored = [cell for cell in report["cells"] if cell["skipped"] is None]
    assert len(marks(figure, "dot-")) == len(scored)


@pytest.mark.parametrize(("models", "corpora"), [(1, 1), (4, 23)])
@pytest.mark.parametrize("width", [1280, 375])
def test_labels_stand_apart(
    tmp_path: Path, tab: Callable[..., Tab], models: int, corpora: int, width: int
) -> None:
    report = report_of(models, corpora)
    figures = overview(report)  # type: ignore[arg-type]
    write_page(report, [], tmp_path / "r.html", figures)  # type: ignore[arg-type]
    opened = tab(width=width)
    opened.open(tmp_path / "r.html")
    boxes = opened.see(
        "[...document.querySelectorAll('.picture svg')].map(s => [...s.querySelectorAll('text')]"
        ".map(t => { const b = t.getBoundingClientRect();"
        " return [t.textContent, b.left, b.top, b.right, b.bottom]; }))"
    )
    assert len(boxes) == 2
    assert len(boxes[1]) > 3 * models * corpora
    for of_figure in boxes:
        for n, (text, left, top, right, bottom) in enumerate(of_figure):
            for other, x, y, beyond, below in of_figure[n + 1 :]:
                apart = right <= x or beyond <= left or bottom <= y + 2 or below <= top + 2
                assert apart, (text, other)
    assert opened.see("document.documentElement.scrollWidth") <= width
    edges = opened.see(
        "['.picture', '.verdict'].map(s => document.querySelector(s).getBoundingClientRect())"
        ".map(b => [b.top, b.bottom, b.right])"
    )
    (top, bottom, right), (verdict, _, _) = edges
    assert top < 200 and bottom <= verdict
    if width == 1280:
        assert bottom < 900, "on the first screen"
        tops = opened.see(
            "[...document.querySelectorAll('.picture svg')].map("
            "s => s.getBoundingClientRect()).map(b => [b.top, b.height])"
        )
        assert len(set(map(tuple, tops))) == 1, "beside each other, and rows level"
    assert opened.complaints() == []


def test_at_most_five_sentences_whatever_is_evaluated(tmp_path: Path) -> None:
    report, _ = made_up(20)
    write_page(report, [], tmp_path / "r.html")  # type: ignore[arg-type]
    page = (tmp_path / "r.html").read_text("utf-8")
    assert len(re.findall('class="verdict"', page)) == len(report["verdicts"]) <= 5


def test_numbers_can_be_read_on_the_strongest_colour() -> None:
    css = asset("base.css")
    themes = re.findall(r"--paper: (#\w+); --ink: (#\w+);", css)
    assert len(set(themes)) == 3  # light, dark, print
    for paper, ink in themes:
        mixed = [
            STRONGEST * over + (1 - STRONGEST) * under
            for over, under in zip(channels(COLOUR), channels(paper), strict=True)
        ]
        assert contrast(mixed, channels(ink)) >= 4.5, paper


def channels(colour: str) -> list[float]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    return [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]


def contrast(one: list[float], other: list[float]) -> float:
    """Contrast by WCAG 2."""
    light = [
        sum(
            weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for weight, c in zip((0.2126, 0.7152, 0.0722), colour, strict=True)
        )
        for colour in (one, other)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)
