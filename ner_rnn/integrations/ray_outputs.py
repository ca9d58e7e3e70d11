"""A Ray dataset with names -> a folder of Parquet, JSON lines or CSV.

Each task writes one file, whole or not at all, under a name that depends on the task alone: what
Ray does again after a fault replaces what was done before.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, TypeAlias, get_args

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.extras import require
from ner_rnn.integrations.ray_inputs import located, reaching
from ner_rnn.tagging.cells import guarded
from ner_rnn.text.writing import replacing

try:
    import pyarrow
    import pyarrow.compute
    from pyarrow import fs
    from ray.data import Datasink
    from ray.data.block import BlockAccessor
except ImportError:
    require("a dataset of Ray", "ray")
    raise

__all__ = ["TABLE_FORMATS", "Counts", "TableFolder", "TableFormat"]

TableFormat: TypeAlias = Literal["parquet", "jsonl", "csv"]
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)

_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Counts:
    """What was written.

    Attributes:
        files, rows, names: counts.
        nulls: rows without a text.
        untagged: other rows that could not be tagged.
        reason: why one of them could not.
    """

    files: int = 0
    rows: int = 0
    names: int = 0
    nulls: int = 0
    untagged: int = 0
    reason: str = ""

    def plus(self, other: Counts) -> Counts:
        """Return the counts of both."""
        return Counts(
            self.files + other.files,
            self.rows + other.rows,
            self.names + other.names,
            self.nulls + other.nulls,
            self.untagged + other.untagged,
            self.reason or other.reason,
        )


class TableFolder(Datasink):
    """Writes the rows of a dataset with names to a folder, and counts them.

    Attributes:
        counts: of all files, when the dataset is written.
    """

    def __init__(
        self, folder: str, format: TableFormat, *, replaced: str | None = None, raw: bool = False
    ) -> None:
        """Describe the folder.

        Args:
            folder: path or URL; it must not exist.
            format: of the files.
            replaced: column of the text, if the redacted one is written in its place, and no names.
            raw: write cells of CSV unchanged, without the guard against formulas.

        Raises:
            ConfigError: the folder exists.
            FileError: its file system cannot be reached.
        """
        self.counts = Counts()
        self._folder = folder if "://" in folder else os.path.abspath(folder)
        self._format, self._replaced, self._raw = format, replaced, raw
        filesystem, path = located(folder)
        with reaching(folder):
            exists = filesystem.get_file_info(path).type != fs.FileType.NotFound
        if exists:
            raise ConfigError(
                "it exists already: name a new folder", where=Setting("output"), found=folder
            )

    def on_write_start(self, schema: Any = None) -> None:
        """Make the folder."""
        filesystem, path = located(self._folder)
        filesystem.create_dir(path, recursive=True)

    def write(self, blocks: Iterable[Any], ctx: Any) -> Counts:
        """Write the blocks of one task to one file."""
        tables = [BlockAccessor.for_block(block).to_arrow() for block in blocks]
        tables = [table for table in tables if table.num_rows]
        if not tables:
            return Counts()
        table = pyarrow.concat_tables(tables, promote_options="permissive")
        reasons = table["reason"].drop_null()
        failed = [reason for reason in reasons.to_pylist() if reason != "null"]
        names = pyarrow.compute.sum(pyarrow.compute.list_value_length(table["names"])).as_py()
        if self._replaced is not None:
            place = table.column_names.index(self._replaced)
            table = table.set_column(place, self._replaced, table["redacted"])
            table = table.drop_columns(["names", "redacted"])
        table = _readable(table)
        with _new_file(self._folder, f"part-{ctx.task_idx:06d}.{self._format}") as file:
            _write(table, file, self._format, self._raw)
        nulls = len(reasons) - len(failed)
        return Counts(
            1, table.num_rows, names or 0, nulls, len(failed), failed[0] if failed else ""
        )

    def on_write_complete(self, write_result: Any) -> None:
        """Add up what the tasks counted."""
        for counts in write_result.write_returns:
            self.counts = self.counts.plus(counts)


def _readable(table: pyarrow.Table) -> pyarrow.Table:
    """Replace bytes in columns of text that are not UTF-8: other programs refuse them."""
    for place, name in enumerate(table.column_names):
        column = table.column(place)
        if not (pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)):
            continue
        try:
            column.validate(full=True)
        except pyarrow.ArrowInvalid:
            values = column.cast(pyarrow.large_binary()).to_pylist()
            texts = [
                None if value is None else value.decode("utf-8", "replace") for value in values
            ]
            table = table.set_column(place, name, pyarrow.array(texts, column.type))
    return table


def _write(table: pyarrow.Table, file: BinaryIO, format: TableFormat, raw: bool) -> None:
    if format == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, file, compression="zstd")
        return
    rows = (_plain(row) for row in table.to_pylist())
    if format == "jsonl":
        file.writelines(f"{_json(row)}\n".encode() for row in rows)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    for row in rows:
        cells = ("" if v is None else v if isinstance(v, str) else _json(v) for v in row.values())
        writer.writerow(cells if raw else map(guarded, cells))
    text.detach()


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: dates in ISO 8601, what is not a number as null."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@contextmanager
def _new_file(folder: str, name: str) -> Iterator[BinaryIO]:
    """Open a file that appears when it is complete; stores of objects do that by themselves."""
    filesystem, path = located(folder)
    if isinstance(filesystem, fs.LocalFileSystem):
        with replacing(os.path.join(path, name)) as file:
            yield file
        return
    with reaching(folder), filesystem.open_output_stream(f"{path}/{name}") as stream:
        yield stream
