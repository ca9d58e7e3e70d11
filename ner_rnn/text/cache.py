"""Cache of files that take long to compute, in a folder of bounded size.

Of several processes one computes an entry and the others wait for it; the least recently used
entries are deleted first. What an entry holds, and its key, is for whoever keeps it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from ner_rnn.text.writing_folders import make_folder

__all__ = ["ROOM", "keep"]

ROOM = 8 << 30
"""Bytes that all entries of a folder may take together."""
_LOCK = ".lock"


def keep(entry: Path, size: int, write: Callable[[], None], *, room: int = ROOM) -> None:
    """Make sure that an entry is there, and note its use.

    Args:
        entry: the file, in a folder that is made if it does not exist.
        size: bytes that it will take.
        write: writes it whole or not at all; called where it is not there.
        room: bytes that the entries of the folder may take together.

    Raises:
        FileError, OSError: the folder cannot be written to.
        Exception: whatever ``write`` raises.
    """
    make_folder(entry.parent)
    with FileLock(entry.with_suffix(_LOCK)):  # of several processes, one writes
        if not entry.is_file():
            _make_room(entry.parent, room - size)
            write()
        os.utime(entry)


def _make_room(folder: Path, left: int) -> None:
    """Delete entries, the least recently used first, until the rest fits."""
    entries = []
    for path in folder.iterdir():
        with suppress(OSError):  # another process may have deleted it
            if path.suffix != _LOCK and path.is_file():
                status = path.stat()
                entries.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= left:
            break
        path.unlink(missing_ok=True)
        path.with_suffix(_LOCK).unlink(missing_ok=True)
        total -= size
