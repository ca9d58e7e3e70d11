"""While long work goes on: one progress bar on stderr, and a SIGTERM that cleans up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["progress_bar", "terminable"]


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Progress]:
    """One bar with the time that is left; nothing where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    err = Console(stderr=True, highlight=False)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.1f} of {task.total}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
        speed_estimate_period=3600,  # an epoch may take minutes
    )
    with progress:
        progress.add_task(what, total=total)
        yield progress


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end this as Ctrl-C does, so that no training is left behind."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
