"""Names and words of a model's training data, to tell seen names from unseen ones.

A bundle does not hold its training data, only where it was and its checksum: it is read again where
it still is what it was, or from the file that the user gives. Scores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ner_rnn.corpora.corpus import PERSON, Corpus
from ner_rnn.corpora.embedded import embedded_name
from ner_rnn.corpora.folder import split_files
from ner_rnn.corpora.read import read, read_splits
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import UserError

__all__ = ["SEEN", "Learned", "learned_from"]

SEEN = ("seen", "unseen", "unseen_words")


@dataclass(frozen=True)
class Learned:
    """Names and words of training data, letter case aside.

    Attributes:
        names: of persons, each as its words.
        words: all words, in names or not.
    """

    names: frozenset[tuple[str, ...]]
    words: frozenset[str]

    @classmethod
    def of(cls, corpus: Corpus) -> Learned:
        """Collect them from training data."""
        names: set[tuple[str, ...]] = set()
        words: set[str] = set()
        for sentence, spans in zip(corpus.tokens, corpus.spans, strict=True):
            folded = [word.casefold() for word in sentence]
            words.update(folded)
            names.update(
                tuple(folded[span.start : span.end]) for span in spans if span.label == PERSON
            )
        return cls(frozenset(names), frozenset(words))

    def group(self, name: Sequence[str]) -> str:
        """``seen``, ``unseen`` or ``unseen_words``; see ``CellRow.seen``."""
        folded = tuple(word.casefold() for word in name)
        if folded in self.names:
            return "seen"
        return "unseen" if any(word in self.words for word in folded) else "unseen_words"


def learned_from(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> Learned | str:
    """Find the training data of a bundle.

    Args:
        config: of the bundle: ``data`` says where it was.
        metrics: of the bundle: ``data.train.sha256`` says what it was.

    Returns:
        The training data, or the reason why it is not at hand.
    """
    give = "set train to its training data"
    expected = metrics.get("data", {}).get("train", {}).get("sha256")
    known = {field.name for field in fields(DataConfig)}
    saved: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in config.get("data", {}).items()
        if name in known
    }
    if expected is None or not saved:
        return f"the model does not say what it was trained on; {give}"
    try:
        data = replace(DataConfig(**saved), dev=None, test=None)
        if data.train is None and data.corpora:
            learned = tuple(entry for entry in data.corpora if entry.split == "train")
            corpus = read_splits(replace(data, corpora=learned))["train"]
            changed = "the corpora that it was trained on are no longer as they were"
        elif data.train is None and data.corpus and embedded_name(data.corpus):
            corpus = read(data.corpus, data, split="train")
            changed = f"the {data.corpus} that it was trained on is of another version"
        elif data.train is None and not Path(data.corpus or "").is_dir():
            return f"its training corpus {data.corpus} is not here; {give}"
        else:
            path = split_files(data).get("train")
            if path is None or not Path(path).is_file():
                return f"its training file {path or data.corpus} is not here; {give}"
            corpus = read(path, data)
            changed = f"{path} is no longer the file it was trained on"
    except (UserError, AttributeError, LookupError, TypeError, ValueError) as problem:
        # all but the first: values in config.json that are no such settings
        return f"its training data cannot be read ({problem}); {give}"
    return Learned.of(corpus) if corpus.sha256 == expected else f"{changed}; {give}"
