"""Pre-trained word vectors: the rows that a vocabulary needs, from a file that may hold millions.

Text (GloVe, word2vec, fastText ``.vec``; plain, gzip, xz or bzip2) is streamed: the memory used is
that of the rows kept, and each broken line is reported as file:line. gensim's own reader of text
keeps every row, names no line, and silently broadcasts a single value over a whole row. Binary
files (word2vec ``.bin``, fastText ``.bin``) are read by gensim's KeyedVectors (extra ``vectors``),
which holds the whole file in memory meanwhile. Subword vectors of fastText are not used.
"""

from __future__ import annotations

import lzma
import struct
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ner_rnn.encoding.features import normalise
from ner_rnn.errors import VectorsError
from ner_rnn.extras import require
from ner_rnn.text.opening import open_binary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = dict[str, NDArray[np.float32]]

__all__ = ["EXACT", "LOWER", "MISSING", "Vectors", "load_vectors", "neighbours"]

Kind = Literal["text", "word2vec", "fasttext"]

MISSING, EXACT, LOWER = 0, 1, 2
"""Form in which a word was found: not at all, as written, in lower case."""

_FASTTEXT_MAGIC = (793712314).to_bytes(4, "little")
_NUMBER_BYTES = b"0123456789+-.eE "
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_LARGEST = float(np.finfo(np.float32).max)
_HEAD = 4096  # bytes read to tell binary from text


@dataclass(frozen=True, eq=False)
class Vectors:
    """One row for each word, the requested ones first, in the order requested."""

    words: tuple[str, ...]
    """The requested words, then the further ones of the file."""
    matrix: NDArray[np.float32]
    """(words, size); zeros where the word is missing."""
    found: NDArray[np.uint8]
    """(words,): MISSING, EXACT or LOWER."""
    requested: int
    """Number of requested words."""

    @property
    def coverage(self) -> str:
        """Number of the requested words that have a vector, as a sentence."""
        _, exact, lower = np.bincount(self.found[: self.requested], minlength=3).tolist()
        share = f" ({(exact + lower) / self.requested:.1%})" if self.requested else ""
        return (
            f"{exact + lower} of {self.requested} words have a vector{share.replace('%', ' %')}: "
            f"{exact} as written, {lower} in lower case"
        )


