"""Write several files of a folder whole or not at all.

write_folder("runs/x", {"config.json": ..., "manifest.json": ...})
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ner_rnn.errors import FileError
from ner_rnn.text.writing import not_writable, process_is_gone

__all__ = ["check_folder", "make_folder", "write_folder"]

_WRITING = re.compile(r"\.writing-(\d+)-")


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder and those above it.

    Raises:
        FileError: a file is in the way, or it cannot be made.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next(place for place in (folder, *folder.parents) if place.is_file())
        raise FileError(f"{file} is a file where a folder is needed: choose another path") from None
    except OSError as error:
        raise not_writable(path, error) from None


def check_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder and check that a file of 1 MB can be written in it.

    Raises:
        FileError: a file is in the way, no permission, or the disk is full.
    """
    make_folder(path)
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(bytes(1 << 20))
    except OSError as error:
        raise not_writable(path, error) from None


def write_folder(
    path: str | os.PathLike[str], contents: Mapping[str, bytes], remove: Iterable[str] = ()
) -> None:
    """Write several files of a folder; if one fails, those that were there are put back.

    All files are written to a temporary folder inside the target and forced to disk, then moved to
    their places one after the other. A crash between two moves leaves new files beside old ones:
    give one with checksums of the others last.

    Args:
        path: the folder, made if it does not exist; other files in it stay.
        contents: content by file name.
        remove: names of files that are removed, unless they are in ``contents``.

    Raises:
        FileError: the folder cannot be made or written to, or the disk is full.
    """
    folder = Path(path)
    make_folder(folder)
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".writing-{os.getpid()}-", dir=folder))
        try:
            for name, content in contents.items():
                with (temporary / name).open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            _move_in(temporary, folder, list(contents))
            for name in set(remove) - contents.keys():
                (folder / name).unlink(missing_ok=True)
            _sync_folder(folder)
            for left in folder.iterdir():
                if (found := _WRITING.match(left.name)) and process_is_gone(int(found[1])):
                    shutil.rmtree(left, ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise not_writable(path, error) from error


def _move_in(temporary: Path, folder: Path, names: list[str]) -> None:
    """Move new files to their places, or put back those that were there."""
    old = temporary / "old"
    old.mkdir()
    done: list[str] = []
    try:
        for name in names:
            if (folder / name).is_dir():
                raise IsADirectoryError(errno.EISDIR, f"{name} is a folder there")
            if (folder / name).exists() and not (folder / name).is_file():
                raise OSError(errno.EEXIST, f"{name} is a pipe or a device there")
            done.append(name)
            if os.path.lexists(folder / name):
                os.replace(folder / name, old / name)
            os.replace(temporary / name, folder / name)
    except BaseException:
        for name in done:
            if os.path.lexists(old / name):
                os.replace(old / name, folder / name)
            elif not os.path.lexists(temporary / name):
                (folder / name).unlink()
        raise


def _sync_folder(folder: Path) -> None:
    """Force the folder's list of names to disk, where the system can."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
