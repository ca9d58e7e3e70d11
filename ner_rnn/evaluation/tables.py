"""Tables of a report, each built once for report.md, the page and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ner_rnn.evaluation.columns import (
    MARKDOWN,
    NOT_MARKDOWN,
    PAGE,
    TERMINAL,
    Columns,
    Row,
    by_corpus,
    corpus_heading,
    errors_link,
    head_columns,
    interval,
    listed,
    notes,
    ratio,
    scored,
    total_rows,
    with_interval,
)
from ner_rnn.evaluation.schema import Report
from ner_rnn.text.report_table import Cell, Column, Table, percent, typed

__all__ = [
    "comparisons",
    "corpora",
    "differing_settings",
    "errors",
    "groups",
    "models",
    "operating_points",
    "scores",
    "settings",
    "speed",
    "totals",
    "wrong_types",
]

GROUPS = {
    "seen": "Seen in training",
    "by_name_length": "Length of the name, in words",
    "by_sentence_length": "Length of the sentence, in words",
    "by_case": "Letter case of the name",
}
SEEN = {
    "seen": "seen in training",
    "unseen": "unseen, a word known",
    "unseen_words": "no word known",
}


def scores(report: Report, *, totals: bool = False) -> Table[Row]:
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
        return Cell(row["model"], small=row.get("undefined") or row.get("total") or "")

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
        Column("P", ratio("words", "precision"), PAGE, style="apart", over="Words"),
        Column("R", ratio("words", "recall"), PAGE, over="Words"),
        Column("F1", ratio("words", "f1"), PAGE, style="f1", over="Words"),
        Column("words", ratio("words", "f1"), TERMINAL),
        Column("", notes("skipped", "undefined"), MARKDOWN, left=True, always=True),
    ]
    return Table(
        "Scores of each model on each corpus, in percent",
        columns,
        [*report["cells"], *(total_rows(report) if totals else ())],
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


def comparisons(report: Report) -> Table[Row]:
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
    pair = {"page": lambda row: Cell(f"{row['b']} against {row['a']}")}
    return Table("Differences between models", columns, report["comparisons"], groups=pair)  # type: ignore[arg-type]


def errors(report: Report) -> Table[Row]:
    """Errors by kind; the kinds add up to the false negatives and false positives."""

    def of_kind(kind: str, side: str) -> Callable[[Row], Cell]:
        def get(cell: Row) -> Cell:
            found = cell["errors"][side] if side == "true_positives" else cell["errors"][side][kind]
            view = {"model": cell["model"], "corpus": cell["corpus"], "kind": kind}
            return errors_link(sum(found.values()) if kind == "wrong_type" else found, view)

        return get

    def types(side: str) -> Callable[[Row], Cell]:
        def get(cell: Row) -> Cell:
            counts = cell["errors"][side]["wrong_type"]
            return Cell(sum(counts.values()), small=listed(counts))

        return get

    right: Columns = [Column("right", of_kind("correct", "true_positives"), PAGE)]
    for over, total, side, first in (
        ("Not found", "support", "false_negatives", "missed"),
        ("Found in error", "predicted", "false_positives", "invented"),
    ):
        add_up = lambda cell, key=total: cell["names"][key] - cell["names"]["correct"]  # noqa: E731
        right += [
            Column(over.lower(), add_up, MARKDOWN),
            Column(first, of_kind(first, side), over=over, style="apart"),
            Column("boundary", of_kind("boundary", side), over=over),
            Column("other type", of_kind("wrong_type", side), PAGE, over=over),
            Column("other type", types(side), MARKDOWN),
            Column("sum", add_up, PAGE, over=over, style="sum"),
        ]
    return by_corpus(report, "Errors by kind", right, scored(report))


def wrong_types(report: Report) -> list[tuple[str, str, str]]:
    """Return which other types were taken for persons: model, corpus, types with their counts."""
    return [
        (cell["model"], cell["corpus"], listed(counts))
        for cell in scored(report)
        if (counts := cell["errors"]["false_positives"]["wrong_type"])
    ]


def groups(report: Report, key: str) -> Table[Row] | None:
    """F1 by groups of names (a key of ``GROUPS``), and their number; None: no cell has them."""

    def column(group: str) -> Column[Row]:
        def get(cell: Row) -> Cell:
            row = cell[key].get(group)
            if row is None or not (row["support"] or row["predicted"]):
                return Cell(None)
            measures = {"f": row["f1"], "p": row["precision"], "r": row["recall"]}
            choices = {name: percent(value, 1) for name, value in measures.items()}
            return Cell(percent(row["f1"]), small=f"{row['support']:,}", choices=choices)

        return Column(SEEN.get(group, group), get)

    known = [cell for cell in scored(report) if cell[key]]
    every = dict.fromkeys(group for cell in known for group in cell[key])
    return by_corpus(report, GROUPS[key], list(map(column, every)), known) if known else None


def operating_points(report: Report) -> Table[Row] | None:
    """Calibration error and two thresholds; None if no prediction carries a score."""

    def threshold(point: str) -> Callable[[Row], str | None]:
        return lambda cell: f"{cell[point]['threshold']:.3f}" if cell[point] else None

    def reached(cell: Row) -> str | None:
        return ratio("precise", "recall", places=1)(cell) if cell["precise"] else "never"

    ece = ratio("calibration", "ece", places=1)
    best, precise = "Highest F1", "P of 99 or more"
    columns: Columns = [
        Column("calibration error, %", ece, MARKDOWN),
        Column("best F1 at a score of", threshold("best"), MARKDOWN),
        Column("F1 there", ratio("best", "f1"), MARKDOWN),
        Column("precision of 99 % at a score of", threshold("precise"), MARKDOWN),
        Column("recall there", ratio("precise", "recall"), MARKDOWN),
        Column("ECE", ece, PAGE),
        Column("score from", threshold("best"), PAGE, style="apart", over=best),
        Column("P", ratio("best", "precision", places=1), PAGE, over=best),
        Column("R", ratio("best", "recall", places=1), PAGE, over=best),
        Column("F1", ratio("best", "f1"), PAGE, style="f1", over=best),
        Column("score from", threshold("precise"), PAGE, style="apart", over=precise),
        Column("R", reached, PAGE, over=precise),
    ]
    known = [cell for cell in scored(report) if cell["calibration"] or cell["best"]]
    return by_corpus(report, "Calibration and operating points", columns, known) if known else None


def models(report: Report) -> Table[Row]:
    """Models and other systems, with their settings."""
    columns: Columns = [
        Column("model", lambda row: row["name"], left=True),
        Column("from", lambda row: row["path"], left=True),
        Column("parameters", lambda row: row["parameters"]),
        Column("settings", lambda row: settings(row["config"]), left=True),
        Column("sha256", lambda row: Cell(row["sha256"], code=True), left=True),
        Column("notes", notes("problem"), left=True),
    ]
    return Table("Models", columns, report["models"])


def corpora(report: Report) -> Table[Row]:
    """Corpora: sizes and how they were read."""
    columns: Columns = [
        Column("corpus", lambda row: row["name"], left=True),
        Column("from", lambda row: row["path"], left=True),
        Column("sentences", lambda row: row["sentences"]),
        Column("words", lambda row: row["tokens"]),
        Column("names", lambda row: row["names"]),
        Column("documents", lambda row: row["documents"]),
        Column("a person is", lambda row: ", ".join(row["persons"]) or None, left=True),
        Column("scheme", lambda row: row["scheme"], left=True),
        Column("dropped", lambda row: row["dropped"]),
        Column("sha256", lambda row: Cell(row["sha256"], code=True), left=True),
        Column("notes", notes("problem"), left=True),
    ]
    return Table("Corpora", columns, report["corpora"])


def speed(report: Report) -> Table[Row] | None:
    """Words a second of each model; None if nothing was tagged."""
    known = [cell for cell in scored(report) if cell["words_per_second"]]
    columns: Columns = [Column("words per second", lambda row: round(row["words_per_second"]))]
    return by_corpus(report, "Speed", columns, known) if known else None


def differing_settings(report: Report) -> Table[str] | None:
    """Settings in which the models differ, side by side; None if there are none."""
    configured = [model for model in report["models"] if model["config"]]

    def value(model: Row, key: str) -> str:
        return typed(model["config"][key]) if key in model["config"] else "not set"

    keys = dict.fromkeys(key for model in configured for key in model["config"])
    differing = [key for key in keys if len({value(model, key) for model in configured}) > 1]
    columns = [Column[str]("Differs in", lambda key: Cell(key, code=True))]
    columns += [
        Column(model["name"], lambda key, model=model: value(model, key))  # type: ignore[misc]
        for model in configured
    ]
    return Table("Settings in which the models differ", columns, differing) if differing else None


def settings(values: Mapping[str, object]) -> str:
    """Return settings in one line: ``{"a": "x", "b": None}`` -> ``a x, b null``."""
    return ", ".join(f"{key} {typed(value)}" for key, value in values.items())
