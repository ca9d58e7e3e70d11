"""How tables of scores look on a terminal; the same after training and after evaluation."""

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
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    table.add_column("", overflow="fold", min_width=8)
    for heading in ("names", "P", "R", "F1", "words", "P", "R", "F1"):
        table.add_column(heading, justify="right", style="bold" if heading == "F1" else None)
    for name, row in scores.items():
        table.add_row(Text(name), *_cells(row["names"]), *_cells(row["words"]))
    return table


def show_report(report: Report, *, as_json: bool) -> None:
    """Print the table of a report and what follows from it; or its scores, by model and corpus."""
    scored = [cell for cell in report["cells"] if cell["skipped"] is None]
    if as_json:
        rows: dict[str, dict[str, Any]] = {}
        for cell in scored:
            row = {"names": cell["names"], "words": cell["words"]}
            rows.setdefault(cell["model"], {})[cell["corpus"]] = row
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    out = Console(highlight=False)
    out.print(_matrix_table(report, "Person names, in percent"))
    for verdict in report["verdicts"]:
        out.print(Padding(Text(console.one_line(verdict)), (0, 1)))


def _matrix_table(report: Report, title: str) -> Table:
    """Lay out one row a corpus below each model: names, F1's interval, F1 on words.

    Args:
        report: its cells are shown; those that were skipped as dashes.
        title: what stands above.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        title_style="bold",
        pad_edge=False,
    )
    table.add_column("", overflow="fold", min_width=8)
    for heading in ("names", "P", "R", "F1", "95 %", "words"):
        style = "bold" if heading == "F1" else None
        table.add_column(heading, justify="right", style=style, no_wrap=True)
    before = None
    for cell in report["cells"]:
        if cell["model"] != before:
            before = cell["model"]
            table.add_row(Text(before, style="bold"))
        corpus = Text("  " + cell["corpus"])
        if cell["skipped"] is not None:
            table.add_row(corpus, *["–"] * 6)
            continue
        interval = cell["names"]["interval"]["f1"]
        spread = "–" if interval is None else "–".join(f"{100 * x:.1f}" for x in interval)
        table.add_row(corpus, *_cells(cell["names"]), spread, _cells(cell["words"])[3])
    return table


def _cells(score: Mapping[str, Any]) -> list[str]:
    ratios = (score["precision"], score["recall"], score["f1"])
    return [f"{score['support']:,}", *("–" if r is None else f"{100 * r:.2f}" for r in ratios)]
