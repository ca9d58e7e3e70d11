"""Write files whole or not at all.

    with replacing("names.jsonl") as file:     # a stream of bytes
        file.write(...)
    write_whole("report.json", text)           # bytes, text, or pieces of either
    with new_private_file("people.csv") as file:   # for its owner alone; replaces nothing
        file.write(...)

New content goes to a temporary file beside its target, which is renamed when it is complete: after
an error, Ctrl-C or a full disk the target is as it was. Links are followed to the file that they
name; pipes and devices are written to directly, since they cannot be replaced. Temporary files of
processes that were killed are removed when their target is written again. This is the only place
that does so, and ``writing_folders.py`` for several files at once. An error of the operating system
becomes one line: which path, why, and what to do.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ner_rnn.errors import FileError

__all__ = [
    "FULL",
    "PartialFile",
    "check_new_file",
    "new_private_file",
    "not_writable",
    "process_is_gone",
    "replacing",
    "write_whole",
]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of the system that mean that there is no room."""

_LONGEST_NAME = 200  # bytes, to which those of a temporary name are added
_PARTIAL = re.compile(r"(\..+\.)(\d+)\.partial")

_leftovers: dict[Path, dict[str, list[Path]]] = {}
"""Temporary files of processes that are gone, by folder and beginning of the name."""


class PartialFile:
    """File open under a temporary name beside its target; methods raise ``OSError``.

    A target that is a pipe or a device is open itself, and cannot be restored.

    Args:
        target: the file to replace.
        is_private: it is a new file, which only its owner may read; ``commit`` replaces nothing.

    Attributes:
        file: the stream to write to.
        is_in_place: whether the target has been replaced; right even after Ctrl-C.
    """

    def __init__(self, target: Path, *, is_private: bool = False) -> None:
        self._target, self._is_direct = _followed(target)
        self._is_private = is_private
        self.is_in_place = False
        if self._is_direct:
            self.file: BinaryIO = target.open("wb")
            return
        name = self._target.name
        if len(os.fsencode(name)) > _LONGEST_NAME:
            name = name[: _LONGEST_NAME // 4]  # a character has 4 bytes at most
        begin = f".{name}."
        for path in _left_in(self._target.parent).pop(begin, ()):
            path.unlink(missing_ok=True)
        self._partial = self._target.with_name(f"{begin}{os.getpid()}.partial")
        if is_private:
            self._partial.unlink(missing_ok=True)
        try:
            self.file = self._opened()
        except BaseException:  # Ctrl-C, when the file is there and nobody knows of it yet
            with suppress(OSError):
                self._partial.unlink()
            raise

    def _opened(self) -> BinaryIO:
        if not self._is_private:
            return self._partial.open("wb")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return open(os.open(self._partial, flags, 0o600), "wb")

    def commit(self) -> None:
        """Replace the target."""
        self.file.close()
        if self._is_private:
            self._move_new()
        elif not self._is_direct:
            os.replace(self._partial, self._target)
        self.is_in_place = True

    def _move_new(self) -> None:
        """Give the file its name, if nothing has it."""
        try:
            os.link(self._partial, self._target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(self._target):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
            os.rename(self._partial, self._target)
        else:
            self._partial.unlink()

    def discard(self) -> None:
        """Remove the temporary file, if it is still there; never raises ``OSError``."""
        with suppress(OSError):  # what cannot be flushed is not wanted any more
            self.file.close()
        if self._is_direct:
            return
        try:
            self._partial.unlink()
        except FileNotFoundError:  # renamed by a commit that Ctrl-C cut short
            self.is_in_place = True
        except OSError:  # nothing more can be done
            pass


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a stream of bytes that replaces ``path`` when the block ends without an exception.

    Its ``name`` is the path of the temporary file, for libraries that take no stream.

    Raises:
        FileError: the path is a folder, its folder is missing, it cannot be written to, or the
            disk is full.
    """
    target = Path(path)
    if target.is_dir():
        raise FileError(
            f"{path} is a folder where a file is to be written: remove it or choose another path"
        )
    partial: PartialFile | None = None
    try:
        partial = PartialFile(target)
        yield partial.file
        partial.commit()
    except OSError as error:
        raise not_writable(path, error) from None
    finally:
        if partial is not None:
            partial.discard()


@contextmanager
def new_private_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a stream of bytes for a new file, which only its owner may read, and nobody meanwhile.

    Raises:
        FileError: something has that name, or as ``replacing``.
    """
    check_new_file(path)
    partial = PartialFile(Path(path), is_private=True)
    try:
        yield partial.file
        partial.commit()
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise not_writable(path, error) from None
    finally:
        partial.discard()


def check_new_file(path: str | os.PathLike[str]) -> None:
    """Check that nothing has a name, and that a file of that name can be made.

    Raises:
        FileError: as ``new_private_file``.
    """
    if os.path.lexists(path):
        raise _exists(path)
    try:
        PartialFile(Path(path), is_private=True).discard()
    except OSError as error:
        raise not_writable(path, error) from None


def _exists(path: str | os.PathLike[str]) -> FileError:
    return FileError(f"{path} exists, and is not overwritten: choose another path")


def write_whole(path: str | os.PathLike[str], content: str | bytes | Iterable[str | bytes]) -> None:
    """Write a file from text (encoded as UTF-8), bytes, or pieces of either.

    Raises:
        FileError: as ``replacing``.
    """
    pieces = [content] if isinstance(content, (str, bytes)) else content
    with replacing(path) as file:
        file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


def process_is_gone(number: int) -> bool:
    """Return whether no process of this machine has the number; False if that is unknown."""
    if os.name != "posix":
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def not_writable(path: str | os.PathLike[str], error: OSError) -> FileError:
    """Return the error for a path that cannot be written, with the system's reason."""
    advice = "free some space or choose" if error.errno in FULL else "choose"
    return FileError(f"{path} cannot be written: {error.strerror or error}; {advice} another path")


def _followed(target: Path) -> tuple[Path, bool]:
    """Return the file at the end of links, and whether it is written directly, not replaced."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        mode = stat.S_IFREG
    if stat.S_ISSOCK(mode):
        raise OSError(errno.EOPNOTSUPP, "it is a socket")
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return target, True
    return Path(os.path.realpath(target)) if target.is_symlink() else target, False


def _left_in(folder: Path) -> dict[str, list[Path]]:
    """Return what processes that are gone left in a folder, which is looked through once."""
    if folder not in _leftovers:
        found = _leftovers[folder] = defaultdict(list)
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                name = _PARTIAL.fullmatch(entry.name)
                if name and process_is_gone(int(name[2])):
                    found[name[1]].append(Path(entry.path))
    return _leftovers[folder]
