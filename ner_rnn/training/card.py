"""The model card, to be read before a model is used; and its table of scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.settings import Config
from ner_rnn.text.report_table import Column, Medium, Table, percent
from ner_rnn.version import __version__

__all__ = ["model_card", "score_table"]


def model_card(config: Config, vocabulary: Vocabulary, metrics: Mapping[str, Any]) -> str:
    """Return Markdown for a bundle's README.md.

    Args:
        config: the recipe.
        vocabulary: words and tags of the model.
        metrics: as written to metrics.json.
    """
    from ner_rnn.text.templates import render

    return render(
        "card.md",
        config=config,
        vocabulary=vocabulary,
        metrics=metrics,
        scores=score_table(metrics["scores"]),
        version=__version__,
    )


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
