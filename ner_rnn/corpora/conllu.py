"""CoNLL-U with names in the last column, MISC: ``NE=B-PER``, also ``NER=``, ``name=``.

    1   Angela   Angela   PROPN   _   _   4   nsubj   _   NE=B-PER
    2-3 du       _        _       _   _   _   _       _   _           a word of the text
    2   de       de       ADP     _   _   4   case    _   NE=O        parts that it stands for
    3   le       le       DET     _   _   4   det     _   NE=O

Words are those of the text: of ``2-3`` the word itself, with its own tag or else the first of its
parts that is none of O. Empty nodes (``8.1``) are no words. A word without the key is O.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import BinaryIO

from ner_rnn.corpora.annotation import Annotated
from ner_rnn.errors import CorpusError, shortened
from ner_rnn.text.conll import LOST
from ner_rnn.text.files import read_lines

__all__ = ["is_conllu", "read_conllu"]

_COLUMNS = 10
_NUMBER = re.compile(r"(\d+)(?:-(\d+)|\.\d+)?")
_MISC = re.compile(r"_|[^|=\s]+=[^|]*(\|[^|=\s]+(=[^|]*)?)*")
_KEYS = ("ne", "ner", "name", "namedentity")
_SHOWN = 60  # characters of a line in a message


def is_conllu(head: str) -> bool:
    """Tell whether the beginning of a file is CoNLL-U: ten columns, a number and MISC at the ends.

    Args:
        head: whole lines.
    """
    lines = [line for line in head.split("\n") if line.strip() and not line.startswith("#")]
    fields = lines[0].rstrip("\r").split("\t") if lines else []
    return (
        len(fields) == _COLUMNS
        and _NUMBER.fullmatch(fields[0]) is not None
        and _MISC.fullmatch(fields[-1]) is not None
    )


def read_conllu(
    path: str, stream: BinaryIO, encoding: str, fault: Callable[[CorpusError], None]
) -> Annotated:
    """Read the sentences of a file.

    Args:
        path: its name in messages.
        stream: its bytes.
        encoding: text encoding.
        fault: receives the error of each line that cannot be read, which is left out.

    Raises:
        FileError: it is no text.
        CorpusError: no word has a name in MISC.
    """
    made = Annotated(path)
    keys: Counter[str] = Counter()
    words: list[tuple[str, str, int]] = []  # word, tag, line
    covered, document, has_words = 0, 0, False

    def finish() -> None:
        nonlocal words
        if words:
            tokens, tags, lines = zip(*words, strict=True)
            made.tokens.append(tokens)
            made.tags.append(tags)
            made.lines.append(lines)
            made.documents.append(str(document))
            words = []

    for number, line in enumerate(read_lines(path, encoding, stream, separators="\t"), start=1):
        if not line.strip():
            finish()
            covered = 0
            continue
        if line.startswith("#"):
            if re.match(r"#\s*newdoc\b", line) and has_words:
                document, has_words = document + 1, False
            continue
        fields = line.split("\t")
        match = _NUMBER.fullmatch(fields[0])
        if len(fields) != _COLUMNS or match is None:
            fault(
                CorpusError(
                    f"{path}:{number}: {len(fields)} columns ({shortened(line, _SHOWN)!r}), but "
                    "CoNLL-U has 10, and a number in the first",
                    do="write ten columns with a TAB between, or choose columns with "
                    "{token_column} and {tag_column}",
                )
            )
            continue
        if "." in fields[0]:
            continue
        given = _values(fields[-1])
        keys.update(given)
        tag = next((given[key] for key in _KEYS if given.get(key)), "O")
        has_words = True
        if int(match[1]) <= covered:  # a part of the word before
            if words and words[-1][1] == "O":
                words[-1] = (words[-1][0], tag, words[-1][2])
            continue
        words.append((fields[1] or LOST, tag, number))
        covered = int(match[2] or 0)
    finish()
    if not any(keys[key] for key in _KEYS):
        found = ", ".join(key for key, _ in keys.most_common()) or "none"
        raise CorpusError(
            f"CoNLL-U without names: no word has NE=, NER= or name= in MISC, its last column "
            f"(keys there: {shortened(found, _SHOWN)})",
            where=path,
            do="choose the columns of words and tags with {data.token_column} and "
            "{data.tag_column}",
        )
    made.notes = ["read as CoNLL-U, names from MISC"]
    return made


def _values(misc: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in misc.split("|") if "=" in pair)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}
