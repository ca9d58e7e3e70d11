"""Zstandard, packed and unpacked; a stream raises at the end of a truncated file, as gzip's does.

The library is the one that Python has from 3.14 on (PEP 784); before, its backport, which takes a
tenth of the disk space that the package ``zstandard`` does.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["open_zstandard", "pack", "unpack", "unpacked_size"]

_LEVEL = 12  # of packing: 1.45 MB of words in 0.4 s, where the strongest takes 3.3 s for 1.33 MB
_READ = 1024  # bytes at a time, which may unpack to a thousand times as many at once


class _Frames(io.RawIOBase):
    """Unpacked content of all frames of a stream."""

    def __init__(self, packed: BinaryIO, *, close: bool) -> None:
        self._packed, self._close = packed, close
        self._frame = zstd.ZstdDecompressor()
        self._any = False  # whether bytes of the current frame have been read
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: WriteableBuffer, /) -> int:
        view = memoryview(target).cast("B")
        while not self._ready:
            piece = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._any = zstd.ZstdDecompressor(), False
            piece = piece or self._packed.read(_READ)
            if not piece:
                if self._any:
                    raise EOFError("the file ends before the end of its last frame")
                return 0
            self._any = True
            try:
                self._ready = memoryview(self._frame.decompress(piece))
            except zstd.ZstdError as error:
                raise OSError(str(error)) from None
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def close(self) -> None:
        if self._close and not self.closed:
            self._packed.close()
        super().close()


def open_zstandard(file: Path | BinaryIO, mode: str = "rb") -> BinaryIO:
    """Open a packed file, or a packed stream, which stays open when the result is closed.

    Raises:
        OSError: the file cannot be opened; while reading: it is damaged.
        EOFError: while reading: it is truncated.
    """
    is_path = isinstance(file, Path)
    packed = cast("BinaryIO", file.open(mode) if isinstance(file, Path) else file)
    return io.BufferedReader(_Frames(packed, close=is_path), 1 << 17)


def pack(content: bytes) -> bytes:
    """Pack bytes, with their size at the head."""
    packed: bytes = zstd.compress(content, _LEVEL)
    return packed


def unpacked_size(content: bytes) -> int | None:
    """Return the number of bytes that packed content says it unpacks to; None: it does not say.

    Raises:
        OSError: not Zstandard.
    """
    try:
        size: int | None = zstd.get_frame_info(content).decompressed_size
    except zstd.ZstdError as error:
        raise OSError(str(error)) from None
    return size


def unpack(content: bytes, largest: int) -> bytes:
    """Unpack the first frame of packed content, in memory for ``largest`` bytes.

    Raises:
        OSError: damaged, truncated or larger.
    """
    bits = max(largest - 1, 1 << 10).bit_length()
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: min(bits, 31)}
    unpacker = zstd.ZstdDecompressor(options=options)
    try:
        found: bytes = unpacker.decompress(content, largest + 1)  # with room to see the end
    except zstd.ZstdError as error:
        raise OSError(str(error)) from None
    if not unpacker.eof:
        raise OSError("truncated, or larger than it says")
    return found
