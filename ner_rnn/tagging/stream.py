"""Files and standard input -> texts, one after another, in memory that does not grow.

A file is one document; a column file is one for each that it marks; a table (``records.py``,
``parquet.py``) is one a row. A text of more than ``LONGEST_TEXT`` characters is handed on in parts,
cut where the least is torn. Everything may be packed. Which files there are is for ``folders.py``,
what the texts hold is for ``runtime/tagger.py``.
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, TypeAlias

from ner_rnn.errors import CorpusError, FileError, UserError
from ner_rnn.runtime.documents import TokenizedText
from ner_rnn.tagging import records as tables
from ner_rnn.tagging.folders import STDIN, Input, is_pipe
from ner_rnn.tagging.parquet import read_parquet
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.files import check_encoding, open_binary, read_blocks, unpacked

__all__ = ["LONGEST_TEXT", "End", "Event", "Fault", "Reader", "Reading", "Source", "cut_long"]

LONGEST_TEXT = 1_000_000
"""Characters of a document; a longer text is read in parts."""

_SHOWN = "standard input"
_PATIENCE = 2.0  # seconds before it is said that a pipe is waited for


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read.

    Attributes:
        encoding: of the texts.
        errors: what to do about bytes that are not text: stop, or put U+FFFD in their place.
        token_column: of a column file, from 0; negative counts from the right.
        text_field: of a table: the column with the text.
        id_field: of a table: the column that is carried through, if any.

    Raises:
        ConfigError: an encoding that Python does not know.
    """

    encoding: str = "utf-8"
    errors: Literal["strict", "replace"] = "strict"
    token_column: int = 0
    text_field: str = "text"
    id_field: str | None = None

    def __post_init__(self) -> None:
        check_encoding(self.encoding)


