"""A comparison -> report.json, report.md, report.html and the plots beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ner_rnn.evaluation.drawing import write_plots
from ner_rnn.evaluation.schema import Figure
from ner_rnn.studies.comparison import Comparison
from ner_rnn.text.templates import render
from ner_rnn.text.writing import write_whole

__all__ = ["write_report"]


def write_report(comparison: Comparison, figures: Sequence[Figure], to: Path) -> None:
    """Write report.json, report.md, report.html and the plots.

    Args:
        comparison: what to report.
        figures: plots.
        to: an existing folder.

    Raises:
        FileError: a file cannot be written.
    """
    write_plots(figures, to)
    for name in ("report.html", "report.md"):
        template = name.replace("report", "comparison")
        text = render(template, comparison=comparison, figures=figures)
        write_whole(to / name, text.encode("utf-8", "replace"))
    known = json.dumps(comparison.to_json(), ensure_ascii=False, indent=2)
    write_whole(to / "report.json", known + "\n")
