"""The sections of where the models fail and how sure they are: tables, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ner_rnn.evaluation.page.markup import DASH, errors_link, number, percent, row, table, text
from ner_rnn.evaluation.page.scores import corpus_heading
from ner_rnn.evaluation.schema import CellRow, CurvePoint, Groups, Report

__all__ = ["confidence", "failures"]

_SEEN = {
    "seen": "seen in training",
    "unseen": "unseen, a word known",
    "unseen_words": "no word known",
}


def failures(report: Report) -> str:
    """Every error by its kind, then F1 (or P, or R) by what a name or its sentence is like."""
    if not _done(report):
        return ""
    reasons = dict.fromkeys(
        reason for cell in _done(report) if (reason := cell["seen_reason"]) is not None
    )
    seen = _groups(report, "Seen in training", lambda cell: cell["seen"], _SEEN)
    why = "".join(f'<p class="note">{text(reason)}</p>' for reason in reasons)
    return (
        _errors(report)
        + _MEASURE
        + (f"<h3>Seen in training</h3>{seen}{why}" if seen or why else "")
        + _folded(report, "Length of the name, in words", lambda cell: cell["by_name_length"])
        + _folded(report, "Length of the sentence", lambda cell: cell["by_sentence_length"])
        + _folded(report, "Case", lambda cell: cell["by_case"])
    )


def confidence(report: Report) -> str:
    """Calibration and the thresholds worth knowing."""
    head = (
        '<tr><td></td><td></td><th scope="colgroup" colspan="4" class="apart">Highest F1</th>'
        '<th scope="colgroup" colspan="2" class="apart">P of 99 or more</th></tr>'
        '<tr><th scope="col">Model</th><th scope="col">ECE</th>'
        '<th scope="col" class="apart">score from</th><th scope="col">P</th><th scope="col">R</th>'
        '<th scope="col">F1</th><th scope="col" class="apart">score from</th>'
        '<th scope="col">R</th></tr>'
    )
    groups = _by_corpus(report, _sure)
    if not _done(report):
        return ""
    if not groups:
        return '<p class="note">The predictions carry no scores, so nothing can be said.</p>'
    return (
        table("Calibration and operating points", head, groups, 8)
        + '<p class="note">Each name is predicted with a score, which should be the probability '
        "that it is right. ECE, the expected calibration error: how far score and truth lie apart "
        "on average, in points. Then two thresholds: taking only names scored at least so high "
        "gives this. They were chosen on the very corpus, and so are upper bounds.</p>"
    )


# Which of three figures the tables below show is decided by style alone.
_MEASURE = (
    '<fieldset class="measure"><legend>The tables below show</legend>'
    '<label><input type="radio" name="measure" value="f" checked> F1</label>'
    '<label><input type="radio" name="measure" value="p"> precision</label>'
    '<label><input type="radio" name="measure" value="r"> recall</label></fieldset>'
)


def _done(report: Report) -> list[CellRow]:
    """The cells that have figures."""
    return [cell for cell in report["cells"] if not cell["skipped"]]


def _by_corpus(
    report: Report, draw: Callable[[CellRow], str | None]
) -> list[tuple[str, Sequence[str]]]:
    """Rows of cells, in groups of one corpus; a cell that has nothing to say is left out."""
    cells = _done(report)
    groups: list[tuple[str, Sequence[str]]] = []
    for corpus in report["corpora"]:
        drawn = [draw(cell) for cell in cells if cell["corpus"] == corpus["name"]]
        rows = [each for each in drawn if each is not None]
        if rows:
            groups.append((corpus_heading(corpus), rows))
    return groups


def _errors(report: Report) -> str:
    """Kinds that add up to the false negatives and false positives; each leads to its sentences."""
    head = (
        '<tr><td></td><td></td><th scope="colgroup" colspan="4" class="apart">'
        'Not found</th><th scope="colgroup" colspan="4" class="apart">Found in error</th></tr>'
        '<tr><th scope="col">Model</th><th scope="col">right</th>'
        '<th scope="col" class="apart">missed</th><th scope="col">boundary</th>'
        '<th scope="col">other type</th><th scope="col" class="sum">sum</th>'
        '<th scope="col" class="apart">invented</th><th scope="col">boundary</th>'
        '<th scope="col">other type</th><th scope="col" class="sum">sum</th></tr>'
    )
    return (
        table("Errors by kind", head, _by_corpus(report, _kinds), 10)
        + '<p class="note">Boundary: a name was found, but begins or ends elsewhere; it counts on '
        "both sides, as it does in F1. Other type: in the gold standard the words are a name of "
        "another type. Numbers lead to their sentences.</p>" + _types(report)
    )


def _kinds(cell: CellRow) -> str:
    """One row of the table of errors."""
    missing, false = cell["errors"]["false_negatives"], cell["errors"]["false_positives"]
    lost, taken = sum(missing["wrong_type"].values()), sum(false["wrong_type"].values())

    def link(count: int, kind: str) -> str:
        view = {"model": cell["model"], "corpus": cell["corpus"], "kind": kind}
        return errors_link(count, **view)

    return row(
        text(cell["model"]),
        [
            link(cell["errors"]["true_positives"], "correct"),
            f'<td class="apart">{link(missing["missed"], "missed")}</td>',
            link(missing["boundary"], "boundary"),
            link(lost, "wrong_type"),
            f'<td class="sum">{number(missing["missed"] + missing["boundary"] + lost)}</td>',
            f'<td class="apart">{link(false["invented"], "invented")}</td>',
            link(false["boundary"], "boundary"),
            link(taken, "wrong_type"),
            f'<td class="sum">{number(false["invented"] + false["boundary"] + taken)}</td>',
        ],
    )


def _types(report: Report) -> str:
    """Which other types were taken for persons."""
    listed = []
    for cell in _done(report):
        taken = cell["errors"]["false_positives"]["wrong_type"]
        if taken:
            types = ", ".join(f"{text(label)} {number(n)}" for label, n in taken.items())
            where = f"{text(cell['model'])} <small>{text(cell['corpus'])}</small>"
            listed.append(f"<dt>{where}</dt><dd>{types}</dd>")
    if not listed:
        return ""
    return (
        "<details><summary>Which other types were taken for persons</summary>"
        f"<dl>{''.join(listed)}</dl></details>"
    )


def _folded(report: Report, label: str, pick: Callable[[CellRow], Groups | None]) -> str:
    """A table that is opened on request."""
    drawn = _groups(report, label, pick, {})
    return f"<details><summary>{text(label)}</summary>{drawn}</details>" if drawn else ""


def _groups(
    report: Report, label: str, pick: Callable[[CellRow], Groups | None], names: dict[str, str]
) -> str:
    """A column a group: the figure and how many names of the gold standard it rests on."""
    keys = dict.fromkeys(key for cell in _done(report) for key in pick(cell) or ())
    if not keys:
        return ""
    heads = "".join(f'<th scope="col">{text(names.get(key, key))}</th>' for key in keys)

    def draw(cell: CellRow) -> str | None:
        groups = pick(cell)
        if groups is None:
            return None
        cells = []
        for key in keys:
            group = groups.get(key)
            if group is None or not (group["support"] or group["predicted"]):
                cells.append(DASH)
                continue
            ratios = (("f", "f1"), ("p", "precision"), ("r", "recall"))
            figures = "".join(
                f'<span class="m{short}">{percent(group[key], 1)}</span>'  # type: ignore[literal-required]
                for short, key in ratios
            )
            cells.append(f"{figures}<small>{number(group['support'])}</small>")
        return row(text(cell["model"]), cells)

    head = f'<tr><th scope="col">Model</th>{heads}</tr>'
    drawn = table(label, head, _by_corpus(report, draw), 1 + len(keys))
    return f'<div class="groups">{drawn}</div>'


def _sure(cell: CellRow) -> str | None:
    """One row of the table of confidence."""
    calibration, best, precise = cell["calibration"], cell["best"], cell["precise"]
    if calibration is None and best is None:
        return None
    return row(
        text(cell["model"]),
        [
            percent(calibration["ece"] if calibration else None, 1),
            f'<td class="apart">{_threshold(best)}</td>',
            percent(best["precision"] if best else None, 1),
            percent(best["recall"] if best else None, 1),
            f'<td class="f1">{percent(best["f1"] if best else None)}</td>',
            f'<td class="apart">{_threshold(precise)}</td>',
            percent(precise["recall"], 1) if precise else '<span class="none">never</span>',
        ],
    )


def _threshold(point: CurvePoint | None) -> str:
    """The lowest score that is taken."""
    return DASH if point is None else f"{point['threshold']:.3f}"
