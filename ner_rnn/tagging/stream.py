"""Files and standard input -> texts, one after another, in constant memory.

A text file is one document; a column file has one for each ``-DOCSTART-``; a table (``records.py``,
``csv_rows.py``, ``parquet.py``) has one per row. A long text comes in parts (``long_texts.py``).
Files may be compressed. ``folders.py`` finds the files, ``runtime/tagger.py`` tags the texts.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, TypeAlias

from ner_rnn.errors import CorpusError, FileError, UserError
from ner_rnn.runtime.documents import TokenizedText
from ner_rnn.tagging import records
from ner_rnn.tagging.csv_rows import read_csv
from ner_rnn.tagging.folders import STDIN, Input, Kind, is_pipe
from ner_rnn.tagging.long_texts import LONGEST_TEXT, cut_long
from ner_rnn.tagging.parquet import Batch, read_parquet
from ner_rnn.tagging.raw_rows import RawRow
from ner_rnn.tagging.waiting import Watch
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.files import check_encoding, read_blocks
from ner_rnn.text.opening import open_binary, unpacked

__all__ = [
    "LONGEST_TEXT",
    "End",
    "Event",
    "Fault",
    "Kept",
    "Reader",
    "Reading",
    "Source",
    "cut_long",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """Settings for reading files.

    Attributes:
        encoding: character encoding.
        errors: "strict" stops at invalid bytes, "replace" decodes them as U+FFFD.
        token_column: column of the token in a column file, from 0; negative counts from the right.
        text_field: column of the text in a table.
        id_field: column of a table that is copied to the output, if any.
        whole: tables are read as a whole, to be given back with other texts (``same_kind.py``).

    Raises:
        ConfigError: an encoding that Python does not know.
    """

    encoding: str = "utf-8"
    errors: Literal["strict", "replace"] = "strict"
    token_column: int = 0
    text_field: str = "text"
    id_field: str | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        check_encoding(self.encoding)


class Source(NamedTuple):
    """Text and its origin.

    Attributes:
        file: number of the input, from 0.
        path: path of the input; "-" for standard input.
        text: the text, with its words if it comes from a column file.
        document: number of the document within a column file, as text; else empty.
        id: id of the table row; None without an id.
        offset: offset of a part within its document; None for a whole document.
        line: line of the file in which the text begins, from 1; the row in Parquet.
        by_line: lines of the text are lines of the file.
        mark: byte order mark of the file, empty without one; None if unknown.
        kind: kind of the file.
        row: row as it stands in a file of CSV or JSON lines that is read as a whole.
    """

    file: int
    path: str
    text: str | TokenizedText
    document: str = ""
    id: object = None
    offset: int | None = None
    line: int = 1
    by_line: bool = True
    mark: bytes | None = None
    kind: Kind = "text"
    row: RawRow | None = None


class Kept(NamedTuple):
    """Part of a table without text to tag, which is handed to the writer as it is.

    Attributes:
        file: number of the input.
        path: path of the input.
        kind: kind of the file.
        content: header or blank line; in Parquet, other columns of the rows that follow.
        mark: byte order mark of the file; None if unknown.
    """

    file: int
    path: str
    kind: Kind
    content: str | Batch
    mark: bytes | None = None


class Fault(NamedTuple):
    """Input or row that could not be read.

    Attributes:
        file: number of the input.
        problem: the error, which names the path.
        whole: True if the rest of the input is skipped, False for a single row.
    """

    file: int
    problem: UserError
    whole: bool


class End(NamedTuple):
    """End of an input.

    Attributes:
        file: number of the input.
        complete: False if the input could not be read to its end; rows may have been skipped.
    """

    file: int
    complete: bool


Event: TypeAlias = Source | Kept | Fault | End


class Reader:
    """Iterable of the events of reading inputs in order; it can be iterated over once.

    A file that cannot be read gives a ``Fault``, and reading continues with the next file.

    Args:
        inputs: files, in order.
        reading: settings for reading them.
        on_wait: called with a line when nothing could be read for two seconds, in another thread.
        may_replace: whether the user can choose ``reading.errors``, and is told so.
    """

    def __init__(
        self,
        inputs: Iterable[Input],
        reading: Reading,
        on_wait: Callable[[str], None] = lambda line: None,
        *,
        may_replace: bool = True,
    ) -> None:
        self._inputs, self._reading, self._watch = inputs, reading, Watch(on_wait)
        self._may_replace = may_replace
        self._before = 0
        self._raw: BinaryIO | None = None

    @property
    def position(self) -> int:
        """Number of bytes read so far, before decompression."""
        if self._raw is None or self._raw.closed or not self._raw.seekable():
            return self._before
        return self._before + self._raw.tell()

    def __iter__(self) -> Iterator[Event]:
        with self._watch:
            for number, given in enumerate(self._inputs):
                complete = True
                try:
                    yield from self._read(number, given)
                except (FileError, CorpusError) as problem:
                    complete = False
                    yield Fault(number, problem, True)
                except OSError as error:
                    complete = False
                    why = f"{_name(given.path)} cannot be read: {error.strerror or error}"
                    yield Fault(number, FileError(why), True)
                self._before, self._raw = self._before + (given.size or 0), None
                yield End(number, complete)

    def _read(self, number: int, given: Input) -> Iterator[Source | Kept | Fault]:
        reading, path = self._reading, given.path
        name = _name(path)
        id_field = None if reading.whole else reading.id_field  # all columns are written then
        marks: list[bytes] = []
        with self._open(path) as raw:
            if given.kind == "parquet":
                found = read_parquet(
                    name, raw, reading.text_field, id_field, reading.errors, whole=reading.whole
                )
                yield from _row_texts(number, given, found, marks)
                return
            source = unpacked(raw if _is_typed(raw) else self._watch.reading(raw, name))
            if given.kind == "conll":
                sentences = read_conll(
                    Path(name),
                    token_column=reading.token_column,
                    tag_column=None,
                    encoding=reading.encoding,
                    stream=source,
                )
                yield from _column_documents(number, path, sentences)
                return
            blocks = read_blocks(name, reading.encoding, source, reading.errors, marks.append)
            if self._may_replace:
                blocks = _hinted(blocks)
            if given.kind == "text":
                line = 1
                for offset, text in cut_long(blocks):
                    yield Source(
                        number, path, text, offset=offset, line=line, mark=next(iter(marks), None)
                    )
                    line += text.count("\n")
                return
            read = records.read_json_lines if given.kind == "jsonl" else read_csv
            rows = read(name, blocks, reading.text_field, id_field, whole=reading.whole)
            yield from _row_texts(number, given, rows, marks)

    @contextmanager
    def _open(self, path: str) -> Iterator[BinaryIO]:
        if path == STDIN:
            self._raw = sys.stdin.buffer
            yield self._raw
            return
        written = ", a pipe to which nothing has been written yet" if is_pipe(path) else ""
        with self._watch.over(f"waiting for {path}{written}"):
            self._raw = open_binary(path, unpack=False)
        with self._raw:
            yield self._raw


def _name(path: str) -> str:
    return "standard input" if path == STDIN else path


def _is_typed(stream: BinaryIO) -> bool:
    """Return whether somebody is typing, who knows what is waited for."""
    return not stream.closed and stream.isatty()


def _row_texts(
    number: int,
    given: Input,
    rows: Iterable[records.Row | records.BadRow | records.Rest | Batch],
    marks: Sequence[bytes],
) -> Iterator[Source | Kept | Fault]:
    path, kind = given.path, given.kind
    for row in rows:
        if isinstance(row, records.Row):
            mark = marks[0] if marks else None
            yield Source(
                number, path, row.text, "", row.id, None, row.line, False, mark, kind, row.raw
            )
        elif isinstance(row, records.BadRow):
            yield Fault(number, FileError(row.message, do=row.do), False)
        else:
            content = row.content if isinstance(row, records.Rest) else row
            yield Kept(number, path, kind, content, marks[0] if marks else None)


def _hinted(blocks: Iterator[str]) -> Iterator[str]:
    try:
        yield from blocks
    except FileError as problem:
        cause = problem.__context__
        # without a byte order mark nothing is replaced; a decoding error from Python 3.13 on
        if isinstance(cause, UnicodeDecodeError) and not cause.reason.endswith("BOM"):
            raise FileError(problem.what, do=f"{problem.do}, or give {{errors}} replace") from None
        raise


def _column_documents(number: int, path: str, sentences: Iterable[Sentence]) -> Iterator[Source]:
    """Iterate over the documents of a column file, long ones in parts."""
    for document, group in itertools.groupby(sentences, key=lambda sentence: sentence.document):
        held: list[Sentence] = []
        offset = size = 0
        for sentence in group:
            length = sum(map(len, sentence.tokens)) + len(sentence.tokens)
            if size + length > LONGEST_TEXT and held:
                yield _joined(number, path, document, offset, held)
                held, offset, size = [], offset + size, 0
            held.append(sentence)
            size += length
        yield _joined(number, path, document, offset or None, held)


def _joined(
    number: int, path: str, document: str, offset: int | None, sentences: list[Sentence]
) -> Source:
    text = TokenizedText.join(sentence.tokens for sentence in sentences)
    line = sentences[0].lines[0]
    return Source(number, path, text, document, None, offset, line, False, kind="conll")
