"""Documents with names -> JSON lines, columns, or text with its names marked.

A format is told in two halves. ``render`` makes a part of the output of some documents; it may run
in another process, so a format and its parts can be pickled. ``writer`` puts the parts of one
output, in order, into a file. Other formats: ``tables.py``, ``html.py``, ``distinct.py``,
``arrow.py``; where the files lie is for ``outputs.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeAlias

from ner_rnn.errors import FileError
from ner_rnn.runtime.documents import Document
from ner_rnn.tagging.stream import Source
from ner_rnn.text.files import unmarked
from ner_rnn.text.tags import Span, to_tags

__all__ = [
    "PICTURES",
    "Bytes",
    "Columns",
    "Format",
    "Highlighted",
    "JsonLines",
    "Tagged",
    "Text",
    "Writer",
    "pictured",
]

Tagged: TypeAlias = Sequence[tuple[Source, Document]]
"""Texts of one file that follow each other, tagged."""

# A text must not steer the terminal: control characters are shown by their pictures.
PICTURES: dict[int, int | str] = {code: 0x2400 + code for code in range(32)}
PICTURES |= {ord("\t"): "\t", ord("\n"): "\n", ord("\r"): "", 0x7F: 0x2421}
PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_json = json.JSONEncoder(ensure_ascii=False).encode
_ON, _DIM, _OFF = "\x1b[1;30;103m", "\x1b[2m", "\x1b[0m"


class Writer(Protocol):
    """Writes one output."""

    def add(self, part: Any) -> None:
        """Add what ``render`` made."""

    def close(self) -> None:
        """Write what comes at the end; the file stays open."""


class Format(Protocol):
    """A way to write documents."""

    @property
    def ending(self) -> str:
        """Of the names of its files."""

    def render(self, tagged: Tagged) -> Any:
        """Make a part of an output; nothing of it may depend on other parts."""

    def writer(self, file: BinaryIO) -> Writer:
        """Begin an output."""


class Bytes:
    """Writes parts that are bytes as they come."""

    def __init__(self, file: BinaryIO, head: bytes = b"") -> None:
        self._file = file
        file.write(head)

    def add(self, part: bytes) -> None:
        """Write a part."""
        self._file.write(part)

    def close(self) -> None:
        """Nothing is left to be written."""


class _Utf8:
    """A format whose parts are text: ``_lines`` tells what a document becomes."""

    def _lines(self, source: Source, document: Document) -> Iterator[str]:
        raise NotImplementedError

    def render(self, tagged: Tagged) -> bytes:
        r"""The documents as UTF-8; half a character (in a file's name) is written as ``\udc80``."""
        lines = (line for source, document in tagged for line in self._lines(source, document))
        return "".join(lines).encode("utf-8", "backslashreplace")

    def writer(self, file: BinaryIO) -> Writer:
        """Write the parts one after another."""
        return Bytes(file)


@dataclass(frozen=True, slots=True)
class JsonLines(_Utf8):
    r"""One document as one line of JSON.

    ``{"source": "a.txt", "text": "Angela Merkel spoke.", "names": [{"start": 0, "end": 13, "text":
    "Angela Merkel", "score": 0.998}]}``. Offsets count the code points of this line's text. All
    lines of a run have the same keys, so that what reads tables can read them.

    Attributes:
        with_document: lines tell the document's number in a column file.
        with_id: lines tell the id of the row.
        with_offset: lines tell where their text begins in its document.
    """

    with_document: bool = False
    with_id: bool = False
    with_offset: bool = False
    ending: str = ".jsonl"

    def _lines(self, source: Source, document: Document) -> Iterator[str]:
        yield f'{{"source": {_json(source.path)}'
        if self.with_document:
            yield f', "document": {_json(source.document) if source.document else "null"}'
        if self.with_id:
            yield f', "id": {_json(source.id)}'
        if self.with_offset or source.offset is not None:
            yield f', "offset": {source.offset or 0}'
        yield f', "text": {_json(document.text)}, "names": ['
        yield ", ".join(
            f'{{"start": {start}, "end": {end}, "text": {_json(text)}, "score": {round(score, 4)}}}'
            for start, end, text, score in document.names
        )
        yield "]}\n"


@dataclass(frozen=True, slots=True)
class Columns(_Utf8):
    """CoNLL columns: word, TAB, tag (IOB2), sentence by sentence.

    Each document opens with ``-DOCSTART-``, so that many can follow each other in a file.
    """

    ending: str = ".conll"

    def _lines(self, source: Source, document: Document) -> Iterator[str]:
        if not source.offset:
            yield "-DOCSTART-\tO\n\n"
        text = document.text
        for sentence, names in document.named_sentences():
            if not sentence:
                continue
            if names:
                tags = to_tags([Span(start, end, "PER") for start, end, _ in names], len(sentence))
                for (start, end), tag in zip(sentence, tags, strict=True):
                    yield f"{text[start:end]}\t{tag}\n"
            else:
                for start, end in sentence:
                    yield f"{text[start:end]}\tO\n"
            yield "\n"


@dataclass(frozen=True, slots=True)
class Text:
    """The text itself, one after another; that of a row ends with a line end.

    Attributes:
        brackets: around each name: ``[Angela Merkel] spoke.``; without, not a byte is added.
        encoding: in which it is written; without brackets, with the byte order mark of the first
            text, or none.
    """

    brackets: bool = True
    encoding: str = "utf-8"
    ending: str = ".txt"

    def render(self, tagged: Tagged) -> _TextPart:
        """The texts joined, and how the first one was marked."""
        texts: list[str] = []
        for source, document in tagged:
            texts += _bracketed(document) if self.brackets else [document.text]
            if not source.by_line and not document.text.endswith("\n"):
                texts.append("\n")
        first = tagged[0][0]
        return _TextPart("".join(texts), first.path, None if self.brackets else first.mark)

    def writer(self, file: BinaryIO) -> Writer:
        """Begin with a byte order mark, where the text had one."""
        return _Encoded(file, self.encoding)


class _TextPart(NamedTuple):
    """A part of a text.

    Attributes:
        text: the part.
        path: of the file that was read.
        mark: byte order mark of that file; None: that which its encoding has by itself.
    """

    text: str
    path: str
    mark: bytes | None


class _Encoded:
    """Writes texts in the encoding and byte order of the first one."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file, self._encoding = file, encoding
        self._is_begun = False

    def add(self, part: _TextPart) -> None:
        """Write a part.

        Raises:
            FileError: a text that the encoding has no letters for.
        """
        if not self._is_begun:
            self._begin(part.mark)
        try:
            self._file.write(part.text.encode(self._encoding))
        except UnicodeEncodeError as error:
            raise FileError(
                f"{part.path}: {error.object[error.start]!r} cannot be written in "
                f"{self._encoding}, the encoding that was read: replace names by plainer text"
            ) from None

    def close(self) -> None:
        """Write the mark of an empty text."""
        if not self._is_begun:
            self._begin(None)

    def _begin(self, mark: bytes | None) -> None:
        self._encoding, own = unmarked(self._encoding, mark)
        self._file.write(own if mark is None else mark)
        self._is_begun = True


@dataclass(frozen=True, slots=True)
class Highlighted(_Utf8):
    """The text for a terminal, its names in colour.

    Attributes:
        colour: False: nothing is coloured, and names stand in brackets instead ...
        brackets: ... unless they should stand there bare.
        headed: a line before each text says where it is from.
    """

    colour: bool = True
    brackets: bool = True
    headed: bool = False
    ending: str = ".txt"

    def _lines(self, source: Source, document: Document) -> Iterator[str]:
        if self.headed:
            head = " ".join(str(part) for part in (source.path, source.document, source.id) if part)
            head = "".join(c if c.isprintable() else repr(c)[1:-1] for c in head)
            yield f"{_DIM}{head}{_OFF}\n" if self.colour else f"{head}\n"
        for piece, is_name in _pieces(document):
            shown = pictured(piece)
            if not is_name:
                yield shown
            elif self.colour:  # off at a line's end, lest the rest of the line be coloured
                yield "\n".join(f"{_ON}{line}{_OFF}" for line in shown.split("\n"))
            else:
                yield f"[{shown}]" if self.brackets else shown
        if document.text and not document.text.endswith("\n"):
            yield "\n"


def pictured(text: str) -> str:
    r"""Show control characters by their pictures: ``"\x1b[31m"`` -> ``"␛[31m"``."""
    return text.translate(PICTURES) if _CONTROL.search(text) else text


def _bracketed(document: Document) -> Iterator[str]:
    for piece, is_name in _pieces(document):
        yield f"[{piece}]" if is_name else piece


def _pieces(document: Document) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a name; joined they are the text."""
    position = 0
    for name in document.names:
        yield document.text[position : name.start], False
        yield document.text[name.start : name.end], True
        position = name.end
    yield document.text[position:], False
