"""CoNLL column files: one token a line, a blank line between sentences.

    EU      NNP  I-ORG          columns by spaces, or by TABs alone where a line has one
    rejects VBZ  O

``-DOCSTART-`` opens a document and is no sentence; so does CoNLL-U's ``# newdoc``. Tags are
returned as they are written: ``tags.py`` knows what they mean.

A comment is a line before the first token of its sentence that begins with ``# `` and is either
``# key = value``, ``# newdoc``, ``# newpar``, or has no tag in the tag column. So ``# O``,
``#hashtag B-MISC`` and ``#<TAB>O`` are tokens, ``# text = Vitamin O`` is a comment, and a line in
the middle of a sentence is always a token.

A token that is empty before its TAB (some corpora lost emoji that way) is read as U+FFFD, so that
every line keeps its token and no reader meets an empty word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ner_rnn.errors import CorpusError, FileError, counted, shortened
from ner_rnn.text.files import read_lines

__all__ = ["LOST", "Sentence", "read_conll"]

LOST = "\ufffd"
"""Read in place of a token that is empty."""

_DOCSTART = "-DOCSTART-"
_KEYED = re.compile(r"#\s*(?:(?:new(?:doc|par)\b)|[\w.:-]+(?: [\w.:-]+)?\s+=(?: |$))")
_NEWDOC = re.compile(r"#\s*newdoc\b")
_SHOWN = 40  # characters of a line in a message
_TAG = re.compile(r"O$|[BIESM]-.")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a column file.

    Attributes:
        tokens: the words.
        tags: their tags, as in the file.
        document: "0", "1", ... counted by ``-DOCSTART-``.
        lines: the line of each token, from 1.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    document: str
    lines: tuple[int, ...]


def read_conll(
    path: str | Path,
    *,
    token_column: int = 0,
    tag_column: int | None = -1,
    encoding: str = "utf-8",
    stream: BinaryIO | None = None,
    on_fault: Callable[[CorpusError], None] | None = None,
) -> Iterator[Sentence]:
    """Read the sentences of a column file.

    Args:
        path: the file, plain or packed by gzip, xz, bzip2 or Zstandard.
        token_column: column of the token, from 0; negative counts from the right.
        tag_column: column of the tag, likewise; None: no tags are read, and each is O.
        encoding: text encoding of the file.
        stream: bytes to read in place of the file's, for example of standard input.
        on_fault: called with the error of each line that cannot be read, which is then skipped;
            None: the first error is raised.

    Raises:
        FileError: the file cannot be read as text, or is empty.
        CorpusError: a line without one of the two columns (with file:line), or no sentence at all.
    """
    tokens: list[str] = []
    tags: list[str] = []
    numbers: list[int] = []
    document, is_used, any_sentence, number = 0, False, False, 0

    for number, line in enumerate(read_lines(path, encoding, stream, separators="\t "), start=1):
        if not line.strip(" \t"):
            if tokens:
                yield Sentence(tuple(tokens), tuple(tags), str(document), tuple(numbers))
                tokens, tags, numbers, is_used, any_sentence = [], [], [], True, True
            continue
        fields = _split(line)
        try:
            token, tag, is_short = fields[token_column], "O", False
            if tag_column is not None:
                tag = fields[tag_column]
                is_short = len(fields) == 1 or (token_column - tag_column) % len(fields) == 0
        except IndexError:
            token, tag, is_short = "", "", True

        if line[0] in "#-":
            is_comment = not tokens and _is_comment(line, "" if is_short else tag)
            is_docstart = line.startswith(_DOCSTART)
            if is_docstart and tokens:
                yield Sentence(tuple(tokens), tuple(tags), str(document), tuple(numbers))
                tokens, tags, numbers, is_used, any_sentence = [], [], [], True, True
            if (is_docstart or (is_comment and _NEWDOC.match(line))) and is_used:
                document, is_used = document + 1, False
            if is_docstart or is_comment:
                continue
        if is_short or not tag:
            columns = (token_column, tag_column) if is_short else None
            fault = _line_fault(path, number, fields, columns)
            if on_fault is None:
                raise fault
            on_fault(fault)
            continue
        tokens.append(token or LOST)
        tags.append(tag)
        numbers.append(number)
    if tokens:
        yield Sentence(tuple(tokens), tuple(tags), str(document), tuple(numbers))
    elif number == 0:
        raise FileError(f"{path} is empty: give a file with one token and its tag a line")
    elif not any_sentence:
        raise CorpusError(f"{path} holds no sentence in its {number} lines: is it a column file?")


def _split(line: str) -> list[str]:
    if "\t" in line:
        return [field.strip(" ") for field in line.split("\t")]
    fields = line.split(" ")
    return fields if "" not in fields else [field for field in fields if field]


def _is_comment(line: str, tag: str) -> bool:
    if "\t" not in line and _KEYED.match(line):
        return True
    return (line == "#" or line.startswith("# ")) and not _TAG.match(tag)


def _line_fault(
    path: str | Path, number: int, fields: list[str], wanted: tuple[int, int | None] | None
) -> CorpusError:
    text = " ".join(fields)
    shown = shortened(text, _SHOWN)
    if wanted is None:
        return CorpusError(f"{path}:{number}: the tag in {shown!r} is empty: write it, O for none")
    columns = counted(len(fields), "column")
    tag, setting = f" and the tag from column {wanted[1]}", " and {tag_column}"
    if wanted[1] is None:
        tag = setting = ""
    return CorpusError(
        f"{path}:{number}: {columns} ({shown!r}), but the token is read from column {wanted[0]}"
        f"{tag}",
        do=f"separate columns by a TAB or spaces, or choose others with {{token_column}}{setting}",
    )
