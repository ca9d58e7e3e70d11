"""Documents with names -> JSON lines, columns, or text with its names marked.

A format has two methods. ``render`` turns consecutive documents into a part of the output; it may
run in another process, so formats and parts can be pickled. ``writer`` returns an object that
writes the parts of one output, in order, to a file. Other formats: ``tables.py``, ``html.py``,
``distinct.py``, ``arrow.py``, ``suggestions/``; ``outputs.py`` decides which files are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeAlias

from ner_rnn.errors import FileError
from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.folders import Kind
from ner_rnn.tagging.stream import Source
from ner_rnn.text.files import unmarked
from ner_rnn.text.tags import Span, to_tags

__all__ = [
    "PICTURES",
    "Columns",
    "Encoded",
    "Ending",
    "Format",
    "Highlighted",
    "JsonLines",
    "Tagged",
    "Text",
    "TextPart",
    "Utf8",
    "Writer",
    "pictured",
]

Ending: TypeAlias = str | Mapping[Kind, str]
"""File name extension, with its dot, or one for each kind of input; empty: that of the input."""

Tagged: TypeAlias = Sequence[tuple[Source, Document]]
"""Consecutive texts of one input file, with their names."""

# A text must not control the terminal: control characters are replaced by visible symbols.
PICTURES: dict[int, int | str] = {code: 0x2400 + code for code in range(32)}
PICTURES |= {ord("\t"): "\t", ord("\n"): "\n", ord("\r"): "", 0x7F: 0x2421}
PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_json = json.JSONEncoder(ensure_ascii=False).encode
_ON, _DIM, _OFF = "\x1b[1;30;103m", "\x1b[2m", "\x1b[0m"


class Writer(Protocol):
    """Writer of one output file."""

    def add(self, part: Any) -> None:
        """Write the result of ``Format.render``."""

    def close(self) -> None:
        """Write the end of the output; the file stays open."""


class Format(Protocol):
    """Output format of tagged documents."""

    @property
    def ending(self) -> Ending:
        """File name extension of an output."""

    def render(self, tagged: Tagged) -> Any:
        """Return a part of an output, which must not depend on other parts."""

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer of one output, and write the beginning of the file."""


class _Bytes:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, part: bytes) -> None:
        self._file.write(part)

    def close(self) -> None:
        pass


