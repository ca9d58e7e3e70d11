"""Files of a report, each written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ner_rnn.errors import FileError

__all__ = ["make_folder", "write_whole"]


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write text (UTF-8); a file that is there stays until all of the new one is.

    Raises:
        FileError: the place is a folder, is missing or cannot be written to, or the disk is full.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    if path.is_dir():
        raise FileError(f"{path} is a folder: a file of the report has its name; remove it")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
        os.replace(partial, path)
    except OSError as error:
        raise _explained(path, error) from None
    finally:
        with suppress(OSError):  # gone already, or never made
            partial.unlink()


def make_folder(path: Path) -> None:
    """Make a folder, and those above it.

    Raises:
        FileError: a file is in the way, or it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        file = next(place for place in (path, *path.parents) if place.is_file())
        raise FileError(f"{file} is a file: give a folder for --output") from None
    except OSError as error:
        raise _explained(path, error) from None


def _explained(path: Path, error: OSError) -> FileError:
    return FileError(
        f"{path} cannot be written: {error.strerror or error}; choose another --output"
    )
