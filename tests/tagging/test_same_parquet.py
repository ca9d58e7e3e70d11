"""A redacted Parquet file has the schema, rows and other columns of the one that was read."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ner_rnn.errors import FileError
from ner_rnn.tagging.parquet import read_parquet

from .test_same_kind import NAME, redact

_PYARROW = int(pyarrow.__version__.partition(".")[0])
DAY = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
KINDS: tuple[tuple[Any, Any], ...] = (
    (7, pyarrow.int8()),
    (2**64 - 1, pyarrow.uint64()),
    (float("nan"), pyarrow.float64()),
    (-0.0, pyarrow.float32()),
    (True, pyarrow.bool_()),
    (None, pyarrow.null()),
    ("Ann Lee", pyarrow.string()),
    ("Ann Lee", pyarrow.large_string()),
    ("Ann Lee", pyarrow.dictionary(pyarrow.int8(), pyarrow.string())),
    ("Ann Lee", pyarrow.dictionary(pyarrow.int32(), pyarrow.string(), ordered=True)),
    (b"\xff\0", pyarrow.binary()),
    (b"\xff" * 4, pyarrow.binary(4)),
    (DAY, pyarrow.timestamp("us", tz="Europe/Paris")),
    (DAY, pyarrow.timestamp("ns")),
    (DAY.date(), pyarrow.date32()),
    (DAY.time(), pyarrow.time64("us")),
    (datetime.timedelta(seconds=1), pyarrow.duration("us")),
    (Decimal("-1.50"), pyarrow.decimal128(20, 2)),
    (Decimal("-1.50"), pyarrow.decimal256(50, 2)),
    ([1, None], pyarrow.list_(pyarrow.int8())),
    # older versions of pyarrow do not read their own lists of one size, if one is null
    *([([b"a", b"b"], pyarrow.list_(pyarrow.binary(), 2))] if _PYARROW >= 26 else []),
    ({"text": "Ann Lee", "b": [1]}, pyarrow.struct(
        [("text", pyarrow.string()), ("b", pyarrow.list_(pyarrow.int64()))])),
    ([("k", 1), ("l", None)], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
)  # fmt: skip
TEXT_KINDS = (
    pyarrow.string(),
    pyarrow.large_string(),
    pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
    pyarrow.dictionary(pyarrow.int8(), pyarrow.string(), ordered=True),
)


@given(data=st.data(), rows=st.integers(0, 12), kinds=st.lists(st.sampled_from(KINDS), max_size=5))
def test_only_the_text_of_parquet_differs(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, rows: int, kinds: list[Any]
) -> None:
    draw = data.draw
    is_there = st.lists(st.booleans(), min_size=rows, max_size=rows)
    fields, columns = [], []
    for number, (value, kind) in enumerate(kinds):
        required = kind != pyarrow.null() and draw(st.booleans())
        values = [value if there or required else None for there in draw(is_there)]
        fields.append(pyarrow.field(f"c{number}", kind, not required, {"note": "x"}))
        columns.append(pyarrow.array(values, kind))
    kind = draw(st.sampled_from(TEXT_KINDS))
    texts = draw(
        st.lists(st.sampled_from([None, "", NAME, f"é {NAME}"]), min_size=rows, max_size=rows)
    )
    place = draw(st.integers(0, len(fields)))
    fields.insert(place, pyarrow.field("text", kind))
    columns.insert(place, pyarrow.array(texts, kind))
    schema = pyarrow.schema(fields, metadata={"pandas": "{}", "key": "value"})
    table = pyarrow.Table.from_arrays(columns, schema=schema)
    path = tmp_path_factory.getbasetemp() / "x.parquet"
    parquet.write_table(
        table,
        path,
        row_group_size=draw(st.sampled_from([1, 5, 100])),
        compression=draw(st.sampled_from(["none", "snappy", "zstd", "gzip", "brotli", "lz4"])),
        store_schema=draw(st.booleans()),
        use_deprecated_int96_timestamps=draw(st.booleans()),
    )
    content, told = redact(path)
    assert told == []
    before, after = parquet.ParquetFile(path), parquet.ParquetFile(io.BytesIO(content))
    assert after.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    assert shape(after) == shape(before)
    for name in before.schema_arrow.names:
        old, new = before.read()[name], after.read()[name]
        if name == "text":
            expected = [text and text.replace(NAME, "[NAME]") for text in texts]
            assert new.to_pylist() == expected
        else:
            assert repr(new.to_pylist()) == repr(old.to_pylist())  # NaN is not NaN


def shape(file: parquet.ParquetFile) -> list[Any]:
    """Rows of each group, and how each column of it is stored."""
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    return [
        (
            group.num_rows,
            [
                (column.path_in_schema, column.physical_type, column.compression)
                for column in map(group.column, range(group.num_columns))
            ],
        )
        for group in groups
        if group.num_rows
    ]


def test_a_text_that_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    raw = pyarrow.array([b"Ann Lee", b"Ann L\xe9e", None, b"Zo\xc3\xab"], pyarrow.binary())
    text = pyarrow.StringArray.from_buffers(4, *raw.buffers()[1:], raw.buffers()[0])
    path = tmp_path / "x.parquet"
    parquet.write_table(pyarrow.table({"n": range(4), "text": text, "other": text}), path)
    content, told = redact(path)
    assert told == [f"{path}:2: field 'text' cannot be read: byte 5 (0xe9) is not UTF-8"]
    table = parquet.read_table(io.BytesIO(content))
    assert table["n"].to_pylist() == [0, 2, 3]
    assert table["text"].to_pylist() == ["[NAME]", None, "Zoë"]
    assert table["other"].cast("binary").to_pylist() == [b"Ann Lee", None, "Zoë".encode()]
    content, told = redact(path, errors="replace")
    assert told == []
    replaced = parquet.read_table(io.BytesIO(content))["text"].to_pylist()
    assert replaced == ["[NAME]", "Ann L\ufffde", None, "Zoë"]


def test_two_text_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    columns = [pyarrow.array(["Ann Lee"])] * 2
    parquet.write_table(pyarrow.Table.from_arrays(columns, names=["text", "text"]), path)
    with pytest.raises(FileError, match="2 columns are called 'text'"):
        redact(path)


def test_other_columns_that_many_rows_share_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    shared = pyarrow.array(["a" * (1 << 20)]).dictionary_encode()
    table = {
        "text": [NAME] * 300,
        "big": shared.take(pyarrow.array([0] * 300)).cast(pyarrow.string()),
    }
    parquet.write_table(
        pyarrow.table(table), path, compression="zstd", dictionary_pagesize_limit=1 << 24
    )
    pool = pyarrow.default_memory_pool()
    before, rows = pool.bytes_allocated(), 0
    with path.open("rb") as file:
        for event in read_parquet("x", file, "text", None, whole=True):
            rows += hasattr(event, "text")
            assert pool.bytes_allocated() - before < 64 << 20
    assert rows == 300
