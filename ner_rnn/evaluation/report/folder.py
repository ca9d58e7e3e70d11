"""Folder of a report: report.json, report.md with its plots, report.html."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from ner_rnn.errors import ExtraError
from ner_rnn.evaluation.report.drawing import write_plots
from ner_rnn.evaluation.report.page import markdown, write_page
from ner_rnn.evaluation.report.plots import figures
from ner_rnn.evaluation.run import Made
from ner_rnn.evaluation.schema import Figure
from ner_rnn.text.writing import write_whole
from ner_rnn.text.writing_folders import make_folder

__all__ = ["PAGE", "PREDICTIONS", "write_report"]

PAGE = "report.html"
PREDICTIONS = "predictions"
PLOTS = "plots"
JSON, MARKDOWN = "report.json", "report.md"


def write_report(made: Made, folder: Path, on_notice: Callable[[str], None]) -> None:
    """Write all files of a report except the predictions, which are written before.

    The files of an earlier report are replaced. ``on_notice`` is called with what is left out.

    Raises:
        FileError: a file cannot be written.
    """
    make_folder(folder)
    text = json.dumps(made.report, ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(folder / JSON, [text, "\n"])
    drawn: list[Figure] = []
    try:
        drawn = figures(made.report)
    except ExtraError as problem:
        on_notice(f"the report has no plots: {problem}")
    if drawn:
        make_folder(folder / PLOTS)
    write_plots(drawn, folder / PLOTS)
    write_whole(folder / MARKDOWN, markdown(made.report, drawn, PLOTS))
    write_page(made.report, made.sentences, folder / PAGE, drawn)
