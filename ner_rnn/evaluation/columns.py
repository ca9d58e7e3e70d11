"""Columns that the tables of a report share, and the rows that they show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ner_rnn.evaluation.schema import Report
from ner_rnn.text.report_table import DASH, Cell, Column, Medium, Table, clean, percent

__all__ = [
    "MARKDOWN",
    "NOT_MARKDOWN",
    "PAGE",
    "TERMINAL",
    "Columns",
    "Row",
    "by_corpus",
    "corpus_heading",
    "errors_link",
    "head_columns",
    "interval",
    "listed",
    "notes",
    "ratio",
    "scored",
    "total_rows",
    "with_interval",
]

MARKDOWN: tuple[Medium, ...] = ("markdown",)
PAGE: tuple[Medium, ...] = ("page",)
TERMINAL: tuple[Medium, ...] = ("terminal",)
NOT_MARKDOWN = PAGE + TERMINAL

_STRESS = {
    "lower": "in lower case",
    "upper": "in upper case",
    "swap": "with names of another culture",
}

Row = Mapping[str, Any]
"""An entry of the lists of a report."""
Columns = list[Column[Row]]


def scored(report: Report) -> list[Row]:
    """Return the cells that have figures."""
    return [cell for cell in report["cells"] if cell["skipped"] is None]


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
        stress = f", {_STRESS[corpus['stress']]}" if corpus["stress"] else ""
        name = corpus["base"] if stress and corpus["base"] else corpus["name"]
        size = f"{corpus['names']:,} names, {corpus['sentences']:,} sentences"
        headings[corpus["name"]] = Cell(f"{name}{stress}", small=size)
    return lambda row: headings.get(row["corpus"]) or Cell(row["corpus"])


def total_rows(report: Report) -> list[Row]:
    """Return totals over several corpora in the shape of cells."""
    rows: list[Row] = []
    for stress in dict.fromkeys(total["stress"] for total in report["totals"]):
        alike = [total for total in report["totals"] if total["stress"] == stress]
        if max(len(total["corpora"]) for total in alike) == 1:
            continue
        name = f"All corpora, {_STRESS[stress]}" if stress else "All corpora"
        for total in alike:
            many = f"micro, {len(total['corpora'])} corpora"
            head = {"model": total["model"], "corpus": name, "skipped": None}
            means: Any = total["macro"]
            sums: Any = total["micro"]
            rows += [{**head, "total": many, **sums}, {**head, "total": "macro", **means}]
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

    Args:
        count: to be shown.
        view: ``model``, ``vs``, ``corpus``, ``kind``, ``change``: what the browser selects.
    """
    query = "&".join(f"{key}={quote(clean(value), safe='')}" for key, value in view.items())
    return Cell(count, href=f"#errors?{query}" if count else "")


def listed(counts: Mapping[str, int]) -> str:
    """Return counts in one line: ``{"ORG": 1200}`` -> ``ORG 1,200``."""
    return ", ".join(f"{label} {count:,}" for label, count in counts.items())


def notes(*keys: str) -> Callable[[Row], str]:
    """Return what gives the remarks on a row: the entries of these keys, then its notes."""

    def get(row: Row) -> str:
        return "; ".join([*filter(None, (row.get(key) for key in keys)), *row.get("notes", ())])

    return get
