"""A redacted table is the table that was read: other cells, numbers, types and order stay."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.errors import ConfigError, FileError
from ner_rnn.runtime.documents import Document, Name
from ner_rnn.tagging.folders import find_inputs
from ner_rnn.tagging.formats import choose_format
from ner_rnn.tagging.raw_rows import RawCsv, RawJson
from ner_rnn.tagging.redact import redacted
from ner_rnn.tagging.stream import End, Fault, Kept, Reader, Reading, Source
from ner_rnn.tagging.targets import plan_outputs, refuse_another_kind

NAME = "Ann Lee"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def redact(path: Path, new: str = "[NAME]", **how: Any) -> tuple[bytes, list[str]]:
    """Return the bytes of a file in which a name is replaced, and what is told of its rows."""
    reading = Reading(whole=True, **how)
    inputs = find_inputs([path])
    format = choose_format(None, inputs, reading, redact=True)
    file = io.BytesIO()
    writer = format.writer(file)
    told: list[str] = []
    for event in Reader(inputs, reading):
        if isinstance(event, Kept):
            writer.add(event)
        elif isinstance(event, Source):
            text = str(event.text)
            names = [Name(m.start(), m.end(), NAME, 1.0) for m in re.finditer(NAME, text)]
            writer.add(format.render([(event, redacted(Document(text, names), new))]))
        elif isinstance(event, Fault):
            if event.whole:
                raise event.problem
            told.append(str(event.problem))
        else:
            assert event == End(0, complete=True)
    writer.close()
    return file.getvalue(), told


def redact_bytes(folder: Path, name: str, content: bytes, *new: str, **how: Any) -> bytes:
    (folder / name).write_bytes(content)
    result, told = redact(folder / name, *new, **how)
    assert told == []
    return result


CELLS = st.text(st.sampled_from("aé😀 ,;\t|\"'=\n\r\\\u2028") | st.characters(codec="utf-8")).map(
    lambda text: text.replace("\0", "").replace("\ufeff", "")
)
ENDLESS = {ord("\r"): "", ord("\n"): ""}
TEXTS = st.lists(CELLS, min_size=1, max_size=3).map(NAME.join)


def cells(content: bytes, delimiter: str) -> list[list[str]]:
    lines = io.StringIO(content.decode(), newline="")
    return list(csv.reader(lines, delimiter=delimiter, strict=True))


@given(
    rows=st.lists(st.tuples(CELLS, TEXTS, CELLS), max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    blank=st.booleans(),
    cut=st.booleans(),
)
def test_only_the_text_of_csv_differs(
    folder: Path,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    end: str,
    quoting: Any,
    mark: bytes,
    blank: bool,
    cut: bool,
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["a", "text", "b"])
    if quoting == csv.QUOTE_MINIMAL and end != "\r\n":  # Python 3.12 quotes its own line end only
        rows = [
            (a.translate(ENDLESS), b.translate(ENDLESS), c.translate(ENDLESS)) for a, b, c in rows
        ]
    for row in rows:
        writer.writerow(row)
        if blank:
            file.write(end)
    whole = file.getvalue()
    whole = whole.removesuffix(end) if cut else whole
    content = mark + whole.encode()
    assert redact_bytes(folder, "x.csv", content, NAME) == content
    new = redact_bytes(folder, "x.csv", content, "<\n,>")
    before, after = cells(content, delimiter), cells(new, delimiter)
    for row in before[1:]:
        row[1:2] = [text.replace(NAME, "<\n,>") for text in row[1:2]]
    assert after == before
    nameless = content.replace(NAME.encode(), b"Ann")
    assert redact_bytes(folder, "x.csv", nameless) == nameless


@pytest.mark.parametrize(
    ("raw", "column", "text", "expected"),
    [
        ("1,a Ann,z\r\n", 1, "b", "1,b,z\r\n"),
        ('1,"a ""Ann"", x",z\n', 1, 'b "c"', '1,"b ""c""",z\n'),
        ('1,say "Ann",z\n', 1, 'say "b"', '1,"say ""b""",z\n'),
        ("Ann,1", 0, "b;c", "b;c,1"),
        ("Ann,1\r", 0, "b\nc", '"b\nc",1\r'),
        ("Ann\n", 0, "", '""\n'),
        (",,Ann", 2, "", ",,"),
        ('"",""\n', 1, "b", '"","b"\n'),
        ("1,Ann=2\n", 1, "=2", "1,'=2\n"),  # it was no formula before
        ("1,=Ann\n", 1, "=b", "1,=b\n"),  # it was one
    ],
)
def test_a_cell_of_csv(raw: str, column: int, text: str, expected: str) -> None:
    assert RawCsv(raw, ",", column).with_text(text) == expected


