"""Text packed by Zstandard, read as a stream that notices when it was cut short.

The library's own reader takes the end of a truncated file for the end of the text; this one
raises, as those of gzip, bzip2 and xz do. It writes nothing, and knows nothing of text.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["open_zstandard"]

_PIECE = 1024  # bytes at a time: a piece may hold a thousand times as much, and is unpacked whole


class _Frames(io.RawIOBase):
    """The content of all frames of a stream, one after another."""

    def __init__(self, packed: BinaryIO, *, close: bool) -> None:
        import zstandard

        self._packed, self._close = packed, close
        self._fault = zstandard.ZstdError
        self._unpacker = zstandard.ZstdDecompressor()
        self._frame = self._unpacker.decompressobj()
        self._any = False  # of the current frame has been read
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, target: WriteableBuffer, /) -> int:
        view = memoryview(target).cast("B")
        while not self._ready:
            piece = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._any = self._unpacker.decompressobj(), False
            piece = piece or self._packed.read(_PIECE)
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
    """Open a packed file, or read a packed stream, which is not closed with it.

    Raises:
        OSError: the file cannot be opened; while reading: it is damaged.
        EOFError: while reading: it is cut short.
    """
    is_path = isinstance(file, Path)
    packed = cast("BinaryIO", file.open(mode) if isinstance(file, Path) else file)
    return io.BufferedReader(_Frames(packed, close=is_path), 1 << 17)
