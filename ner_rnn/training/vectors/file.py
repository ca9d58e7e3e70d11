"""Write word vectors, as text or binary in the layout of word2vec, with their provenance.

``encoding/vectors.py`` reads vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.training.learned_file import PACKED, check_target, write_learned

if TYPE_CHECKING:
    from ner_rnn.training.vectors.learn import Learned

__all__ = ["check_place", "write_vectors"]

_TEXT, _BINARY = (".txt", ".vec"), ".bin"


def check_place(output: str | Path, inputs: Sequence[str] = ()) -> None:
    """Check, before hours of work, that vectors can be written to a file.

    Args:
        output: the file.
        inputs: files that must not be overwritten.

    Raises:
        ConfigError: the name tells no format, or is that of an input.
        FileError: the path is a folder or below a file, or may not be written to.
    """
    check_target(
        output,
        inputs,
        has_format=_format(Path(output)) is not None,
        endings=".txt or .vec (text, also with .gz, .xz or .bz2 behind) or in .bin",
    )


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
    rows = _binary_rows if _format(Path(output)) == _BINARY else _text_rows
    head = f"{len(learned.words)} {learned.matrix.shape[1]}\n".encode()
    # numbers pack little better at higher presets, only slower
    write_learned(output, chain([head], rows(learned)), about, preset=1)


def _format(target: Path) -> str | None:
    """Return the file name ending that tells the format, None where none does."""
    packed = target.suffix in PACKED
    ending = Path(target.stem).suffix if packed else target.suffix
    return ending if ending in _TEXT or (ending == _BINARY and not packed) else None


def _text_rows(learned: Learned) -> Iterator[bytes]:
    line = "%s" + " %.5g" * learned.matrix.shape[1] + "\n"
    for word, row in zip(learned.words, learned.matrix, strict=True):
        yield (line % (word, *row.tolist())).encode()


def _binary_rows(learned: Learned) -> Iterator[bytes]:
    for word, row in zip(learned.words, learned.matrix, strict=True):
        yield word.encode() + b" " + row.astype("<f4").tobytes() + b"\n"
