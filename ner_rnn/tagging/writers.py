"""Documents with names -> JSON lines, columns, or highlighted text.

Each writer takes one document at a time and gives text. Where that text goes is for others, but
for ``replacing``, which gives a file that appears whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ner_rnn.errors import FileError
from ner_rnn.tagging.documents import Document
from ner_rnn.text.tags import Span, to_tags

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["bracketed", "columns", "highlight", "json_line", "replacing"]

STYLE = "bold black on bright_yellow"

# A text must not steer the terminal: control characters are shown by their pictures.
_PICTURES: dict[int, int | str] = {code: 0x2400 + code for code in range(32)}
_PICTURES |= {ord("\t"): "\t", ord("\n"): "\n", ord("\r"): "", 0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def json_line(document: Document, source: str, number: str = "") -> str:
    r"""One document as one line of JSON.

    Args:
        document: tagged.
        source: the file it came from.
        number: of the document in that file; empty where the file is one document.

    Returns:
        ``{"source": "a.txt", "text": "Angela Merkel spoke.", "names": [{"start": 0, "end": 13,
        "text": "Angela Merkel", "score": 0.998}]}`` and a line end. Offsets are in code points.
    """
    known: dict[str, object] = {"source": source}
    if number:
        known["document"] = number
    known["text"] = document.text
    known["names"] = [
        {"start": name.start, "end": name.end, "text": name.text, "score": round(name.score, 4)}
        for name in document.names
    ]
    return json.dumps(known, ensure_ascii=False) + "\n"


def columns(document: Document) -> Iterator[str]:
    """One document as CoNLL columns: word, TAB, tag (IOB2), sentence by sentence.

    It opens with ``-DOCSTART-``, so that many documents can follow each other in a file.
    """
    yield "-DOCSTART-\tO\n\n"
    for sentence, names in document.named_sentences():
        if sentence:
            tags = to_tags([Span(start, end, "PER") for start, end, _ in names], len(sentence))
            yield (
                "".join(
                    f"{document.text[start:end]}\t{tag}\n"
                    for (start, end), tag in zip(sentence, tags, strict=True)
                )
                + "\n"
            )


def bracketed(document: Document) -> Iterator[str]:
    """The text with names in brackets, for where there is no colour: ``[Angela Merkel] spoke.``."""
    for piece, is_name in _pieces(document):
        yield f"[{piece}]" if is_name else piece


def highlight(document: Document, console: Console) -> None:
    """Print the text with its names in colour, or in brackets on a terminal without colour."""
    colour = console.color_system is not None and not console.no_color
    for piece, is_name in _pieces(document):
        shown = piece.translate(_PICTURES)
        if is_name and not colour:
            shown = f"[{shown}]"
        console.out(shown, style=STYLE if is_name and colour else None, highlight=False, end="")
    if document.text and not document.text.endswith("\n"):
        console.out("", highlight=False)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """A file to write text to (UTF-8), which takes the place of ``path`` once all is well.

    Raises:
        FileError: the place is a folder, is missing or cannot be written to, or the disk is full.
    """
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    if target.is_dir():
        raise FileError(f"{path} is a folder: give a file for --output")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            yield file
        os.replace(partial, target)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {error.strerror or error}; choose another --output"
        ) from None
    finally:
        with suppress(OSError):  # gone already, or never made
            partial.unlink()


def _pieces(document: Document) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a name; joined they are the text."""
    position = 0
    for name in document.names:
        yield document.text[position : name.start], False
        yield document.text[name.start : name.end], True
        position = name.end
    yield document.text[position:], False
