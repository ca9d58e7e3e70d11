"""Conclusions from the figures, in at most five sentences: who is better, where, what fails.

    b is better than a on 3 of 4 corpora; on wnut17 the difference could be chance (p = 0.21).

Each sentence says no more than the intervals and tests behind it allow, and lists no numbers by
corpus: these stand in the picture and in the tables. Plain text; to be escaped by whoever shows it.
"""

from __future__ import annotations

import statistics as means
from collections import Counter
from collections.abc import Iterator, Sequence

from ner_rnn.evaluation.calibration import mean_score
from ner_rnn.evaluation.schema import STRESSED, CellRow, ComparisonRow, CorpusRow, KindRow
from ner_rnn.evaluation.totals import lowest

__all__ = ["percent", "verdicts"]

MOST = 5
"""Sentences."""
FEW = 3
"""Corpora that are listed by name; of more, their number is told."""
UNSURE = 0.1
"""Expected calibration error from which a model is called over- or underconfident."""


def percent(ratio: float | None) -> str:
    """Return a ratio in percent with one digit, or a dash: ``0.9134`` -> ``91.3 %``."""
    return "–" if ratio is None else f"{100 * ratio:.1f} %"


def verdicts(
    corpora: Sequence[CorpusRow],
    cells: Sequence[CellRow],
    kinds: Sequence[KindRow],
    comparisons: Sequence[ComparisonRow],
) -> list[str]:
    """Return what follows from a report, the most important first."""
    plain = {corpus["name"] for corpus in corpora if corpus["stress"] is None}
    as_is = [cell for cell in cells if cell["corpus"] in plain]
    best = _best_model(kinds)
    mine = [cell for cell in as_is if cell["model"] == best and cell["skipped"] is None]
    said = [
        *_best(best, kinds, mine),
        *_pairs(best, [row for row in comparisons if row["corpus"] in plain]),
        *_cases(best, kinds),
        *_lowest(kinds),
        *_gaps(as_is),
        *_confidence(best, mine),
        *_unseen(best, mine),
    ]
    return said[:MOST]


def _f1_by_model(kinds: Sequence[KindRow]) -> dict[str, dict[str, float]]:
    """Return F1 by kind of text of the models that were run on the most kinds."""
    known: dict[str, dict[str, float]] = {}
    for row in kinds:
        if row["stress"] is None and row["kind"] is not None and row["f1"] is not None:
            known.setdefault(row["model"], {})[row["kind"]] = row["f1"]
    most = max(map(len, known.values()), default=0)
    return {model: of_model for model, of_model in known.items() if len(of_model) == most}


def _best_model(kinds: Sequence[KindRow]) -> str:
    known = _f1_by_model(kinds)
    return max(known, key=lambda model: means.fmean(known[model].values()), default="")


def _best(best: str, kinds: Sequence[KindRow], mine: Sequence[CellRow]) -> Iterator[str]:
    known = _f1_by_model(kinds)
    if not known:
        return
    article = "an" if len(known) == 1 else "the highest"
    if len(known[best]) == 1:
        ((kind, f1),) = known[best].items()
        detail = ""
        if len(scored := [cell for cell in mine if cell["names"]["support"]]) == 1:
            names = scored[0]["names"]
            detail = (
                f" (precision {percent(names['precision'])}, recall {percent(names['recall'])}, "
                f"{names['support']:,} names)"
            )
        yield f"{best} has {article} F1 of {percent(f1)} on names on {kind}{detail}."
        return
    by_f1 = sorted(known[best], key=lambda kind: known[best][kind])
    several = any(len(row["corpora"]) > 1 for row in kinds if row["kind"] is not None)
    what = "kinds of text" if several else "corpora"
    low, high = by_f1[0], by_f1[-1]
    yield (
        f"{best} has {'a' if len(known) == 1 else article} mean F1 of "
        f"{percent(means.fmean(known[best].values()))} on names over {len(by_f1)} {what}, from "
        f"{percent(known[best][low])} on {low} to {percent(known[best][high])} on {high}."
    )


def _pairs(best: str, comparisons: Sequence[ComparisonRow]) -> Iterator[str]:
    pairs: dict[tuple[str, str], list[ComparisonRow]] = {}
    for row in comparisons:
        if row["p"] is not None:
            pairs.setdefault((row["a"], row["b"]), []).append(row)
    if len(pairs) == 1:
        yield _pair(*next(iter(pairs)), next(iter(pairs.values())))
        return
    against = {
        b if a == best else a: Counter(row["better"] for row in rows)
        for (a, b), rows in pairs.items()
        if best in (a, b)
    }
    ranked = sorted(against.items(), key=lambda item: -item[1][best])
    parts: list[str] = []
    for other, wins in ranked:
        worse = f" (worse on {wins[other]})" if wins[other] else ""
        what = " corpora" if not parts else ""
        parts.append(f"than {other} on {wins[best]} of {wins.total()}{what}{worse}")
    if parts:
        yield f"{best} is better {_listed(parts)}; other differences could be chance."


