"""Documents are written so that every name can be found again."""

from __future__ import annotations

import csv
import io
import json
import pickle
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from ner_rnn.errors import FileError
from ner_rnn.runtime.documents import Document, Name, TokenizedText
from ner_rnn.tagging.arrow import Parquet
from ner_rnn.tagging.cells import guarded, unguarded
from ner_rnn.tagging.csv_rows import read_csv
from ner_rnn.tagging.folders import find_inputs
from ner_rnn.tagging.records import Row
from ner_rnn.tagging.stream import Reader, Reading, Source
from ner_rnn.tagging.tables import Csv
from ner_rnn.tagging.writers import Columns, Format, Highlighted, JsonLines, Text
from ner_rnn.text.conll import read_conll
from ner_rnn.text.tokenize import tokenize

from .made_up_documents import named

TEXT = "👍 Zoë\nSmith's friend left. J. R. Hart stayed.\n"
SOURCE = Source(0, "a.txt", "")


def written(format: Format, *documents: Document, source: Source = SOURCE) -> bytes:
    """What a format writes, after a journey to another process and back."""
    there = pickle.loads(pickle.dumps(format))
    file = io.BytesIO()
    writer = format.writer(file)
    for document in documents:
        writer.add(pickle.loads(pickle.dumps(there.render([(source, document)]))))
    writer.close()
    return file.getvalue()


def text_of(format: Format, *documents: Document, source: Source = SOURCE) -> str:
    return written(format, *documents, source=source).decode()


def test_a_line_of_json_a_document() -> None:
    line = text_of(JsonLines(), named(TEXT, "Zoë\nSmith", "J. R. Hart"))
    assert line.endswith("\n")
    assert line.count("\n") == 1
    read = json.loads(line)
    assert list(read) == ["source", "text", "names"]
    assert (read["source"], read["text"]) == ("a.txt", TEXT)
    assert [name["text"] for name in read["names"]] == ["Zoë\nSmith", "J. R. Hart"]
    for name in read["names"]:
        assert list(name) == ["start", "end", "text", "score"]
        assert TEXT[name["start"] : name["end"]] == name["text"]
        assert name["score"] == 0.9877


def test_json_tells_what_is_known_of_the_source() -> None:
    source = Source(0, "a.csv", "", "3", {"x": [1, None]}, 5)
    every = JsonLines(with_document=True, with_id=True, with_offset=True)
    read = json.loads(text_of(every, Document(""), source=source))
    assert read == {
        "source": "a.csv", "document": "3", "id": {"x": [1, None]}, "offset": 5, "text": "",
        "names": [],
    }  # fmt: skip
    bare = json.loads(text_of(every, Document("")))
    assert bare | {"text": "t"} == {
        "source": "a.txt", "document": None, "id": None, "offset": 0, "text": "t", "names": [],
    }  # fmt: skip
    assert json.loads(text_of(JsonLines(), Document(""), source=source))["offset"] == 5


@given(st.text(), st.text())
def test_any_text_is_json(text: str, path: str) -> None:
    document = Document(text, [Name(0, len(text), text, 1e-9)])
    line = text_of(JsonLines(), document, source=Source(0, path, ""))
    assert json.loads(line) == {
        "source": path, "text": text,
        "names": [{"start": 0, "end": len(text), "text": text, "score": 0.0}],
    }  # fmt: skip
    assert line.count("\n") == 1


def test_a_file_name_that_is_no_text_is_kept() -> None:
    line = written(JsonLines(), Document("é"), source=Source(0, "b\udce9.txt", ""))
    assert b"\\udce9.txt" in line
    assert json.loads(line)["source"] == "b\udce9.txt"


def test_parquet_of_a_path_and_an_id_that_are_no_text() -> None:
    source = Source(0, "b\udce9.txt", "", id="\ud800")
    file = io.BytesIO(written(Parquet(), named("Al ran", "Al"), source=source))
    (row,) = parquet.read_table(file).to_pylist()
    assert (row["source"], row["id"], row["text"]) == ("b\\udce9.txt", "\\ud800", "Al")


def test_columns_are_read_back_as_the_same_names(tmp_path: Path) -> None:
    path = tmp_path / "out.conll"
    document = named(TEXT, "Zoë\nSmith", "J. R. Hart")
    path.write_bytes(written(Columns(), document, named("Al ran")))
    first, second, third = read_conll(path)
    assert first.tokens == ("👍", "Zoë", "Smith", "'s", "friend", "left", ".")
    assert first.tags == ("O", "B-PER", "I-PER", "O", "O", "O", "O")
    assert second.tags == ("B-PER", "I-PER", "I-PER", "O", "O")
    assert (first.document, second.document, third.document) == ("0", "0", "1")


