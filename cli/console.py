"""Output that all commands share: notices, and the one place that prints errors.

Nothing heavy is imported at the top: ``ner-rnn --help`` comes through here.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ner_rnn.errors import UserError, shortened

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = [
    "error",
    "guard",
    "notice",
    "one_line",
    "owning",
    "printable",
    "program",
    "quiet_libraries",
    "replace_closed_streams",
    "show",
    "terminable",
]

LONGEST_MESSAGE = 2000  # characters

FAULT_OF_PROGRAM = 1
FAULT_OF_INPUT = 2
INTERRUPTED = 128 + 2  # as a shell reports SIGINT
BROKEN_PIPE = 128 + 13  # as a shell reports SIGPIPE

_RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID")  # numbers of processes that train together

_ADVICE = {
    errno.ENOSPC: "; free some space, or write to another disk",
    errno.EDQUOT: "; free some space, or write to another disk",
    errno.EACCES: "; check its permissions, or choose another place",
    errno.EPERM: "; check its permissions, or choose another place",
    errno.EROFS: "; choose another place",
    errno.EBADF: ": is standard input or output closed?",
}


def guard(run: Callable[[], int], *, debug: bool = False) -> int:
    """Run a command; print whatever it raises as one line on stderr.

    Args:
        run: the command; returns the exit status.
        debug: print the whole traceback as well.

    Returns:
        The command's own status; 2 for a fault of the input or the machine (``UserError``,
        ``OSError``), 1 for a fault of the program, 130 after Ctrl-C, 141 when the reader of
        standard output has gone.
    """
    try:
        status = run()
        sys.stdout.flush()  # a full disk or a closed pipe must show here, not at exit
        return status
    except BrokenPipeError:
        _settle_stdout()
        return BROKEN_PIPE
    except KeyboardInterrupt as stop:
        caught: BaseException = stop
        message, status = "interrupted", INTERRUPTED
    except UserError as problem:
        caught, message, status = problem, f"error: {problem}", FAULT_OF_INPUT
    except OSError as problem:
        caught, message, status = problem, f"error: {_describe(problem)}", FAULT_OF_INPUT
    except Exception as problem:
        caught, status = problem, FAULT_OF_PROGRAM
        message = f"error: a fault of the program, not of your input: {_first_line(problem)}"
        if not debug:
            message += "; add --debug to see where, and please report it"
        # a compiled module that Ctrl-C reaches while it is imported raises an ImportError
        if isinstance(problem.__cause__, KeyboardInterrupt):
            message, status = "interrupted", INTERRUPTED
    _settle_stdout()
    if debug:
        traceback.print_exception(caught)
    print(one_line(message), file=sys.stderr)
    return status


def error(text: str) -> None:
    """Print an error on stderr, in one line."""
    print(f"error: {one_line(text)}", file=sys.stderr)


def notice(text: str) -> None:
    """Print a notice on stderr, which stops nothing."""
    print(f"note: {one_line(text)}", file=sys.stderr)


def show(*parts: RenderableType) -> None:
    """Print tables and text on standard output, laid out for its width; text without markup."""
    from rich.console import Console

    out = Console(highlight=False, markup=False, emoji=False)
    for part in parts:
        out.print(part)


def one_line(text: str, longest: int | None = LONGEST_MESSAGE) -> str:
    r"""Escape whatever would break the line or steer the terminal: ``"a\nb"`` -> ``"a\\nb"``.

    Args:
        text: text of a message.
        longest: characters; a longer text is cut in its middle. None: it is not cut.
    """
    text = text if longest is None else shortened(text, longest)
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable(line: str) -> str:
    """Return a line of a file, escaped where it could steer a terminal."""
    return one_line(line, None) if sys.stdout.isatty() else line


def program() -> str:
    """Return this program's name as the user can type it: ``ner-rnn`` or ``.venv/bin/ner-rnn``."""
    typed = sys.argv[0]
    if Path(typed).name != "ner-rnn" or shutil.which("ner-rnn") == typed:
        return "ner-rnn"
    return os.path.relpath(typed) if os.path.isabs(typed) else typed


@contextmanager
def quiet_libraries(*, unless: bool) -> Iterator[None]:
    """Silence what libraries log: an error of theirs is told in one line."""
    import logging

    before = logging.root.manager.disable
    logging.disable(before if unless else logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl-C does, so that no process of it is left behind.

    An interrupt that leaves an ``exec`` of source text, which every dataclass has while it is
    imported, makes CPython die of SIGINT at exit, although it was caught and there is an exit
    status. The next ``exec`` of source text ends that.
    """
    import signal
    import threading

    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        exec("")


def replace_closed_streams() -> None:
    """Stand in for standard streams that were closed before the program began.

    Reading or printing then fails with one line, and messages go nowhere. Without it the next file
    that is opened would get their number, and messages meant for stderr would go to stdout.
    """
    streams = [
        ("stdin", os.O_WRONLY, "r"),
        ("stdout", os.O_RDONLY, "w"),
        ("stderr", os.O_WRONLY, "w"),
    ]
    for number, (name, flags, mode) in enumerate(streams):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, flags)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


@contextmanager
def owning(folder: str | os.PathLike[str] | None) -> Iterator[None]:
    """Refuse to write to a folder that another process is writing to.

    Of several processes of one training the first alone takes the folder.

    Raises:
        FileError: another process has it.
    """
    from ner_rnn.text.locking import locked

    if folder is None or any(os.environ.get(name, "0") != "0" for name in _RANKS):
        yield
        return
    with locked(folder, notice):
        yield


def _describe(problem: OSError) -> str:
    what = (problem.strerror or _first_line(problem)).lower()
    file = problem.filename if problem.filename2 is None else problem.filename2  # a move's target
    where = f"{os.fsdecode(file)}: " if file is not None else ""
    return f"{where}{what}{_ADVICE.get(problem.errno or 0, '')}"


def _first_line(problem: Exception) -> str:
    text = str(problem).strip()
    return f"{type(problem).__name__}: {text.splitlines()[0]}" if text else type(problem).__name__


def _settle_stdout() -> None:
    """Flush standard output, or drop what is buffered where that fails.

    The interpreter would try again at exit and report the same fault once more.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
