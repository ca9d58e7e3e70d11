"""Where outputs go: a stream, one file, or a tree of files that each appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ner_rnn.tagging.writers import Format, Writer
from ner_rnn.text.writing import PartialFile, not_writable

__all__ = ["Outputs", "Together", "Tree"]


class Outputs(Protocol):
    """Takes the parts of all inputs, in order."""

    def add(self, file: int, part: Any) -> None:
        """Add a part of what an input becomes."""

    def end(self, file: int, *, complete: bool) -> None:
        """An input is at its end."""

    def finish(self) -> None:
        """All inputs are at their end."""

    def close(self) -> None:
        """Put away what is not complete; the last thing that is asked, also after a fault."""


class Together:
    """Everything goes into one file, which stays open."""

    def __init__(self, format: Format, file: BinaryIO) -> None:
        self._file = file
        self._writer = format.writer(file)

    def add(self, file: int, part: Any) -> None:
        """Write a part, so that who waits for it can read it."""
        self._writer.add(part)
        self._file.flush()

    def end(self, file: int, *, complete: bool) -> None:
        """Nothing needs to be done: another input may follow."""

    def finish(self) -> None:
        """Write what comes at the end."""
        self._writer.close()
        self._file.flush()

    def close(self) -> None:
        """Leave the file to who opened it."""


class Tree:
    """Each input becomes a file; it appears once it is complete, and not at all before.

    An input that could not be read to its end leaves no file.

    Attributes:
        finished: how many files have been put in their place; right even after Ctrl-C.
    """

    def __init__(self, format: Format, targets: Sequence[Path]) -> None:
        """Plan.

        Args:
            format: of the files.
            targets: the file of each input.
        """
        self._format, self._targets = format, targets
        self._open: tuple[PartialFile, Writer] | None = None
        self.finished = 0

    def add(self, file: int, part: Any) -> None:
        """Write a part of a file.

        Raises:
            FileError: it cannot be written, or the disk is full.
        """
        with self._told(file):
            self._begun(file)[1].add(part)

    def end(self, file: int, *, complete: bool) -> None:
        """Put a file in its place, or away.

        Raises:
            FileError: as ``add``.
        """
        if not complete:
            self.close()
            return
        with self._told(file):
            partial, writer = self._begun(file)
            writer.close()
            partial.commit()
            self._leave()

    def finish(self) -> None:
        """Nothing is left to be written."""

    def close(self) -> None:
        """Put away what is not complete."""
        if self._open is not None:
            self._open[0].discard()
            self._leave()

    def _leave(self) -> None:
        if self._open is not None:
            self.finished += self._open[0].is_in_place
            self._open = None

    def _begun(self, file: int) -> tuple[PartialFile, Writer]:
        if self._open is None:
            target = self._targets[file]
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = PartialFile(target)
            try:
                self._open = partial, self._format.writer(partial.file)
            except BaseException:
                partial.discard()
                raise
        return self._open

    @contextmanager
    def _told(self, file: int) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.close()
            raise not_writable(self._targets[file], error) from None
