"""Documents -> files of the kind that was read: tables with other texts, each in its place.

CSV and JSON lines here, Parquet in ``same_parquet.py``. The reader must read tables as a whole
(``Reading.whole``): their rows then come with what stands beside the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from ner_rnn.tagging.folders import Kind
from ner_rnn.tagging.stream import Kept
from ner_rnn.tagging.writers import Encoded, Format, Tagged, TextPart, Writer

__all__ = ["ByKind", "SameTable"]


@dataclass(frozen=True, slots=True)
class SameTable:
    """CSV or JSON lines whose rows are those that were read.

    A row without names is written as it was, character by character. In others the text is
    replaced, and nothing else.

    Attributes:
        encoding: character encoding of the input and the output.
        raw_cells: write new texts in CSV without the guard against formulas (``cells.py``).
    """

    encoding: str = "utf-8"
    raw_cells: bool = False
    ending: str = ""

    def render(self, tagged: Tagged) -> TextPart:
        """Return the rows, and the byte order mark of their file."""
        rows: list[str] = []
        for source, document in tagged:
            if source.row is None:
                raise ValueError("a table is given back only if it is read as a whole")
            if document.names:
                rows.append(
                    source.row.with_text(
                        document.text, encoding=self.encoding, raw_cells=self.raw_cells
                    )
                )
            else:
                rows.append(source.row.raw)
        first = tagged[0][0]
        return TextPart("".join(rows), first.path, first.mark)

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer that encodes rows and what is kept between them."""
        return _Rows(file, self.encoding)


class _Rows(Encoded):
    def add(self, part: TextPart | Kept) -> None:
        if isinstance(part, Kept):
            part = TextPart(str(part.content), part.path, part.mark)
        super().add(part)


@dataclass(frozen=True, slots=True)
class ByKind:
    """A format for each kind of input; each output is of one input.

    Attributes:
        formats: by the kind of the input.
    """

    formats: Mapping[Kind, Format]

    @property
    def ending(self) -> Mapping[Kind, str]:
        """File name extensions by the kind of the input."""
        return {kind: str(format.ending) for kind, format in self.formats.items()}

    def render(self, tagged: Tagged) -> tuple[Kind, Any]:
        """Return the kind of the input and a part of its output."""
        kind = tagged[0][0].kind
        return kind, self.formats[kind].render(tagged)

    def writer(self, file: BinaryIO) -> Writer:
        """Return a writer of the kind of the first part that it is given."""
        return _FirstKind(self.formats, file)


class _FirstKind:
    def __init__(self, formats: Mapping[Kind, Format], file: BinaryIO) -> None:
        self._formats, self._file = formats, file
        self._writer: Writer | None = None

    def add(self, part: Kept | tuple[Kind, Any]) -> None:
        kind, content = (part.kind, part) if isinstance(part, Kept) else part
        if self._writer is None:
            self._writer = self._formats[kind].writer(self._file)
        self._writer.add(content)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
