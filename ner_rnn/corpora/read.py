"""The door through which annotated text comes in: files, folders, Hub ids, the embedded corpora.

    read("eng.testb")                       a file, in any format of ``formats.py``
    read("open", split="test")              one split of a source that has several
    read_splits(DataConfig(corpus=...))     every split that a recipe names, cached on disk

Whatever comes in is converted once, into ``corpus.Corpus``, and its checksum is of the very bytes
that were converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from ner_rnn.corpora import table
from ner_rnn.corpora.annotated_file import read_dataset, read_file
from ner_rnn.corpora.annotation import Annotated, OnFault, unify
from ner_rnn.corpora.corpus import LEFT_OPEN, Corpus, Part, no_person
from ner_rnn.corpora.embedded import content_of, embedded_name, read_embedded, splits_of
from ner_rnn.corpora.folder import holds_parquet, split_files
from ner_rnn.corpora.hub import is_hub_name, load_hub
from ner_rnn.corpora.merge import adapted, merged
from ner_rnn.corpora.settings import CorpusEntry, DataConfig
from ner_rnn.corpora.spans.brat import is_brat
from ner_rnn.errors import CorpusError, FileError, UserError
from ner_rnn.shipped import shipped_files
from ner_rnn.text.opening import checksum

if TYPE_CHECKING:
    import datasets

__all__ = ["check_file", "load_datasets", "read", "read_entry", "read_splits"]

Split = Literal["train", "dev", "test"]

_SPLITS: tuple[Split, ...] = ("train", "dev", "test")
_AS_WRITTEN = DataConfig()


def read(
    source: str | Path,
    data: DataConfig = _AS_WRITTEN,
    *,
    split: Split | None = None,
    on_fault: OnFault | None = None,
) -> Corpus:
    """Read annotated text.

    >>> read("open:wikigold", split="test").entity_types
    ['PER', 'LOC', 'MISC', 'ORG']

    Args:
        source: an annotated file; with ``split`` a folder of column or parquet files, a Hub id,
            ``open:NAME`` (an embedded corpus) or ``open`` (all of them).
        data: columns, scheme and encoding, which labels mean a person and which to keep; the
            files that it names are not looked at.
        split: which part of a source that has several; None: the source is a file.
        on_fault: receives each line and tag of a file that cannot be used; the line is then left
            out, and the tag is read as O; None: the first one is raised.

    Raises:
        ConfigError: token and tag are one column, or it is unclear which file to take.
        FileError: the source is missing, of the wrong kind or not readable as text.
        CorpusError: a line, tag or row that cannot be used, no sentence, or no such split.
    """
    if split is None:
        return unify(read_file(source, data, on_fault), data, on_fault=on_fault)
    data = replace(data, corpus=str(source), train=None, dev=None, test=None)
    found = {one.split: one for one in _sources(data)}
    if split not in found:
        raise CorpusError(f"{source} has no split {split}: it has {', '.join(found)}")
    return unify(found[split].read(), data)


def read_splits(data: DataConfig) -> dict[str, Corpus]:
    """Read the splits that a recipe names, from the cache where they are as they were.

    ``data.corpus`` gives all splits, ``data.corpora`` what is merged into each of them;
    ``data.train``, ``data.dev`` and ``data.test`` give single ones, also in place of these.

    Returns:
        train, dev and test, as far as there are.

    Raises:
        ConfigError: neither a corpus nor a file is given, or it is unclear which file to take.
        FileError: a file or folder is missing, of the wrong kind or not readable as text.
        CorpusError: a line, tag or row that cannot be used, or no person in train.
    """
    if data.corpora:
        return _read_list(data)
    sources = sorted(_sources(data), key=lambda one: _SPLITS.index(one.split))
    return {one.split: table.corpus_of(_load(one, data), one.name, data) for one in sources}


def read_entry(entry: CorpusEntry, data: DataConfig) -> Corpus:
    """Read one of the corpora that a recipe lists.

    Raises:
        FileError: it is missing, of the wrong kind or not readable as text.
        CorpusError: a line, tag or row that cannot be used, no such split, no person in what is to
            be learned from, or none of the labels that are left open.
    """
    persons = entry.persons or data.person_labels
    data = replace(data, corpora=(), train=None, dev=None, test=None, person_labels=persons)
    is_one = Path(entry.path).is_file() or is_brat(entry.path)
    if is_one or entry.path in shipped_files():
        source = _Source(entry.split, entry.path, partial(read_file, entry.path, data))
    else:
        found = {one.split: one for one in _sources(replace(data, corpus=entry.path))}
        if entry.split not in found:
            raise CorpusError(f"{entry.path} has no split {entry.split}: it has {', '.join(found)}")
        source = found[entry.split]
    corpus = table.corpus_of(_load(source, data, entry), source.name, data)
    if not corpus.persons and (entry.split == "train" or entry.persons):
        do = "name those that mean a person by persons: in this entry"
        raise no_person(corpus.labels, persons, source.name, do)
    if entry.left_open and not any(span.label == LEFT_OPEN for row in corpus.spans for span in row):
        raise CorpusError(
            f"none of the labels left open, {', '.join(entry.left_open)}; labels found: "
            f"{', '.join(corpus.labels)}",
            where=entry.path,
        )
    return adapted(corpus, entry)


def _read_list(data: DataConfig) -> dict[str, Corpus]:
    """Read and merge the corpora of each split."""
    alone = replace(data, corpora=())
    files = split_files(alone) if data.train or data.dev or data.test else {}
    splits = {}
    for split in _SPLITS:
        entries = [entry for entry in data.corpora if entry.split == split]
        if split in files:
            source = _Source(split, files[split], partial(read_file, files[split], alone))
            splits[str(split)] = table.corpus_of(_load(source, alone), source.name, alone)
        elif entries:
            splits[str(split)] = merged(
                [Part(read_entry(entry, data), entry.weight) for entry in entries]
            )
    return splits


def load_datasets(data: DataConfig) -> datasets.DatasetDict:
    """Load the splits that a recipe names as Hugging Face datasets.

    Returns:
        train, dev and test, as far as there are; columns id, document, tokens, tags (IOB2) and
        lines.

    Raises:
        UserError: as ``read_splits``.
    """
    from datasets import DatasetDict

    if data.corpora:
        splits = _read_list(data).items()
        return DatasetDict({split: table.keep(corpus, None, data) for split, corpus in splits})
    sources = sorted(_sources(data), key=lambda one: _SPLITS.index(one.split))
    return DatasetDict({one.split: _load(one, data) for one in sources})


def check_file(path: str, data: DataConfig) -> tuple[Corpus | None, list[UserError]]:
    """Survey an annotated file; no fault hides the next.

    Returns:
        What the file holds, None where it could not be read at all; and every fault that keeps it
        from being used, in order.

    Raises:
        ConfigError: settings that fit no file.
    """
    errors: list[UserError] = []
    try:
        corpus = read(path, data, on_fault=errors.append)
    except (CorpusError, FileError) as error:
        return None, [*errors, error]
    if not corpus.persons and not errors:
        errors.append(no_person(corpus.labels, data.person_labels, path))
    return corpus, errors


@dataclass(frozen=True)
class _Source:
    """One split, not yet read.

    Attributes:
        split: train, dev or test.
        name: the file, or the name of the source.
        read: reads it.
        content: identifies what would be read; None: unknown, so that it is not cached.
    """

    split: Split
    name: str
    read: Callable[[], Annotated]
    content: str | None = None


def _load(source: _Source, data: DataConfig, entry: CorpusEntry | None = None) -> datasets.Dataset:
    left_open = entry.left_open if entry else ()
    content = source.content
    path = Path(source.name)
    if content is None and path.is_file() and not is_brat(path):  # a pipe can be read but once
        content = checksum(source.name)
    if content is not None and (cached := table.find(content, data, left_open)) is not None:
        return cached
    given = source.read()
    corpus = unify(
        given, data, left_open=left_open, needs_person=entry is None and source.split == "train"
    )
    # by the bytes that were read: the file may have changed since its checksum was taken
    return table.keep(corpus, content and (given.sha256 or content), data, left_open)


def _sources(data: DataConfig) -> Iterator[_Source]:
    """The splits that a recipe names, none of them read yet."""
    files = cast("dict[Split, str]", split_files(data))
    for split, path in files.items():
        yield _Source(split, path, partial(read_file, path, data))
    if data.corpus is None:
        return
    name, folder = data.corpus, Path(data.corpus)
    others = [split for split in _SPLITS if split not in files]
    if (embedded := embedded_name(name)) is not None:
        for split in others:
            if split in splits_of(embedded):
                embedded_read = partial(read_embedded, embedded, split)
                yield _Source(split, name, embedded_read, content_of(embedded, split))
        return
    if folder.is_dir() and not holds_parquet(folder):
        return
    if not folder.is_dir() and (
        not is_hub_name(name) or (folder.parent != Path() and folder.parent.is_dir())
    ):
        raise FileError(f"{name} does not exist: give a folder, a Hub id or open")
    cache = Path(data.cache).expanduser() / "hub" if data.cache else None
    loaded = load_hub(name, cache)
    for split in others:
        if split in loaded:
            rows = loaded[split]
            content = f"{name} {split} {rows._fingerprint}"
            where = f"{name}, split {split}"
            yield _Source(split, where, partial(read_dataset, where, rows, data), content)
