"""Who became whom -> a table, CSV."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from typing import BinaryIO

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.tagging.cells import guarded
from ner_rnn.tagging.redact import Became
from ner_rnn.text.writing import check_new_file

__all__ = ["check_map", "write_people"]


def check_map(path: str, outputs: Iterable[str | os.PathLike[str]]) -> None:
    """Check, before a text is read, that a map can be written.

    Args:
        path: of the map.
        outputs: files that will be written too.

    Raises:
        ConfigError: it is one of the outputs.
        FileError: it exists, or cannot be written.
    """
    if os.path.realpath(path) in map(os.path.realpath, outputs):
        raise ConfigError("it would be an output too", where=Setting("map"), found=path)
    check_new_file(path)


def write_people(file: BinaryIO, people: Iterable[Became], *, raw: bool = False) -> None:
    """Write a row for each name and what stands in its place, with the name of the person.

    Args:
        file: opened for writing bytes.
        people: the rows.
        raw: cells are written unchanged, without the guard against formulas (``cells.py``).
    """
    text = io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="", write_through=True)
    try:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("person", "name", "surrogate"))
        rows.writerows(row if raw else tuple(map(guarded, row)) for row in people)
    finally:
        text.detach()
