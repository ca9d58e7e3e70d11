"""Pool of worker processes whose results come in the order of the tasks.

    in_order(make, tasks, workers=4)      # make() -> function; function(task) -> result

Each process calls ``make`` once and gets one task at a time. Few results are held at a time, so
memory grows neither with the number of tasks nor with a slow one among them. With one worker, or
one task, this process does all of them.
"""

from __future__ import annotations

import itertools
import os
import pickle
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ner_rnn.errors import ConfigError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["in_order"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 3
"""Results for each worker that may be held until those before them are done."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_END_SECONDS = 5.0


def in_order(
    make: Callable[[], Callable[[Task], Result]], tasks: Iterable[Task], workers: int
) -> Generator[Result, None, None]:
    """Do several tasks at a time.

    Args:
        make: returns the function that does a task. With several workers it, the tasks and the
            results are pickled.
        tasks: read as they are needed.
        workers: number of processes at most; each computes on one thread.

    Yields:
        the results, in the order of the tasks. Close the iterator if it is not read to its end:
        this stops the processes.

    Raises:
        ConfigError: a worker was killed.
        Exception: whatever ``make`` or its function raises in a worker.
    """
    rest = iter(tasks)
    first = list(itertools.islice(rest, workers)) if workers > 1 else []
    rest = itertools.chain(first, rest)
    if len(first) > 1:
        yield from _run_workers(make, rest, len(first))
    else:
        function = make()  # before the first task is read, which may take long
        yield from map(function, rest)


def _run_workers(
    make: Callable[[], Callable[[Task], Result]], tasks: Iterator[Task], count: int
) -> Iterator[Result]:
    with ExitStack() as stack:
        with _child_settings():
            workers = [stack.enter_context(closing(_Worker(make))) for _ in range(count)]
        loading = list(workers)
        idle: list[_Worker] = []
        working: dict[_Worker, int] = {}
        results: dict[int, Result] = {}
        numbered = enumerate(tasks)
        sent = taken = 0
        is_more = True
        while True:
            while idle and is_more and sent - taken < _AHEAD * count:
                for number, task in itertools.islice(numbered, 1):
                    worker = idle.pop()
                    worker.send(task)
                    working[worker] = number
                    sent += 1
                    break
                else:
                    is_more = False
            if not is_more and not working:  # no result is outstanding
                return
            for worker in _ready([*loading, *working]):
                result = worker.receive()
                if worker in working:
                    results[working.pop(worker)] = result
                else:
                    loading.remove(worker)
                idle.append(worker)
            while taken in results:
                yield results.pop(taken)
                taken += 1


class _Worker:
    """Process that does one task at a time; it sends an empty result when it is ready."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        import multiprocessing  # which a run in one process does not need

        context = multiprocessing.get_context("spawn")  # a fork would copy locks of our threads
        self.connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, make), daemon=True)
        self._process.start()
        other.close()

    def send(self, task: object) -> None:
        with self._alive():
            self.connection.send(task)

    def receive(self) -> Any:
        with self._alive():
            is_result, answer = self.connection.recv()
        if is_result:
            return answer
        raise answer

    def close(self) -> None:
        """Terminate the process, also in the middle of a task."""
        self.connection.close()
        self._process.terminate()
        self._process.join(_END_SECONDS)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, ConnectionError):  # not the broken pipe of a reader of our output
            self._process.join(_END_SECONDS)
            code = self._process.exitcode
            cause = f"by signal {-code}" if code and code < 0 else f"with status {code}"
            raise ConfigError(
                f"a worker process was ended from outside ({cause})",
                do="if the memory ran out, lower {workers}",
            ) from None


def _ready(workers: list[_Worker]) -> list[_Worker]:
    from multiprocessing.connection import wait

    connections = wait([worker.connection for worker in workers])
    return [worker for worker in workers if worker.connection in connections]


def _serve(connection: Connection, make: Callable[[], Callable[[Any], Any]]) -> None:
    """Run a worker process until its connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    try:
        function = make()
        connection.send((True, None))
        while True:
            connection.send((True, function(connection.recv())))
    except (EOFError, ConnectionError):
        return
    except Exception as problem:
        connection.send((False, _sendable(problem)))


def _sendable(problem: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(problem))
    except Exception:
        return RuntimeError(f"{type(problem).__name__}: {problem}")
    return problem


@contextmanager
def _child_settings() -> Iterator[None]:
    """Let processes started in this block inherit one thread each, and no Ctrl-C.

    A SIGTERM is handled at the end of the block: a child whose start is cut off prints a traceback.
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    handlers: dict[int, Any] = {}
    delayed: list[int] = []
    if threading.current_thread() is threading.main_thread():
        handlers[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
        if callable(signal.getsignal(signal.SIGTERM)):
            handlers[signal.SIGTERM] = signal.signal(
                signal.SIGTERM, lambda number, frame: delayed.append(number)
            )
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in delayed:
            signal.raise_signal(number)
