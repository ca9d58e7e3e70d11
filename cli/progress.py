"""The one progress bar: on stderr, removed when its work is done, absent without a terminal.

    with progress_bar("training", total=5) as bar:
        bar.advance()
    with progress_bar() as bar:                # several kinds of work, one after the other
        bar.show("reading", done=1.5, total=20.0)

rich is imported when a bar is first drawn, which short runs never do. Lightning draws its own bar
while it trains (``training/trainer.py``).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import console

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Bar", "progress_bar"]

_LONGEST = 40
"""Characters of a description."""


@contextmanager
def progress_bar(
    what: str = "", total: float | None = None, *, hidden: bool = False, wait: float = 0.0
) -> Iterator[Bar]:
    """Draw a bar until the end of the block.

    Args:
        what: description of the work; empty: nothing is drawn before ``Bar.show``.
        total: amount of work.
        hidden: draw nothing, for example because the terminal shows results.
        wait: seconds before a bar is drawn.
    """
    bar = Bar(hidden=hidden or not sys.stderr.isatty(), wait=wait)
    if what:
        bar.show(what, 0, total)
    try:
        yield bar
    finally:
        bar.close()


class Bar:
    """Progress of one kind of work after another.

    Attributes:
        hidden: whether nothing is ever drawn.
    """

    def __init__(self, *, hidden: bool, wait: float = 0.0) -> None:
        self.hidden = hidden
        self._draw_from = time.monotonic() + wait
        self._drawn: Progress | None = None
        self._what = ""

    def show(self, what: str, done: float, total: float | None, figures: str | None = None) -> None:
        """Show how far the work has come; a bar that is full is removed.

        Args:
            what: description of the work; a new one starts a new bar.
            done: amount done.
            total: amount of work; None: unknown.
            figures: shown in place of ``done`` and ``total``.
        """
        if self.hidden or time.monotonic() < self._draw_from:
            return
        if what != self._what:
            self.close()
            self._what = what
        if self._drawn is None:
            self._drawn = _new()
            self._drawn.add_task(console.one_line(what[:_LONGEST]), figures="")
            self._drawn.start()
        if figures is None:
            figures = "" if total is None else f"{_number(done, total)} of {_number(total, total)}"
        self._drawn.update(self._drawn.task_ids[0], completed=done, total=total, figures=figures)
        if total is not None and done >= total:
            self.close()

    def advance(self, amount: float = 1.0) -> None:
        """Add to the amount done."""
        if self._drawn is not None:
            task = self._drawn.tasks[0]
            self.show(self._what, task.completed + amount, task.total)

    def print(self, line: str) -> None:
        """Print a line to stderr, above the bar."""
        if self._drawn is None:
            print(console.one_line(line), file=sys.stderr)
        else:
            self._drawn.console.out(console.one_line(line), highlight=False)

    def close(self) -> None:
        """Remove the bar."""
        if self._drawn is not None:
            self._drawn.stop()
            self._drawn = None


def _number(value: float, total: float) -> str:
    return f"{value:,.{0 if total >= 100 else 1}f}"


def _new() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True, highlight=False),
        transient=True,
        speed_estimate_period=3600,  # an epoch may take minutes
    )
