"""Write Brown clusters as wcluster does: ``path TAB word TAB count``, with their provenance.

``clusters.txt.xz`` comes with ``clusters.txt.xz.json``: settings, checksums of the text, versions.
``encoding/knowledge.py`` reads clusters.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.training.learned_file import PACKED, check_target, write_learned

if TYPE_CHECKING:
    from ner_rnn.training.clusters.learn import Learned

__all__ = ["check_place", "write_clusters"]


def check_place(output: str | Path, inputs: Sequence[str] = ()) -> None:
    """Check, before minutes of work, that clusters can be written to a file.

    Args:
        output: the file.
        inputs: files that must not be overwritten.

    Raises:
        ConfigError: the name does not end in .txt, or is that of an input.
        FileError: the path is a folder or below a file, or may not be written to.
    """
    target = Path(output)
    plain = Path(target.stem) if target.suffix in PACKED else target
    check_target(
        output,
        inputs,
        has_format=plain.suffix == ".txt",
        endings=".txt, also with .gz, .xz or .bz2 behind",
    )


def write_clusters(output: str | Path, learned: Learned, about: Mapping[str, Any]) -> None:
    """Write clusters sorted by path, the most frequent word first, and the JSON file beside them.

    Args:
        output: a name that ``check_place`` accepts; folders above it are made.
        learned: the clusters.
        about: content of the JSON file.

    Raises:
        FileError: it cannot be written, or the disk is full.
    """
    rows = zip(learned.paths, learned.words, learned.counts, strict=True)
    ordered = sorted(rows, key=lambda row: (row[0], -row[2], row[1]))
    lines = (f"{path}\t{word}\t{count}\n".encode() for path, word, count in ordered)
    write_learned(output, lines, about, preset=9 | lzma.PRESET_EXTREME)
