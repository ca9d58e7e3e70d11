"""The model card: what a person should read before using a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.settings import Config
from ner_rnn.version import __version__

__all__ = ["model_card"]


def model_card(config: Config, vocabulary: Vocabulary, metrics: Mapping[str, Any]) -> str:
    """Markdown for a bundle's README.md.

    Args:
        config: the recipe.
        vocabulary: what the model knows.
        metrics: as written to metrics.json.
    """
    model = config.model
    way = "A bidirectional" if model.bidirectional else "A one-directional"
    network = "A feed-forward network" if model.cell == "none" else f"{way} {model.cell}"
    rows = [
        f"| {name} | {score['names']['support']} | {_percent(score['names']['precision'])} "
        f"| {_percent(score['names']['recall'])} | {_percent(score['names']['f1'])} "
        f"| {_percent(score['words']['f1'])} |"
        for name, score in metrics["scores"].items()
    ]
    sources = [
        f"- {split}: {about['sentences']} sentences, SHA-256 `{about['sha256']}`"
        for split, about in metrics["data"].items()
    ]
    sources += [f"- {file}, SHA-256 `{digest}`" for file, digest in metrics["sources"].items()]
    remarks = [f"- {remark}" for remark in metrics["notes"]]
    return "\n".join(
        [
            "# Person-name tagger",
            "",
            f"{network}, {model.layers} layer(s) of {model.hidden_size} units, "
            f"{'with' if model.memory else 'without'} document memory, "
            f"{model.output} output; trained by ner-rnn {__version__}, seed {config.seed}. It "
            f"knows {len(vocabulary.words)} words and the tags {', '.join(vocabulary.tags)}; "
            "it reports persons.",
            "",
            "## Scores, in percent",
            "",
            "| | names | precision | recall | F1 | F1 per word |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "Whole names, strict IOB2; the last column asks of every word whether it is part of "
            "a person's name.",
            "",
            "## Data",
            "",
            *sources,
            *remarks,
            "",
            "## Limits",
            "",
            "It has learned one kind of text in one language; on another, score it before you "
            "trust it. It must not decide alone what is published or withheld about a person.",
            "",
        ]
    )


def _percent(ratio: float | None) -> str:
    return "–" if ratio is None else f"{100 * ratio:.2f}"
