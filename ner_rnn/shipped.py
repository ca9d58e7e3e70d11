"""Data files that are part of the package: corpora, lists of names, clusters.

A path that begins with ``open:`` names one of them (``open:names/us_surnames.txt.xz``), wherever a
file to read may be named; all of them carry an open licence (``embedded/NOTICE``). Nothing is read
here.
"""

from __future__ import annotations

from pathlib import Path

from ner_rnn.errors import FileError

__all__ = ["EMBEDDED", "MARK", "locate", "shipped_files"]

MARK = "open:"
"""Begins the path of a file of the package, and the name of a corpus in it."""

EMBEDDED = Path(__file__).with_name("embedded")
"""The folder with the data."""


def locate(path: str | Path) -> Path:
    """Return the place of a file on disk: in the package where its path begins with ``open:``.

    Raises:
        FileError: the package has no such file; the message names those with that in their name,
            or all that it has.
    """
    name = str(path)
    if not name.startswith(MARK):
        return Path(path)
    # only what is listed: a path with .. in it leads nowhere else
    if name not in (known := shipped_files()):
        near = [one for one in known if name.removeprefix(MARK) in one] or known
        raise FileError(f"{name} is no file of the package; these are: {', '.join(near)}")
    return EMBEDDED / name.removeprefix(MARK)


def shipped_files() -> list[str]:
    """List the files of the package that can be read, each with its ``open:``."""
    found = (file.relative_to(EMBEDDED).as_posix() for file in EMBEDDED.rglob("*.xz"))
    return sorted(MARK + name for name in found)
