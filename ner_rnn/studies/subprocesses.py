"""Trainings as subprocesses: ``ner-rnn train``, one or several at a time.

None can disturb another, each measures its own time, and a failure stops no other.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from ner_rnn.machine import cores
from ner_rnn.studies.compare import Job
from ner_rnn.text.writing import not_writable

__all__ = ["train_all"]

_EPOCH = re.compile(r"epoch (\d+) of (\d+)\b")


def train_all(
    jobs: Sequence[Job],
    flags: Sequence[str],
    *,
    workers: int = 1,
    on_share: Callable[[Job, float], None] = lambda job, share: None,
    on_end: Callable[[Job, str | None], None] = lambda job, failure: None,
) -> dict[Job, str]:
    """Train; a failure stops no other training.

    The output of each is kept beside its folder, in ``seed-N.log``.

    Args:
        jobs: trainings to do.
        flags: for ``ner-rnn train``, the same for all: ``["--trainer.epochs=6"]``.
        workers: number of trainings at a time; several share the cores.
        on_share: called with the share of a training that is done, 0 to 1; from other threads.
        on_end: called when a training ends, with its error message or None.

    Returns:
        Error messages by training.
    """
    environment = dict(os.environ)
    if workers > 1:
        environment["OMP_NUM_THREADS"] = str(max(1, cores() // workers))
    running: list[subprocess.Popen[str]] = []
    lock = threading.Lock()
    stopped = threading.Event()

    def train(job: Job) -> str | None:
        command = [sys.executable, "-m", "ner_rnn_cli", "train", "--config", job.cell.paths[0]]
        command += [*flags, f"--seed={job.seed}", f"--output={job.folder}"]
        job.folder.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            if stopped.is_set():
                return "not begun"
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop them
            )
            running.append(process)
        last = ""
        log = job.folder.with_name(f"{job.folder.name}.log")
        with process:
            try:
                with log.open("w", encoding="utf-8") as file:
                    for line in process.stdout or ():
                        file.write(line)
                        last = line.strip() or last
                        if epoch := _EPOCH.search(line):
                            on_share(job, int(epoch[1]) / int(epoch[2]))
            except OSError as error:
                process.terminate()  # whose output nobody reads any more
                return str(not_writable(log, error))
        if process.returncode == 0:
            return None
        return f"{last.removeprefix('error: ') or f'exit status {process.returncode}'} ({log})"

    failures: dict[Job, str] = {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            jobs_by_future = {pool.submit(train, job): job for job in jobs}
            for future in as_completed(jobs_by_future):
                job, failure = jobs_by_future[future], future.result()
                if failure is not None:
                    failures[job] = failure
                on_end(job, failure)
        except BaseException:
            with lock:
                stopped.set()
                for process in running:
                    process.terminate()  # without effect on those that have ended
            raise
    return failures
