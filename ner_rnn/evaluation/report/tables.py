"""Tables of errors, confidence and provenance of a report, for report.md and the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ner_rnn.evaluation.build import RECALLS
from ner_rnn.evaluation.calibration import mean_score
from ner_rnn.evaluation.report.columns import (
    GROUPS,
    MARKDOWN,
    PAGE,
    Columns,
    Row,
    by_corpus,
    errors_link,
    listed,
    notes,
    ratio,
    scored,
    summed,
)
from ner_rnn.evaluation.schema import Report
from ner_rnn.text.report_table import Cell, Column, Table, percent, typed

__all__ = [
    "corpora",
    "differing_settings",
    "errors",
    "groups",
    "models",
    "operating_points",
    "recalls",
    "settings",
    "speed",
    "wrong_types",
]

MOST_TYPES = 8
"""Columns of types taken for persons."""
SEEN = {
    "seen": "seen in training",
    "unseen": "unseen, a word known",
    "unseen_words": "no word known",
}


def errors(report: Report, *, copies: bool = False, sums: bool = False) -> Table[Row]:
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
    records = summed(report) if sums else scored(report, copies=copies)
    return by_corpus(report, "Errors by kind", right, records)


def wrong_types(report: Report) -> Table[Row] | None:
    """Return which other types were taken for persons; None: none was."""
    known = [cell for cell in scored(report) if cell["errors"]["false_positives"]["wrong_type"]]
    total: Counter[str] = Counter()
    for cell in known:
        total.update(cell["errors"]["false_positives"]["wrong_type"])
    frequent = [label for label, _ in total.most_common(MOST_TYPES)]

    def column(label: str) -> Column[Row]:
        return Column(
            label, lambda cell: cell["errors"]["false_positives"]["wrong_type"].get(label, 0)
        )

    def others(cell: Row) -> int:
        counts = cell["errors"]["false_positives"]["wrong_type"]
        return sum(count for label, count in counts.items() if label not in frequent)

    columns = list(map(column, frequent))
    if len(total) > len(frequent):
        columns.append(Column("others", others))
    return by_corpus(report, "Types taken for persons", columns, known) if known else None


def groups(report: Report, key: str, *, sums: bool = False) -> Table[Row] | None:
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

    known = [cell for cell in (summed(report) if sums else scored(report)) if cell[key]]
    every = dict.fromkeys(group for cell in known for group in cell[key])
    return by_corpus(report, GROUPS[key], list(map(column, every)), known) if known else None


def operating_points(report: Report) -> Table[Row] | None:
    """Calibration error and two thresholds; None if no prediction carries a score."""

    def threshold(point: str) -> Callable[[Row], str | None]:
        return lambda cell: f"{cell[point]['threshold']:.3f}" if cell[point] else None

    def reached(cell: Row) -> str | None:
        return ratio("precise", "recall", places=1)(cell) if cell["precise"] else "never"

    def mean(cell: Row) -> str | None:
        return percent(mean_score(cell["calibration"]), 1)

    off_path = ratio("candidates", "ece", places=1)
    ece, right = ratio("calibration", "ece", places=1), ratio("names", "precision", places=1)

    best, precise = "Highest F1", "P of 99 or more"
    columns: Columns = [
        Column("calibration error, %", ece, MARKDOWN),
        Column("mean score, %", mean, MARKDOWN),
        Column("right, %", right, MARKDOWN),
        Column("best F1 at a score of", threshold("best"), MARKDOWN),
        Column("F1 there", ratio("best", "f1"), MARKDOWN),
        Column("precision of 99 % at a score of", threshold("precise"), MARKDOWN),
        Column("recall there", ratio("precise", "recall"), MARKDOWN),
        Column("candidates' calibration error, %", off_path, MARKDOWN),
        Column("ECE", ece, PAGE),
        Column("of candidates", off_path, PAGE),
        Column("mean score", mean, PAGE),
        Column("right", right, PAGE),
        Column("score from", threshold("best"), PAGE, style="apart", over=best),
        Column("P", ratio("best", "precision", places=1), PAGE, over=best),
        Column("R", ratio("best", "recall", places=1), PAGE, over=best),
        Column("F1", ratio("best", "f1"), PAGE, style="f1", over=best),
        Column("score from", threshold("precise"), PAGE, style="apart", over=precise),
        Column("R", reached, PAGE, over=precise),
    ]
    known = [cell for cell in scored(report) if cell["calibration"] or cell["best"]]
    return by_corpus(report, "Calibration and operating points", columns, known) if known else None


def recalls(report: Report) -> Table[Row] | None:
    """Thresholds at which most names are found whole; None if no prediction carries a score."""

    def point(place: int, key: str, show: Callable[[float], str | None]) -> Callable[[Row], Cell]:
        def get(cell: Row) -> Cell:
            found = cell["recalls"][place]
            return Cell(show(found[key]) if found else "never" if key == "threshold" else None)

        return get

    columns: Columns = []
    for place, share in enumerate(RECALLS):
        score = point(place, "threshold", lambda value: f"{value:.2g}")
        right = point(place, "precision", lambda value: percent(value, 1))
        whole = f"{share:.0%} of the names whole"
        columns += [
            Column(f"{whole}: score from", score, MARKDOWN),
            Column("precision there", right, MARKDOWN),
            Column("score from", score, PAGE, style="apart", over=whole),
            Column("P", right, PAGE, over=whole),
        ]
    known = [cell for cell in scored(report) if cell["best"]]
    return by_corpus(report, "Thresholds that find most names", columns, known) if known else None


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
