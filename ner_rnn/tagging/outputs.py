"""Destinations of outputs: one stream for all inputs, or a file for each, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from ner_rnn.tagging.writers import Format, Writer
from ner_rnn.text.writing import PartialFile, not_writable

__all__ = ["Outputs", "Together", "Tree"]


class Outputs(Protocol):
    """Destination of the tagged parts of all inputs, in order."""

    def add(self, file: int, part: Any) -> None:
        """Add a part of the output of an input."""

    def end(self, file: int, *, complete: bool) -> None:
        """Mark the end of an input; ``complete`` is False if it could not be read to its end."""

    def finish(self) -> None:
        """Mark the end of all inputs."""

    def close(self) -> None:
        """Remove what is not complete; always called last, also after an error."""


class Together:
    """One stream for all inputs, which stays open."""

    def __init__(self, format: Format, file: BinaryIO) -> None:
        self._file = file
        self._writer = format.writer(file)

    def add(self, file: int, part: Any) -> None:
        """Write a part and flush it, for a reader at the other end of a pipe."""
        self._writer.add(part)
        self._file.flush()

    def end(self, file: int, *, complete: bool) -> None:
        """Do nothing: another input may follow."""

    def finish(self) -> None:
        """Write the end of the format."""
        self._writer.close()
        self._file.flush()

    def close(self) -> None:
        """Leave the stream to whoever opened it."""


class Tree:
    """A file for each input, which appears when it is complete.

    An input that cannot be read to its end leaves no file.

    Args:
        format: format of the files.
        targets: path of the file of each input.

    Attributes:
        finished: number of files that are in their place; right even after Ctrl-C.
    """

    def __init__(self, format: Format, targets: Sequence[Path]) -> None:
        self._format, self._targets = format, targets
        self._open: tuple[PartialFile, Writer] | None = None
        self.finished = 0

    def add(self, file: int, part: Any) -> None:
        """Write a part of the file of an input.

        Raises:
            FileError: the file cannot be written, or the disk is full.
        """
        with self._explained(file):
            self._writer_of(file)[1].add(part)

    def end(self, file: int, *, complete: bool) -> None:
        """Move the file of an input to its place, or remove it if it is not complete.

        Raises:
            FileError: as ``add``.
        """
        if not complete:
            self.close()
            return
        with self._explained(file):
            partial, writer = self._writer_of(file)
            writer.close()
            partial.commit()
            self._count()

    def finish(self) -> None:
        """Do nothing: every file is complete."""

    def close(self) -> None:
        """Remove the file that is not complete."""
        if self._open is not None:
            self._open[0].discard()
            self._count()

    def _count(self) -> None:
        if self._open is not None:
            self.finished += self._open[0].is_in_place
            self._open = None

    def _writer_of(self, file: int) -> tuple[PartialFile, Writer]:
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
    def _explained(self, file: int) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.close()
            raise not_writable(self._targets[file], error) from None
