"""One process at a time in a folder that a command owns.

    with locked("runs/x", on_stale=print):     # FileError while another process is in it
        ...

The lock is a hidden file that holds the number of the process. The system takes the lock away with
the process, however that ends, and never gives it to a child; what a killed process left is taken
over. Where the system has no such locks (Windows, some network file systems), nothing is locked.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ner_rnn.errors import FileError
from ner_rnn.text.writing import not_writable
from ner_rnn.text.writing_folders import make_folder

__all__ = ["LOCK", "locked"]

LOCK = ".ner-rnn.lock"
"""Name of the file in the folder."""


@contextmanager
def locked(
    folder: str | os.PathLike[str], on_stale: Callable[[str], object] = lambda note: None
) -> Iterator[None]:
    """Keep other processes out of a folder until the end of the block.

    Args:
        folder: made if it does not exist, and removed again if nothing was put into it.
        on_stale: takes a line that says whose lock was taken over.

    Raises:
        FileError: another process is in it, it cannot be written to, or the disk is full.
    """
    above = [place for place in (Path(folder), *Path(folder).parents) if not place.exists()]
    make_folder(folder)
    path = Path(folder, LOCK)
    try:
        file = _acquire(path)
    except OSError as error:
        raise not_writable(folder, error) from None
    if file is None:
        raise FileError(
            f"another process{_owner(path)} is writing to {folder}: wait for its end, or choose "
            "another folder"
        )
    try:
        try:
            left = _number(os.pread(file, 100, 0))
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise not_writable(folder, error) from None
        if left:
            on_stale(f"process {left} ended without finishing its work in {folder}; taken over")
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is locked: nobody else can be in it
        os.close(file)
        with suppress(OSError):  # something was put into it
            for place in above:
                place.rmdir()


def _acquire(path: Path) -> int | None:
    """Return the open and locked file; None where another process has the lock."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            return file
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                os.close(file)
                return None
            return file  # the file system has no locks
        try:
            if os.path.samestat(os.fstat(file), os.stat(path)):
                return file
        except FileNotFoundError:
            pass
        os.close(file)  # its owner has removed it meanwhile


def _owner(path: Path) -> str:
    try:
        number = _number(path.read_bytes()[:100])
    except OSError:
        number = ""
    return f" ({number})" if number else ""


def _number(content: bytes) -> str:
    text = content.decode("ascii", "replace").strip()
    return text if text.isdigit() else ""
