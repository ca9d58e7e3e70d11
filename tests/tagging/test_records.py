"""Rows of tables become texts with ids; a row that is none is told with its place."""

from __future__ import annotations

import io
import itertools
import json
import random
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ner_rnn.errors import FileError
from ner_rnn.tagging.csv_rows import read_csv
from ner_rnn.tagging.parquet import read_parquet
from ner_rnn.tagging.records import BadRow, Row, read_json_lines
from ner_rnn.text import files


def json_rows(*blocks: str, text: str = "text", key: str | None = None) -> list[Row | BadRow]:
    return list(read_json_lines("x.jsonl", blocks, text, key))


def csv_rows(*blocks: str, text: str = "text", key: str | None = None) -> list[Row | BadRow]:
    return list(read_csv("x.csv", blocks, text, key))


def test_json_lines() -> None:
    rows = json_rows(
        '{"id": 7, "body": "Zo\\u00eb\\nmet"}\r\n\n{"body": null, ', '"id": {"a": 1}}',
        text="body", key="id",
    )  # fmt: skip
    assert rows == [Row(1, "Zoë\nmet", 7), Row(3, "", {"a": 1})]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "x"', "not JSON (Expecting ',' delimiter): write one object a line"),
        ("[1]", "a list, not an object with a text"),
        ('"x"', "a string, not an object with a text"),
        ('{"body": "x", "id": 1}', "no field 'text', but body, id: choose with text_field"),
        ('{"text": "x", "n": 1}', "no field 'id', but text, n: choose with id_field"),
        ("{}", "no field 'text', but none at all: choose with text_field"),
        ('{"text": 3, "id": 1}', "field 'text' is a number, not text"),
        ('{"text": true, "id": 1}', "field 'text' is a truth value, not text"),
        ("[" * 100_000, "not JSON (maximum recursion depth"),
    ],
)
def test_a_broken_row_is_told_and_the_next_one_read(line: str, message: str) -> None:
    good = '{"text": "fine", "id": 1}\n'
    first, bad, last = json_rows(good + line + "\n" + good, key="id")
    assert (first, last) == (Row(1, "fine", 1), Row(3, "fine", 1))
    assert isinstance(bad, BadRow)
    assert str(FileError(bad.message, do=bad.do)).startswith(f"x.jsonl:2: {message}")


def test_many_fields_are_not_all_listed() -> None:
    (bad,) = json_rows(json.dumps({f"f{i}": 0 for i in range(50)}))
    assert isinstance(bad, BadRow)
    assert bad.message.endswith("f11 and 38 more")
    assert bad.do == "choose with {text_field}"


def test_half_an_escaped_pair_becomes_one_character() -> None:
    assert json_rows('{"text": "a\\ud800b\\ud83d\\ude00"}') == [Row(1, "a\ufffdb😀", None)]


def test_a_json_list_and_an_endless_line_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match=r"x.jsonl is one JSON list, not JSON lines"):
        json_rows('[\n{"text": "x"}\n]\n')
    monkeypatch.setattr(files, "LONGEST_LINE", 100)
    with pytest.raises(FileError, match=r"x.jsonl:2: a line of more than 100 characters"):
        json_rows('{"text": "x"}\n', *['{"text": "' + "x" * 50] * 9)


def test_csv_with_quotes_and_line_ends() -> None:
    rows = csv_rows(
        'id,text\r\n1,"Zoë ""met""\r\nJosé"\r\n', "2,left", "\r\n\r\n3,\n", text="text", key="id"
    )
    assert rows == [Row(2, 'Zoë "met"\r\nJosé', "1"), Row(4, "left", "2"), Row(6, "", "3")]


@pytest.mark.parametrize("sign", [",", "\t", ";", "|"])
def test_the_sign_between_columns_is_found(sign: str) -> None:
    text = f"n{sign}body{sign}x\n1{sign}a: b.{sign}2\n"
    assert csv_rows(text, text="body") == [Row(2, "a: b.", None)]
    assert csv_rows("text\na, b; c\n") != []


def test_faults_of_csv() -> None:
    for text, message in (
        ("", "x.csv is empty: a table begins with the names of its columns"),
        ("id;body\n1;x\n", "x.csv: no column 'text', but id, body: choose with text_field"),
    ):
        with pytest.raises(FileError) as told:
            csv_rows(text)
        assert str(told.value) == message
    with pytest.raises(FileError, match="no column 'key', but text: choose with id_field"):
        csv_rows("text\n", key="key")
    short, quote, good = csv_rows('id,text\n1\n2,"a"b\n3,c\n')
    assert short == BadRow("x.csv:2: columns: 1, but the first line names 2")
    assert isinstance(quote, BadRow)
    assert quote.message.startswith("x.csv:3: ")
    assert good == Row(4, "c", None)
    (open_end,) = csv_rows('text\n"a\nb\nc\n')
    assert isinstance(open_end, BadRow)
    assert open_end.message.startswith("x.csv:2: unexpected end of data (up to line 4): is a quote")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_csv_whose_lines_end_with_returns(size: int) -> None:
    whole = 'id,text\r1,"Zoë\rmet"\r2,left\r\n3,"a\r\nb"\r'
    blocks = [whole[at : at + size] for at in range(0, len(whole), size)]
    rows = [row for row in csv_rows(*blocks, key="id") if isinstance(row, Row)]
    assert [(row.text, row.id) for row in rows] == [
        ("Zoë\rmet", "1"),
        ("left", "2"),
        ("a\r\nb", "3"),
    ]


