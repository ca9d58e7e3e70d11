"""The section of scores: models by corpora, and each pair of models held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ner_rnn.evaluation.page.markup import DASH, errors_link, number, percent, row, table, text
from ner_rnn.evaluation.schema import CellRow, ComparisonRow, CorpusRow, Report, TotalRow

__all__ = ["comparisons", "corpus_heading", "scores"]

_STRESS = {
    "lower": "in lower case",
    "upper": "in upper case",
    "swap": "with names of another culture",
}


def corpus_heading(corpus: CorpusRow) -> str:
    """What stands above the rows of a corpus: its name, and how much there is to find."""
    stress = f", {_STRESS[corpus['stress']]}" if corpus["stress"] else ""
    base = corpus["base"] if stress and corpus["base"] else corpus["name"]
    return (
        f"{text(base)}{stress} <small>{number(corpus['names'])} names, "
        f"{number(corpus['sentences'])} sentences</small>"
    )


def scores(report: Report) -> str:
    """One group of rows a corpus, one row a model, then the means."""
    head = (
        '<tr><td></td><th scope="colgroup" colspan="4">Names</th>'
        '<th scope="colgroup" colspan="3" class="apart">Words</th></tr>'
        '<tr><th scope="col">Model</th><th scope="col">P</th><th scope="col">R</th>'
        '<th scope="col">F1</th><th scope="col">95 %</th><th scope="col" class="apart">P</th>'
        '<th scope="col">R</th><th scope="col">F1</th></tr>'
    )
    groups = []
    for corpus in report["corpora"]:
        cells = [cell for cell in report["cells"] if cell["corpus"] == corpus["name"]]
        best = max((cell["names"]["f1"] or 0 for cell in cells if not cell["skipped"]), default=0)
        groups.append((corpus_heading(corpus), [_cell(cell, best, len(cells)) for cell in cells]))
    for stress in dict.fromkeys(total["stress"] for total in report["totals"]):
        totals = [total for total in report["totals"] if total["stress"] == stress]
        if max(len(total["corpora"]) for total in totals) > 1:
            kind = f", {_STRESS[stress]}" if stress else ""
            rows = [part for total in totals for part in _total(total)]
            groups.append((f"All corpora{kind}", rows))
    return (
        table("Scores of each model on each corpus, in percent", head, groups, 8)
        + '<p class="note">In percent. P: of what was found, how much is right. R: of what there '
        "is, how much was found. F1: their harmonic mean. A name counts where both ends are right; "
        "a word, where it was rightly told that it is part of a name. 95 %: interval of F1, by "
        "resampling documents (sentences where there are none). Heavy: highest F1 of a corpus. "
        "Micro: counts added up; macro: mean over corpora.</p>"
    )


def _cell(cell: CellRow, best: float, models: int) -> str:
    """One model on one corpus."""
    if cell["skipped"]:
        why = f'<td colspan="7" class="words">skipped: {text(cell["skipped"])}</td>'
        return row(text(cell["model"]), [why])
    f1 = cell["names"]["f1"]
    top = ' class="f1 best"' if models > 1 and f1 is not None and f1 == best else ' class="f1"'
    interval = cell["names"]["interval"]["f1"]
    name = text(cell["model"])
    if cell["undefined"]:
        name += f' <small class="why">{text(cell["undefined"])}</small>'
    return row(
        name,
        [
            percent(cell["names"]["precision"]),
            percent(cell["names"]["recall"]),
            f"<td{top}>{percent(f1)}</td>",
            f'<td class="interval">{_interval(interval)}</td>',
            f'<td class="apart">{percent(cell["words"]["precision"])}</td>',
            percent(cell["words"]["recall"]),
            f'<td class="f1">{percent(cell["words"]["f1"])}</td>',
        ],
    )


def _interval(ends: tuple[float, float] | None) -> str:
    """``91.4–93.2``, or a dash."""
    return DASH if ends is None else f"{percent(ends[0], 1)}–{percent(ends[1], 1)}"


def _total(total: TotalRow) -> list[str]:
    """A model over all corpora: from the sums, and as a mean."""
    parts: tuple[tuple[str, Mapping[Any, Any]], ...] = (
        ("micro", total["micro"]),
        ("macro", total["macro"]),
    )
    rows = []
    for kind, part in parts:
        cells = []
        for what in ("names", "words"):
            p, r, f1 = (percent(part[what][key]) for key in ("precision", "recall", "f1"))
            first = f'<td class="apart">{p}</td>' if what == "words" else p
            cells += [first, r, f'<td class="f1">{f1}</td>']
            cells += ["<td></td>"] if what == "names" else []
        few = f", {len(total['corpora'])} corpora" if kind == "micro" else ""
        rows.append(row(f"{text(total['model'])} <small>{kind}{few}</small>", cells))
    return rows


def comparisons(report: Report) -> str:
    """Each pair of models, corpus by corpus; the last columns lead to the sentences."""
    if not report["comparisons"]:
        return ""
    head = (
        '<tr><th scope="col">Corpus</th><th scope="col">F1</th><th scope="col">95 %</th>'
        '<th scope="col"><i>p</i></th><th scope="col" class="left">Better</th>'
        '<th scope="col">Fixes</th><th scope="col">Breaks</th></tr>'
    )
    pairs = dict.fromkeys((c["a"], c["b"]) for c in report["comparisons"])
    groups = [
        (
            f"{text(b)} <small>against</small> {text(a)}",
            [_comparison(c) for c in report["comparisons"] if (c["a"], c["b"]) == (a, b)],
        )
        for a, b in pairs
    ]
    return (
        "<h3>Differences</h3>"
        + table("Differences between models", head, groups, 7)
        + '<p class="note">F1: points that the first gains over the second, with the interval of '
        "the difference. <i>p</i>: how often shuffling the two systems' answers gives a difference "
        "as large (approximate randomisation, two-sided); below 0.05 one is called better. Fixes, "
        "breaks: errors (missed names, false names) that the first does away with or makes anew; "
        "each leads to its sentences.</p>"
    )


def _comparison(row_of: ComparisonRow) -> str:
    """One pair on one corpus."""
    view = {"model": row_of["a"], "vs": row_of["b"], "corpus": row_of["corpus"]}
    p = row_of["p"]
    if p is None:
        better = DASH
    elif row_of["better"] is None:
        better = '<span class="none">could be chance</span>'
    else:
        better = text(row_of["better"])
    ends = row_of["interval"]
    interval = DASH if ends is None else " to ".join(percent(end, 1, sign=True) for end in ends)
    return row(
        text(row_of["corpus"]),
        [
            percent(row_of["difference"], sign=True),
            f'<td class="interval">{interval}</td>',
            DASH if p is None else ("&lt; 0.001" if p < 0.001 else f"{p:.3f}"),
            f'<td class="left">{better}</td>',
            errors_link(row_of["fixes"], **view, change="fix"),
            errors_link(row_of["breaks"], **view, change="break"),
        ],
    )
