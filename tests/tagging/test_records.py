"""Rows of tables become texts with ids; a row that is none is told with its place."""

from __future__ import annotations

import io
import json
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
from ner_rnn.tagging import records as tables
from ner_rnn.tagging.records import BadRow, Row, read_csv, read_json_lines, read_parquet


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
        ('{"body": "x", "id": 1}', "no field 'text', but body, id: choose with --text-field"),
        ('{"text": "x", "n": 1}', "no field 'id', but text, n: choose with --id-field"),
        ("{}", "no field 'text', but none at all: choose with --text-field"),
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
    assert bad.message.startswith(f"x.jsonl:2: {message}")


def test_many_fields_are_not_all_listed() -> None:
    (bad,) = json_rows(json.dumps({f"f{i}": 0 for i in range(50)}))
    assert isinstance(bad, BadRow)
    assert bad.message.endswith("f11 and 38 more: choose with --text-field")


def test_half_an_escaped_pair_becomes_one_character() -> None:
    assert json_rows('{"text": "a\\ud800b\\ud83d\\ude00"}') == [Row(1, "a\ufffdb😀", None)]


def test_a_json_list_and_an_endless_line_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match=r"x.jsonl is one JSON list, not JSON lines"):
        json_rows('[\n{"text": "x"}\n]\n')
    monkeypatch.setattr(tables, "_LONGEST_ROW", 100)
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
        ("id;body\n1;x\n", "x.csv: no column 'text', but id, body: choose with --text-field"),
    ):
        with pytest.raises(FileError) as told:
            csv_rows(text)
        assert str(told.value) == message
    with pytest.raises(FileError, match="no column 'key', but text: choose with --id-field"):
        csv_rows("text\n", key="key")
    short, quote, good = csv_rows('id,text\n1\n2,"a"b\n3,c\n')
    assert short == BadRow("x.csv:2: columns: 1, but the first line names 2")
    assert isinstance(quote, BadRow)
    assert quote.message.startswith("x.csv:3: ")
    assert good == Row(4, "c", None)
    (open_end,) = csv_rows('text\n"a\nb\nc\n')
    assert isinstance(open_end, BadRow)
    assert open_end.message.startswith("x.csv:2: unexpected end of data (up to line 4): is a quote")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5), st.integers(1, 9))
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
    kinds = pyarrow.array(["a", "b"]).dictionary_encode()
    parquet.write_table(pyarrow.table({"text": kinds, "n": [1, 2]}), path)
    assert parquet_rows(path, key="n") == [Row(1, "a", 1), Row(2, "b", 2)]


def test_faults_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    parquet.write_table(pyarrow.table({"n": [1]}), path)
    with pytest.raises(FileError, match="no column 'text', but n: choose with --text-field"):
        parquet_rows(path)
    with pytest.raises(FileError, match="column 'n' holds int64, not text: choose another with"):
        parquet_rows(path, text="n")
    for content in (b"", b"PAR1 and nothing more", path.read_bytes()[:-20]):
        path.write_bytes(content)
        with pytest.raises(FileError, match=r"x.parquet is not a Parquet file that can be read"):
            parquet_rows(path)
