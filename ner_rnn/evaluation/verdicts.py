"""What follows from the figures, in sentences: who is better, where it could be chance, what fails.

    b is better than a on 3 of 4 corpora; on wnut17 the difference could be chance (p = 0.21).

Each sentence says no more than the intervals and tests behind it allow. Plain text; to be escaped
by whoever shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from ner_rnn.evaluation.schema import CellRow, ComparisonRow, CorpusRow, ModelRow, TotalRow

__all__ = ["percent", "verdicts"]

UNSURE = 0.1
"""Expected calibration error from which it is told."""


def percent(ratio: float | None) -> str:
    """A ratio in percent with one digit, or a dash: ``0.9134`` -> ``91.3 %``."""
    return "–" if ratio is None else f"{100 * ratio:.1f} %"


def verdicts(
    models: Sequence[ModelRow],
    corpora: Sequence[CorpusRow],
    cells: Sequence[CellRow],
    totals: Sequence[TotalRow],
    comparisons: Sequence[ComparisonRow],
) -> list[str]:
    """Say what follows from a report."""
    plain = {corpus["name"] for corpus in corpora if corpus["stress"] is None}
    scored = [cell for cell in cells if cell["skipped"] is None]
    return [
        *_best(totals),
        *_pairs(row for row in comparisons if row["corpus"] in plain),
        *_unseen(cell for cell in scored if cell["corpus"] in plain),
        *_stress(corpora, scored),
        *_failures(cell for cell in scored if cell["corpus"] in plain),
        *_trust(cell for cell in scored if cell["corpus"] in plain),
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
    figures = (
        f"F1 of {percent(names['f1'])} on names {over} (precision {percent(names['precision'])}, "
        f"recall {percent(names['recall'])}, {names['support']:,} names)"
    )
    if len(rows) == 1:
        yield f"{best['model']} has an {figures}."
    else:
        yield f"{best['model']} has the highest {figures}."


def _pairs(comparisons: Iterable[ComparisonRow]) -> Iterator[str]:
    pairs: dict[tuple[str, str], list[ComparisonRow]] = {}
    for row in comparisons:
        pairs.setdefault((row["a"], row["b"]), []).append(row)
    for (a, b), some in pairs.items():
        rows = [row for row in some if row["p"] is not None]
        if not rows:
            continue
        wins = {name: [row["corpus"] for row in rows if row["better"] == name] for name in (a, b)}
        chance = [row for row in rows if row["better"] is None]
        of = f"{len(rows)} {'corpus' if len(rows) == 1 else 'corpora'}"
        # whoever wins more often is named first
        first, second = (a, b) if len(wins[a]) > len(wins[b]) else (b, a)
        if not wins[first]:
            shown = ", ".join(f"{row['corpus']}: p = {_p(row['p'])}" for row in chance)
            yield f"Between {a} and {b} every difference could be chance ({shown})."
            continue
        if len(rows) == 1:
            sentence = f"{first} is better than {second} on {rows[0]['corpus']} (p {_below(rows)})"
        elif len(wins[first]) == len(rows):
            sentence = f"{first} is better than {second} on all of {of}"
        else:
            sentence = f"{first} is better than {second} on {len(wins[first])} of {of}"
        if wins[second]:
            sentence += f"; {second} is better {_on(wins[second])}"
        if chance:
            shown = " and ".join(f"{row['corpus']} (p = {_p(row['p'])})" for row in chance)
            if len(chance) == 1:
                row = chance[0]
                sentence += (
                    f"; on {row['corpus']} the difference could be chance (p = {_p(row['p'])})"
                )
            else:
                sentence += f"; on {shown} the differences could be chance"
        yield sentence + "."


def _unseen(cells: Iterable[CellRow]) -> Iterator[str]:
    for model, some in _by_model(cells):
        seen = unseen = 0
        found_seen = found_unseen = 0
        for cell in some:
            if cell["seen"] is not None:
                for group, score in cell["seen"].items():
                    if group == "seen":
                        seen += score["support"]
                        found_seen += score["correct"]
                    else:
                        unseen += score["support"]
                        found_unseen += score["correct"]
        if seen and unseen:
            yield (
                f"{model} finds {percent(found_seen / seen)} of the names that stand in its "
                f"training data, and {percent(found_unseen / unseen)} of those that do not "
                f"(these are {percent(unseen / (seen + unseen))} of all names)."
            )


def _stress(corpora: Sequence[CorpusRow], cells: Sequence[CellRow]) -> Iterator[str]:
    f1 = {(cell["model"], cell["corpus"]): cell["names"]["f1"] for cell in cells}
    doing = {"lower": "Lower case", "upper": "Upper case", "swap": "Swapping names"}
    for kind, what in doing.items():
        for model, some in _by_model(cells):
            del some
            changes = []
            for corpus in corpora:
                before = f1.get((model, corpus["base"] or ""))
                after = f1.get((model, corpus["name"]))
                if corpus["stress"] == kind and before is not None and after is not None:
                    points = 100 * (after - before)
                    changes.append(f"{points:+.1f} on {corpus['base']}".replace("-", "−"))
            if changes:
                yield f"{what} moves the F1 of {model}, in points, by {', '.join(changes)}."


def _failures(cells: Iterable[CellRow]) -> Iterator[str]:
    for model, some in _by_model(cells):
        counts: dict[str, int] = {}
        for cell in some:
            wrong, lost = cell["errors"]["false_positives"], cell["errors"]["false_negatives"]
            for what, count in (
                ("missed names", lost["missed"] + sum(lost["wrong_type"].values())),
                ("wrong boundaries", max(wrong["boundary"], lost["boundary"])),
                ("invented names", wrong["invented"]),
                ("names of another type", sum(wrong["wrong_type"].values())),
            ):
                counts[what] = counts.get(what, 0) + count
        ranked = sorted(((count, what) for what, count in counts.items() if count), reverse=True)
        if ranked:
            shown = ", ".join(f"{what} ({count:,})" for count, what in ranked)
            yield f"Errors of {model}, the most frequent first: {shown}."


def _trust(cells: Iterable[CellRow]) -> Iterator[str]:
    for model, some in _by_model(cells):
        told: dict[str, list[str]] = {}
        for cell in some:
            known = cell["calibration"]
            if known is None or known["ece"] < UNSURE:
                continue
            count = sum(one["count"] for one in known["bins"])
            mean = sum((one["mean_score"] or 0.0) * one["count"] for one in known["bins"]) / count
            right = cell["names"]["precision"] or 0.0
            how = "surer than it is right" if mean > right else "right more often than it is sure"
            told.setdefault(how, []).append(
                f"{cell['corpus']} (names scored {mean:.2f} on average, {percent(right)} right)"
            )
        for how, places in told.items():
            yield f"{model} is {how} {_on(places)}."


def _gaps(cells: Sequence[CellRow], plain: Collection[str]) -> Iterator[str]:
    for cell in cells:
        if cell["skipped"] is not None:
            yield f"No figures of {cell['model']} on {cell['corpus']}: {cell['skipped']}."
        else:
            if cell["undefined"] is not None:
                yield f"{cell['model']} on {cell['corpus']}: {cell['undefined']}."
            if cell["corpus"] in plain:
                yield from (f"{note}." for note in cell["notes"])


def _by_model(cells: Iterable[CellRow]) -> Iterator[tuple[str, list[CellRow]]]:
    together: dict[str, list[CellRow]] = {}
    for cell in cells:
        together.setdefault(cell["model"], []).append(cell)
    yield from together.items()


def _on(corpora: Sequence[str]) -> str:
    return "on " + (
        corpora[0] if len(corpora) == 1 else f"{', '.join(corpora[:-1])} and {corpora[-1]}"
    )


def _p(value: float | None) -> str:
    return f"{value:.2f}" if value is not None and value >= 0.095 else f"{value:.2g}"


def _below(rows: Sequence[ComparisonRow]) -> str:
    value = rows[0]["p"] or 0.0
    return "< 0.001" if value < 0.001 else f"= {value:.2g}"
