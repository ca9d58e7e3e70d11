"""Tables of scores on a terminal; the same after training and after evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import console

if TYPE_CHECKING:
    from rich.table import Table

    from ner_rnn.evaluation.schema import Report

__all__ = ["score_table", "show_report"]


def score_table(scores: Mapping[str, Mapping[str, Any]], title: str) -> Table:
    """Lay out one row a corpus: percentages on whole names, then on single words.

    A ratio that is undefined (nothing to find and nothing found) shows as a dash.

    Args:
        scores: by the name of a split or file, as ``Scores.to_dict`` and a bundle have them.
        title: what stands above.
    """
    from ner_rnn.text.report_table import Column, Table, percent, to_rich

    columns = [Column[str]("", lambda name: name, left=True)]
    for kind in ("names", "words"):
        columns.append(Column(kind, lambda name, kind=kind: scores[name][kind]["support"]))  # type: ignore[misc]
        columns += [
            Column(
                heading,
                lambda name, kind=kind, key=key: percent(scores[name][kind][key]),  # type: ignore[misc]
                strong=heading == "F1",
            )
            for heading, key in (("P", "precision"), ("R", "recall"), ("F1", "f1"))
        ]
    return to_rich(Table(title, columns, list(scores)))


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
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from ner_rnn.evaluation.tables import scores
    from ner_rnn.text.report_table import to_rich

    out = Console(highlight=False)
    out.print(to_rich(scores(report), title="Person names, in percent"))
    for verdict in report["verdicts"]:
        out.print(Padding(Text(console.one_line(verdict)), (0, 1)))
