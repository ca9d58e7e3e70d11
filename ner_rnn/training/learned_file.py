"""Write what was learned from unlabelled text: packed as its name tells, its provenance beside it.

``vectors.txt.xz`` comes with ``vectors.txt.xz.json``: settings, checksums of the text, versions.
Both are written whole or not at all.
"""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ner_rnn.errors import ConfigError, FileError, Setting
from ner_rnn.machine import timestamp, versions
from ner_rnn.text.writing import replacing
from ner_rnn.text.writing_folders import make_folder

if TYPE_CHECKING:
    from ner_rnn.training.clusters import learn as clusters
    from ner_rnn.training.vectors import learn as vectors

__all__ = ["PACKED", "about", "check_target", "write_learned"]

PACKED = (".gz", ".bz2", ".xz")
"""Endings of names whose files are written packed."""


def check_target(
    output: str | Path, inputs: Sequence[str], *, has_format: bool, endings: str
) -> None:
    """Check, before hours of work, that a file can be written.

    Args:
        output: the file.
        inputs: files that must not be overwritten.
        has_format: whether its name tells a format.
        endings: names that do, for the message.

    Raises:
        ConfigError: the name tells no format, or is that of an input.
        FileError: the path is a folder or below a file, or may not be written to.
    """
    if not has_format:
        raise ConfigError(
            "the name tells no format",
            where=Setting("output"),
            found=str(output),
            do=f"end it in {endings}",
        )
    target = Path(output)
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


def write_learned(
    output: str | Path, rows: Iterable[bytes], about: Mapping[str, Any], *, preset: int
) -> None:
    """Write a file, and the JSON file of its provenance beside it.

    Args:
        output: name of the file; folders above it are made.
        rows: its content.
        about: content of the JSON file.
        preset: effort of xz, from 0 to 9.

    Raises:
        FileError: it cannot be written, or the disk is full.
    """
    target = Path(output)
    make_folder(target.parent)
    provenance = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    with replacing(target.with_name(target.name + ".json")) as beside, replacing(target) as file:
        beside.write(provenance.encode())
        beside.flush()  # a full disk must show before the file itself is in its place
        with _packed(target, file, preset) as stream:
            stream.writelines(rows)


def about(
    learned: vectors.Learned | clusters.Learned,
    settings: vectors.Settings | clusters.Settings,
    checksums: Mapping[str, str],
    encoding: str,
    *packages: str,
) -> dict[str, Any]:
    """Return the provenance of what was learned from text, from which it can be learned again.

    Args:
        learned: what was learned.
        settings: settings of the training.
        checksums: SHA-256 of each file of the text.
        encoding: encoding of the text.
        packages: packages that took part, whose versions are recorded.
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
        "versions": versions("ner-rnn", *packages),
    }


def _packed(target: Path, file: BinaryIO, preset: int) -> AbstractContextManager[Any]:
    """Return the stream that packs what is written to it as the name of the target tells."""
    if target.suffix == ".gz":  # without the time of day: the same content makes the same file
        return gzip.GzipFile("", "wb", fileobj=file, mtime=0)
    if target.suffix == ".bz2":
        return bz2.BZ2File(file, "wb")
    if target.suffix == ".xz":
        return lzma.LZMAFile(file, "wb", preset=preset)
    return nullcontext(file)
