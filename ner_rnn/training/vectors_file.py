"""Write word vectors, as text or binary in the layout of word2vec, with their provenance.

``vectors.txt.xz`` comes with ``vectors.txt.xz.json``: settings, seed, checksums of the text,
versions. Each is written whole or not at all. ``encoding/vectors.py`` reads vectors.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ner_rnn.errors import ConfigError, FileError, Setting
from ner_rnn.machine import timestamp, versions
from ner_rnn.text.writing import make_folder, replacing

if TYPE_CHECKING:
    from ner_rnn.training.word_vectors import Learned, Settings

__all__ = ["about", "check_place", "write_vectors"]

_TEXT, _BINARY, _PACKED = (".txt", ".vec"), ".bin", (".gz", ".bz2", ".xz")
_VERSIONS = ("ner-rnn", "gensim", "numpy")


def check_place(output: str | Path, inputs: Sequence[str] = ()) -> None:
    """Check, before hours of work, that vectors can be written to a file.

    Args:
        output: the file.
        inputs: files that must not be overwritten.

    Raises:
        ConfigError: the name tells no format, or is that of an input.
        FileError: the path is a folder or below a file, or may not be written to.
    """
    target = Path(output)
    if _format(target) is None:
        raise ConfigError(
            "the name tells no format",
            where=Setting("output"),
            found=str(output),
            do="end it in .txt or .vec (text, also with .gz, .xz or .bz2 behind) or in .bin",
        )
    if target.is_dir():
        raise FileError(f"{output} is a folder", do="give a file for {output}")
    for path in inputs:
        if target.exists() and Path(path).exists() and target.samefile(path):
            raise ConfigError(
                "it would replace the text that is read",
                where=Setting("output"),
                found=str(output),
                do="choose another file",
            )
    above = next(place for place in target.absolute().parents if place.exists())
    reason = "" if above.is_dir() else f"{above.name} is a file"
    if not reason and not os.access(above, os.W_OK | os.X_OK):
        reason = f"no permission to write in {above}"
    if reason:
        raise FileError(reason, where=f"{output} cannot be written", do="choose another path")


def write_vectors(output: str | Path, learned: Learned, about: Mapping[str, Any]) -> None:
    """Write vectors, the most frequent word first, and the JSON file beside them.

    Text has five significant digits, as fastText writes it; binary has every bit.

    Args:
        output: a name that ``check_place`` accepts; folders above it are made.
        learned: the vectors.
        about: content of the JSON file.

    Raises:
        FileError: it cannot be written, or the disk is full.
    """
    target = Path(output)
    make_folder(target.parent)
    rows = _binary_rows if _format(target) == _BINARY else _text_rows
    provenance = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    with replacing(target.with_name(target.name + ".json")) as beside, replacing(target) as file:
        beside.write(provenance.encode())
        with _packed(target, file) as stream:
            stream.write(f"{len(learned.words)} {learned.matrix.shape[1]}\n".encode())
            stream.writelines(rows(learned))


def about(
    learned: Learned, settings: Settings, checksums: Mapping[str, str], encoding: str
) -> dict[str, Any]:
    """Return the provenance of vectors, from which they can be learned again.

    Args:
        learned: the vectors.
        settings: settings of their training.
        checksums: SHA-256 of each file of the text.
        encoding: encoding of the text.
    """
    return {
        "date": timestamp(),
        "settings": asdict(settings),
        "data": {path: {"sha256": digest} for path, digest in checksums.items()},
        "encoding": encoding,
        "text": {
            "sentences": learned.sentences,
            "words": learned.running_words,
            "distinct_words": learned.distinct_words,
        },
        "words": len(learned.words),
        "seconds": round(learned.seconds, 1),
        "versions": versions(*_VERSIONS),
    }


def _format(target: Path) -> str | None:
    """Return the file name ending that tells the format, None where none does."""
    packed = target.suffix in _PACKED
    ending = Path(target.stem).suffix if packed else target.suffix
    return ending if ending in _TEXT or (ending == _BINARY and not packed) else None


def _packed(target: Path, file: BinaryIO) -> AbstractContextManager[Any]:
    """Return the stream that packs what is written to it as the name of the target tells."""
    if target.suffix == ".gz":  # without the time of day: the same vectors make the same file
        return gzip.GzipFile("", "wb", fileobj=file, mtime=0)
    if target.suffix == ".bz2":
        return bz2.BZ2File(file, "wb")
    if target.suffix == ".xz":  # numbers pack little better at higher presets, only slower
        return lzma.LZMAFile(file, "wb", preset=1)
    return nullcontext(file)


def _text_rows(learned: Learned) -> Iterator[bytes]:
    line = "%s" + " %.5g" * learned.matrix.shape[1] + "\n"
    for word, row in zip(learned.words, learned.matrix, strict=True):
        yield (line % (word, *row.tolist())).encode()


def _binary_rows(learned: Learned) -> Iterator[bytes]:
    for word, row in zip(learned.words, learned.matrix, strict=True):
        yield word.encode() + b" " + row.astype("<f4").tobytes() + b"\n"
