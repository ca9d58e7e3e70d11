"""Table of the scores of a model, on the terminal and in the model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ner_rnn.text.report_table import Column, Medium, Table, percent

__all__ = ["score_table"]


def score_table(scores: Mapping[str, Mapping[str, Any]]) -> Table[str]:
    """Return one row a corpus: percentages on whole names, then on single words.

    Args:
        scores: by the name of a split or file, as ``Scores.to_dict`` and a bundle have them.
    """

    def columns(kind: str, headings: Mapping[str, str], medium: Medium) -> list[Column[str]]:
        return [
            Column(
                heading,
                lambda name, ratio=ratio: percent(scores[name][kind][ratio]),  # type: ignore[misc]
                (medium,),
                strong=heading == "F1" and medium == "terminal",
            )
            for ratio, heading in headings.items()
        ]

    short = {"precision": "P", "recall": "R", "f1": "F1"}
    return Table(
        "Scores, in percent",
        [
            Column("", lambda name: name, left=True),
            Column("names", lambda name: scores[name]["names"]["support"]),
            *columns(
                "names", {"precision": "precision", "recall": "recall", "f1": "F1"}, "markdown"
            ),
            *columns("words", {"f1": "F1 per word"}, "markdown"),
            *columns("names", short, "terminal"),
            Column("words", lambda name: scores[name]["words"]["support"], ("terminal",)),
            *columns("words", short, "terminal"),
        ],
        list(scores),
    )
