"""Tables of a model card: scores by kind of text and by case, recall by culture, false names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from measured import Interval, Measured, per_100_000

from ner_rnn.text.report_table import Column, Table, percent
from ner_rnn.text.templates import Markup

Row = dict[str, Any]
"""A test set: kind, set, seen (in training), names, ece, and ours and spacy: case -> Interval."""


def _kind() -> Column[Row]:
    return Column("kind of text", lambda row: row["kind"], left=True)


def _f1(heading: str, system: str, case: str, *, strong: bool = False) -> Column[Row]:
    return Column(heading, lambda row: percent(row[system][case].value, 1), strong=strong)


def _range(heading: str, system: str, case: str) -> Column[Row]:
    def shown(row: Row) -> str:
        found: Interval = row[system][case]
        return f"{percent(found.low, 1)} to {percent(found.high, 1)}"

    return Column(heading, shown)


def scores(rows: list[Row]) -> Table[Row]:
    """Return F1 as written with intervals, and spaCy's."""
    columns: list[Column[Row]] = [
        _kind(),
        Column("test set", lambda row: row["set"], left=True),
        Column("source in training", lambda row: row["seen"], left=True),
        Column("names", lambda row: row["names"]),
        _f1("F1", "ours", "cased", strong=True),
        _range("95 %", "ours", "cased"),
        _f1("spaCy", "spacy", "cased"),
        _range("95 %", "spacy", "cased"),
    ]
    return Table("Scores by kind of text", columns, rows)


def cases(rows: list[Row]) -> Table[Row]:
    """Return F1 as written, in lower case and in capitals."""
    columns: list[Column[Row]] = [_kind()]
    for case, heading in (("cased", "as written"), ("lower", "lower"), ("upper", "capitals")):
        columns.append(_f1(heading, "ours", case, strong=True))
        columns.append(_f1(f"spaCy, {heading}", "spacy", case))
    return Table("F1 by case", columns, rows)


def of_readme(rows: list[Row]) -> Table[Row]:
    """Return the table of the README: F1 in three cases."""
    columns: list[Column[Row]] = [
        _kind(),
        _f1("F1", "ours", "cased", strong=True),
        _range("95 %", "ours", "cased"),
        _f1("spaCy", "spacy", "cased"),
        _f1("lower case", "ours", "lower"),
        _f1("spaCy", "spacy", "lower"),
        _f1("capitals", "ours", "upper"),
        _f1("spaCy", "spacy", "upper"),
    ]
    return Table("Kinds of text", columns, rows)


def calibration(rows: list[Row]) -> Table[Row]:
    """Return the expected calibration error by kind of text."""
    columns: list[Column[Row]] = [
        _kind(),
        Column("calibration error, %", lambda row: percent(row["ece"] / 100, 1)),
    ]
    return Table("Calibration", columns, [row for row in rows if row["ece"] is not None])


def cultures(ours: Measured, spacy: Measured) -> Table[str]:
    """Return recall by culture, sorted by that of the first set."""
    first = next(iter(ours.cultures.values()))
    columns: list[Column[str]] = [Column("names", lambda culture: culture, left=True)]
    for system, name in ((ours, ours.name), (spacy, "spaCy")):
        for test, recalls in system.cultures.items():
            columns.append(_recall(f"{name}, {test}", recalls))
    order = sorted(first, key=lambda culture: (culture == "as written", -first[culture]))
    return Table("Recall by culture", columns, order)


def _recall(heading: str, recalls: Mapping[str, float]) -> Column[str]:
    return Column(heading, lambda culture: percent(recalls[culture] / 100, 1))


def spread(ours: Measured, spacy: Measured) -> Iterator[Markup]:
    """Yield a line per set: best and worst recall."""
    for test, recalls in ours.cultures.items():
        swapped = {culture: value for culture, value in recalls.items() if culture != "as written"}
        worst, best = (choose(swapped, key=swapped.__getitem__) for choose in (min, max))
        theirs = [value for culture, value in spacy.cultures[test].items() if culture in swapped]
        yield Markup(
            f"{test}: best {swapped[best]:.1f} % ({best}), worst {swapped[worst]:.1f} % ({worst}), "
            f"worst / best {swapped[worst] / swapped[best]:.3f}; "
            f"spaCy {min(theirs) / max(theirs):.3f}"
        )


def false_names(ours: Measured, spacy: Measured) -> Table[str]:
    """Return the names found in text without any, by kind."""
    columns: list[Column[str]] = [
        Column("text without names", lambda kind: kind, left=True),
        Column("words", lambda kind: ours.words[kind]),
        Column(f"{ours.name}, per 100,000", lambda kind: per_100_000(ours, kind)),
        Column("spaCy, per 100,000", lambda kind: per_100_000(spacy, kind)),
    ]
    return Table("False names", columns, [*ours.words])