class Source(NamedTuple):
    """A text and where it came from.

    Attributes:
        file: number of the input, from 0.
        path: of the file; "-" for standard input.
        text: the text, with its words where the file tells them.
        document: number within a column file, as text; empty for a file that is one document.
        id: what the row of a table carries; None without.
        offset: where the text begins in its document, where this is a part of one.
        line: of the file in which the text begins, from 1 (the row, in Parquet).
        by_line: a line of the text is a line of the file.
        mark: byte order mark with which the file begins; None: not looked for.
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


class Fault(NamedTuple):
    """Something that could not be read.

    Attributes:
        file: number of the input.
        problem: the error, which names the path.
        whole: the file, or the rest of it; else one row.
    """

    file: int
    problem: UserError
    whole: bool


class End(NamedTuple):
    """An input has been read, or given up.

    Attributes:
        file: its number.
        complete: nothing of it is missing but rows that were told.
    """

    file: int
    complete: bool


Event: TypeAlias = Source | Fault | End


class Reader:
    """Reads inputs in turn: iterate over it once, for what is met on the way.

    A file that cannot be read is a ``Fault``, and the next one follows. ``position`` tells how far
    reading has come, in bytes as they lie on the disk.
    """

    def __init__(
        self,
        inputs: Iterable[Input],
        how: Reading,
        on_wait: Callable[[str], None] = lambda path: None,
    ) -> None:
        """Plan.

        Args:
            inputs: files, in order.
            how: they are read.
            on_wait: takes the path of a pipe that nobody has written to for two seconds; it is
                called in another thread.
        """
        self._inputs, self._how, self._on_wait = inputs, how, on_wait
        self._before = 0
        self._raw: BinaryIO | None = None

    @property
    def position(self) -> int:
        """Bytes read so far."""
        if self._raw is None or self._raw.closed or not self._raw.seekable():
            return self._before
        return self._before + self._raw.tell()

    def __iter__(self) -> Iterator[Event]:
        for number, given in enumerate(self._inputs):
            complete = True
            try:
                yield from self._read(number, given)
            except (FileError, CorpusError) as problem:
                complete = False
                yield Fault(number, problem, True)
            except OSError as error:
                complete = False
                name = _SHOWN if given.path == STDIN else given.path
                why = FileError(f"{name} cannot be read: {error.strerror or error}")
                yield Fault(number, why, True)
            self._before, self._raw = self._before + (given.size or 0), None
            yield End(number, complete)

    def _read(self, number: int, given: Input) -> Iterator[Source | Fault]:
        how, path = self._how, given.path
        name = _SHOWN if path == STDIN else path
        with self._open(path) as raw:
            if given.kind == "parquet":
                rows = read_parquet(name, raw, how.text_field, how.id_field, how.errors)
                yield from self._rows(number, path, rows)
                return
            source = unpacked(raw)
            if given.kind == "conll":
                sentences = read_conll(
                    Path(name),
                    token_column=how.token_column,
                    tag_column=None,
                    encoding=how.encoding,
                    stream=source,
                )
                yield from _column_documents(number, path, sentences)
                return
            marks: list[bytes] = []
            blocks = _hinted(read_blocks(name, how.encoding, source, how.errors, marks.append))
            if given.kind == "text":
                line = 1
                for offset, text in cut_long(blocks):
                    yield Source(
                        number, path, text, offset=offset, line=line, mark=next(iter(marks), None)
                    )
                    line += text.count("\n")
                return
            read = tables.read_json_lines if given.kind == "jsonl" else tables.read_csv
            yield from self._rows(number, path, read(name, blocks, how.text_field, how.id_field))

    @staticmethod
    def _rows(
        number: int, path: str, rows: Iterable[tables.Row | tables.BadRow]
    ) -> Iterator[Source | Fault]:
        for row in rows:
            if isinstance(row, tables.BadRow):
                yield Fault(number, FileError(row.message, do=row.do), False)
            else:
                yield Source(number, path, row.text, id=row.id, line=row.line, by_line=False)

    @contextmanager
    def _open(self, path: str) -> Iterator[BinaryIO]:
        if path == STDIN:
            self._raw = sys.stdin.buffer
            yield self._raw
            return
        waiting = threading.Timer(_PATIENCE, self._on_wait, [path]) if is_pipe(path) else None
        if waiting is not None:
            waiting.daemon = True
            waiting.start()
        try:
            self._raw = open_binary(path, unpack=False)
        finally:
            if waiting is not None:
                waiting.cancel()
        with self._raw:
            yield self._raw


def cut_long(
    blocks: Iterable[str], longest: int = LONGEST_TEXT
) -> Iterator[tuple[int | None, str]]:
    r"""Join the blocks of a text; where it is too long, cut it into parts.

    A part ends at the last blank line that leaves it at least half as long as it may be; where
    there is none, at the last line end; else at the last space; else where it is full.

    Args:
        blocks: of the text.
        longest: part, in characters.

    Yields:
        Where the part begins, None for a text in one piece; and the part. The parts joined are the
        text: ``["a\n\nb c"]``, 5 -> ``(0, "a\n\n")``, ``(3, "b c")``. An empty text is one piece.
    """
    held, offset = "", 0
    for block in blocks:
        held += block
        while len(held) > longest:
            end = _cut_place(held, longest)
            yield offset, held[:end]
            held, offset = held[end:], offset + end
    if held or not offset:
        yield (offset or None), held


def _cut_place(text: str, longest: int) -> int:
    for sign in ("\n\n", "\n\r\n", "\n", " "):
        at = text.rfind(sign, max(0, longest // 2 - len(sign)), longest)
        if at >= 0:
            return at + len(sign)
    return longest


def _hinted(blocks: Iterator[str]) -> Iterator[str]:
    try:
        yield from blocks
    except FileError as problem:
        if isinstance(problem.__context__, UnicodeDecodeError):
            raise FileError(problem.what, do=f"{problem.do}, or give {{errors}} replace") from None
        raise


def _column_documents(number: int, path: str, sentences: Iterable[Sentence]) -> Iterator[Source]:
    """Documents of words: a space between words, a line break between sentences."""
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
    return Source(number, path, text, document, None, offset, sentences[0].lines[0], False)
