"""How far tagging has come, as a bar on stderr; nothing where stderr is no terminal.

rich is imported when the bar is first drawn, which short runs never do.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from ner_rnn.tagging.job import Job, Summary

__all__ = ["Bar", "progress_bar"]

WAIT_SECONDS = 2.0
"""Before a bar is worth its place."""


@contextmanager
def progress_bar(job: Job, *, hidden: bool) -> Iterator[Bar]:
    """A bar for a run, which is taken away at its end.

    Args:
        job: that will run.
        hidden: show nothing (the terminal is written to).
    """
    bar = Bar(job, hidden=hidden or not sys.stderr.isatty())
    try:
        yield bar
    finally:
        bar.close()


class Bar:
    """Call it with the summary of a run, as often as you like."""

    def __init__(self, job: Job, *, hidden: bool) -> None:
        self._job, self._hidden = job, hidden
        self._began = time.perf_counter()
        self._shown: Progress | None = None

    def __call__(self, summary: Summary) -> None:
        """Show how far the run has come."""
        seconds = time.perf_counter() - self._began
        if self._hidden or seconds < WAIT_SECONDS:
            return
        if self._shown is None:
            self._shown = self._new()
        files = f"{summary.files:,} of {len(self._job.inputs):,} files, " if self._several else ""
        self._shown.update(
            self._shown.task_ids[0],
            completed=summary.position,
            what=f"{files}{summary.names:,} names, {summary.words / seconds:,.0f} words/s",
        )

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown.stop()

    @property
    def _several(self) -> bool:
        return len(self._job.inputs) > 1

    def _new(self) -> Progress:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        sizes = [given.size for given in self._job.inputs]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        shown = Progress(
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[what]}", markup=False),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        shown.add_task("", total=total, what="")
        shown.start()
        return shown
