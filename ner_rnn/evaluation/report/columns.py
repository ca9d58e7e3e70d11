"""Columns that the tables of a report share, and the rows that they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ner_rnn.evaluation.counting import score_row
from ner_rnn.evaluation.schema import STRESSED, Report, Stress
from ner_rnn.text.report_table import DASH, Cell, Column, Medium, Table, clean, percent

__all__ = [
    "GROUPS",
    "MARKDOWN",
    "NOT_MARKDOWN",
    "PAGE",
    "TERMINAL",
    "Columns",
    "Row",
    "beside_copies",
    "by_corpus",
    "corpus_heading",
    "errors_link",
    "head_columns",
    "interval",
    "listed",
    "notes",
    "ratio",
    "scored",
    "summed",
    "total_rows",
    "with_interval",
]

GROUPS = {
    "seen": "Seen in training",
    "by_name_length": "Length of the name, in words",
    "by_sentence_length": "Length of the sentence, in words",
    "by_case": "Letter case of the name",
}
"""Groups of names by their key in a cell."""
ALL = "All corpora"
"""In the place of a corpus, in rows of sums."""
MARKDOWN: tuple[Medium, ...] = ("markdown",)
PAGE: tuple[Medium, ...] = ("page",)
TERMINAL: tuple[Medium, ...] = ("terminal",)
NOT_MARKDOWN = PAGE + TERMINAL

Row = Mapping[str, Any]
"""An entry of the lists of a report."""
Columns = list[Column[Row]]


def scored(report: Report, *, copies: bool = False) -> list[Row]:
    """Return the cells that have figures: on corpora as they are, or on their stressed copies."""
    made = {corpus["name"] for corpus in report["corpora"] if corpus["stress"]}
    return [
        cell
        for cell in report["cells"]
        if cell["skipped"] is None and (cell["corpus"] in made) is copies
    ]


def summed(report: Report) -> list[Row]:
    """Return counts of each model over all corpora as they are, in the shape of cells."""
    rows: dict[str, dict[str, Any]] = {}
    for cell in scored(report):
        row = rows.setdefault(cell["model"], {"model": cell["model"], "corpus": ALL})
        for key in ("names", "errors", *GROUPS):
            row[key] = _added(row.get(key), cell[key])
    for row in rows.values():
        for key in GROUPS:
            row[key] = {group: _scored_again(counts) for group, counts in (row[key] or {}).items()}
    return list(rows.values())


def _added(left: Any, right: Any) -> Any:
    """Add counts that stand at the same places of nested dictionaries; others are dropped."""
    if isinstance(left, dict) or isinstance(right, dict):
        left, right = left or {}, right or {}
        return {key: _added(left.get(key), right.get(key)) for key in {**left, **right}}
    counts = [value for value in (left, right) if isinstance(value, int)]
    return sum(counts) if counts else None


def _scored_again(counts: Row) -> Row:
    return score_row(counts["support"], counts["predicted"], counts["correct"])


def beside_copies(report: Report) -> list[Row]:
    """Return the cells of corpora as they are, with ``copies``: F1 of their copies by kind."""
    corpora = {corpus["name"]: corpus for corpus in report["corpora"]}
    known: dict[tuple[str, str], dict[Stress, float | None]] = {}
    for cell in scored(report, copies=True):
        corpus = corpora[cell["corpus"]]
        of_copies = known.setdefault((cell["model"], corpus["base"] or ""), {})
        of_copies[corpus["stress"]] = cell["names"]["f1"]  # type: ignore[index]
    return [
        {**cell, "copies": known.get((cell["model"], cell["corpus"]), {})}
        for cell in report["cells"]
        if corpora[cell["corpus"]]["stress"] is None
    ]


def head_columns() -> Columns:
    """Return the columns of model and corpus, which groups of rows say on a page."""
    return [
        Column("model", lambda row: row["model"], MARKDOWN, left=True, always=True),
        Column("corpus", lambda row: row["corpus"], MARKDOWN, left=True, always=True),
    ]


def by_corpus(report: Report, label: str, columns: Columns, records: Sequence[Row]) -> Table[Row]:
    """Return a table of cells: grouped by corpus on a page, each with its corpus in Markdown."""
    page: Columns = [Column("Model", lambda row: row["model"], PAGE)]
    return Table(
        label, [*page, *head_columns(), *columns], records, groups={"page": corpus_heading(report)}
    )


def corpus_heading(report: Report) -> Callable[[Row], Cell]:
    """Return what gives the heading above the rows of a corpus: its name and size."""
    headings = {}
    for corpus in report["corpora"]:
        stress = f", {STRESSED[corpus['stress']]}" if corpus["stress"] else ""
        name = corpus["base"] if stress and corpus["base"] else corpus["name"]
        size = f"{corpus['names']:,} names, {corpus['sentences']:,} sentences"
        headings[corpus["name"]] = Cell(f"{name}{stress}", small=size)
    return lambda row: headings.get(row["corpus"]) or Cell(row["corpus"])


def total_rows(report: Report) -> list[Row]:
    """Return totals over several corpora in the shape of cells, with those of their copies."""
    rows: list[Row] = []
    for total in report["totals"]:
        if total["stress"] is not None or len(total["corpora"]) == 1:
            continue
        copies = [
            other
            for other in report["totals"]
            if other["stress"] is not None and other["model"] == total["model"]
        ]
        head = {"model": total["model"], "corpus": ALL, "skipped": None}
        for key, text in (("micro", f"micro, {len(total['corpora'])} corpora"), ("macro", "macro")):
            sums: Any = total[key]  # type: ignore[literal-required]
            of_copies = {other["stress"]: other[key]["names"]["f1"] for other in copies}  # type: ignore[literal-required]
            rows.append({**head, "total": text, "copies": of_copies, **sums})
    return rows


def ratio(*path: str, places: int = 2, sign: bool = False) -> Callable[[Row], str | None]:
    """Return what gives a ratio within a row, in percent; None where anything before it is None."""

    def get(row: Row) -> str | None:
        value: Any = row
        for key in path:
            value = None if value is None else value[key]
        return percent(value, places, sign=sign)

    return get


def with_interval(kind: str, key: str) -> Callable[[Row], Cell]:
    """Return what gives a ratio of names or words with its interval."""

    def get(row: Row) -> Cell:
        ends = interval(row[kind]["interval"][key], " to ")
        return Cell(percent(row[kind][key]), small=ends or "")

    return get


def interval(
    ends: Sequence[float] | None, between: str = DASH, *, sign: bool = False
) -> str | None:
    """Return an interval in percent: ``91.4–93.2``; None where it is undefined."""
    return None if ends is None else between.join(percent(end, 1, sign=sign) or "" for end in ends)


def errors_link(count: int, view: Mapping[str, str]) -> Cell:
    """Return a number that leads to its sentences in the error browser; 0 leads nowhere.

    Nor does a sum over all corpora, whose sentences the browser has among those of copies.

    Args:
        count: to be shown.
        view: ``model``, ``vs``, ``corpus``, ``kind``, ``change``: what the browser selects.
    """
    query = "&".join(f"{key}={quote(clean(value), safe='')}" for key, value in view.items())
    return Cell(count, href=f"#errors?{query}" if count and view["corpus"] != ALL else "")


def listed(counts: Mapping[str, int]) -> str:
    """Return counts in one line: ``{"ORG": 1200}`` -> ``ORG 1,200``."""
    return ", ".join(f"{label} {count:,}" for label, count in counts.items())


def notes(*keys: str) -> Callable[[Row], str]:
    """Return what gives the remarks on a row: the entries of these keys, then its notes."""

    def get(row: Row) -> str:
        return "; ".join([*filter(None, (row.get(key) for key in keys)), *row.get("notes", ())])

    return get
