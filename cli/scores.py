"""Tables of scores on a terminal; the same after training and after evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import console

if TYPE_CHECKING:
    from rich.table import Table

    from ner_rnn.evaluation.schema import Report

__all__ = ["score_table", "scores_by_file", "show_report", "show_scores"]


def score_table(scores: Mapping[str, Mapping[str, Any]], title: str) -> Table:
    """Return one row a corpus; an undefined ratio (nothing to find, nothing found) is a dash.

    Args:
        scores: by the name of a split or file, as ``Scores.to_dict`` and a bundle have them.
        title: what stands above.
    """
    from ner_rnn.text.report_table import to_rich
    from ner_rnn.training import card

    return to_rich(card.score_table(scores), title=title)


def show_scores(report: Report, *, as_json: bool) -> None:
    """Print the scores of one model, a row a file; or all counts as JSON, by file."""
    rows = scores_by_file(report)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    console.show(score_table(rows, "Person names, in percent"))


def scores_by_file(report: Report) -> dict[str, dict[str, Any]]:
    """Return the scores of the one model of a report: those of names and words, and counts."""
    corpora = {corpus["name"]: corpus for corpus in report["corpora"]}
    rows: dict[str, dict[str, Any]] = {}
    for cell in report["cells"]:
        if cell["skipped"] is None:
            corpus = corpora[cell["corpus"]]
            names, words = (
                {key: value for key, value in score.items() if key != "interval"}
                for score in (cell["names"], cell["words"])
            )
            counts = {key: corpus[key] for key in ("sentences", "tokens")}
            rows[corpus["path"]] = {"names": names, "words": words, **counts}
    return rows


def show_report(report: Report, *, as_json: bool) -> None:
    """Print the table of a report and its verdicts; or its scores, by model and corpus."""
    if as_json:
        rows: dict[str, dict[str, Any]] = {}
        for cell in report["cells"]:
            if cell["skipped"] is None:
                row = {"names": cell["names"], "words": cell["words"]}
                rows.setdefault(cell["model"], {})[cell["corpus"]] = row
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.padding import Padding

    from ner_rnn.evaluation.report.score_tables import scores
    from ner_rnn.text.report_table import to_rich

    copies = any(corpus["stress"] for corpus in report["corpora"])  # which have columns too
    console.show(to_rich(scores(report), title="Person names, in percent", tight=copies))
    for verdict in report["verdicts"]:
        console.show(Padding(console.one_line(verdict), (0, 1)))
