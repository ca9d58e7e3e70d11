"""Stream that reads Zstandard and raises at the end of a truncated file, as gzip's does.

The library's own reader takes the end of a truncated file for the end of the text.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["open_zstandard"]

_READ = 1024  # bytes at a time, which may unpack to a thousand times as many at once


class _Frames(io.RawIOBase):
    """Unpacked content of all frames of a stream."""

    def __init__(self, packed: BinaryIO, *, close: bool) -> None:
        import zstandard

        self._packed, self._close = packed, close
        self._fault = zstandard.ZstdError
        self._unpacker = zstandard.ZstdDecompressor()
        self._frame = self._unpacker.decompressobj()
        self._any = False  # whether bytes of the current frame have been read
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: WriteableBuffer, /) -> int:
        view = memoryview(target).cast("B")
        while not self._ready:
            piece = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._any = self._unpacker.decompressobj(), False
            piece = piece or self._packed.read(_READ)
            if not piece:
                if self._any:
                    raise EOFError("the file ends before the end of its last frame")
                return 0
            self._any = True
            try:
                self._ready = memoryview(self._frame.decompress(piece))
            except self._fault as error:
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
