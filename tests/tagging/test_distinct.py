"""Distinct names with counts and first places; and the same names as Parquet."""

from __future__ import annotations

import io

import pyarrow.parquet

from ner_rnn.runtime.documents import Document
from ner_rnn.tagging.arrow import Parquet
from ner_rnn.tagging.distinct import Names
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import Format

from .made_up_documents import named


def written(format: Format, *parts: list[tuple[Source, Document]]) -> bytes:
    file = io.BytesIO()
    writer = format.writer(file)
    for part in parts:
        writer.add(format.render(part))
    writer.close()
    return file.getvalue()


def test_names_most_frequent_first_with_their_first_place() -> None:
    text = "x\nBo met Al\nB and Al\tB."
    first = [
        (Source(0, "a.txt", text, line=10), named(text, "Bo", "Al\nB", "Al\tB")),
        (Source(1, "b.csv", "", line=3, by_line=False), named("\n\nCy", "Cy")),
    ]
    second = [(Source(2, "c\t.txt", ""), named("Bo Al B Dee", "Bo", "Al B", "Dee"))]
    assert written(Names(), first, second).decode() == (
        "3\tAl B\ta.txt:11\n2\tBo\ta.txt:11\n1\tCy\tb.csv:3\n1\tDee\tc␉.txt:1\n"
    )
    assert written(Names()) == b""


def test_names_that_a_spreadsheet_would_run_are_guarded() -> None:
    part = [(Source(0, "-a.txt", ""), named("@ann met Bo", "@ann", "Bo"))]
    assert written(Names(), part) == b"1\t'@ann\t'-a.txt:1\n1\tBo\t'-a.txt:1\n"
    assert written(Names(raw=True), part) == b"1\t@ann\t-a.txt:1\n1\tBo\t-a.txt:1\n"


def test_parquet_has_a_name_a_row() -> None:
    tagged = [(Source(0, "a.txt", "", id=7, offset=100), named("Bo met Zoë", "Bo", "Zoë"))] * 2
    table = pyarrow.parquet.read_table(io.BytesIO(written(Parquet(), tagged, [])))
    assert table.column_names == ["source", "id", "start", "end", "text", "score"]
    assert table.num_rows == 4
    assert table.slice(1, 1).to_pylist() == [
        {"source": "a.txt", "id": "7", "start": 107, "end": 110, "text": "Zoë", "score": 0.9877}
    ]
    empty = pyarrow.parquet.read_table(io.BytesIO(written(Parquet())))
    assert (empty.num_rows, empty.schema) == (0, table.schema)


def test_long_parquet_is_written_in_groups() -> None:
    tagged = [(Source(0, "a.txt", ""), named("Bo Bo Bo", "Bo", "Bo", "Bo"))] * 10_000
    file = io.BytesIO(written(Parquet(), tagged, tagged, tagged, tagged))
    read = pyarrow.parquet.ParquetFile(file)
    assert (read.metadata.num_rows, read.num_row_groups) == (120_000, 2)
