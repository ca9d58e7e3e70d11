"""Packs the embedded corpora and lists again from a folder of their sources, to the same bytes.

    python -m ner_rnn.corpora.pack_open FOLDER

``embedded/index.json`` says which files of the folder become which files of the package, with their
checksums: a source that has changed is refused. To take a new version, empty its checksum there.
The bytes are the same for the same version of liblzma.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ner_rnn.corpora.embedded import packed_name
from ner_rnn.errors import FileError
from ner_rnn.shipped import EMBEDDED
from ner_rnn.text.conll import Sentence, read_conll
from ner_rnn.text.files import read_lines
from ner_rnn.text.opening import checksum
from ner_rnn.text.writing import write_whole
from ner_rnn.text.writing_folders import make_folder

__all__ = ["pack_lines", "pack_open"]

# text has no alignment, and its next letter depends on the last one alone: pb = 0, lc = 4
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "lp": 0, "pb": 0}]


def pack_open(folder: Path, target: Path = EMBEDDED) -> None:
    """Pack every corpus and list that the index names, and bring its counts up to date.

    Args:
        folder: the sources; paths of the index are relative to it.
        target: receives the files; ``index.json`` is read there.

    Raises:
        FileError: a source is missing, or is not the file that the index was made of.
    """
    index = json.loads((target / "index.json").read_text(encoding="utf-8"))
    for name, corpus in index["corpora"].items():
        for split, part in corpus["splits"].items():
            sentences = list(_chosen(folder, part))
            pack_lines(target / packed_name(name, split), _columns(sentences))
            words = [sentence.tokens for _, sentence in sentences]
            tags = [tag for _, sentence in sentences for tag in sentence.tags]
            part["sentences"], part["tokens"] = len(words), sum(map(len, words))
            part["names"] = sum(tags.count(f"B-{label}") for label in corpus["persons"])
    for name, part in index["lists"].items():
        pack_lines(
            target / name,
            (f"{line}\n" for file in _sources(folder, part) for line in read_lines(file)),
        )
    write_whole(target / "index.json", json.dumps(index, indent=1, ensure_ascii=False) + "\n")


def _sources(folder: Path, part: dict[str, Any]) -> Iterator[Path]:
    """Give the source files of a packed one, each of them checked."""
    for name, known in part["from"].items():
        found = checksum(folder / name)
        if known and found != known:
            raise FileError(f"{folder / name} has another checksum than in index.json: {found}")
        part["from"][name] = found
        yield folder / name


def _chosen(folder: Path, part: dict[str, Any]) -> Iterator[tuple[object, Sentence]]:
    """Give the sentences of a split, each with its document."""
    length, (first, last) = part["sentences_per_document"], part["documents"]
    for path in _sources(folder, part):
        rows = enumerate(read_conll(path))
        documents = groupby(rows, lambda row: row[0] // length if length else row[1].document)
        for key, found in [(key, list(found)) for key, found in documents][first:last]:
            yield from (((path.name, key), sentence) for _, sentence in found)


def _columns(sentences: Sequence[tuple[object, Sentence]]) -> Iterator[str]:
    """Give the text of a column file in which every document is marked."""
    before: object = None
    for document, sentence in sentences:
        if document != before:
            yield "-DOCSTART-\tO\n\n"
        before = document
        yield from (
            f"{word}\t{tag}\n" for word, tag in zip(sentence.tokens, sentence.tags, strict=True)
        )
        yield "\n"


def pack_lines(path: Path, lines: Iterator[str]) -> None:
    """Write a packed file, the same for the same lines."""
    make_folder(path.parent)
    write_whole(path, lzma.compress("".join(lines).encode(), filters=_FILTERS))


if __name__ == "__main__":
    pack_open(Path(sys.argv[1]))
