"""Conclusions from the figures, in sentences: who is better, where it could be chance, what fails.

    b is better than a on 3 of 4 corpora; on wnut17 the difference could be chance (p = 0.21).

Each sentence says no more than the intervals and tests behind it allow. Plain text; to be escaped
by whoever shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from ner_rnn.evaluation.schema import CellRow, ComparisonRow, CorpusRow, TotalRow

__all__ = ["percent", "verdicts"]

UNSURE = 0.1
"""Expected calibration error from which a model is called over- or underconfident."""
STRESS = {"lower": "Lower case", "upper": "Upper case", "swap": "Swapping names"}


def percent(ratio: float | None) -> str:
    """Return a ratio in percent with one digit, or a dash: ``0.9134`` -> ``91.3 %``."""
    return "–" if ratio is None else f"{100 * ratio:.1f} %"


def verdicts(
    corpora: Sequence[CorpusRow],
    cells: Sequence[CellRow],
    totals: Sequence[TotalRow],
    comparisons: Sequence[ComparisonRow],
) -> list[str]:
    """Return what follows from a report, the most important first."""
    plain = {corpus["name"] for corpus in corpora if corpus["stress"] is None}
    scored = [cell for cell in cells if cell["skipped"] is None]
    unstressed: dict[str, list[CellRow]] = {}
    for cell in scored:
        if cell["corpus"] in plain:
            unstressed.setdefault(cell["model"], []).append(cell)
    return [
        *_best(totals),
        *_pairs(row for row in comparisons if row["corpus"] in plain),
        *(found for item in unstressed.items() for found in _unseen(*item)),
        *_stress(corpora, scored),
        *(found for item in unstressed.items() for found in _failures(*item)),
        *(found for item in unstressed.items() for found in _confidence(*item)),
        *_gaps(cells, plain),
    ]


def _best(totals: Sequence[TotalRow]) -> Iterator[str]:
    rows = [
        row for row in totals if row["stress"] is None and row["micro"]["names"]["f1"] is not None
    ]
    if not rows:
        return
    most = max(len(row["corpora"]) for row in rows)
    rows = [row for row in rows if len(row["corpora"]) == most]
    best = max(rows, key=lambda row: row["micro"]["names"]["f1"] or 0.0)
    names = best["micro"]["names"]
    over = _on(best["corpora"]) if most == 1 else f"over {most} corpora together"
    yield (
        f"{best['model']} has {'an' if len(rows) == 1 else 'the highest'} F1 of "
        f"{percent(names['f1'])} on names {over} (precision {percent(names['precision'])}, "
        f"recall {percent(names['recall'])}, {names['support']:,} names)."
    )


def _pairs(comparisons: Iterable[ComparisonRow]) -> Iterator[str]:
    pairs: dict[tuple[str, str], list[ComparisonRow]] = {}
    for row in comparisons:
        if row["p"] is not None:
            pairs.setdefault((row["a"], row["b"]), []).append(row)
    for (a, b), rows in pairs.items():
        wins = {name: [row["corpus"] for row in rows if row["better"] == name] for name in (a, b)}
        chance = [row for row in rows if row["better"] is None]
        # the one that wins more often is named first
        first, second = (a, b) if len(wins[a]) > len(wins[b]) else (b, a)
        if not wins[first]:
            shown = ", ".join(f"{row['corpus']}: p = {_p(row['p'])}" for row in chance)
            yield f"Between {a} and {b} every difference could be chance ({shown})."
            continue
        if len(rows) == 1:
            where = f"{rows[0]['corpus']} (p {_below(rows[0]['p'] or 0.0)})"
        else:
            share = "all" if len(wins[first]) == len(rows) else str(len(wins[first]))
            where = f"{share} of {len(rows)} corpora"
        parts = [f"{first} is better than {second} on {where}"]
        if wins[second]:
            parts.append(f"{second} is better {_on(wins[second])}")
        if chance:
            shown = " and ".join(f"{row['corpus']} (p = {_p(row['p'])})" for row in chance)
            parts.append(f"on {shown} the differences could be chance")
        if len(chance) == 1:
            (row,) = chance
            parts[-1] = f"on {row['corpus']} the difference could be chance (p = {_p(row['p'])})"
        yield "; ".join(parts) + "."


def _unseen(model: str, cells: Sequence[CellRow]) -> Iterator[str]:
    support: Counter[bool] = Counter()
    correct: Counter[bool] = Counter()
    for cell in cells:
        for group, score in (cell["seen"] or {}).items():
            support[group == "seen"] += score["support"]
            correct[group == "seen"] += score["correct"]
    if support[True] and support[False]:
        yield (
            f"{model} finds {percent(correct[True] / support[True])} of the names that stand in "
            f"its training data, and {percent(correct[False] / support[False])} of those that do "
            f"not (these are {percent(support[False] / support.total())} of all names)."
        )


def _stress(corpora: Sequence[CorpusRow], cells: Sequence[CellRow]) -> Iterator[str]:
    f1 = {(cell["model"], cell["corpus"]): cell["names"]["f1"] for cell in cells}
    for kind, what in STRESS.items():
        for model in dict.fromkeys(cell["model"] for cell in cells):
            changes = []
            for corpus in corpora:
                before = f1.get((model, corpus["base"] or ""))
                after = f1.get((model, corpus["name"]))
                if corpus["stress"] == kind and before is not None and after is not None:
                    points = 100 * (after - before)
                    changes.append(f"{points:+.1f} on {corpus['base']}".replace("-", "−"))
            if changes:
                yield f"{what} changes the F1 of {model}, in points, by {', '.join(changes)}."


def _failures(model: str, cells: Sequence[CellRow]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for cell in cells:
        wrong, lost = cell["errors"]["false_positives"], cell["errors"]["false_negatives"]
        counts["missed names"] += lost["missed"] + sum(lost["wrong_type"].values())
        counts["wrong boundaries"] += max(wrong["boundary"], lost["boundary"])
        counts["invented names"] += wrong["invented"]
        counts["names of another type"] += sum(wrong["wrong_type"].values())
    ranked = sorted(((count, what) for what, count in counts.items() if count), reverse=True)
    if ranked:
        shown = ", ".join(f"{what} ({count:,})" for count, what in ranked)
        yield f"Errors of {model}, the most frequent first: {shown}."


def _confidence(model: str, cells: Sequence[CellRow]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for cell in cells:
        known = cell["calibration"]
        if known is None or known["ece"] < UNSURE:
            continue
        count = sum(one["count"] for one in known["bins"])
        mean = sum((one["mean_score"] or 0.0) * one["count"] for one in known["bins"]) / count
        right = cell["names"]["precision"] or 0.0
        found.setdefault("overconfident" if mean > right else "underconfident", []).append(
            f"{cell['corpus']} (names scored {mean:.2f} on average, {percent(right)} right)"
        )
    for how, places in found.items():
        yield f"{model} is {how} {_on(places)}."


def _gaps(cells: Sequence[CellRow], plain: Collection[str]) -> Iterator[str]:
    for cell in cells:
        if cell["skipped"] is not None:
            yield f"No figures of {cell['model']} on {cell['corpus']}: {cell['skipped']}."
            continue
        if cell["undefined"] is not None:
            yield f"{cell['model']} on {cell['corpus']}: {cell['undefined']}."
        if cell["corpus"] in plain:
            yield from (f"{note}." for note in cell["notes"])


def _on(corpora: Sequence[str]) -> str:
    *others, last = corpora
    return f"on {', '.join(others)} and {last}" if others else f"on {last}"


def _p(value: float | None) -> str:
    return f"{value:.2f}" if value is not None and value >= 0.095 else f"{value:.2g}"


def _below(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