def load_vectors(path: str | Path, words: Sequence[str], *, further: int = 0) -> Vectors:
    """Read the vectors of words, each looked up as written and then in lower case.

    The kind of file is recognised by its content, not by its name. Of a word that occurs twice,
    the first row counts.

    Args:
        path: GloVe (no header), word2vec or fastText; text or binary, packed or not.
        words: the vocabulary.
        further: number of words at the top of the file, the frequent ones, to read as well.

    Raises:
        FileError: missing, a folder, or not readable.
        VectorsError: empty, damaged, not vectors, a broken line (of a word that is not needed, the
            count of values and the characters of numbers are checked), or binary without gensim
            installed.
    """
    needed = {form for word in words for form in (word, word.lower())}
    try:
        with open_binary(path) as file:
            kind = _recognise(path, file.read(_HEAD))
        read = _read_text if kind == "text" else _read_binary
        rows, size, top = read(path, kind, needed, further)
    except (EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise VectorsError(
            "it is damaged or cut short",
            where=f"{path} cannot be read ({error})",
            do="get it again",
        ) from None
    requested = set(words)
    every = (*words, *(form for form in top if form not in requested))
    matrix = np.zeros((len(every), size), dtype=np.float32)
    found = np.zeros(len(every), dtype=np.uint8)
    for index, word in enumerate(every):
        for how, form in ((EXACT, word), (LOWER, word.lower())):
            if form in rows:
                matrix[index], found[index] = rows[form], how
                break
    return Vectors(every, matrix, found, len(words))


def neighbours(path: str, word: str, count: int = 10) -> list[tuple[str, float]]:
    """Return the words nearest to a word by cosine similarity, the nearest first.

    Args:
        path: a file of vectors, as ``load_vectors`` reads it; all of it is held in memory.
        word: looked up as a tagger does, also in lower case.
        count: largest number of words.

    Raises:
        FileError, VectorsError: as ``load_vectors``, or the file has no vector for the word.
    """
    vectors = load_vectors(path, [normalise(word)], further=sys.maxsize)
    if vectors.found[0] == MISSING:
        raise VectorsError(f"{path} holds no vector of {word!r}", do="try another word")
    lengths = np.linalg.norm(vectors.matrix, axis=1)
    cosines = vectors.matrix @ vectors.matrix[0] / np.maximum(lengths * lengths[0], 1e-30)
    order = np.argsort(-cosines[1:], kind="stable")[:count] + 1
    return [(vectors.words[index], float(cosines[index])) for index in order]


def _recognise(path: str | Path, head: bytes) -> Kind:
    if not head.strip():
        raise VectorsError(f"{path} is empty: give a file of word vectors")
    if head.startswith(b"PK\x03\x04"):
        raise VectorsError(f"{path} is a zip archive: unpack it and give one of the files in it")
    if head.startswith(_FASTTEXT_MAGIC):
        return "fasttext"
    # Among the bytes of a few floats some are control characters; in text none are.
    return "word2vec" if head.translate(None, _CONTROL_BYTES) != head else "text"


def _read_text(
    path: str | Path, _kind: Kind, needed: set[str], further: int
) -> tuple[Rows, int, list[str]]:
    wanted = {form.encode("utf-8", "replace"): form for form in needed}
    rows: Rows = {}
    top: list[str] = []
    size, promised, count, number = 0, None, 0, 0
    with open_binary(path) as file:
        for number, raw in enumerate(file, start=1):
            # Only ASCII spaces separate fields: a word may contain any other kind.
            line = raw.rstrip(b" \t\r\n")
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
                fields = line.split(b" ")
                if len(fields) == 2 and all(field.isdigit() for field in fields):
                    promised, size = int(fields[0]), int(fields[1])
                    continue
                size = len(fields) - 1
                if not size or not any(map(_is_number, fields[1:])):
                    raise VectorsError(
                        f"{path}:1: found {_excerpt(line)} where a word and its values, separated "
                        "by spaces, should be: is this a file of word vectors?"
                    )
            if not line:
                continue
            word, values = _cut(f"{path}:{number}", line, size)
            count += 1
            if values.translate(None, _NUMBER_BYTES):
                _numbers(f"{path}:{number}", values)
            form = wanted.get(word)
            if count <= further:
                form = word.decode("utf-8", "replace")
                top.append(form)
            if form is not None and form not in rows:
                rows[form] = _numbers(f"{path}:{number}", values)
    if promised is not None and count != promised:
        raise VectorsError(
            f"{path}:{number}: the file ends after {count} words, but line 1 promises {promised}: "
            "it is cut short or damaged; get it again"
        )
    return rows, size, list(dict.fromkeys(top))


def _cut(where: str, line: bytes, size: int) -> tuple[bytes, bytes]:
    """Split a line into word and values; a few words in public files contain spaces."""
    found = line.count(b" ")
    if found == size:
        word, _, values = line.partition(b" ")
        return word, values
    fields = line.split(b" ")
    extra = fields[1 : len(fields) - size]
    if found < size or all(map(_is_number, extra)):
        raise VectorsError(
            f"{where}: {_excerpt(line)} has {found} values, but {size} are expected from line 1: "
            "mend or remove the line"
        )
    return b" ".join(fields[:-size]), b" ".join(fields[-size:])


def _is_number(field: bytes) -> bool:
    try:
        return abs(float(field)) <= _LARGEST  # not so for nan
    except ValueError:
        return False


def _numbers(where: str, values: bytes) -> NDArray[np.float32]:
    fields = values.split(b" ")
    for place, field in enumerate(fields, start=1):
        if not _is_number(field):
            raise VectorsError(
                f"{where}: value {place} is {_excerpt(field)}, not a number: "
                "mend or remove the line"
            )
    return np.array(fields, dtype=np.float64).astype(np.float32)


def _excerpt(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return repr(text if len(text) <= 30 else text[:30] + "…")


def _read_binary(
    path: str | Path, kind: Kind, needed: set[str], further: int
) -> tuple[Rows, int, list[str]]:
    require(f"{path}, a binary file of vectors,", "gensim", instead="give the vectors as text")
    from gensim.models.fasttext import load_facebook_vectors
    from gensim.models.keyedvectors import KeyedVectors

    try:
        if kind == "fasttext":
            keyed = load_facebook_vectors(str(path))
        else:
            # word2vec cuts long words in the middle of a character
            keyed = KeyedVectors.load_word2vec_format(
                str(path), binary=True, unicode_errors="replace"
            )
    # What gensim runs into depends on where the damage is, and it checks by assert.
    except (AssertionError, EOFError, MemoryError, ValueError, struct.error) as error:
        raise VectorsError(
            f"{path} is neither text nor a whole binary file of vectors "
            f"({type(error).__name__}: {error}): get it again"
        ) from None
    top = keyed.index_to_key[:further]
    rows = {
        form: keyed.vectors[index].astype(np.float32)
        for form in needed.union(top)
        if (index := keyed.key_to_index.get(form)) is not None
    }
    return rows, int(keyed.vector_size), top