def test_a_return_inside_a_field_ends_no_line_where_others_end_with_line_feeds() -> None:
    bad, good = csv_rows("text,id\na\rb,1\nc,2\n")
    assert isinstance(bad, BadRow)
    assert bad.message.startswith("x.csv:2: new-line character seen in unquoted field")
    assert good == Row(3, "c", None)


def test_a_header_of_any_length() -> None:
    name = "x" * 200_000
    assert csv_rows(f"{name},text\n1,a\n") == [Row(2, "a", None)]
    with pytest.raises(FileError) as told:
        csv_rows(f"{name},b\n1,a\n")
    assert str(told.value).startswith("x.csv: no column 'text', but xxx")
    assert len(str(told.value)) < 200


def test_messages_about_long_names_and_many_are_short() -> None:
    row = {f"{'k' * 100_000}{number}": 0 for number in range(20)}
    (bad,) = json_rows(json.dumps(row))
    assert isinstance(bad, BadRow)
    assert len(bad.message) < 1000
    assert bad.message.endswith("k11 and 8 more")
    assert bad.do == "choose with {text_field}"


def test_ids_are_what_json_can_write() -> None:
    ids = ["NaN", "1e999", "-1e999", '[1, {"x": NaN}]', "1.5", '"a"']
    lines = [f'{{"text": "", "id": {known}}}\n' for known in ids]
    assert [row.id for row in json_rows(*lines, key="id") if isinstance(row, Row)] == [
        "NaN", "Infinity", "-Infinity", [1, {"x": "NaN"}], 1.5, "a",
    ]  # fmt: skip
    good, bad = json_rows(*(
        f'{{"text": "", "id": {"[" * depth}{"]" * depth}}}\n' for depth in (100, 600)
    ), key="id")  # fmt: skip
    assert isinstance(good, Row)
    assert bad == BadRow("x.jsonl:2: field 'id' is nested more than 100 deep")


def test_a_table_of_names_is_read_without_the_guard_of_its_cells() -> None:
    head = "source,id,start,end,text,score\n"
    body = "'=a.txt,'-7,0,3,'@ann,1.0\na,'x,0,3,''=b,1.0\n-,-,0,1,'x,1.0\n"
    rows = csv_rows(head + body, key="id")
    assert [(row.text, row.id) for row in rows if isinstance(row, Row)] == [
        ("@ann", "-7"),
        ("'=b", "'x"),
        ("'x", "-"),
    ]
    other = csv_rows("n" + head + "n" + body.splitlines()[0], key="id")
    assert other == [Row(2, "'@ann", "'-7")]


# csv neither reads nor writes a NUL before Python 3.11
ANY = st.characters(
    exclude_categories=["Cs"], exclude_characters="\0" if sys.version_info < (3, 11) else ""
)


@given(st.lists(st.text(ANY), max_size=5), st.integers(1, 9))
def test_any_text_comes_through_both(texts: list[str], size: int) -> None:
    import csv

    def blocks(whole: str) -> Iterable[str]:
        return [whole[at : at + size] for at in range(0, len(whole), size)]

    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    assert [row.text for row in json_rows(*blocks(lines)) if isinstance(row, Row)] == texts
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerows([["text"], *([text] for text in texts)])
    assert [r.text for r in csv_rows(*blocks(file.getvalue())) if isinstance(r, Row)] == texts


def parquet_rows(path: Path, text: str = "text", key: str | None = None) -> list[Any]:
    with path.open("rb") as file:
        return list(read_parquet("x.parquet", file, text, key))


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    table = {"n": [Decimal("1.5"), None] * 1500, "text": ["Zoë", None] * 1500}
    parquet.write_table(pyarrow.table(table), path, row_group_size=700)
    rows = parquet_rows(path, key="n")
    assert rows[:2] == [Row(1, "Zoë", "1.5"), Row(2, "", None)]
    assert [row.line for row in rows] == list(range(1, 3001))
    many = {"text": [f"{number} Zoë" for number in range(30_000)], "n": list(range(30_000))}
    for kind in (pyarrow.int64(), pyarrow.binary(), pyarrow.timestamp("s")):
        known = pyarrow.array([b"x"] * 30_000 if kind == pyarrow.binary() else many["n"], kind)
        parquet.write_table(pyarrow.table({"text": many["text"], "n": known}), path)
        assert [row.text for row in parquet_rows(path, key="n")] == many["text"]
    kinds = pyarrow.array(["a", "b"]).dictionary_encode()
    parquet.write_table(pyarrow.table({"text": kinds, "n": [1, 2]}), path)
    assert parquet_rows(path, key="n") == [Row(1, "a", 1), Row(2, "b", 2)]


