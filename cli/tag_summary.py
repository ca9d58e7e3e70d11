"""Progress and summary of ``ner-rnn tag``: what could not be read, and how much is done."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ner_rnn.errors import UserError, counted

from . import console

if TYPE_CHECKING:
    from ner_rnn.integrations.ray_outputs import Counts
    from ner_rnn.tagging.job import Job, Summary
    from ner_rnn.tagging.outputs import Tree
    from ner_rnn.tagging.stream import Fault

    from .progress import Bar

__all__ = ["Faults", "how_far", "progress_of", "report", "report_engine"]

SHOWN_FAULTS = 5


class Faults:
    """Messages of what could not be read: the first few are kept, the others counted.

    Args:
        flag: name of a setting in a message.
    """

    def __init__(self, flag: Callable[[str], str]) -> None:
        self.number = 0
        self.shown: list[str] = []
        self._flag = flag

    def take(self, fault: Fault, *, alone: bool) -> None:
        """Add a fault; raise it if it is of the only input."""
        if fault.whole and alone:
            raise fault.problem
        self.add(fault.problem)

    def add(self, problem: UserError) -> None:
        """Add an error."""
        self.number += 1
        if len(self.shown) < SHOWN_FAULTS:
            self.shown.append(problem.line(self._flag))


def report(args: argparse.Namespace, job: Job, faults: Faults, seconds: float) -> int:
    """Print faults and counts on stderr, and return the exit status."""
    for message in faults.shown:
        console.error(message)
    if (more := faults.number - len(faults.shown)) > 0:
        console.error(f"and {more:,} more like these")
    done = job.summary
    empty = f" ({done.empty:,} empty)" if done.empty else ""
    where = f", written to {args.output}" if args.output else ""
    failed = [counted(done.failed, "file")] if done.failed else []
    failed += [counted(done.rows, "row")] if done.rows else []
    left_out = f"; {' and '.join(failed)} could not be read" if failed else ""
    console.notice(
        f"{counted(done.names, 'name')} in {counted(done.words, 'word')} of "
        f"{counted(done.texts, 'text')}{empty}, {seconds:.1f} s, "
        f"{done.words / seconds:,.0f} words/s{where}{left_out}"
    )
    return 1 if faults.number else 0


def report_engine(args: argparse.Namespace, done: Counts, seconds: float) -> int:
    """Print the counts of a run on an engine on stderr, and return the exit status."""
    if done.untagged:
        console.error(
            f"{counted(done.untagged, 'row')} could not be tagged, such as one with "
            f"{done.reason!r}: see the column 'reason'"
        )
    empty = f" ({done.nulls:,} without a text)" if done.nulls else ""
    console.notice(
        f"{counted(done.names, 'name')} in {counted(done.rows, 'row')}{empty}, {seconds:.1f} s, "
        f"written to {counted(done.files, 'file')} in {args.output}"
    )
    return 1 if done.untagged else 0


def progress_of(job: Job, bar: Bar) -> Callable[[Summary], None]:
    """Return a function that shows the summary of a run on a bar."""
    sizes = [given.size for given in job.inputs]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    of_total = "" if total is None else f" of {total / 1e6:,.1f}"
    began = time.perf_counter()

    def show(done: Summary) -> None:
        files = f"{done.files:,} of {counted(len(sizes), 'file')}, " if len(sizes) > 1 else ""
        speed = done.words / (time.perf_counter() - began)
        figures = f"{done.position / 1e6:,.1f}{of_total} MB, {files}{counted(done.names, 'name')}"
        bar.show("tagging", done.position, total, f"{figures}, {speed:,.0f} words/s")

    return show


def how_far(args: argparse.Namespace, job: Job, tree: Tree | None) -> str:
    """Say how much of an interrupted run is done."""
    if tree is not None:
        files = counted(len(job.inputs), "file")
        more = "the same command with --resume goes on"
        if args.redact == "surrogates" and args.key is None:
            more = (
                "no other run gives the same surrogates: the rest would need --key from the start"
            )
        elif args.map and tree.finished:
            more = "the same command with --resume and another --map goes on"
        return f"{tree.finished:,} of {files} done; {more}"
    if args.output is not None:
        return f"nothing has been written to {args.output}"
    return f"after {counted(job.summary.texts, 'text')}"