def test_cells_are_guarded_only_where_a_formula_begins_by_redaction(folder: Path) -> None:
    content = b"id,text\n=1+1,Ann Lee=cmd\n-2,-Ann Lee\n"
    new = redact_bytes(folder, "x.csv", content, "")
    assert new == b"id,text\n=1+1,'=cmd\n-2,-\n"
    own = b"source,id,start,end,text,score\na,,0,1,'=Ann Lee,0.5\n"
    assert redact_bytes(folder, "x.csv", own, "X") == own.replace(b"Ann Lee", b"X")
    assert RawCsv("Ann=1", ",", 0).with_text("=1", raw_cells=True) == "=1"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("4,Ann,Lee,x", "columns: 4, but the first line names 3"),
        ("4,Ann Lee", "columns: 2, but the first line names 3"),
        ("Ann Lee", "columns: 1, but the first line names 3"),
    ],
)
def test_a_row_of_other_columns_is_told_and_left_out(folder: Path, line: str, told: str) -> None:
    path = folder / "x.csv"
    path.write_text(f"id,text,x\n1,Ann Lee,\n{line}\n\n2,b,,,\ntext,text,x\n")
    content, problems = redact(path)
    assert content == b"id,text,x\n1,[NAME],\n\n2,b,,,\ntext,text,x\n"
    assert problems == [f"{path}:3: {told}"]


def test_a_table_whose_rows_cannot_be_told_apart_is_refused(folder: Path) -> None:
    path = folder / "x.csv"
    path.write_text('id,text\n1,"He said "hi" to\nAnn Lee, of Rome"\n')
    with pytest.raises(FileError, match=r"x.csv:2: .* No row after it is safe to give back"):
        redact(path)
    path.write_text("text,id,text\nAnn Lee,1,Ann Lee\n")
    with pytest.raises(FileError, match="2 columns are called 'text': give each its own name"):
        redact(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=8,
)


def numbers_kept(line: str) -> Any:
    """Values with numbers as they are written, keys in their order."""
    return json.loads(
        line, parse_float=lambda n: ("n", n), parse_int=lambda n: ("n", n),
        parse_constant=lambda n: ("n", n), object_pairs_hook=lambda pairs: ("object", pairs),
    )  # fmt: skip


@given(
    rows=st.lists(
        st.tuples(st.dictionaries(CELLS, JSON, max_size=4), TEXTS | st.none(), st.booleans()),
        max_size=4,
    ),
    end=st.sampled_from(["\n", "\r\n", "\n \n"]),
    indent=st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :  ")]),
)
def test_only_the_text_of_json_lines_differs(
    folder: Path, rows: list[Any], end: str, indent: tuple[str, str]
) -> None:
    objects = []
    for others, text, is_first in rows:
        inner = {key: {"text": value, NAME: 1} for key, value in others.items() if key != "text"}
        objects.append({"text": text, **inner} if is_first else {**inner, "text": text})
    lines = [
        json.dumps(row, ensure_ascii=n % 2 == 0, separators=indent) for n, row in enumerate(objects)
    ]
    content = end.join(lines).encode()
    new = redact_bytes(folder, "x.jsonl", content, '["é\n]').decode()
    for row in objects:
        row["text"] = row["text"] and row["text"].replace(NAME, '["é\n]')
    expected = [numbers_kept(json.dumps(row)) for row in objects]
    found = [line for line in new.split("\n") if line.strip()]
    assert [numbers_kept(line) for line in found] == expected
    nameless = content.replace(NAME.encode(), b"Ann")
    assert redact_bytes(folder, "x.jsonl", nameless) == nameless


