"""Ray Data and Spark against our own pool: seconds of the same tagging, scaling, memory a worker.

    python benchmarks/engines.py --data ../shared/data/text --megabytes 200 --turns 3
    python benchmarks/engines.py --systems pool ray --megabytes 20 --turns 1

The same Parquet, texts of some 2,000 characters, is tagged by ``ner-rnn tag --workers N`` (to JSON
lines), by the job of ``ner-rnn tag --engine ray`` and by a Spark of this machine (both to Parquet),
on one core and on two. What an engine, its workers and the model take to start does not count: each
system first tags a few rows, twice, and the seconds of the second time are taken off. Systems
alternate, and medians are printed; CPU seconds, of all processes together, say more than seconds
where the machine does other work.

Memory is the proportional share (PSS) of the largest worker, and what it has beyond the least that
a worker of the same engine had, which is before it read the model (our pool: a bare Python).

An engine that is not installed is left out; ``make engines`` installs both.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from processes import environment

from ner_rnn.extras import missing

NEEDS = {"pool": ["pyarrow"], "ray": ["ray"], "spark": ["pyspark", "pandas"]}
CHARACTERS = 2000
FILES = 16
"""Files of the Parquet; each has some row groups."""
ROW_GROUP = 500


def main() -> None:
    """Print a table of seconds and one of memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text"))
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--systems", nargs="+", choices=NEEDS, default=[*NEEDS])
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        system, workers, *folders = args.measure
        measure(system, int(workers), *map(Path, folders))
        return
    absent = [system for system in args.systems if missing(*NEEDS[system])]
    print(*(f"{system} is left out: it is not installed\n" for system in absent), end="")
    systems = [system for system in args.systems if system not in absent]
    cores = sorted(os.sched_getaffinity(0))[:2]
    found: dict[tuple[str, int], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        full, tiny = Path(name, "full"), Path(name, "tiny")
        characters = write_parquet(args.data, full, args.megabytes * 1e6, FILES)
        write_parquet(args.data, tiny, 8 * CHARACTERS, 2)
        for _ in range(args.turns):
            for workers in range(1, len(cores) + 1):
                for system in systems:
                    command = [sys.executable, __file__, "--measure", system, str(workers)]
                    os.sched_setaffinity(0, cores[:workers])
                    done = subprocess.run(
                        [*command, str(full), str(tiny)],
                        env=environment(), stdout=subprocess.PIPE, text=True, check=True,
                    )  # fmt: skip
                    os.sched_setaffinity(0, cores)
                    row = json.loads(done.stdout.splitlines()[-1])
                    found.setdefault((system, workers), []).append(row)
                    print(f"{system}, {workers}: {row}", file=sys.stderr)
    print(f"### {characters / 1e6:,.0f} MB of Parquet, median of {args.turns}\n")
    print("| system | workers | seconds | MB/s | to our pool | to 1 worker | CPU s | start, s |")
    print("|---|---|---|---|---|---|---|---|")

    def median(system: str, workers: int, what: str = "seconds") -> float:
        return statistics.median(row[what] for row in found[system, workers])

    for system, workers in sorted(found):
        seconds = median(system, workers)
        ours = f"{seconds / median('pool', workers) - 1:+.0%}" if "pool" in systems else ""
        scaling = f"{median(system, 1) / seconds:.2f}"
        print(
            f"| {system} | {workers} | {seconds:.1f} | {characters / seconds / 1e6:.2f} | {ours} "
            f"| {scaling} | {median(system, workers, 'cpu'):.1f} "
            f"| {median(system, workers, 'start'):.1f} |"
        )
    print("\n| system | MB of a worker | beyond one that did nothing |\n|---|---|---|")
    for system in systems:
        largest = median(system, len(cores), "worker")
        print(f"| {system} | {largest:.0f} | {largest - median(system, len(cores), 'idle'):.0f} |")


def write_parquet(data: Path, folder: Path, most: float, files: int) -> int:
    """Write texts until there are enough, and return the number of their bytes."""
    import pyarrow
    from pyarrow import parquet

    folder.mkdir()
    texts: list[str] = []
    size = 0
    for text in passages(data):
        texts.append(text)
        size += len(text.encode())
        if size >= most:
            break
    for number in range(files):
        part = texts[number::files]
        table = pyarrow.table({"id": range(len(part)), "text": part})
        parquet.write_table(table, folder / f"{number:02}.parquet", row_group_size=ROW_GROUP)
    return size


def passages(data: Path) -> Iterator[str]:
    """Yield texts of some ``CHARACTERS``, whole lines, over and over."""
    paths = [data] if data.is_file() else sorted(data.rglob("*.txt.xz"))
    if not paths:
        raise SystemExit(f"{data} has no .txt.xz: name a folder with --data")
    while True:
        for path in paths:
            lines: list[str] = []
            size = 0
            with lzma.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    lines.append(line)
                    size += len(line)
                    if size >= CHARACTERS:
                        yield "".join(lines)
                        lines, size = [], 0


def measure(system: str, workers: int, full: Path, tiny: Path) -> None:
    """Print the seconds and the memory of one system, as JSON."""
    began = time.perf_counter()
    tag, is_worker, close = globals()[f"open_{system}"](workers)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name, "out")

        def timed(folder: Path) -> tuple[float, float]:
            before = time.perf_counter(), cpu_seconds()
            tag(folder, out)
            after = time.perf_counter(), cpu_seconds()
            shutil.rmtree(out)
            return after[0] - before[0], after[1] - before[1]

        timed(tiny)
        start = time.perf_counter() - began
        little = timed(tiny)
        with Peak(is_worker) as peak:
            much = timed(full)
    close()
    found = {"seconds": much[0] - little[0], "cpu": much[1] - little[1], "start": start}
    print(json.dumps({**found, "worker": peak.most, "idle": peak.idle}))


