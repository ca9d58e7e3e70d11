"""Files, folders and standard input -> texts, one after another.

A file is one document; a column file is one document for each that it marks. Everything may be
packed by gzip, xz or bzip2. A file is read when its turn comes, so memory does not grow with their
number. What the text holds is for ``engine.py``.
"""

from __future__ import annotations

import bz2
import gzip
import itertools
import lzma
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from ner_rnn.errors import FileError
from ner_rnn.tagging.documents import CutText
from ner_rnn.text.conll import read_conll
from ner_rnn.text.files import read_blocks

__all__ = ["STDIN", "Source", "read_columns", "read_texts", "text_files"]

STDIN = "-"
_SHOWN = "standard input"
_PACKED = (".gz", ".xz", ".bz2")
TEXT_ENDINGS = (".txt", ".text", ".md")
COLUMN_ENDINGS = (".conll", ".conllu", ".bio", ".iob", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Source:
    """A text and where it came from.

    Attributes:
        path: as the user typed it, or as found below a folder; "-" for standard input.
        document: number within a column file, as text; empty for a file that is one document.
        text: the text, with its words where the file tells them.
    """

    path: str
    document: str
    text: str | CutText


def text_files(
    paths: Iterable[str | os.PathLike[str]], endings: Sequence[str] = TEXT_ENDINGS
) -> Iterator[str]:
    """Files to read: those given, and in place of a folder the files below it.

    Below a folder those count that end like a text, packed or not, in the order of their names;
    hidden ones do not, and links to folders are not followed.

    Raises:
        FileError: a folder without any such file.
    """
    for given in paths:
        path = os.fspath(given)
        if not os.path.isdir(path):
            yield path
            continue
        empty = True
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                plain = name.lower()
                for packed in _PACKED:
                    plain = plain.removesuffix(packed)
                if plain.endswith(tuple(endings)) and not name.startswith("."):
                    empty = False
                    yield os.path.join(folder, name)
        if empty:
            raise FileError(
                f"{path} is a folder without text files ({', '.join(endings)}, also packed): "
                "name the files themselves"
            )


def read_texts(
    paths: Iterable[str | os.PathLike[str]],
    *,
    encoding: str = "utf-8",
    errors: Literal["strict", "replace"] = "strict",
) -> Iterator[Source]:
    """Read texts as they stand: line ends are kept, a byte order mark is not.

    Args:
        paths: files, folders, or "-" for standard input.
        encoding: of the texts.
        errors: what to do about bytes that are not text: stop, or put U+FFFD in their place.

    Raises:
        FileError: a file is missing, unreadable, binary, damaged, or in another encoding.
        ConfigError: an encoding that Python does not know.
    """
    for path in text_files(paths):
        name, stream = (_SHOWN, _standard_input()) if path == STDIN else (path, None)
        try:
            text = "".join(read_blocks(name, encoding, stream, errors=errors))
        except FileError as problem:
            if isinstance(problem.__context__, UnicodeDecodeError):
                raise FileError(f"{problem}, or give --errors replace") from None
            raise
        yield Source(path, "", text)


def read_columns(
    paths: Iterable[str | os.PathLike[str]], *, token_column: int = 0, encoding: str = "utf-8"
) -> Iterator[Source]:
    """Read texts that are cut into words already, from column files; tags are not looked at.

    The text of a document is its words, with a space between words and a line break between
    sentences.

    Raises:
        FileError: as ``read_texts``; also an empty file, and standard input.
        CorpusError: a line without the token's column, with file:line.
    """
    for path in text_files(paths, COLUMN_ENDINGS):
        if path == STDIN:
            raise FileError("columns are not read from standard input: give a file")
        sentences = read_conll(
            Path(path), token_column=token_column, tag_column=None, encoding=encoding
        )
        for document, group in itertools.groupby(sentences, key=lambda s: s.document):
            yield Source(path, document, CutText.join(sentence.tokens for sentence in group))


def _standard_input() -> BinaryIO:
    """The bytes of standard input, unpacked; a pipe can be looked into but not read twice."""
    raw = sys.stdin.buffer
    magic = raw.peek(6) if hasattr(raw, "peek") else b""
    if magic.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.open(raw))
    if magic.startswith(b"\xfd7zXZ\x00"):
        return cast("BinaryIO", lzma.open(raw))
    if magic.startswith(b"BZh"):
        return cast("BinaryIO", bz2.open(raw))
    return raw
