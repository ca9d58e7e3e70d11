"""One annotated file, folder of brat or dataset, in whatever format, as the source has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ner_rnn.corpora.annotation import Annotated, OnFault
from ner_rnn.corpora.conllu import read_conllu
from ner_rnn.corpora.formats import recognise_format
from ner_rnn.corpora.hub import rows_of
from ner_rnn.corpora.parquet_rows import has_tokens, read_rows, tokens_of
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.corpora.spans.brat import read_brat
from ner_rnn.corpora.spans.cut_spans import cut_spans
from ner_rnn.corpora.spans.doc_bin import read_doc_bin
from ner_rnn.corpora.spans.json_values import json_values
from ner_rnn.corpora.spans.spans_json import marked_records
from ner_rnn.errors import ConfigError, CorpusError
from ner_rnn.text.conll import read_conll
from ner_rnn.text.files import read_blocks
from ner_rnn.text.opening import open_hashed, peeked

if TYPE_CHECKING:
    import datasets

__all__ = ["read_dataset", "read_file"]

_HEAD = 1 << 16
"""Bytes by which a format is recognised."""


def read_file(path: str | Path, data: DataConfig, on_fault: OnFault | None = None) -> Annotated:
    """Read a file as its content says what it is (``formats.py``).

    Args:
        path: the file, or a folder of brat.
        data: columns, encoding and what a person is called.
        on_fault: receives each line or record that cannot be used; None: the first is raised.

    Raises:
        ConfigError: token and tag are one column.
        FileError: the file is missing, of the wrong kind or not readable.
        CorpusError: a line or record that cannot be used, or nothing is annotated.
    """

    def fault(problem: CorpusError) -> None:
        if on_fault is None:
            raise problem
        on_fault(problem)

    if Path(path).is_dir() and recognise_format(path, b"", data) == "brat":
        return _brat(path, data, fault)
    with open_hashed(path) as (whole, digest):
        head, stream = peeked(path, whole, _HEAD)
        kind = recognise_format(path, head, data)
        if kind == "brat":
            return _brat(path, data, fault)
        if kind == "columns":
            given = _columns(path, stream, data, on_fault)
        elif kind == "conllu":
            given = read_conllu(str(path), stream, data.encoding, fault)
        elif kind == "json":
            given = _json(path, stream, data, fault)
        elif kind == "docbin":
            given = cut_spans(str(path), read_doc_bin(str(path), stream.read()), data, fault)
        else:
            given = _parquet(path, stream, data, fault)
        given.sha256 = digest()
    return given


def read_dataset(source: str, rows: datasets.Dataset, data: DataConfig) -> Annotated:
    """Read the rows of a Hugging Face dataset: tokens with tags, or a text with spans.

    Args:
        source: its name in messages.
        rows: one split.
        data: what a person is called.

    Raises:
        CorpusError: the columns are neither, or a row that cannot be used.
    """
    if has_tokens(source, rows.column_names):
        return rows_of(source, rows)
    return _spans(source, [(f"{source}, row {n}", 0, row) for n, row in enumerate(rows)], data)


def _columns(
    path: str | Path, stream: BinaryIO, data: DataConfig, on_fault: OnFault | None
) -> Annotated:
    if data.token_column == data.tag_column:
        raise ConfigError(
            f"token and tag are both read from column {data.tag_column}",
            do="choose two columns with {data.token_column} and {data.tag_column}",
        )
    given = Annotated(str(path))
    for sentence in read_conll(
        path,
        token_column=data.token_column,
        tag_column=data.tag_column,
        encoding=data.encoding,
        stream=stream,
        on_fault=on_fault,
    ):
        given.tokens.append(sentence.tokens)
        given.tags.append(sentence.tags)
        given.documents.append(sentence.document)
        given.lines.append(sentence.lines)
    return given


def _brat(path: str | Path, data: DataConfig, fault: Callable[[CorpusError], None]) -> Annotated:
    found, digest = read_brat(path, data.encoding, fault)
    made = cut_spans(str(path), found, data, fault)
    made.sha256 = digest
    return made


def _json(
    path: str | Path, stream: BinaryIO, data: DataConfig, fault: Callable[[CorpusError], None]
) -> Annotated:
    text = "".join(read_blocks(path, data.encoding, stream))
    values = json_values(str(path), text, fault)
    first = next(values, None)
    given = chain([first] if first else [], values)
    if first and isinstance(first[1], dict) and "tokens" in first[1] and "text" not in first[1]:
        return tokens_of(str(path), [value for _, value in given], "JSON with tokens and tags")
    rows = [(f"{path}:{line}", line, value) for line, value in given]
    return cut_spans(str(path), marked_records(rows, fault), data, fault)


def _parquet(
    path: str | Path, stream: BinaryIO, data: DataConfig, fault: Callable[[CorpusError], None]
) -> Annotated:
    rows = read_rows(str(path), stream.read())
    if isinstance(rows, Annotated):
        return rows
    return _spans(str(path), rows, data, fault)


def _spans(
    source: str,
    rows: list[tuple[str, int, Any]],
    data: DataConfig,
    fault: Callable[[CorpusError], None] | None = None,
) -> Annotated:
    def stop(problem: CorpusError) -> None:
        raise problem

    found = marked_records(rows, fault or stop)
    found.kinds = Counter({"rows of text with spans": len(rows)})
    return cut_spans(source, found, data, fault or stop)
