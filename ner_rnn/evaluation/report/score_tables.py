"""Tables of scores and differences of a report, for report.md, the page and the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ner_rnn.evaluation.report.columns import (
    MARKDOWN,
    NOT_MARKDOWN,
    PAGE,
    TERMINAL,
    Columns,
    Row,
    beside_copies,
    corpus_heading,
    errors_link,
    head_columns,
    interval,
    notes,
    ratio,
    scored,
    total_rows,
    with_interval,
)
from ner_rnn.evaluation.schema import STRESSED, Report, Stress
from ner_rnn.text.report_table import Cell, Column, Medium, Table, percent

__all__ = ["comparisons", "kinds", "pairs", "scores", "totals"]


def scores(report: Report, *, corpora: bool = True, totals: bool = False) -> Table[Row]:
    """Models by corpora: names and words, and if wanted totals as further groups of rows."""
    best: dict[str, float] = {}
    for cell in scored(report):
        best[cell["corpus"]] = max(cell["names"]["f1"] or 0, best.get(cell["corpus"], 0))

    def f1(row: Row) -> Cell:
        value = row["names"]["f1"]
        top = len(report["models"]) > 1 and value is not None and value == best.get(row["corpus"])
        return Cell(percent(value), strong=top)

    def f1_interval(row: Row) -> str | None:
        return "" if "total" in row else interval(row["names"]["interval"]["f1"])

    def model(row: Row) -> Cell:
        remark = "; ".join(filter(None, [row.get("undefined"), *row.get("notes", ())]))
        return Cell(row["model"], small=remark or row.get("total") or "")

    def of_copy(kind: Stress) -> Callable[[Row], str | None]:
        return lambda row: percent(row["copies"].get(kind))

    kinds = dict.fromkeys(kind for row in report["corpora"] if (kind := row["stress"]))
    copies: Columns = []
    for kind in kinds:
        style = "" if copies else "apart"
        copies += [
            Column(f"F1 {STRESSED[kind]}", of_copy(kind), MARKDOWN),
            Column(kind, of_copy(kind), NOT_MARKDOWN, style=style, over="F1 of copies"),
        ]

    columns: Columns = [
        Column("Model", model, PAGE),
        *head_columns(),
        Column("", lambda row: row["corpus"], TERMINAL, left=True, always=True),
        Column("names", lambda row: row["names"]["support"], MARKDOWN + TERMINAL),
        Column("precision", with_interval("names", "precision"), MARKDOWN),
        Column("recall", with_interval("names", "recall"), MARKDOWN),
        Column("F1", with_interval("names", "f1"), MARKDOWN, strong=True),
        Column("F1 on words", with_interval("words", "f1"), MARKDOWN),
        Column("P", ratio("names", "precision"), NOT_MARKDOWN, over="Names"),
        Column("R", ratio("names", "recall"), NOT_MARKDOWN, over="Names"),
        Column("F1", f1, NOT_MARKDOWN, strong=True, style="f1", over="Names"),
        Column("95 %", f1_interval, NOT_MARKDOWN, style="interval", over="Names"),
        *copies,
        Column("P", ratio("words", "precision"), PAGE, style="apart", over="Words"),
        Column("R", ratio("words", "recall"), PAGE, over="Words"),
        Column("F1", ratio("words", "f1"), PAGE, style="f1", over="Words"),
        Column("words", ratio("words", "f1"), TERMINAL),
        Column("", notes("skipped", "undefined"), MARKDOWN, left=True, always=True),
    ]
    return Table(
        "Scores of each model on each corpus, in percent",
        columns,
        [*(beside_copies(report) if corpora else ()), *(total_rows(report) if totals else ())],
        groups={"page": corpus_heading(report), "terminal": lambda row: Cell(row["model"])},
        missing=lambda row: row["skipped"],
    )


def totals(report: Report) -> Table[Row]:
    """Models over all corpora: from summed counts (micro) and as means (macro)."""
    columns: Columns = [
        Column("model", lambda row: row["model"], left=True),
        Column("copies", lambda row: row["stress"] or "as they are", left=True),
        Column("corpora", lambda row: len(row["corpora"])),
        Column("precision", ratio("micro", "names", "precision")),
        Column("recall", ratio("micro", "names", "recall")),
        Column("F1 (micro)", ratio("micro", "names", "f1")),
        Column("F1 (macro)", ratio("macro", "names", "f1")),
        Column("F1 on words (micro)", ratio("micro", "words", "f1")),
    ]
    return Table("All corpora", columns, report["totals"])


def kinds(report: Report) -> Table[Row]:
    """F1 of each model on each kind of text, as it is and as stressed copies: the picture."""
    rows: dict[str | None, dict[tuple[str, Stress | None], Row]] = {}
    for row in report["kinds"]:
        rows.setdefault(row["kind"], {})[row["model"], row["stress"]] = row
    heads = dict.fromkeys((row["model"], row["stress"]) for row in report["kinds"])
    models = list(dict.fromkeys(model for model, _ in heads))
    copies = list(dict.fromkeys(stress for _, stress in heads))

    def value(model: str, stress: Stress | None) -> Callable[[Row], Cell]:
        def get(kind: Row) -> Cell:
            row = kind["f1"].get((model, stress))
            ends = interval(row["interval"]) if row else None
            return Cell(percent(row["f1"], 1) if row else None, small=ends or "")

        return get

    columns: Columns = [Column("kind of text", lambda row: row["kind"] or "mean", left=True)]
    for model in models:
        for stress in copies:
            how = stress or "as is"
            columns += [
                Column(f"{model}, {how}", value(model, stress), MARKDOWN),
                Column(
                    how, value(model, stress), PAGE, over=model, style="" if stress else "apart"
                ),
            ]
    records = [{"kind": kind, "f1": f1} for kind, f1 in rows.items()]
    if len(records) == 2:
        records.pop()  # the mean over one kind
    return Table("F1 on names by kind of text, in percent", columns, records)


def pairs(report: Report) -> Table[Row]:
    """How often each of two models is better than the other."""
    records: dict[tuple[str, str], dict[str, Any]] = {}
    for row in _compared(report):
        pair = row["a"], row["b"]
        record = records.setdefault(pair, {"a": pair[0], "b": pair[1], "wins": []})
        record["wins"].append(row["better"] if row["p"] is not None else "")
    columns: Columns = [
        Column("first", lambda row: row["a"], left=True),
        Column("second", lambda row: row["b"], left=True, style="left"),
        Column("first is better on", lambda row: row["wins"].count(row["a"])),
        Column("second is better on", lambda row: row["wins"].count(row["b"])),
        Column("could be chance on", lambda row: row["wins"].count(None)),
    ]
    return Table("Corpora on which one of two models is better", columns, list(records.values()))


def _compared(report: Report, *, copies: bool = False) -> list[Row]:
    made = {corpus["name"] for corpus in report["corpora"] if corpus["stress"]}
    return [row for row in report["comparisons"] if (row["corpus"] in made) is copies]


def comparisons(report: Report, *, copies: bool = False) -> Table[Row]:
    """Pairs of models on each corpus; numbers of changes lead to their sentences."""

    def changes(row: Row, key: str, change: str) -> Cell:
        view = {"model": row["a"], "vs": row["b"], "corpus": row["corpus"], "change": change}
        return errors_link(row[key], view)

    def p(row: Row) -> str | None:
        value = row["p"]
        return None if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"

    columns: Columns = [
        Column("first", lambda row: row["a"], MARKDOWN, left=True),
        Column("second", lambda row: row["b"], MARKDOWN, left=True),
        Column("corpus", lambda row: row["corpus"], left=True),
        Column("difference", ratio("difference", sign=True)),
        Column("95 %", lambda row: interval(row["interval"], " to ", sign=True), style="interval"),
        Column("p", lambda row: None if row["p"] is None else f"{row['p']:.4f}", MARKDOWN),
        Column("p", p, PAGE),
        Column(
            "better",
            lambda row: None if row["p"] is None else row["better"] or "could be chance",
            left=True,
            style="left",
        ),
        Column("fixes", lambda row: changes(row, "fixes", "fix")),
        Column("breaks", lambda row: changes(row, "breaks", "break")),
    ]
    pair: dict[Medium, Callable[[Row], Cell]] = {
        "page": lambda row: Cell(f"{row['b']} against {row['a']}")
    }
    records = _compared(report, copies=copies)
    return Table("Differences between models", columns, records, groups=pair)