def test_faults_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    parquet.write_table(pyarrow.table({"n": [1]}), path)
    with pytest.raises(FileError, match="no column 'text', but n: choose with text_field"):
        parquet_rows(path)
    with pytest.raises(FileError, match="column 'n' holds int64, not text: choose another with"):
        parquet_rows(path, text="n")
    for content in (b"", b"PAR1 and nothing more", path.read_bytes()[:-20]):
        path.write_bytes(content)
        with pytest.raises(FileError, match=r"x.parquet is not a Parquet file that can be read"):
            parquet_rows(path)


def test_bytes_that_are_not_utf_8_are_a_fault_of_their_row(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    raw = pyarrow.array([b"Zo\xc3\xab", b"Jos\xe9", b"Ann"], pyarrow.binary())
    text = pyarrow.StringArray.from_buffers(3, *raw.buffers()[1:])
    for column in (text, text.dictionary_encode()):
        parquet.write_table(pyarrow.table({"text": column, "n": [1, 2, 3]}), path)
        fault = "x.parquet:2: field 'text' cannot be read: byte 3 (0xe9) is not UTF-8"
        assert parquet_rows(path, key="n") == [Row(1, "Zoë", 1), BadRow(fault), Row(3, "Ann", 3)]
        fault = fault.replace("'text'", "'n'")
        parquet.write_table(pyarrow.table({"text": ["a", "b", "c"], "n": column}), path)
        rows = parquet_rows(path, key="n")
        assert rows == [Row(1, "a", "Zoë"), BadRow(fault), Row(3, "c", "Ann")]
    with path.open("rb") as file:
        rows = list(read_parquet("x.parquet", file, "n", None, "replace"))
    assert rows[1] == Row(2, "Jos\ufffd", None)


def test_two_columns_of_one_name_are_refused_where_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    columns = [pyarrow.array(["a"])] * 4
    table = pyarrow.Table.from_arrays(columns, names=["text", "n", "n", "id"])
    parquet.write_table(table, path)
    assert parquet_rows(path, key="id") == [Row(1, "a", "a")]
    with pytest.raises(FileError, match="2 columns are called 'n': give each its own name"):
        parquet_rows(path, key="n")


def test_ids_of_any_kind(tmp_path: Path) -> None:
    import datetime

    path = tmp_path / "x.parquet"
    day = datetime.datetime(2026, 1, 2, 3, 4, 5, 678901)
    kinds: dict[str, tuple[Any, Any, str]] = {
        "date": (day.date(), pyarrow.date32(), "2026-01-02"),
        "us": (day, pyarrow.timestamp("us"), "2026-01-02 03:04:05.678901"),
        "ns": (1, pyarrow.timestamp("ns"), "1970-01-01 00:00:00.000000001"),
        "year 11476": (3 * 10**11, pyarrow.timestamp("s"), "11476-08-15 05:20:00.000"),
        "list": ([1, 2], pyarrow.list_(pyarrow.int64()), "[1, 2]"),
        "bytes": (b"\xff", pyarrow.binary(), "b'\\xff'"),
        "nan": (float("nan"), pyarrow.float64(), "NaN"),
    }
    for value, kind, shown in kinds.values():
        known = pyarrow.array([value, None], kind)
        parquet.write_table(pyarrow.table({"text": ["a", "b"], "n": known}), path)
        assert parquet_rows(path, key="n") == [Row(1, "a", shown), Row(2, "b", None)]


def test_damage_anywhere_in_a_parquet_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    texts = [f"Zoë met José {number}" for number in range(300)]
    parquet.write_table(pyarrow.table({"text": texts, "n": range(300)}), path, compression="zstd")
    whole = path.read_bytes()
    generator = random.Random(1)
    faults = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
        path.write_bytes(damaged)
        try:
            parquet_rows(path, key="n")
        except FileError as problem:
            faults += 1
            assert str(problem).count("\n") == 0
            assert len(str(problem)) < 300
    assert faults > 50


@pytest.mark.parametrize("keep_kind", [True, False])
def test_a_value_that_many_rows_share_does_not_fill_the_memory(
    tmp_path: Path, keep_kind: bool
) -> None:
    path = tmp_path / "x.parquet"
    shared = pyarrow.array(["a" * (4 << 20)]).dictionary_encode()
    table = pyarrow.table({"text": shared.take(pyarrow.array([0] * 2000))})
    parquet.write_table(
        table, path, compression="zstd", store_schema=keep_kind, dictionary_pagesize_limit=1 << 24
    )
    pool = pyarrow.default_memory_pool()
    before = pool.bytes_allocated()
    with path.open("rb") as file:
        rows = read_parquet("x.parquet", file, "text", None)
        for row in itertools.islice(rows, 40):
            assert isinstance(row, Row)
            assert len(row.text) == 4 << 20
            assert pool.bytes_allocated() - before < 200 << 20
        rows.close()  # type: ignore[attr-defined]
