r"""Unlabelled text -> a file with a sentence a line, a space between words; and counts.

    "He left in 1996. She\nstayed."  ->  "He left in 0000 .\nShe stayed .\n"

The project's own tokenizer cuts, and every word is written under the key by which a tagger looks
up its vector (``normalise``: digits all one). The file is what gensim calls a LineSentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from ner_rnn.encoding.features import normalise
from ner_rnn.errors import CorpusError, FileError
from ner_rnn.tagging.stream import cut_long
from ner_rnn.text.files import open_binary, read_blocks, unpacked
from ner_rnn.text.tokenize import iter_sentences

__all__ = ["Counted", "cut_text"]


class Counted(NamedTuple):
    """What text holds.

    Attributes:
        words: how often each occurs.
        sentences: how many there are.
    """

    words: Counter[str]
    sentences: int


def cut_text(
    files: Sequence[str],
    target: Path,
    *,
    encoding: str = "utf-8",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counted:
    """Cut text into sentences and words, in memory that grows with the different words alone.

    Args:
        files: text, packed or not.
        target: the file to write, in UTF-8.
        encoding: of the files.
        on_progress: told how many bytes have been read of how many, both as on disk.

    Raises:
        FileError, ConfigError: a file cannot be read (as ``text.files.read_blocks``), or there is
            no room for the target.
        CorpusError: a file holds no words.
    """
    words: Counter[str] = Counter()
    keys = _Keys()
    total = sum(map(_size, files))
    before = sentences = 0
    with _told(target.parent), target.open("w", encoding="utf-8", newline="\n") as out:
        for path in files:
            found = 0
            for text, done in _parts(path, encoding):
                found += _cut_part(text, keys, words, out)
                on_progress(before + done, total)
            if not found:
                raise CorpusError(f"{path} holds no words: give text to learn from")
            sentences += found
            before += _size(path)
    return Counted(words, sentences)


class _Keys(dict[str, str]):
    """From a word to the key of its vector; found out when the word is first met."""

    def __missing__(self, word: str) -> str:
        key = self[word] = normalise(word)
        return key


def _parts(path: str, encoding: str) -> Iterator[tuple[str, int]]:
    """A file's text in parts, and the bytes read of it so far."""
    with open_binary(path, unpack=False) as raw:
        for _, text in cut_long(read_blocks(path, encoding, unpacked(raw))):
            # at its end the file is closed; of a pipe there is no telling
            yield text, raw.tell() if not raw.closed and raw.seekable() else _size(path)


def _cut_part(text: str, keys: _Keys, counts: Counter[str], out: TextIO) -> int:
    sentences = 0
    for sentence in iter_sentences(text):
        words = [keys[text[start:end]] for start, end in sentence]
        counts.update(words)
        out.write(" ".join(words))
        out.write("\n")
        sentences += 1
    return sentences


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:  # told when it is opened
        return 0


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(
            f"{folder.parent} has no room for the cut text ({error.strerror or error}): name "
            "another folder by the environment variable TMPDIR"
        ) from None