class Utf8:
    """Base of the formats that write each document independently, as UTF-8."""

    def lines(self, source: Source, document: Document) -> Iterator[str]:
        """Yield the output of a document, in pieces."""
        raise NotImplementedError

    def render(self, tagged: Tagged) -> bytes:
        r"""Return the documents as UTF-8, with surrogates (of file names) as ``\udc80``."""
        lines = (line for source, document in tagged for line in self.lines(source, document))
        return "".join(lines).encode("utf-8", "backslashreplace")

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer that joins the parts."""
        return _Bytes(file)


@dataclass(frozen=True, slots=True)
class JsonLines(Utf8):
    r"""JSON lines: one JSON object per document.

    ``{"source": "a.txt", "text": "Angela Merkel spoke.", "names": [{"start": 0, "end": 13, "text":
    "Angela Merkel", "score": 0.998}]}``. Offsets count the code points of this line's text. All
    lines of a run have the same keys, so that they can be loaded as a table.

    Attributes:
        with_document: write the number of the document within its column file.
        with_id: write the id of the row.
        with_offset: write the offset of the text within its document.
        with_path: write of each name whether it is on the best path.
    """

    with_document: bool = False
    with_id: bool = False
    with_offset: bool = False
    with_path: bool = False
    ending: str = ".jsonl"

    def lines(self, source: Source, document: Document) -> Iterator[str]:
        """Yield the output of a document, in pieces."""
        yield f'{{"source": {_json(source.path)}'
        if self.with_document:
            yield f', "document": {_json(source.document) if source.document else "null"}'
        if self.with_id:
            yield f', "id": {_json(source.id)}'
        if self.with_offset or source.offset is not None:
            yield f', "offset": {source.offset or 0}'
        yield f', "text": {_json(document.text)}, "names": ['
        yield ", ".join(map(self._name, document.names))
        yield "]}\n"

    def _name(self, name: Name) -> str:
        path = f', "on_best_path": {_json(name.on_best_path)}' if self.with_path else ""
        return (
            f'{{"start": {name.start}, "end": {name.end}, "text": {_json(name.text)}, '
            f'"score": {round(name.score, 4)}{path}}}'
        )


@dataclass(frozen=True, slots=True)
class Columns(Utf8):
    """CoNLL columns: word, TAB and IOB2 tag; ``-DOCSTART-`` precedes each document."""

    ending: str = ".conll"

    def lines(self, source: Source, document: Document) -> Iterator[str]:
        """Yield the output of a document, in pieces."""
        if not source.offset:
            yield "-DOCSTART-\tO\n\n"
        text = document.text
        for sentence, names in document.named_sentences():
            if not sentence:
                continue
            if names:
                tags = to_tags([Span(name.start, name.end, "PER") for name in names], len(sentence))
                for (start, end), tag in zip(sentence, tags, strict=True):
                    yield f"{text[start:end]}\t{tag}\n"
            else:
                for start, end in sentence:
                    yield f"{text[start:end]}\tO\n"
            yield "\n"


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; the text of a table row is terminated by a line feed.

    Attributes:
        brackets: write brackets around each name: ``[Angela Merkel] spoke.``
        encoding: character encoding of the output. Without brackets the output has a byte order
            mark if the first text had one.
    """

    brackets: bool = True
    encoding: str = "utf-8"
    ending: str = ".txt"

    def render(self, tagged: Tagged) -> TextPart:
        """Return the joined texts, and the byte order mark of the first one."""
        texts: list[str] = []
        for source, document in tagged:
            for piece, is_name in _pieces(document):
                texts.append(f"[{piece}]" if is_name and self.brackets else piece)
            if not source.by_line and not document.text.endswith("\n"):
                texts.append("\n")
        first = tagged[0][0]
        return TextPart("".join(texts), first.path, None if self.brackets else first.mark)

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer that encodes the parts."""
        return Encoded(file, self.encoding)


class TextPart(NamedTuple):
    """Part of an output that is still to be encoded.

    Attributes:
        text: the text.
        path: path of the input, for messages.
        mark: byte order mark of the input; None: the default of the encoding.
    """

    text: str
    path: str
    mark: bytes | None


class Encoded:
    """Writer of text in the encoding that was read, with the byte order mark of the first part."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file, self._encoding = file, encoding
        self._is_begun = False

    def add(self, part: TextPart) -> None:
        """Write a part.

        Raises:
            FileError: the encoding lacks one of its characters.
        """
        if not self._is_begun:
            self._begin(part.mark)
        try:
            self._file.write(part.text.encode(self._encoding))
        except UnicodeEncodeError as error:
            raise FileError(
                f"{part.path}: {error.object[error.start]!r} cannot be written in "
                f"{self._encoding}, the encoding that was read: choose a plainer replacement"
            ) from None

    def close(self) -> None:
        """Write the byte order mark of an empty output, if the encoding has one."""
        if not self._is_begun:
            self._begin(None)

    def _begin(self, mark: bytes | None) -> None:
        self._encoding, own = unmarked(self._encoding, mark)
        self._file.write(own if mark is None else mark)
        self._is_begun = True


@dataclass(frozen=True, slots=True)
class Highlighted(Utf8):
    """Text for a terminal, with highlighted names.

    Attributes:
        colour: highlight names by colour.
        brackets: without colour, write brackets around names.
        headed: precede each text by a line with its file, document number and id.
    """

    colour: bool = True
    brackets: bool = True
    headed: bool = False
    ending: str = ".txt"

    def lines(self, source: Source, document: Document) -> Iterator[str]:
        """Yield the output of a document, in pieces."""
        if self.headed:
            head = " ".join(str(part) for part in (source.path, source.document, source.id) if part)
            head = "".join(c if c.isprintable() else repr(c)[1:-1] for c in head)
            yield f"{_DIM}{head}{_OFF}\n" if self.colour else f"{head}\n"
        for piece, is_name in _pieces(document):
            shown = pictured(piece)
            if not is_name:
                yield shown
            elif (
                self.colour
            ):  # per line: a terminal would fill the rest of the line with the colour
                yield "\n".join(f"{_ON}{line}{_OFF}" for line in shown.split("\n"))
            else:
                yield f"[{shown}]" if self.brackets else shown
        if document.text and not document.text.endswith("\n"):
            yield "\n"


def pictured(text: str) -> str:
    r"""Replace control characters by visible symbols: ``"\x1b[31m"`` -> ``"␛[31m"``."""
    return text.translate(PICTURES) if _CONTROL.search(text) else text


def _pieces(document: Document) -> Iterator[tuple[str, bool]]:
    """Split a text at its names; yield each piece and whether it is a name."""
    position = 0
    for name in document.names:
        yield document.text[position : name.start], False
        yield document.text[name.start : name.end], True
        position = name.end
    yield document.text[position:], False