def _pair(a: str, b: str, rows: Sequence[ComparisonRow]) -> str:
    wins = {name: [row["corpus"] for row in rows if row["better"] == name] for name in (a, b)}
    chance = [row for row in rows if row["better"] is None]
    # the one that wins more often is named first
    first, second = (a, b) if len(wins[a]) > len(wins[b]) else (b, a)
    if not wins[first]:
        shown = ", ".join(f"{row['corpus']}: p = {_p(row['p'])}" for row in chance)
        least = min(row["p"] or 0.0 for row in chance)
        shown = shown if len(chance) <= FEW else f"{len(chance)} corpora, p from {_p(least)} up"
        return f"Between {a} and {b} every difference could be chance ({shown})."
    if len(rows) == 1:
        where = f"{rows[0]['corpus']} (p {_below(rows[0]['p'] or 0.0)})"
    else:
        share = "all" if len(wins[first]) == len(rows) else str(len(wins[first]))
        where = f"{share} of {len(rows)} corpora"
    parts = [f"{first} is better than {second} on {where}"]
    if wins[second]:
        parts.append(f"{second} is better {_on(wins[second])}")
    if len(chance) == 1:
        (row,) = chance
        parts.append(f"on {row['corpus']} the difference could be chance (p = {_p(row['p'])})")
    elif chance:
        shown = _listed([f"{row['corpus']} (p = {_p(row['p'])})" for row in chance])
        shown = shown if len(chance) <= FEW else str(len(chance))
        parts.append(f"on {shown} the differences could be chance")
    return "; ".join(parts) + "."


def _cases(best: str, kinds: Sequence[KindRow]) -> Iterator[str]:
    """Compare the mean of the best model with its means on stressed copies."""
    mean = {
        row["stress"]: row["f1"] for row in kinds if row["kind"] is None and row["model"] == best
    }
    before = mean.get(None)
    parts = []
    for stress, f1 in mean.items():
        if stress is not None and f1 is not None and before is not None:
            points = f"{100 * (f1 - before):+.1f}".replace("-", "\N{MINUS SIGN}")
            parts.append(f"{percent(f1)} {STRESSED[stress]} ({points} points)")
    if parts:
        several = len({row["kind"] for row in kinds}) > 2
        yield f"The {'mean ' if several else ''}F1 of {best} is {_listed(parts)}."


def _lowest(kinds: Sequence[KindRow]) -> Iterator[str]:
    row = lowest(kinds)
    several = len({row["kind"] for row in kinds}) > 2 or len({row["model"] for row in kinds}) > 1
    if row is not None and several:
        how = f" {STRESSED[row['stress']]}" if row["stress"] else ""
        shown = percent(row["f1"])
        alike = sum(percent(one["f1"]) == shown for one in kinds if one["kind"] is not None) - 1
        others = f", and {alike} more" if alike else ""
        yield f"The lowest F1 of all is {shown}: {row['model']} on {row['kind']}{how}{others}."


def _gaps(cells: Sequence[CellRow]) -> Iterator[str]:
    missing = [cell for cell in cells if cell["skipped"] is not None or cell["undefined"]]
    if missing:
        first = missing[0]
        which = f"{first['model']} on {first['corpus']}: {first['skipped'] or first['undefined']}."
        if len(missing) == 1:
            yield f"No F1 of {which}"
        else:
            many = f"{len(missing)} of {len(cells)} combinations of model and corpus"
            yield f"{many} have no F1; the first is {which}"


def _confidence(best: str, cells: Sequence[CellRow]) -> Iterator[str]:
    """Say where scores of the best model are far from the share of right names."""
    found: dict[str, list[CellRow]] = {}
    for cell in cells:
        known = cell["calibration"]
        if known is not None and known["ece"] >= UNSURE:
            over = (mean_score(known) or 0.0) > (cell["names"]["precision"] or 0.0)
            found.setdefault("overconfident" if over else "underconfident", []).append(cell)
    for how, places in found.items():
        worst = max(places, key=_ece)
        where = worst["corpus"]
        if len(places) > 1:
            where = f"{len(places)} of {len(cells)} corpora, most on {where}"
        yield (
            f"{best} is {how} on {where} (names scored {mean_score(worst['calibration']):.2f} "
            "on average, "
            f"{percent(worst['names']['precision'])} right)."
        )


def _ece(cell: CellRow) -> float:
    return cell["calibration"]["ece"] if cell["calibration"] else 0.0


def _unseen(best: str, cells: Sequence[CellRow]) -> Iterator[str]:
    support: Counter[bool] = Counter()
    correct: Counter[bool] = Counter()
    for cell in cells:
        for group, score in (cell["seen"] or {}).items():
            support[group == "seen"] += score["support"]
            correct[group == "seen"] += score["correct"]
    if support[True] and support[False]:
        yield (
            f"{best} finds {percent(correct[True] / support[True])} of the names that stand in "
            f"its training data, and {percent(correct[False] / support[False])} of those that do "
            f"not (these are {percent(support[False] / support.total())} of all names)."
        )


def _listed(parts: Sequence[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def _on(corpora: Sequence[str]) -> str:
    return f"on {_listed(corpora) if len(corpora) <= FEW else len(corpora)}"


def _p(value: float | None) -> str:
    return f"{value:.2f}" if value is not None and value >= 0.095 else f"{value:.2g}"


def _below(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
