"""Says that a read takes long: a pipe that nobody writes to, a network file system that stalls.

with Watch(print) as watch, watch.over("waiting for a.txt"):
    ...                                # after 2 s: "waiting for a.txt", from another thread
stream = watch.reading(stream, "a.txt")
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

__all__ = ["Watch"]

PATIENCE = 2.0
"""Seconds until the first report; the next one of the same stream comes after twice as long."""
_LOOK = 0.25  # seconds


class Watch:
    """Thread that reports blocks of code which do not end.

    Args:
        on_wait: called with a line, from the thread.
    """

    def __init__(self, on_wait: Callable[[str], object]) -> None:
        self._on_wait = on_wait
        self._until: tuple[float, str] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._ended.set()

    @contextmanager
    def over(self, message: str) -> Iterator[None]:
        """Report a block that takes longer than ``PATIENCE``."""
        self._until = time.monotonic() + PATIENCE, message
        try:
            yield
        finally:
            self._until = None

    def reading(self, stream: BinaryIO, name: str) -> BinaryIO:
        """Return a stream whose slow reads are reported; closing it leaves the first open.

        Args:
            stream: bytes.
            name: of the file, in messages.
        """
        return cast("BinaryIO", io.BufferedReader(_Watched(stream, name, self), 1 << 16))

    def _look(self) -> None:
        while not self._ended.wait(_LOOK):
            until = self._until
            if until is not None and time.monotonic() >= until[0]:
                self._until = None
                self._on_wait(until[1])


class _Watched(io.RawIOBase):
    """The bytes of a stream, each read under a watch."""

    def __init__(self, stream: BinaryIO, name: str, watch: Watch) -> None:
        self._stream, self._name, self._watch = cast("io.BufferedReader", stream), name, watch
        self._patience = PATIENCE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        began = time.monotonic()
        message = f"waiting for {self._name}: nothing has been read for {self._patience:.0f} s"
        self._watch._until = began + self._patience, message
        try:
            return self._stream.readinto1(buffer)
        finally:
            self._watch._until = None
            if time.monotonic() - began >= self._patience:  # a slow writer is not told of for ever
                self._patience *= 2
