"""A report, its plots and its sentences -> report.md and report.html.

What the files say is in the templates ``report.md`` and ``report.html``; ``tables.py`` builds their
tables. The page is one file that needs nothing else: all but the error browser is plain HTML, and
the page's content policy names the script of the browser (``templates/browser``) by its checksum,
so that nothing else can run there whatever a corpus holds, and nothing is ever fetched.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ner_rnn.evaluation.report import score_tables, tables
from ner_rnn.evaluation.report.browser_data import embedded, pack
from ner_rnn.evaluation.schema import Figure, Report, SentenceRow
from ner_rnn.text.templates import Markup, asset, render
from ner_rnn.text.writing import write_whole

__all__ = ["markdown", "write_page"]

_SCRIPTS = ("1_store.js", "2_select.js", "3_sentence.js", "4_list.js", "5_browser.js")
# Blanks at which no line should end: 85.9 %, p = 0.21, p < 0.001.
_TOGETHER = re.compile(r" (?=%)|(?<=\bp) (?=[=<])|(?<=p [=<]) (?=\d)")


def markdown(report: Report, figures: Sequence[Figure], folder: str = "plots") -> str:
    """Return report.md; plots are taken to stand beside it in ``folder`` as ``<name>.svg``."""
    text = render("report.md", folder=folder, **_shared(report, figures))
    return re.sub(r"\n{3,}", "\n\n", text)


def write_page(
    report: Report,
    sentences: Sequence[SentenceRow],
    path: Path,
    figures: Sequence[Figure] = (),
) -> None:
    """Write report.html, whole or not at all.

    Args:
        report: content of report.json.
        sentences: for the error browser, in the order of the corpora of the report.
        path: of the page; a file that is there is replaced.
        figures: plots, to stand where their kind belongs.

    Raises:
        FileError: the place cannot be written to.
    """
    script = asset(*(f"browser/{name}" for name in _SCRIPTS))
    script = Markup('"use strict";\n(() => {\n%s\n})();') % script
    page = render(
        "report.html",
        title=_title(report),
        date=report["provenance"]["date"],
        checksum=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        script=script,
        data=Markup(embedded(pack(report, sentences))),
        listed=len(sentences),
        verdicts=[_TOGETHER.sub("\N{NO-BREAK SPACE}", verdict) for verdict in report["verdicts"]],
        problems=[row for row in (*report["models"], *report["corpora"]) if row["problem"]],
        kept=sum(not cell["skipped"] and cell["kept"] for cell in report["cells"]),
        speeds=_speeds(report),
        **_shared(report, figures),
    )
    # Lone surrogates, which plots might hold, become "?".
    write_whole(path, page.encode("utf-8", "replace"))


def _shared(report: Report, figures: Sequence[Figure]) -> dict[str, Any]:
    """Return what both templates name."""
    reasons = {
        cell["model"]: cell["seen_reason"]
        for cell in report["cells"]
        if cell["skipped"] is None and cell["seen_reason"]
    }
    return {
        "report": report,
        "figures": figures,
        "scores": score_tables,
        "tables": tables,
        "unseen_reasons": reasons,
    }


def _speeds(report: Report) -> dict[str, str]:
    """Return the words a second of each model, over all corpora and copies that it tagged."""
    tokens = {corpus["name"]: corpus["tokens"] for corpus in report["corpora"]}
    words: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for cell in report["cells"]:
        if cell["skipped"] is None and cell["seconds"]:
            model = cell["model"]
            words[model] = words.get(model, 0) + tokens[cell["corpus"]]
            seconds[model] = seconds.get(model, 0.0) + cell["seconds"]
    return {model: f"{words[model] / spent:,.0f}" for model, spent in seconds.items()}


def _title(report: Report) -> str:
    """Return what the page is about; a single model or corpus goes by its name.

    ``Person names: runs/a on eng.testb``
    """
    models = [model["name"] for model in report["models"]]
    corpora = [corpus["name"] for corpus in report["corpora"] if corpus["stress"] is None]
    left = models[0] if len(models) == 1 else f"{len(models)} models"
    right = corpora[0] if len(corpora) == 1 else f"{len(corpora)} corpora"
    return f"Person names: {left} on {right}"
