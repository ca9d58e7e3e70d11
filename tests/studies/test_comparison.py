"""The report of a comparison: what it computes, says, escapes and draws."""

from __future__ import annotations

import dataclasses
import json
import math
import random
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.evaluation.report.drawing import drawn
from ner_rnn.evaluation.schema import Figure
from ner_rnn.studies.comparison import Comparison, Row, Run, write_report
from ner_rnn.studies.comparison_charts import draw, draw_cost
from ner_rnn.text.report_table import to_markdown


def a_run(seed: int, f1: float | None, *, split: str = "test", seconds: float = 50.0) -> Run:
    words = None if f1 is None else f1 + 0.05
    scores = {split: {"names": {"f1": f1}, "words": {"f1": words}}}
    return Run(seed, scores, {"fit": seconds + 1, "processor": seconds}, 6, {"torch": "2.0"})


def a_row(*names: str, f1s: tuple[float | None, ...] = (0.5,), **changes: Any) -> Row:
    runs = tuple(a_run(seed, f1) for seed, f1 in enumerate(f1s, start=1))
    row = Row(names, runs, 1_234_567, 0, 34_567.0, one_pass=False)
    return dataclasses.replace(row, **changes)


def a_comparison(*rows: Row, **changes: Any) -> Comparison:
    comparison = Comparison(
        rows=rows,
        split="test",
        data={"test": {"sentences": 10, "words": 99, "sha256": "abc"}},
        budget={"epochs": 6, "batch_tokens": 1600, "patience": 0, "seeds": [1, 2, 3]},
        settings={},
        failures={},
        command="ner-rnn compare a.yaml",
        date="2026-01-02T03:04:05+00:00",
        machine={"system": "Linux", "processor": "x86_64", "cores": 2, "usable": 2},
    )
    return dataclasses.replace(comparison, **changes)


def test_mean_and_sample_standard_deviation_over_seeds() -> None:
    row = a_row("a", f1s=(0.80, 0.82, 0.87))
    assert row.mean("test") == pytest.approx(83.0)
    assert row.spread("test") == pytest.approx(math.sqrt((9 + 1 + 16) / 2))
    assert row.mean("test", "words") == pytest.approx(88.0)
    assert row.mean("dev") is None
    assert a_row("a").spread("test") is None


def test_seconds_are_the_median_of_processor_time() -> None:
    runs = tuple(a_run(seed, 0.5, seconds=s) for seed, s in ((1, 10.0), (2, 90.0), (3, 12.0)))
    assert a_row("a", runs=runs).seconds == 12.0


def test_best_first_and_undefined_last() -> None:
    rows = (a_row("none", f1s=(None,)), a_row("zero", f1s=(0.0,)), a_row("best", f1s=(0.9, 0.8)))
    shown = to_markdown(a_comparison(*rows).table()).split("\n")[2:]
    assert [row.strip("| ").split(" | ")[:3] for row in shown] == [
        ["best", "85.00 ± 7.07", "90.00, 80.00"],
        ["zero", "0.00", "0.00"],
        ["none", "–", "–"],
    ]


def test_a_row_says_what_it_took() -> None:
    ridge = a_row("echo", learned=2_500, fixed=40_000_000, one_pass=True, words_per_second=987.4)
    lines = to_markdown(a_comparison(a_row("a", "b"), ridge).table()).split("\n")
    headings, _, *rows = (line.strip("| ").split(" | ") for line in lines)
    first, second = (dict(zip(headings, row, strict=True)) for row in rows)
    assert first["network"] == "a, b"
    assert (first["learned"], first["fixed"]) == ("1.23 M", "0")
    assert (first["words/s"], first["learns in"]) == ("34,600", "6 epochs")
    assert (second["learned"], second["fixed"]) == ("2 k", "40.00 M")
    assert (second["words/s"], second["learns in"]) == ("987", "one pass")


def test_the_remarks_name_the_budget_and_what_is_outside_it() -> None:
    plain = " ".join(a_comparison(a_row("a")).remarks())
    assert "6 epochs over the training data, 1,600 words a batch, seeds 1, 2, 3." in plain
    assert "one pass" not in plain
    assert "no test split" not in plain
    budget = {"epochs": 1, "batch_tokens": 64, "patience": 2, "seeds": [5]}
    other = a_comparison(
        a_row("echo", one_pass=True), split="dev", budget=budget, settings={"model.memory": "false"}
    )
    said = " ".join(other.remarks())
    assert "1 epoch over the training data, 64 words a batch, seed 5; stopped after 2" in said
    assert "In one pass: echo." in said
    assert "Set for all: model.memory false." in said
    assert "There is no test split: scores are of dev" in said


