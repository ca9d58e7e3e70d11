"""Corpora for training and scoring: column files, a folder, a Hub id or the sample, in one schema.

A row is ``{"id", "document", "tokens", "tags"}``; tags are IOB2 strings in which a person is PER.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.corpora.annotation import PERSON, Annotated, check_tags
from ner_rnn.corpora.folder import holds_parquet, split_files
from ner_rnn.corpora.hub import is_hub_name, load_hub, rows_of
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.corpora.table import prepare
from ner_rnn.errors import ConfigError, CorpusError, FileError
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.files import checksum
from ner_rnn.text.tags import Scheme

if TYPE_CHECKING:
    import datasets

__all__ = ["fingerprint", "load_corpus", "load_split", "notes", "overlaps", "read_file"]

_SPLITS = ("train", "dev", "test")


def load_corpus(data: DataConfig) -> datasets.DatasetDict:
    """Load the splits that the configuration names.

    ``data.corpus`` gives all splits; ``data.train``, ``data.dev`` and ``data.test`` give single
    ones, also in place of the corpus's own.

    Returns:
        train, dev and test, as far as there are; columns id, document, tokens, tags.

    Raises:
        ConfigError: neither a corpus nor a file is given, or it is unclear which file to take.
        FileError: a file or folder is missing, of the wrong kind or not readable as text.
        CorpusError: a line, tag or row that cannot be used, or no person in train.
    """
    files = split_files(data)
    splits = {} if data.corpus is None else _load_elsewhere(data.corpus, data, set(files))
    for split, path in files.items():
        splits[split] = load_split(path, data, needs_person=split == "train")

    from datasets import DatasetDict

    return DatasetDict({split: splits[split] for split in _SPLITS if split in splits})


def load_split(
    path: str | Path, data: DataConfig, *, needs_person: bool = False
) -> datasets.Dataset:
    """Load one column file, from the cache if it was read before.

    Raises:
        FileError: it is missing, of the wrong kind or not readable as text.
        CorpusError: a line or tag that cannot be used; with needs_person, no person in it.
    """

    def build() -> tuple[Annotated, Scheme]:
        sentences, scheme = read_file(path, data)
        rows = Annotated(
            [sentence.tokens for sentence in sentences],
            [sentence.tags for sentence in sentences],
            [sentence.document for sentence in sentences],
        )
        return rows, scheme

    # A pipe can be read but once, so its content cannot be a key.
    content = checksum(path) if Path(path).is_file() else None
    return prepare(content, data, build, str(path), needs_person)


def read_file(
    path: str | Path,
    data: DataConfig,
    on_fault: Callable[[CorpusError], None] | None = None,
) -> tuple[list[Sentence], Scheme]:
    """Read a column file and check its tags, which stay as they are.

    Args:
        path: the file.
        data: its columns, scheme and encoding.
        on_fault: takes each fault of a line or tag; None: the first one is raised.

    Raises:
        ConfigError: token and tag are one column.
        FileError: it is missing, of the wrong kind or not readable as text.
        CorpusError: a fault (see ``on_fault``), or no sentence at all.
    """
    if data.token_column == data.tag_column:
        raise ConfigError(
            f"token and tag are both read from column {data.tag_column}: "
            "choose two columns with --token-column and --tag-column"
        )
    sentences = list(
        read_conll(
            path,
            token_column=data.token_column,
            tag_column=data.tag_column,
            encoding=data.encoding,
            on_fault=on_fault,
        )
    )
    scheme = check_tags(
        [sentence.tags for sentence in sentences],
        data.scheme,
        lambda index, token: f"{path}:{sentences[index].lines[token]}",
        on_fault,
    )
    return sentences, scheme


def overlaps(corpus: datasets.DatasetDict) -> dict[tuple[str, str], int]:
    """Count the sentences of a later split that stand word for word in an earlier one.

    Returns:
        ``{("train", "test"): 12}``: 12 sentences of test are in train; pairs with none are left
        out.
    """
    texts = {
        split: [tuple(tokens) for tokens in rows["tokens"][:]] for split, rows in corpus.items()
    }
    counts: dict[tuple[str, str], int] = {}
    for earlier, later in combinations(texts, 2):
        known = set(texts[earlier])
        if count := sum(text in known for text in texts[later]):
            counts[earlier, later] = count
    return counts


def notes(corpus: datasets.DatasetDict) -> list[str]:
    """Say what should be known of a corpus before its scores: overlap, splits without persons."""
    told = []
    for (earlier, later), count in overlaps(corpus).items():
        total = corpus[later].num_rows
        told.append(
            f"{count:,} of the {total:,} sentences of {later} ({count / total:.1%}) stand word for "
            f"word in {earlier}"
        )
    for split, rows in corpus.items():
        if not any("B-" + PERSON in tags for tags in rows["tags"][:]):
            told.append(f"{split} holds no person name: its scores will say nothing")
    return told


def fingerprint(data: DataConfig, corpus: datasets.DatasetDict) -> dict[str, str]:
    """Identify each split by SHA-256: of its file, or of its rows where it has none.

    Raises:
        FileError: a file is gone.
    """
    files = {split: path for split, path in split_files(data).items() if Path(path).is_file()}
    prints = {}
    for split, rows in corpus.items():
        if split in files:
            prints[split] = checksum(files[split])
        else:
            hasher = hashlib.sha256()
            for row in zip(rows["tokens"][:], rows["tags"][:], strict=True):
                hasher.update(json.dumps(row).encode())
            prints[split] = hasher.hexdigest()
    return prints


def _load_elsewhere(name: str, data: DataConfig, known: set[str]) -> dict[str, datasets.Dataset]:
    """Load the splits of a corpus that is not made of column files, but for the known ones."""
    folder = Path(name)
    if name == "sample":
        return {
            split: prepare(None, data, partial(_sample, split), "the sample", split == "train")
            for split in _SPLITS
            if split not in known
        }
    if folder.is_dir() and not holds_parquet(folder):
        return {}
    if not folder.is_dir() and (
        not is_hub_name(name) or (folder.parent != Path() and folder.parent.is_dir())
    ):
        raise FileError(f"{name} does not exist: give a folder, a Hub id or sample")
    cache = Path(data.cache).expanduser() / "hub" if data.cache else None
    loaded: dict[str, datasets.Dataset] = {}
    for split, rows in load_hub(name, cache).items():
        if split in known:
            continue

        def build(split: str = split, rows: datasets.Dataset = rows) -> tuple[Annotated, Scheme]:
            annotated = rows_of(name, split, rows)
            scheme = check_tags(
                annotated.tags, data.scheme, lambda index, _: f"{name}, split {split}, row {index}"
            )
            return annotated, scheme

        content = f"{name} {split} {rows._fingerprint}"
        where = f"{name}, split {split}"
        loaded[split] = prepare(content, data, build, where, split == "train")
    return loaded


def _sample(split: str) -> tuple[Annotated, Scheme]:
    from ner_rnn.corpora.sample import generate

    rows = Annotated()
    for document, tokens, tags in generate(split):
        rows.documents.append(document)
        rows.tokens.append(tokens)
        rows.tags.append(tags)
    return rows, "IOB2"
