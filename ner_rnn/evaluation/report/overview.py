"""The picture that a report opens with: kinds of text by models, as they are and as harder copies.

Two figures with the same rows, to stand side by side: dots with intervals, and a heat map. The
lowest value is marked in both. Calibration by corpus is drawn as such dots too.
"""

from __future__ import annotations

from dataclasses import replace

from ner_rnn.evaluation.calibration import mean_score
from ner_rnn.evaluation.report.dots import CASES, Dots, draw_dots
from ner_rnn.evaluation.report.heat import block_width, draw_heat
from ner_rnn.evaluation.report.rows import LETTER, Place, Rows, Value
from ner_rnn.evaluation.schema import STRESSED, Figure, KindRow, Report
from ner_rnn.evaluation.totals import lowest
from ner_rnn.text.report_table import percent

__all__ = ["calibration_figure", "overview"]

ACROSS = 11.4
"""Inches of both figures beside each other."""
NARROWEST, WIDEST = 3.4, 6.0
"""Inches of the panels of dots."""
SHORTEST = 12
"""Letters of a label, even where the figures then have to stand one below the other."""


def overview(report: Report) -> list[Figure]:
    """Draw dots and heat map of the kinds of text; nothing where no F1 is known.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    known = [row for row in report["kinds"] if row["f1"] is not None]
    if not known:
        return []
    order = [model["name"] for model in report["models"]]
    kinds = list(dict.fromkeys(row["kind"] for row in report["kinds"] if row["kind"] is not None))
    mean = f"mean of {len(kinds)}" if len(kinds) > 1 else None
    rows = Rows(
        labels=[*kinds, mean] if mean else kinds,
        models=[name for name in order if any(row["model"] == name for row in known)],
        copies=[case for case in CASES if any(row["stress"] == case for row in known)],
        mean=mean,
    )
    values = {
        (label, row["model"], row["stress"]): Value(row["f1"] or 0.0, row["interval"], _said(row))
        for row in known
        if (label := mean if row["kind"] is None else row["kind"])
    }
    least = lowest(report["kinds"])
    marked = (least["kind"] or "", least["model"], least["stress"]) if least else None
    room = ACROSS - block_width(rows) * len(rows.models)
    letters = int(((room - NARROWEST) / 2 - 0.1) / LETTER)
    rows = replace(rows, longest=max(SHORTEST, min(rows.longest, letters)))
    width = min(WIDEST, max(NARROWEST, room - 2 * rows.margin))
    lines = rows.legend_lines(width)
    alt = f"F1 on names, in percent, of {', '.join(rows.models)}. " + "; ".join(
        _said(row) for row in known if (row["kind"] is None) is (mean is not None)
    )
    alt += f". Lowest: {_said(least)}." if least else "."
    dots = Dots(
        name="f1", rows=rows, values=values, order=order, width=width, lines=lines, marked=marked,
        label="F1 on names, %, with 95 % interval",
        caption="F1 on names with 95 % bootstrap intervals.", alt=alt,
    )  # fmt: skip
    return [draw_dots(dots), draw_heat(rows, values, marked, lines=lines, alt=alt)]


def calibration_figure(report: Report) -> Figure | None:
    """Draw how far scores are above the share of right names; None where there are no scores.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    corpora = {corpus["name"]: corpus for corpus in report["corpora"]}
    values: dict[Place, Value] = {}
    for cell in report["cells"]:
        mean = mean_score(cell["calibration"]) if cell["skipped"] is None else None
        if mean is None:
            continue
        corpus, right = corpora[cell["corpus"]], cell["names"]["precision"] or 0.0
        said = f"{cell['model']} on {cell['corpus']}: mean score {percent(mean, 1)} %, "
        place = corpus["base"] or corpus["name"], cell["model"], corpus["stress"]
        values[place] = Value(mean - right, None, f"{said}{percent(right, 1)} % right")
    if not values:
        return None
    labels, models, copies = (set(part) for part in zip(*values, strict=True))
    order = [model["name"] for model in report["models"]]
    rows = Rows(
        [name for name in corpora if name in labels],
        [name for name in order if name in models],
        [case for case in CASES if case in copies],
    )
    furthest = max(values.values(), key=lambda value: abs(value.at))
    dots = Dots(
        name="calibration", rows=rows, values=values, order=order, width=WIDEST,
        lines=rows.legend_lines(WIDEST), around_zero=True,
        label="mean score of the predicted names minus the share that is right, in points",
        caption="Calibration by corpus: right of the line a model is overconfident, left of it "
        "underconfident.",
        alt="Mean score of the predicted names minus the share that is right, by corpus; furthest "
        f"from 0: {furthest.text}.",
    )  # fmt: skip
    return draw_dots(dots)


def _said(row: KindRow) -> str:
    """Return a value in words: ``a on news, in lower case: 71.2 (68.0 to 74.1)``."""
    where = "mean" if row["kind"] is None else row["kind"]
    how = f", {STRESSED[row['stress']]}" if row["stress"] else ""
    ends = row["interval"]
    between = f" ({percent(ends[0], 1)} to {percent(ends[1], 1)})" if ends else ""
    return f"{row['model']} on {where}{how}: {percent(row['f1'], 1)}{between}"
