"""Measured processes: their cores, time and memory.

Used by ``tagging.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

SCRIPT = Path(__file__).with_name("peers.py")


class System(NamedTuple):
    """A system that finds names.

    Attributes:
        name: key in ``peers.SYSTEMS``.
        python: its interpreter.
        folder: folder of its model.
    """

    name: str
    python: str
    folder: Path

    def command(self, task: str, *arguments: object) -> list[str]:
        """Return a task of ``peers.py`` as a command line."""
        return [self.python, str(SCRIPT), task, self.name, *map(str, (self.folder, *arguments))]


class Team:
    """One system in one process per core, each with its share of the documents."""

    def __init__(self, system: System, corpus: Path, cores: Sequence[int]) -> None:
        self.system = system
        self._processes = []
        self._persons: list[list[Any]] = []
        for number, core in enumerate(cores):
            command = system.command("serve", corpus, "--part", f"{number}/{len(cores)}")
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            self._processes.append(start(command, [core], **pipes))
        self._words = sum(answer["words"] for answer in self._answers())

    def measure(self) -> float:
        """Return words per second of one turn."""
        for process in self._processes:
            print(file=process.stdin, flush=True)
        answers = list(self._answers())
        if not self._persons:
            self._persons = [answer["persons"] for answer in answers]
        return self._words / max(answer["seconds"] for answer in answers)

    def close(self) -> list[list[Any]]:
        """End the processes and return the persons that each found in its sentences."""
        for process in self._processes:
            process.communicate()
        return self._persons

    def _answers(self) -> Iterator[dict[str, Any]]:
        for process in self._processes:
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"{' '.join(process.args)} failed")
            yield json.loads(line)


def timed(command: list[str], cores: Sequence[int]) -> tuple[float, float]:
    """Return the seconds of a whole process and its peak memory in MB."""
    began = time.perf_counter()
    process = start(command, cores, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    output: list[bytes] = []
    collect(process.stderr, output)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{b''.join(output).decode()}")
    return seconds, usage.ru_maxrss / 1024


def collect(stream: IO[bytes] | None, into: list[bytes]) -> None:
    """Read all output of a process, so that it never waits for a full pipe."""
    if stream is not None:
        into.extend(stream)


def resident(psutil: Any, root: Any) -> float:
    """Return the MB of a process and its descendants; one that ends meanwhile counts as 0."""
    total = 0
    try:
        for process in (root, *root.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total / 1e6


def start(command: list[str], cores: Sequence[int], **pipes: Any) -> subprocess.Popen[Any]:
    """Start a process that is restricted to these cores; it inherits them."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        return subprocess.Popen(command, env=environment(), **pipes)
    finally:
        os.sched_setaffinity(0, allowed)


def environment() -> dict[str, str]:
    """Return an environment with one thread per process, which is what 'one core' means."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return os.environ | dict.fromkeys(names, "1")