def test_columns_keep_the_words_that_were_given() -> None:
    cut = TokenizedText.join([["New York", "#"], [], ["J", "Hart"]])
    document = Document(cut.text, [Name(12, 18, "J Hart", 1.0)], offsets=cut.sentences)
    body = "New York\tO\n#\tO\n\nJ\tB-PER\nHart\tI-PER\n\n"
    assert text_of(Columns(), document) == "-DOCSTART-\tO\n\n" + body
    later = Source(0, "a.txt", "", offset=9)  # a document goes on
    assert text_of(Columns(), document, source=later) == body


@given(st.text(alphabet="Ab. \n'👍é"), st.data())
def test_names_over_any_words_are_found_again_in_words(text: str, data: st.DataObject) -> None:
    wanted = []
    names = []
    for sentence in tokenize(text):
        begin = data.draw(st.integers(0, len(sentence) - 1))
        end = data.draw(st.integers(begin + 1, len(sentence)))
        wanted.append((begin, end, 0.5))
        start, stop = sentence[begin][0], sentence[end - 1][1]
        names.append(Name(start, stop, text[start:stop], 0.5))
    document = Document(text, names)
    assert [tuple(found[0])[:3] for _, found in document.named_sentences()] == wanted


def test_csv_has_a_name_a_row_and_places_in_the_whole_document() -> None:
    document = named(TEXT, "Zoë\nSmith", "J. R. Hart")
    for source, known in (
        (Source(0, "a,b.txt", "", id="x", offset=100), "x"),
        (Source(0, "a,b.txt", "", id=7), "7"),
        (Source(0, "a,b.txt", "", "3"), "3"),
        (Source(0, "a,b.txt", ""), ""),
    ):
        out = text_of(Csv(), document, Document("nobody"), source=source)
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        base = source.offset or 0
        assert [(row["source"], row["id"], row["text"]) for row in rows] == [
            ("a,b.txt", known, "Zoë\nSmith"),
            ("a,b.txt", known, "J. R. Hart"),
        ]
        assert (rows[0]["start"], rows[0]["end"], rows[0]["score"]) == (
            str(base + 2), str(base + 11), "0.9877",
        )  # fmt: skip
    assert text_of(Csv()) == "source,id,start,end,text,score\n"


@pytest.mark.parametrize("format", [Csv(), Parquet()])
def test_a_long_id_of_many_names_does_not_fill_the_memory(tmp_path: Path, format: Format) -> None:
    text = "Al " * 5_000
    document = Document(text, [Name(3 * n, 3 * n + 2, "Al", 1.0) for n in range(5_000)])
    short, long = (Source(0, "a", "", id=known) for known in ("é1", "é" * 60_000))
    tagged = [(short, document), (long, document), (short, document)]
    tracemalloc.start()
    part = pickle.loads(pickle.dumps(format.render(tagged)))
    with (tmp_path / "out").open("wb") as file:
        writer = format.writer(file)
        writer.add(part)
        writer.close()
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()
    if isinstance(format, Parquet):
        known = parquet.read_table(tmp_path / "out")["id"]
        counted = Counter(known.to_pylist())
    else:
        with (tmp_path / "out").open(newline="", encoding="utf-8") as lines:
            counted = Counter(row["id"] for row in csv.DictReader(lines))
    assert counted == {"é1": 10_000, "é" * 60_000: 5_000}


FORMULAS = ("=1+1", "+1", "-1", "@a", "\t=1", "\r\n=1", "'=1", "''+a", "＝a")
PLAIN = ("a=1", "'a", "'", "-", "", " =1", "1")


def test_cells_that_a_spreadsheet_would_run_are_guarded_and_read_back() -> None:
    for text in FORMULAS + PLAIN:
        guard = "'" if text in FORMULAS else ""
        document = Document(text, [Name(0, len(text), text, 1.0)])
        source = Source(0, text or "x", "", id=text)
        out = text_of(Csv(), document, source=source)
        row = next(csv.DictReader(io.StringIO(out, newline="")))
        assert (row["text"], row["id"]) == (guard + text,) * 2
        assert row["source"] == guard + (text or "x")
        (read,) = read_csv("x.csv", [out], "text", "id")
        assert isinstance(read, Row)
        assert (read.text, read.id) == (text, text)
        raw = text_of(Csv(raw=True), document, source=source)
        assert next(csv.DictReader(io.StringIO(raw, newline="")))["text"] == text