def test_models_of_different_versions_are_told() -> None:
    old = dataclasses.replace(a_run(2, 0.5), packages={"torch": "1.9"})
    comparison = a_comparison(a_row("a", runs=(a_run(1, 0.5), old)))
    assert comparison.versions() == {"torch": ["1.9", "2.0"]}
    assert "Not all were trained with the same version of torch." in comparison.remarks()
    assert "with: torch 1.9 and 2.0" in comparison.provenance()


HOSTILE = "a|b<script>&$x^2$"


def test_the_files(tmp_path: Path) -> None:
    row = a_row(HOSTILE, f1s=(0.80, 0.82))
    failures = {"x, seed 1": "<b>broken</b>"}
    figure: Figure = {
        "name": "cost", "kind": "cost", "caption": "cost & F1",
        "alt": "cost & F1", "svg": "<svg><text>F1</text></svg>",
    }  # fmt: skip
    write_report(a_comparison(row, failures=failures), [figure], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.json", "report.md", "report.html", "cost.svg",
    }  # fmt: skip
    known = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert known["rows"][0]["f1"]["seeds"] == {"1": 80.0, "2": 82.0}
    assert known["rows"][0]["f1"]["mean"] == pytest.approx(81.0)
    assert known["rows"][0]["runs"][1]["seconds"]["processor"] == 50.0
    assert known["budget"]["epochs"] == 6
    markdown = (tmp_path / "report.md").read_text("utf-8")
    lines = markdown.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 3
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1
    assert "![cost \\& F1](cost.svg)" in markdown
    assert "- x, seed 1: \\<b\\>broken\\</b\\>" in markdown
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<script>" not in page
    assert "<b>broken" not in page
    assert "a|b&lt;script&gt;&amp;$x^2$" in page
    assert "<svg><text>F1</text></svg>" in page


def test_nothing_to_report_is_reported(tmp_path: Path) -> None:
    comparison = a_comparison(failures={"a, seed 1": "the disk is full"})
    assert draw(comparison) == []
    write_report(comparison, [], tmp_path)
    assert "- a, seed 1: the disk is full" in (tmp_path / "report.md").read_text("utf-8")


def test_the_charts_hold_their_text_as_text() -> None:
    pytest.importorskip("matplotlib")
    rows = (
        a_row(HOSTILE, f1s=(0.80, 0.82)),
        a_row("b", f1s=(0.79,)),
        a_row("none", f1s=(None,)),
        a_row("echo", f1s=(0.7,), one_pass=True),
    )
    charts = draw(a_comparison(*rows))
    assert [chart["name"] for chart in charts] == ["comparison", "cost"]
    assert draw(a_comparison(*rows)) == charts, "the same numbers, the same file"
    for chart in charts:
        nodes = ET.fromstring(chart["svg"]).iter()
        texts = {"".join(node.itertext()) for node in nodes if is_text(node)}
        assert {HOSTILE, "b", "echo"} <= texts
        assert "none" not in texts
        assert chart["alt"]
    assert "81.00" in charts[0]["svg"]


def is_text(node: ET.Element) -> bool:
    return node.tag == "{http://www.w3.org/2000/svg}text"


@pytest.mark.parametrize(
    ("f1s", "begins"),
    [((0.1, 0.9), None), ((0.85, 0.92), 80), ((0.8, 0.8), 75), ((0.0, 0.0), None)],
)
def test_bars_begin_at_zero_unless_differences_would_drown(
    f1s: tuple[float, ...], begins: int | None
) -> None:
    pytest.importorskip("matplotlib")
    bars = draw(a_comparison(a_row("a", f1s=f1s)))[0]["svg"]
    assert ("the axis begins at" in bars) is (begins is not None)
    assert begins is None or f"the axis begins at {begins}<" in bars


@pytest.mark.parametrize("seed", [1, 2])
def test_labels_do_not_overlap(seed: int) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    names = ("feedforward", "rnn_uni", "rnn_bi", "rnn_relu", "gru_bi", "lstm_uni", "lstm_bi",
             "lstm_stacked", "clockwork", "echo_state", "bilstm_crf")  # fmt: skip
    chance = random.Random(seed)
    rows = [
        a_row(name, runs=(a_run(1, chance.gauss(0.87, 0.02), seconds=chance.uniform(50, 110)),))
        for name in names
    ]
    with drawn(5.0, width=7.5) as (axes, _):
        draw_cost(axes, rows, "test")
        ruler = FigureCanvasAgg(axes.figure).get_renderer()
        labels = [text for text in axes.texts if text.get_text() in names]
        for label in labels:
            label.update_positions(ruler)
        # the text alone, without the line to its point
        boxes = {label.get_text(): Text.get_window_extent(label, ruler) for label in labels}
    assert set(boxes) == set(names)
    for a, b in combinations(names, 2):
        assert not boxes[a].overlaps(boxes[b]), (a, b)
