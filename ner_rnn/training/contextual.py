"""Load the language models that a tagger reads with, and check that they fit its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from torch import Tensor

from ner_rnn.encoding.characters import Context
from ner_rnn.errors import ConfigError
from ner_rnn.model.bundle import MANIFEST
from ner_rnn.model.contents import reader_name
from ner_rnn.model.language_model import READER_CELLS
from ner_rnn.nn.language_model_files import DIRECTIONS, load_language_model

__all__ = ["check_coverage", "load_context"]

LEAST = 0.5
"""Least share of the characters of a text that a model must know."""


def load_context(folder: str) -> tuple[Context, dict[str, Tensor]]:
    """Read the language models of a folder, of one direction or both.

    Args:
        folder: as ``ner-rnn lm train`` wrote it.

    Returns:
        Their alphabet and settings, and their weights by their names in a tagger.

    Raises:
        BundleError: no language model is there, or it is damaged.
        ConfigError: a tagger cannot read with it.
    """
    pair = [name for name in DIRECTIONS if (Path(folder) / name / MANIFEST).is_file()]
    models = [load_language_model(folder, name) for name in pair or (None,)]
    first = models[0]
    for model in models:
        settings = model.settings
        if settings.unit != "char":
            raise _refusal(
                f"{folder} reads words, and a tagger needs a model of characters: train one by "
                "'ner-rnn lm train --unit char'"
            )
        if settings.cell not in READER_CELLS:
            raise _refusal(
                f"{folder} is of the cell {settings.cell!r}: a tagger reads with "
                f"{', '.join(READER_CELLS)}"
            )
        if model.symbols != first.symbols:
            raise _refusal(
                f"the two models in {folder} know different characters: "
                "train both on the same text, as '--direction both' does"
            )
    weights = {
        f"{reader_name(model.settings.direction)}{name}": value.float()
        for model in models
        for name, value in model.model.state_dict().items()
        if not name.startswith("emit.")
    }
    return Context(
        first.symbols, {m.settings.direction: m.settings.to_json() for m in models}
    ), weights


def check_coverage(
    context: Context,
    sentences: Iterable[Sequence[str]],
    folder: str,
    on_notice: Callable[[str], None],
) -> None:
    """Report the share of a text's characters that the language models know.

    Raises:
        ConfigError: they know less than half of the characters.
    """
    counts: Counter[str] = Counter()
    for tokens in sentences:
        counts.update("".join(tokens))
    total = sum(counts.values())
    unknown = [(n, c) for c, n in counts.items() if c not in context.symbols]
    known = 1 - sum(n for n, _ in unknown) / max(1, total)
    if known < LEAST:
        raise _refusal(
            f"{folder} knows {100 * known:.1f} % of the characters of the "
            "training text: train one on text in the same script"
        )
    line = f"{folder}: knows {100 * known:.2f} % of the characters of the training text"
    if unknown:
        shown = ", ".join(f"{c!r} {n:,} times" for n, c in sorted(unknown, reverse=True)[:5])
        line += f", not {shown}"
    on_notice(line)


def _refusal(what: str) -> ConfigError:
    return ConfigError(f"model.language_model: {what}")
