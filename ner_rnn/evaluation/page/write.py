"""A report, its plots and its sentences -> report.html: one file that needs nothing else.

Everything but the error browser is plain HTML and can be read without scripts. The browser's
script is in ``page_assets``; the page's content policy names it by its checksum, so that nothing
else can run there whatever a corpus holds, and nothing is ever fetched. This file assembles; what
the sections say is written in ``page_scores``, ``page_failures`` and ``page_provenance``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from ner_rnn.evaluation.page.failures import confidence, failures
from ner_rnn.evaluation.page.markup import number, text
from ner_rnn.evaluation.page.provenance import provenance
from ner_rnn.evaluation.page.scores import comparisons, scores
from ner_rnn.evaluation.page.sentences import embedded, pack
from ner_rnn.evaluation.schema import Figure, Report, SentenceRow
from ner_rnn.text.writing import write_whole

__all__ = ["write_page"]

_ASSETS = resources.files("ner_rnn.evaluation.page") / "assets"

# Blanks at which no line should end: 85.9 %, p = 0.21, p < 0.001.
_TOGETHER = re.compile(r" (?=%)|(?<=\bp) (?=[=<])|(?<=p [=<]) (?=\d)")


def write_page(
    report: Report,
    sentences: Sequence[SentenceRow],
    path: Path,
    figures: Sequence[Figure] = (),
) -> None:
    """Write the page, whole or not at all.

    Args:
        report: every figure, as it stands in report.json.
        sentences: for the error browser, in the order of the corpora of the report.
        path: where to; a file that is there is replaced.
        figures: plots, to stand where their kind belongs; none: the tables stand alone.

    Raises:
        FileError: the place cannot be written to.
    """
    page = _page(report, sentences, figures)
    # Lone surrogates, which plots might hold, become "?".
    write_whole(path, (piece.encode("utf-8", "replace") for piece in page))


def _page(
    report: Report, sentences: Sequence[SentenceRow], figures: Sequence[Figure]
) -> Iterable[str]:
    """The file in pieces."""
    script = _asset("1_store.js", "2_select.js", "3_sentence.js", "4_list.js", "5_browser.js")
    script = f'"use strict";\n(() => {{\n{script}\n}})();'
    checksum = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    shown = {
        "title": text(_title(report)),
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{checksum}'; "
        "base-uri 'none'; form-action 'none'",
        "style": _asset("page.css"),
        "date": text(report["provenance"]["date"][:10]),
        "verdicts": _verdicts(report),
        "scores": scores(report) + _figures(figures, "f1") + comparisons(report),
        "failures": failures(report),
        "confidence": confidence(report) + _figures(figures, "reliability", "curve"),
        "training": _figures(figures, "training"),
        "provenance": provenance(report),
        "listed": number(len(sentences)),
        "data": embedded(pack(report, sentences)),
        "script": script,
    }
    # Split once: what is put in is never searched for places to put something in.
    for piece in _asset("page.html").split("{{"):
        name, closing, rest = piece.partition("}}")
        yield from (shown[name], rest) if closing else (piece,)


def _asset(*names: str) -> str:
    """The files of the page's own that are installed with this package, one after the other."""
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in names)


def _title(report: Report) -> str:
    """What the page is about, in some words.

    A single model or corpus goes by its name: ``Person names: runs/a on eng.testb``.
    """
    models = [model["name"] for model in report["models"]]
    corpora = [corpus["name"] for corpus in report["corpora"]]
    left = models[0] if len(models) == 1 else f"{len(models)} models"
    right = corpora[0] if len(corpora) == 1 else f"{len(corpora)} corpora"
    return f"Person names: {left} on {right}"


def _verdicts(report: Report) -> str:
    """The answer in words, and what could not be looked at."""
    whole = [_TOGETHER.sub("\N{NO-BREAK SPACE}", verdict) for verdict in report["verdicts"]]
    said = [f'<p class="verdict">{text(verdict)}</p>' for verdict in whole]
    more = f'<div class="more">{"".join(said[3:])}</div>' if len(said) > 3 else ""
    problems = [
        (entry["name"], entry["problem"])
        for entry in (*report["models"], *report["corpora"])
        if entry["problem"]
    ]
    listed = "".join(f"<li><b>{text(name)}</b>: {text(why)}</li>" for name, why in problems)
    left_out = f'<ul class="problems" aria-label="Left out">{listed}</ul>' if problems else ""
    return "".join(said[:3]) + left_out + more


def _figures(figures: Sequence[Figure], *kinds: str) -> str:
    """Plots of some kinds, two beside each other where there is room and more than one."""
    drawn = [
        f"<figure>{figure['svg']}<figcaption>{text(figure['caption'])}</figcaption></figure>"
        for figure in figures
        if figure["kind"] in kinds
    ]
    several = " several" if len(drawn) > 1 else ""
    return f'<div class="figures{several}">{"".join(drawn)}</div>' if drawn else ""
