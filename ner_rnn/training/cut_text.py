r"""Tokenize unlabelled text into a file of one sentence a line, and count its words.

    "He left in 1996. She\nstayed."  ->  "He left in 0000 .\nShe stayed .\n"

Tokens are separated by a space, and every word is written under the key by which a tagger looks up
its vector (``normalise``: one digit for all). gensim calls the format LineSentence.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from ner_rnn.encoding.features import normalise
from ner_rnn.errors import CorpusError, FileError
from ner_rnn.tagging.long_texts import cut_long
from ner_rnn.text.files import read_blocks
from ner_rnn.text.opening import open_binary, unpacked
from ner_rnn.text.tokenize import iter_sentences

__all__ = ["cut_text"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def cut_text(
    files: Sequence[str],
    target: Path,
    *,
    lower: bool = False,
    shares: Mapping[str, float] | None = None,
    encoding: str = "utf-8",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Counter[str], int]:
    """Tokenize files in memory that grows with the number of distinct words only.

    Args:
        files: text, packed or not.
        target: the file to write, in UTF-8.
        lower: write words in lower case.
        shares: by file, the share of its documents to read, above 0 and at most 1; the whole file
            where nothing is said. Documents are parted by blank lines, and those that are read are
            spread evenly over the file.
        encoding: text encoding of the files.
        on_progress: called with the bytes read so far and the total, both as on disk.

    Returns:
        Occurrences of each word, and the number of sentences.

    Raises:
        FileError, ConfigError: a file cannot be read (as ``text.files.read_blocks``), or there is
            no room for the target.
        CorpusError: a file holds no words.
    """
    counts: Counter[str] = Counter()

    @cache
    def key(word: str) -> str:
        return normalise(word.lower() if lower else word)

    total = sum(map(_size, files))
    before = sentences = 0
    with _explained(target.parent), target.open("w", encoding="utf-8", newline="\n") as out:
        for path in files:
            found = 0
            thinned = _thinning((shares or {}).get(path, 1.0))
            for text, done in _parts(path, encoding):
                kept = thinned(text)
                for sentence in iter_sentences(kept):
                    words = [key(kept[start:end]) for start, end in sentence]
                    counts.update(words)
                    out.write(" ".join(words) + "\n")
                    found += 1
                on_progress(before + done, total)
            if not found:
                raise CorpusError(f"{path} holds no words", do="give text to learn from")
            sentences += found
            before += _size(path)
    return counts, sentences


def _parts(path: str, encoding: str) -> Iterator[tuple[str, int]]:
    """Yield the text of a file in parts, each with the bytes read so far."""
    with open_binary(path, unpack=False) as raw:
        for _, text in cut_long(read_blocks(path, encoding, unpacked(raw))):
            # closed at its end; a pipe has no position
            yield text, raw.tell() if not raw.closed and raw.seekable() else _size(path)


def _thinning(share: float) -> Callable[[str], str]:
    """Return a function that keeps a share of the documents of a file, given part by part."""
    number, inside = -1, False

    def thinned(text: str) -> str:
        nonlocal number, inside
        if share == 1:
            return text
        kept = []
        for line in _LINE.findall(text):
            blank = not line.strip()
            number += not blank and not inside
            inside = not blank
            if blank or math.ceil((number + 1) * share) > math.ceil(number * share):
                kept.append(line)
        return "".join(kept)

    return thinned


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:  # reported when it is opened
        return 0


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(
            f"{folder.parent} has no room for the tokenized text ({error.strerror or error})",
            do="name another folder by the environment variable TMPDIR",
        ) from None
