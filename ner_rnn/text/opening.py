"""Opens files for reading bytes, packed or not, and takes the checksum of what is read.

``files.py`` decodes the bytes as text.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from ner_rnn.errors import FileError
from ner_rnn.shipped import locate
from ner_rnn.text.zstandard import open_zstandard

__all__ = [
    "DAMAGES",
    "ENDINGS_PACKED",
    "checksum",
    "damaged",
    "open_binary",
    "open_hashed",
    "peeked",
    "unpacked",
]

ENDINGS_PACKED = (".gz", ".xz", ".bz2", ".zst")

DAMAGES = (EOFError, OSError, lzma.LZMAError, zlib.error)
"""What reading a damaged file raises."""

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


def damaged(path: str | Path, error: Exception) -> FileError:
    """Return the error of a file whose bytes could not be read, which was one of ``DAMAGES``."""
    return FileError(
        f"{path} cannot be unpacked ({error}): it is damaged or cut short; get it again"
    )


def peeked(path: str | Path, stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """Return the beginning of a stream, and a stream of all of it.

    Args:
        path: the file's name in messages.
        stream: may be a pipe, which can be read but once.
        size: bytes of the beginning; fewer where the stream has fewer.

    Raises:
        FileError: it cannot be unpacked.
    """
    head = b""
    try:
        while len(head) < size and (more := stream.read(size - len(head))):
            head += more
    except DAMAGES as error:
        raise damaged(path, error) from None
    return head, cast("BinaryIO", io.BufferedReader(_Again(head, stream), _BLOCK))


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


class _Again(io.RawIOBase):
    """A stream behind the bytes that were read of it already."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(data) :]
        buffer[: len(data)] = data
        return len(data)
