"""What a model learned from: the names and words of its training data, to part seen from unseen.

A bundle does not hold its training data, only where it was and its checksum: it is read again where
it still is what it was, or from the file that the user gives. Scores nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ner_rnn.corpora.annotation import Annotated, count_labels, find_persons
from ner_rnn.corpora.corpus import fingerprint, load_corpus, read_file
from ner_rnn.corpora.folder import split_files
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import UserError
from ner_rnn.text.files import checksum
from ner_rnn.text.tags import spans

__all__ = ["SEEN", "Learned", "learned_from", "read_learned"]

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
    def of(cls, tokens: Iterable[Sequence[str]], tags: Iterable[Sequence[str]]) -> Learned:
        """Collect them from sentences with IOB2 tags in which a person is PER."""
        names: set[tuple[str, ...]] = set()
        words: set[str] = set()
        for some, marks in zip(tokens, tags, strict=True):
            folded = [word.casefold() for word in some]
            words.update(folded)
            names.update(
                tuple(folded[span.start : span.end]) for span in spans(marks) if span.label == "PER"
            )
        return cls(frozenset(names), frozenset(words))

    def group(self, name: Sequence[str]) -> str:
        """``seen``, ``unseen`` or ``unseen_words``; see ``CellRow.seen``."""
        folded = tuple(word.casefold() for word in name)
        if folded in self.names:
            return "seen"
        return "unseen" if any(word in self.words for word in folded) else "unseen_words"


def read_learned(path: str | Path, data: DataConfig) -> Learned:
    """Read training data from a column file.

    Raises:
        UserError: it cannot be used.
    """
    sentences, scheme = read_file(path, data)
    rows = Annotated(
        [sentence.tokens for sentence in sentences], [sentence.tags for sentence in sentences]
    )
    persons = find_persons(count_labels(rows.tags, scheme), data.person_labels)
    return Learned.of(rows.tokens, rows.unify(scheme, persons, keep_others=False).tags)


def learned_from(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> Learned | str:
    """Find the training data of a bundle.

    Args:
        config: of the bundle: ``data`` says where it was.
        metrics: of the bundle: ``data.train.sha256`` says what it was.

    Returns:
        The training data, or why it is not to be had, in words.
    """
    give = "give --train FILE"
    expected = metrics.get("data", {}).get("train", {}).get("sha256")
    known = {field.name for field in fields(DataConfig)}
    saved: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in config.get("data", {}).items()
        if name in known
    }
    if expected is None or not saved:
        return f"the model does not say what it was trained on; {give}"
    data = replace(DataConfig(**saved), dev=None, test=None)
    try:
        if data.train is None and data.corpus == "sample":
            rows = load_corpus(data)
            if fingerprint(data, rows)["train"] != expected:
                return f"the sample it was trained on is of another version; {give}"
            return Learned.of(rows["train"]["tokens"][:], rows["train"]["tags"][:])
        if data.train is None and not Path(data.corpus or "").is_dir():
            return f"its training corpus {data.corpus} is not here; {give}"
        path = split_files(data).get("train")
        if path is None or not Path(path).is_file():
            return f"its training file {path or data.corpus} is not here; {give}"
        if checksum(path) != expected:
            return f"{path} is no longer the file it was trained on; {give}"
        return read_learned(path, data)
    except UserError as problem:
        return f"its training data cannot be read ({problem}); {give}"
