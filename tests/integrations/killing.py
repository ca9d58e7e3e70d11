"""Jobs of engines while processes of theirs are killed: the job ends, no row is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 4000
SECONDS = 900  # for a job on a busy machine
TEXT = "Maria Silva spoke in Paris. Yesterday John Smith met Angela Merkel, it said. " * 12


def write_rows(folder: Path) -> None:
    """Write texts in many small parts, so that a job has many tasks."""
    folder.mkdir()
    for number in range(8):
        ids = list(range(number, ROWS, 8))
        table = pa.table({"id": ids, "text": [f"{TEXT} {row}" for row in ids]})
        pq.write_table(table, folder / f"{number}.parquet", row_group_size=50)


def assert_whole(folder: Path) -> None:
    """Every row is there once, with its names."""
    rows = pq.read_table(folder, columns=["id", "names"]).to_pylist()
    assert sorted(row["id"] for row in rows) == list(range(ROWS))
    assert {len(row["names"]) for row in rows} == {36}


def while_running(job: Callable[[], object], kill: Callable[[], bool], seed: int) -> None:
    """Run a job, and kill something of it at a random moment; ``kill`` returns whether it could."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            job()
        except BaseException as problem:
            problems.append(problem)

    chance = random.Random(seed)
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    was_killed = False
    while thread.is_alive() and not was_killed:
        time.sleep(chance.uniform(0.05, 1.5))
        was_killed = kill()
    thread.join(SECONDS)
    assert not thread.is_alive()
    if problems:
        raise problems[0]
    assert was_killed  # else the job was too short


os.environ["NER_RNN_KILLING"] = str(os.getpid())  # whatever is started from here on inherits it


def kill_one(*marks: str) -> bool:
    """Kill one process of ours whose command line has one of the marks."""
    ours = {*below(os.getpid()), *left_behind()}
    found = [process for process in ours if any(mark in command(process) for mark in marks)]
    if not found:
        return False
    os.kill(random.choice(found), signal.SIGKILL)
    return True


def below(process: int) -> list[int]:
    """The processes below one, the youngest last."""
    found = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in path.read_text(encoding="ascii").split()]
        except OSError:  # it has ended
            continue
        for child in children:
            found += [child, *below(child)]
    return found


def left_behind() -> list[int]:
    """Processes of ours whose parent was killed: they go on working, below no process of ours."""
    mark = f"NER_RNN_KILLING={os.getpid()}\0".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # it has ended, or is somebody else's
            continue
    return [process for process in found if process != os.getpid()]


def command(process: int) -> str:
    """The command line of a process, empty if it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