def test_a_line_of_json_keeps_what_is_not_its_text(folder: Path) -> None:
    line = (
        '{"n":1.0, "x": 1e5,"big":' + "9" * 5000 + ',"d":{"text":"Ann Lee"}, "te\\u0078t" : '
        '"Zo\\u00eb, Ann Lee", "after":[NaN, -0.0,"text"], "k": "text"}\r\n'
    )
    new = redact_bytes(folder, "x.jsonl", line.encode(), "é").decode()
    assert new == line.replace('oeb, Ann Lee"', "").replace(
        '"Zo\\u00eb, Ann Lee"', '"Zo\\u00eb, \\u00e9"'
    )
    assert RawJson('{"text": "é"}', "text").with_text("ß") == '{"text": "ß"}'
    assert RawJson('{"text": "a"}', "text").with_text("—", encoding="latin-1").isascii()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": "Ann Lee", "text": "x"}', "field 'text' is two values, not text"),
        ('{"text": ["Ann Lee"]}', "field 'text' is a list, not text"),
        ('{"text": 3}', "field 'text' is a number, not text"),
        ('{"body": "Ann Lee"}', "no field 'text', but body: choose with text_field"),
        ('{"text": "Ann Lee"', "not JSON (Expecting ',' delimiter): write one object a line"),
    ],
)
def test_a_line_without_a_text_is_told_and_left_out(folder: Path, line: str, told: str) -> None:
    path = folder / "x.jsonl"
    path.write_text(f'{{"text": "Ann Lee"}}\n{line}\n{{"text": null}}')
    content, problems = redact(path)
    assert content == b'{"text": "[NAME]"}\n{"text": null}'
    assert problems == [f"{path}:2: {told}"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-be", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "id;text\r\né;Ann Lee é\r\n"),
        ("x.jsonl", '{"id": "é", "text": "Ann Lee é"}\n'),
        ("empty.jsonl", ""),
        ("head.tsv", "text\tid"),
    ],
)
def test_the_encoding_is_that_of_the_input(
    folder: Path, encoding: str, name: str, text: str
) -> None:
    content = text.encode(encoding)
    new = redact_bytes(folder, name, content, "<é>", encoding=encoding)
    assert new == text.replace(NAME, "<é>").encode(encoding)
    big = b"\xfe\xff" + text.encode("utf-16-be")
    assert redact_bytes(folder, name, big, NAME, encoding="utf-16") == big
    if name == "x.csv" and encoding == "latin-1":
        with pytest.raises(FileError, match="cannot be written in latin-1"):
            redact_bytes(folder, name, content, "—", encoding=encoding)


def test_each_input_comes_back_under_its_own_ending(folder: Path) -> None:
    place = folder / "mixed"
    place.mkdir()
    for name in ("a.TSV", "b.ndjson.gz", "c.md", "d.parquet", "e.conll", "g.csv.zst"):
        (place / name).write_bytes(b"")
    (folder / "f.json").write_bytes(b"")
    inputs = find_inputs([place, folder / "f.json"])
    reading = Reading(whole=True)
    format = choose_format(None, inputs, reading, redact=True, apart=True)
    planned = plan_outputs(inputs, "out", format.ending)
    assert [path.name for path in planned] == [
        "a.TSV", "b.ndjson", "c.txt", "d.parquet", "e.jsonl", "g.csv", "f.json",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="name a folder with output, or choose format jsonl"):
        choose_format(None, inputs, reading, redact=True)
    with pytest.raises(ConfigError, match="holds no text to redact"):
        choose_format("csv", inputs, reading, redact=True, apart=True)
    for output in ("x.tsv", "x.txt", "x"):
        refuse_another_kind(inputs[0], output)
    with pytest.raises(ConfigError, match=r"output is x.jsonl.gz: it would hold csv, as"):
        refuse_another_kind(inputs[0], "x.jsonl.gz")
