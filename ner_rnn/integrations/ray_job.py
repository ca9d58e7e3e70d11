"""Tag files on a Ray cluster, or on this machine: read, find names, write a folder.

    tag_files(["letters/*.parquet"], "named/", address="auto")

What the cluster raises becomes one error of the user; its own traceback stays behind it.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import ConfigError, FileError, Setting, UserError, shortened
from ner_rnn.extras import require
from ner_rnn.integrations.ray import find_names
from ner_rnn.integrations.ray_inputs import find_files, read_files
from ner_rnn.integrations.ray_outputs import Counts, TableFolder, TableFormat
from ner_rnn.model.builtin import DEFAULT

try:
    import ray
except ImportError:
    require("a dataset of Ray", "ray")
    raise

if TYPE_CHECKING:
    from ner_rnn.runtime.load import Precision
    from ner_rnn.tagging.folders import Kind

__all__ = ["tag_files"]

_SECONDS = 8.0
"""A cluster that has not answered by then is not there."""
_TAG_CPUS = 0.9
_FILE_CPUS = 0.1
"""Shares of a core: beside every actor that tags there is room for a task that reads or writes."""


def tag_files(
    paths: Sequence[str],
    output: str,
    *,
    address: str | None = None,
    kind: Kind | None = None,
    text_column: str = "text",
    format: TableFormat = "parquet",
    model: str = DEFAULT,
    min_score: float = 0.0,
    redact: str | None = None,
    precision: Precision = "fp32",
    workers: int | None = None,
    raw_cells: bool = False,
    progress: bool = False,
    quiet: bool = False,
) -> Counts:
    """Tag the texts of files, and write all rows with the columns of ``find_names``.

    Args:
        paths: see ``find_files``.
        output: folder or URL; it must not exist.
        address: of a cluster: host:port, or "auto" for one that runs on this machine; None: that
            of the variable ``RAY_ADDRESS``, else a new one on this machine.
        kind: see ``find_files``.
        text_column: column with the texts.
        format: of the files that are written.
        model: see ``find_names``, like the next three.
        min_score: see ``Tagger.pipe``.
        redact: text in place of every name; the text is replaced and the names are not written.
        precision: see ``Tagger.load``.
        workers: actors that tag; default: as many as there are cores.
        raw_cells: write cells of CSV without the guard against formulas.
        progress: show the bars of Ray on stderr.
        quiet: let the parts of Ray that are not Python log nothing on stderr.

    Returns:
        Counts of what was written.

    Raises:
        UserError: no cluster, no such column, an output that exists, a file that cannot be read or
            written, a model that the workers cannot read.
    """
    replaced = None if redact is None else text_column
    folder = TableFolder(output, format, replaced=replaced, raw=raw_cells)
    files = find_files(paths, kind)
    with _cluster(address, quiet), _one_line():
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = progress
        context.raise_original_map_exception = True
        context.use_datasource_v2 = False  # it lists files anew, for which it wants a whole core
        options: dict[str, Any] = {"num_cpus": _TAG_CPUS}
        if workers is not None:
            options["compute"] = ray.data.ActorPoolStrategy(size=workers)
        # each task that runs beside others has a process, which takes seconds to start
        at_once = max(1, workers or int(ray.cluster_resources().get("CPU", 1)))
        named = find_names(
            read_files(files, num_cpus=_FILE_CPUS, concurrency=at_once),
            model,
            text_column,
            min_score=min_score,
            redact=redact,
            precision=precision,
            **options,
        )
        named.write_datasink(folder, ray_remote_args={"num_cpus": _FILE_CPUS}, concurrency=at_once)
    return folder.counts


@contextmanager
def _cluster(address: str | None, quiet: bool) -> Iterator[None]:
    """Connect to a cluster, or start one for this block."""
    if ray.is_initialized():
        yield
        return
    named = address or os.environ.get("RAY_ADDRESS")
    on_end = signal.getsignal(signal.SIGTERM)
    with _hushed() if quiet else nullcontext():
        if named is None or named == "local":
            _start("local")  # without an address Ray would join whatever runs on this machine
        else:
            _connect(named)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_end)  # that of Ray prints where the machine code was
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _hushed() -> Iterator[None]:
    """Close stderr while Ray starts: it says on what level it logs before it looks at the level."""
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def _start(address: str) -> None:
    import logging

    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)


def _connect(address: str) -> None:
    if ":" in address:
        _knock(address)
    refused: list[BaseException] = []

    def start() -> None:
        try:
            _start(address)
        except (Exception, SystemExit) as error:
            refused.append(error)

    # what listens there may be no cluster, and Ray cannot be told to wait no longer
    starter = threading.Thread(target=start, daemon=True)
    starter.start()
    starter.join(_SECONDS)
    if starter.is_alive() or refused:
        raise _no_cluster(address) from (refused[0] if refused else None)


def _knock(address: str) -> None:
    """Try whether anything listens at an address: Ray itself would wait for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_SECONDS / 2).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _no_cluster(address) from error


def _no_cluster(address: str) -> ConfigError:
    return ConfigError(
        "no cluster of Ray answers there",
        where=Setting("address"),
        found=address,
        do="start one with 'ray start --head', or leave {address} out",
    )


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except UserError as error:
        cause = getattr(error, "cause", error)  # what a worker raised is of both kinds
        raise (cause if isinstance(cause, UserError) else error) from error
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", error)
        raise FileError(f"Ray stopped: {_told(cause)}") from error
    except (OSError, ValueError) as error:  # files are opened before tasks run, too
        raise FileError(f"Ray stopped: {_told(error)}") from error


def _told(error: BaseException) -> str:
    """Return the line of a message that says most: Ray puts it last, after a traceback."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    line = lines[-1 if isinstance(error, ray.exceptions.RayError) else 0]
    return f"{type(error).__name__}: {shortened(line, 300)}"
