"""Opens files for reading bytes, packed or not, and takes the checksum of what is read.

``files.py`` decodes the bytes as text.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from ner_rnn.errors import FileError
from ner_rnn.shipped import locate
from ner_rnn.text.zstandard import open_zstandard

__all__ = ["ENDINGS_PACKED", "checksum", "open_binary", "open_hashed", "unpacked"]

ENDINGS_PACKED = (".gz", ".xz", ".bz2", ".zst")

_BLOCK = 1 << 20  # bytes
_LONGEST_MAGIC = 6
_UNPACKERS: dict[bytes, Callable[[Path | BinaryIO, str], object]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"BZh": bz2.open,
    b"\x28\xb5\x2f\xfd": open_zstandard,
}


def open_binary(path: str | Path, *, unpack: bool = True) -> BinaryIO:
    """Open a file for reading bytes, unpacked if its content is gzip, xz, bzip2 or Zstandard.

    Args:
        path: the file; ``open:NAME`` is one of the package.
        unpack: False: its bytes as they are.

    Raises:
        FileError: missing, a folder, or not readable.
    """
    file = locate(path)
    if file.is_dir():
        raise FileError(f"{path} is a folder: give a file in it")
    try:
        raw = file.open("rb")
        magic = raw.peek(_LONGEST_MAGIC)  # not read: a pipe cannot be read twice
        for mark, opener in _UNPACKERS.items():
            if unpack and magic.startswith(mark):
                raw.close()
                return cast("BinaryIO", opener(file, "rb"))
        return raw
    except FileNotFoundError:
        raise FileError(f"{path} does not exist: check the path") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None


def unpacked(stream: BinaryIO) -> BinaryIO:
    """Return a stream of the unpacked content of a stream; closing it leaves the stream open."""
    magic = stream.peek(_LONGEST_MAGIC) if hasattr(stream, "peek") else b""
    for mark, opener in _UNPACKERS.items():
        if magic.startswith(mark):
            return cast("BinaryIO", opener(stream, "rb"))
    return stream


def checksum(path: str | Path) -> str:
    """Return the SHA-256 of a file's bytes, which are not unpacked.

    Raises:
        FileError: it cannot be read.
    """
    hasher = hashlib.sha256()
    with open_binary(path, unpack=False) as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
    return hasher.hexdigest()


@contextmanager
def open_hashed(path: str | Path) -> Iterator[tuple[BinaryIO, Callable[[], str]]]:
    """Open a file so that its checksum is of the very bytes that were read.

    Yields:
        Its content, unpacked, and a function that reads what is left and gives the SHA-256 of
        the bytes of the file, packed as they are.

    Raises:
        FileError: missing, a folder, or not readable.
    """
    with _Hashing(open_binary(path, unpack=False)) as raw:
        whole = io.BufferedReader(raw, _BLOCK)

        def digest() -> str:
            while not whole.closed and whole.read(_BLOCK):
                pass  # a reader of packed text need not read to the end
            return raw.hasher.hexdigest()

        yield unpacked(cast("BinaryIO", whole)), digest


class _Hashing(io.RawIOBase):
    """The bytes of a file, hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self.hasher = hashlib.sha256()
        self._file = cast("io.BufferedReader", file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._file.readinto(buffer)
        self.hasher.update(memoryview(buffer)[:size])
        return size

    def close(self) -> None:
        self._file.close()
        super().close()
