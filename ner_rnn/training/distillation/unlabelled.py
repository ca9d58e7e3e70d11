"""Unlabelled text as documents: which there are, which of them to read, and their words.

Text is looked through once to count, and once more to read the documents that were chosen: a large
text is never held in memory. A file found in a folder is a document, and so is the row of a table;
in a text file that is named, as in a long one, blank lines part documents.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.passages import WINDOW, Segmentation
from ner_rnn.errors import CorpusError, FileError, UserError
from ner_rnn.runtime.documents import TokenizedText
from ner_rnn.tagging.folders import STDIN, Input, find_inputs, is_pipe
from ner_rnn.tagging.stream import Fault, Reader, Reading, Source
from ner_rnn.text.opening import checksum
from ner_rnn.text.tokenize import TokenUnit, iter_sentences

__all__ = ["LONGEST", "Document", "Unlabelled", "choose", "look_through", "read_documents"]

LONGEST = 100_000
"""Characters of a file in a folder that is one document; in a longer one, blank lines part them."""
_BLANK = re.compile(r"\n\s*\n")
_TOLD = 3
"""Faults that are told each by itself."""

Document = list[list[str]]
"""The words of each sentence."""


@dataclass(frozen=True)
class Unlabelled:
    """Files of unlabelled text, and what is in them.

    Attributes:
        inputs: the files.
        running: whether blank lines part the documents of a file, however short it is.
        reading: how they are read.
        sizes: (documents,) words of each document, by white space; characters of Chinese.
        files: (documents,) number of the file of each.
        sha256: checksum of each file, by path.
        remarks: what could not be read, a line each.
    """

    inputs: Sequence[Input]
    running: Sequence[bool]
    reading: Reading
    sizes: NDArray[np.int64]
    files: NDArray[np.int64]
    sha256: dict[str, str]
    remarks: Sequence[str]


def look_through(
    paths: Sequence[str],
    reading: Reading,
    unit: TokenUnit,
    on_progress: Callable[[str, float, float], None] = lambda what, done, total: None,
) -> Unlabelled:
    """Count the documents of files and folders, and their words.

    Args:
        paths: files, folders and patterns; whatever ``ner-rnn tag`` reads but standard input.
        reading: encoding, and the column of the text in tables.
        unit: tokens that the text is divided into.
        on_progress: called with a description, the bytes read and the number of bytes.

    Raises:
        FileError: a file that is named cannot be read, none of a folder can, or one is a pipe,
            which cannot be read twice.
        CorpusError: there is no word in all of them.
    """
    inputs: list[Input] = []
    running: list[bool] = []
    named: list[bool] = []
    for path in paths:
        if path == STDIN or is_pipe(path):
            name = "standard input" if path == STDIN else path
            raise FileError(f"{name} cannot be read twice: save the text in a file, and name it")
        found = find_inputs([path])
        is_named = not os.path.isdir(path) and len(found) == 1 and found[0].path == path
        inputs += found
        named += [is_named] * len(found)
        running += [is_named and one.kind == "text" for one in found]
    total = sum(one.size or 0 for one in inputs)
    sizes: list[int] = []
    files: list[int] = []
    problems: list[UserError] = []

    def on_fault(fault: Fault) -> None:
        if named[fault.file] and fault.whole:
            raise fault.problem
        problems.append(fault.problem)

    reader = Reader(inputs, reading, may_replace=False)
    for file, text in _texts(reader, running, on_fault):
        if isinstance(text, TokenizedText):
            size = sum(map(len, text.sentences))
        else:
            size = len(text.split()) if unit == "words" else len("".join(text.split()))
        if size:
            sizes.append(size)
            files.append(file)
        on_progress("looking through the text", reader.position, total)
    if not sizes:
        if problems:
            raise problems[0]
        raise CorpusError("no words", where=", ".join(paths), do="give text for the models to read")
    remarks = [f"left out: {problem.what}" for problem in problems[:_TOLD]]
    if len(problems) > _TOLD:
        remarks.append(f"left out: {len(problems) - _TOLD:,} more files or rows")
    return Unlabelled(
        inputs,
        running,
        reading,
        np.array(sizes, dtype=np.int64),
        np.array(files, dtype=np.int64),
        {one.path: checksum(one.path) for one in inputs},
        remarks,
    )


def choose(sizes: NDArray[np.int64], words: float) -> NDArray[np.int64]:
    """Choose documents of so many words in all, spread evenly over the text.

    The choice is the same for every seed of a training, so that students of several seeds learn
    from one reading of the teachers; of more words it holds the documents of fewer.

    Args:
        sizes: (documents,) words of each.
        words: words wanted; just as many or a little more are chosen, or all there are.

    Returns:
        (chosen,) numbers of the documents, ascending.
    """
    order = list(range(len(sizes)))
    Random(0).shuffle(order)
    enough = int(np.searchsorted(np.cumsum(sizes[order]), words)) + 1
    return np.sort(np.array(order[:enough], dtype=np.int64))


def read_documents(
    text: Unlabelled, chosen: NDArray[np.int64], unit: TokenUnit
) -> Iterator[Document]:
    """Read documents that were chosen, in the order of the text.

    One of more words than a network reads together (``encoding.passages.WINDOW``) comes in parts,
    as the network would divide it.
    """
    wanted = set(chosen.tolist())
    number = 0
    reader = Reader(text.inputs, text.reading)
    for _, found in _texts(reader, text.running, lambda fault: None):
        if isinstance(found, TokenizedText):
            is_text = any(map(len, found.sentences))
        else:
            is_text = bool(found.strip())
        if is_text:
            if number in wanted:
                yield from _windows(_sentences(found, unit))
            number += 1


def _texts(
    reader: Reader, running: Sequence[bool], on_fault: Callable[[Fault], None]
) -> Iterator[tuple[int, str | TokenizedText]]:
    """Yield the documents of all files, each with the number of its file."""
    for event in reader:
        if isinstance(event, Fault):
            on_fault(event)
        elif isinstance(event, Source):
            text = event.text
            is_parted = event.kind == "text" and running[event.file]
            if isinstance(text, str) and (is_parted or len(text) > LONGEST):
                for document in _BLANK.split(text):
                    yield event.file, document
            else:
                yield event.file, text


def _sentences(text: str | TokenizedText, unit: TokenUnit) -> Iterator[list[str]]:
    if isinstance(text, TokenizedText):
        yield from (list(words) for words in text.words or ())
    else:
        for sentence in iter_sentences(text, unit):
            yield [text[start:end] for start, end in sentence]


def _windows(sentences: Iterator[list[str]]) -> Iterator[Document]:
    """Divide a document where a network does, and its sentences where it reads no more at once."""
    rows = [
        words[first : first + WINDOW]
        for words in sentences
        for first in range(0, len(words), WINDOW)
    ]
    parts = Segmentation.of([len(words) for words in rows], [0] * len(rows))
    bounds = np.searchsorted(parts.sentences, parts.windows).tolist()
    for first, end in pairwise(bounds):
        yield rows[first:end]