@pytest.mark.parametrize("text", ["Ann\rLee", "Ann\0Lee", 'Ann "Bo" Lee', "Lee, Ann", "Lee;Ann"])
def test_csv_quotes_alike_on_every_python(text: str) -> None:
    out = text_of(Csv(raw=True), Document(text, [Name(0, len(text), text, 1.0)]))
    _, written = out.split("\n", 1)
    cell = text.replace('"', '""')
    assert written == f"a.txt,,0,{len(text)}," + (
        f'"{cell}",1.0\n' if set(text) & set('\r",') else f"{cell},1.0\n"
    )


@given(st.text())
def test_a_guard_is_taken_off_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_text_in_brackets_or_bare_to_the_byte() -> None:
    document = named(TEXT, "Zoë\nSmith")
    assert text_of(Text(), document) == TEXT.replace("Zoë\nSmith", "[Zoë\nSmith]")
    assert text_of(Text(brackets=False), document, document) == TEXT * 2
    row = Source(0, "a.csv", "", by_line=False)
    assert text_of(Text(), Document("a"), Document("b\n"), source=row) == "a\nb\n"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig", "utf-32", "utf-16-be"])
def test_text_is_written_as_it_was_read(encoding: str) -> None:
    documents = [Document("é\r\n"), Document(""), Document("b")]
    out = written(Text(brackets=False, encoding=encoding), *documents)
    assert out == "é\r\nb".encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", b"\xef\xbb\xbfZo\xc3\xab"),
        ("utf-8", b"Zo\xc3\xab"),
        ("utf-8-sig", b"\xef\xbb\xbfZo"),
        ("utf-8-sig", b"Zo"),
        ("utf-16", b"\xfe\xff\0Z\0o"),
        ("utf-16", b"\xff\xfeZ\0o\0"),
        ("utf-16-be", b"\xfe\xff\0Z"),
        ("utf-16-be", b"\0Z\0o"),
        ("utf-16-le", b"\xff\xfeZ\0"),
        ("utf-32", b"\0\0\xfe\xff\0\0\0Z"),
        ("utf-32", b"\xff\xfe\0\0Z\0\0\0"),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-8", b""),
        ("utf-16", b""),
    ],
)
def test_bare_text_keeps_its_mark_and_byte_order(
    tmp_path: Path, encoding: str, content: bytes
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    events = Reader(find_inputs([path]), Reading(encoding))
    (source,) = (event for event in events if isinstance(event, Source))
    document = Document(str(source.text))
    format = Text(brackets=False, encoding=encoding)
    assert written(format, document, source=source) == content
    assert (
        written(format, document, document, source=source)
        == content + content[len(source.mark or b"") :]
    )


def test_what_an_encoding_cannot_write_is_told() -> None:
    message = r"a.txt: '👍' cannot be written in latin-1, the encoding that was read"
    with pytest.raises(FileError, match=message):
        written(Text(brackets=False, encoding="latin-1"), Document("👍"))


def test_names_are_coloured_on_a_terminal() -> None:
    on, off = "\x1b[1;30;103m", "\x1b[0m"
    wanted = TEXT.replace("Zoë\nSmith", f"{on}Zoë{off}\n{on}Smith{off}")
    assert text_of(Highlighted(), named(TEXT, "Zoë\nSmith")) == wanted
    headed = Highlighted(headed=True)
    source = Source(0, "a\x1b.csv", "", "3", "x", by_line=False)
    assert text_of(headed, Document("a"), source=source) == "\x1b[2ma\\x1b.csv 3 x\x1b[0m\na\n"


def test_without_colour_names_stand_in_brackets_or_bare() -> None:
    document = named(TEXT, "Zoë\nSmith")
    assert text_of(Highlighted(colour=False), document) == text_of(Text(), document)
    assert text_of(Highlighted(colour=False, brackets=False), document) == TEXT
    assert text_of(Highlighted(colour=False, headed=True), Document("a")) == "a.txt\na\n"


def test_a_text_cannot_steer_the_terminal() -> None:
    output = text_of(Highlighted(colour=False), named("\x1b[31mred \x07\r\n\x9b2J Al", "Al"))
    assert output == "␛[31mred ␇\n\ufffd2J [Al]\n"