def open_pool(workers: int) -> tuple[Callable[[Path, Path], None], Callable[[str], bool], Callable]:
    """Our own pool."""
    from ner_rnn_cli.main import main as run

    def tag(folder: Path, out: Path) -> None:
        words = ["tag", str(folder), "--output", f"{out}/", "--workers", str(workers)]
        if run([*words, "--format", "jsonl"]):
            raise SystemExit("tagging failed")

    bare = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1e6)", "idle-worker"])

    def close() -> None:
        bare.kill()
        bare.wait()

    return tag, lambda command: "multiprocessing.spawn" in command, close


def open_ray(workers: int) -> tuple[Callable[[Path, Path], None], Callable[[str], bool], Callable]:
    """Ray on this machine."""
    import logging

    import ray

    from ner_rnn.integrations.ray_job import tag_files

    ray.init(
        "local",
        num_cpus=workers,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    logging.disable(logging.CRITICAL)

    def tag(folder: Path, out: Path) -> None:
        tag_files([str(folder)], str(out), workers=workers)

    return tag, lambda command: command.startswith("ray::MapWorker"), ray.shutdown


def open_spark(
    workers: int,
) -> tuple[Callable[[Path, Path], None], Callable[[str], bool], Callable]:
    """Spark in one process on this machine, with workers of Python."""
    from pyspark.sql import SparkSession

    from ner_rnn.integrations.spark import person_names

    session = (
        SparkSession.builder.master(f"local[{workers}]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        # as docs/cluster.md advises for texts of this length
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")

    def tag(folder: Path, out: Path) -> None:
        frame = session.read.parquet(str(folder))
        frame.withColumn("names", person_names()("text")).write.parquet(str(out))

    return tag, lambda command: "pyspark.daemon" in command, session.stop


class Peak:
    """Most memory (MB) of a worker while the block runs, and the least of one."""

    def __init__(self, is_worker: Callable[[str], bool]) -> None:
        self.most, self.idle = 0.0, 1e9
        self._is_worker, self._ended = is_worker, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        # of workers alone: to add up the pages of a process takes it and us time
        while not self._ended.wait(0.5):
            for process in descendants(os.getpid()):
                try:
                    words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
                    command = b" ".join(words).decode(errors="replace")
                    is_worker = self._is_worker(command)
                    if not is_worker and "idle-worker" not in command:
                        continue
                    shares = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
                except OSError:  # it has ended
                    continue
                size = int(shares.partition("\nPss:")[2].split()[0]) / 1024
                if is_worker:
                    self.most, self.idle = max(self.most, size), min(self.idle, size)
                else:
                    self.idle = min(self.idle, size)


def cpu_seconds() -> float:
    """Return what this process and all below it have computed so far."""
    total = 0
    for process in (os.getpid(), *descendants(os.getpid())):
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(ticks) for ticks in fields[11:15])  # those of its ended children, too
    return total / os.sysconf("SC_CLK_TCK")


def descendants(process: int) -> list[int]:
    """Return the processes below one."""
    found = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in path.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


if __name__ == "__main__":
    main()
