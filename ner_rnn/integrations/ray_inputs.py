"""Files -> a Ray dataset: tables, and texts of a file each; local, or on other file systems.

Paths are local, or URLs of what pyarrow or fsspec can open (``s3://``, ``gs://``, ``hdfs://``).
Every row of a table is a text, and every file of plain text is one.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from ner_rnn.errors import ConfigError, FileError, shortened
from ner_rnn.extras import require
from ner_rnn.tagging.folders import Kind, endings_of, find_inputs, kind_of

try:
    import pyarrow
    import pyarrow.compute
    import ray.data
    from pyarrow import fs
except ImportError:
    require("a dataset of Ray", "ray")
    raise

__all__ = ["Files", "find_files", "located", "reaching", "read_files"]

_BOM = b"\xef\xbb\xbf"
_SIGNS = "*?["


class Files(NamedTuple):
    """Files of one kind.

    Attributes:
        paths: on the file system.
        filesystem: None: that of this machine.
        kind: what they hold.
    """

    paths: list[str]
    filesystem: fs.FileSystem | None
    kind: Kind


def find_files(paths: Sequence[str], kind: Kind | None = None) -> Files:
    """Find files.

    Args:
        paths: files, folders, patterns and URLs, all of one kind and on one file system.
        kind: of all files; None: the endings tell.

    Raises:
        FileError: a path that does not exist or cannot be reached.
        ConfigError: files of several kinds, or of a kind that Ray does not read.
    """
    remote = [path for path in paths if "://" in path]
    if remote and len(remote) < len(paths):
        raise ConfigError("some inputs are URLs and some are not", do="tag them one by one")
    filesystem = None
    if remote:
        files: list[str] = []
        for url in remote:
            other, path = located(url)
            if filesystem is not None and not other.equals(filesystem):
                raise ConfigError("the inputs are on several file systems: tag them one by one")
            filesystem = other
            with reaching(url):
                files += _found(url, filesystem, path, endings_of(kind))
        kinds = {kind or kind_of(file) for file in files}
    else:
        inputs = find_inputs(paths, kind)
        files = [os.path.abspath(given.path) for given in inputs]
        kinds = {given.kind for given in inputs}
    if len(kinds) > 1:
        raise ConfigError(
            f"the inputs are of several kinds: {', '.join(sorted(kinds))}",
            do="tag them one by one, or set {input}",
        )
    kind = kinds.pop()
    if kind == "conll":
        raise ConfigError("Ray does not read conll", do="tag these files without {engine}")
    packed = [file for file in files if file.endswith(".xz")]
    if packed:
        raise FileError(f"{packed[0]}: Ray reads no .xz", do="unpack it, or pack it as .gz or .zst")
    return Files(files, filesystem, kind)


def read_files(files: Files, **options: Any) -> ray.data.Dataset:
    """Read tables or texts.

    Cells of CSV stay text, as they are. A file of plain text gives a row with its ``text`` and
    ``path``. Files may be packed (.gz, .bz2, .zst), except Parquet.

    Args:
        files: of one kind.
        options: passed on to the function of Ray that reads them.

    Raises:
        FileError: a file cannot be read.
    """
    paths, options["filesystem"] = files.paths, files.filesystem
    if files.kind == "parquet":
        return ray.data.read_parquet(paths, file_extensions=None, **options)
    if files.kind == "jsonl":
        return ray.data.read_json(paths, lines=True, file_extensions=None, **options)
    if files.kind == "csv":
        from pyarrow.csv import ConvertOptions, ParseOptions

        delimiter = "\t" if all(".tsv" in file for file in paths) else ","
        parsing = ParseOptions(delimiter=delimiter, newlines_in_values=True)
        names = _header(paths[0], files.filesystem, parsing)
        as_text = ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()))
        return ray.data.read_csv(paths, parse_options=parsing, convert_options=as_text, **options)
    found = ray.data.read_binary_files(paths, include_paths=True, **options)
    kept = {name: options[name] for name in ("num_cpus", "concurrency") if name in options}
    return found.map_batches(_as_texts, batch_format="pyarrow", batch_size=None, **kept)


def located(path: str) -> tuple[fs.FileSystem, str]:
    """Return the file system of a path or URL, and the path there."""
    if "://" not in path:
        return fs.LocalFileSystem(), os.path.abspath(path)
    with reaching(path):
        try:
            filesystem, inner = fs.FileSystem.from_uri(path)
        except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):  # not one of pyarrow's
            import fsspec

            known, inner = fsspec.core.url_to_fs(path)
            filesystem = fs.PyFileSystem(fs.FSSpecHandler(known))
    return filesystem, inner


def _found(url: str, filesystem: fs.FileSystem, path: str, endings: tuple[str, ...]) -> list[str]:
    """Return the files of a path: itself, those that fit it as a pattern, or those below it."""
    below: Callable[[str], bool]
    if any(sign in path for sign in _SIGNS):
        first = min(path.index(sign) for sign in _SIGNS if sign in path)
        base = path[:first].rpartition("/")[0]

        def below(file: str) -> bool:
            return fnmatch.fnmatchcase(file, path)
    else:
        info = filesystem.get_file_info(path)
        if info.type == fs.FileType.NotFound:
            raise FileError(f"{url} does not exist: check the path")
        if info.is_file:
            return [path]
        base = path

        def below(file: str) -> bool:
            return file.lower().endswith(endings)

    infos = filesystem.get_file_info(fs.FileSelector(base, recursive=True, allow_not_found=True))
    files = sorted(info.path for info in infos if info.is_file and below(info.path))
    files = [file for file in files if not os.path.basename(file).startswith((".", "_"))]
    if not files:
        raise FileError(f"{url}: no file fits")
    return files


def _header(file: str, filesystem: fs.FileSystem | None, parsing: Any) -> list[str]:
    from pyarrow.csv import open_csv

    with reaching(file), (filesystem or fs.LocalFileSystem()).open_input_stream(file) as stream:
        names: list[str] = open_csv(stream, parse_options=parsing).schema.names
        return names


def _as_texts(batch: pyarrow.Table) -> pyarrow.Table:
    """Turn the bytes of files into text; what is not UTF-8 is found when it is tagged."""
    found = [value.removeprefix(_BOM) for value in batch["bytes"].to_pylist()]
    unchecked = pyarrow.compute.CastOptions.unsafe(pyarrow.large_string())
    texts = pyarrow.array(found, pyarrow.large_binary()).cast(options=unchecked)
    return pyarrow.table({"path": batch["path"], "text": texts})


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn what the library of a file system raises into one line."""
    try:
        yield
    except (pyarrow.ArrowException, OSError, ImportError, ValueError) as error:
        if isinstance(error, FileError):
            raise
        what = shortened((str(error).splitlines() or [type(error).__name__])[0], 200)
        raise FileError(f"{url} cannot be read or written: {what}") from error
