"""Files and standard input become texts, in parts where they are long, or one clear line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.errors import ConfigError
from ner_rnn.runtime.documents import TokenizedText
from ner_rnn.tagging import stream
from ner_rnn.tagging.folders import Input, Kind, find_inputs
from ner_rnn.tagging.long_texts import cut_long
from ner_rnn.tagging.stream import End, Event, Fault, Reader, Reading, Source
from ner_rnn.text.files import LONGEST_LINE
from ner_rnn.text.zstandard import zstd

TEXT = "Zoë met\r\nJosé.\n"


def read(*paths: Path | str, kind: Kind | None = None, **how: Any) -> list[Event]:
    return list(Reader(find_inputs(paths, kind), Reading(**how)))


def sources(events: list[Event]) -> list[Source]:
    return [event for event in events if isinstance(event, Source)]


def fault(path: Path | str, kind: Kind | None = None, **how: Any) -> str:
    """What is told of a file that cannot be used."""
    *_, problem, end = read(path, kind=kind, **how)
    assert end == End(0, complete=False)
    assert isinstance(problem, Fault)
    assert problem.whole
    return str(problem.problem)


def test_files_keep_their_order_names_and_line_ends(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("b.txt", "a.anything")]
    paths[0].write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    paths[1].write_bytes(b"")
    assert read(*paths) == [
        Source(0, str(paths[0]), TEXT, mark=b"\xef\xbb\xbf"),
        End(0, complete=True),
        Source(1, str(paths[1]), "", mark=b""),
        End(1, complete=True),
    ]


@pytest.mark.parametrize(
    "pack",
    [gzip.compress, lzma.compress, bz2.compress, zstd.compress, bytes],
    ids=["gz", "xz", "bz2", "zst", "plain"],
)
def test_packed_files_and_packed_standard_input(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packed").write_bytes(pack(TEXT.encode()))
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(pack(TEXT.encode()))))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", given)
    assert [source.text for source in sources(read(tmp_path / "packed", "-"))] == [TEXT, TEXT]


def test_a_bad_file_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x\0y")
    (tmp_path / "b.txt").write_text("fine")
    bad, end, good, last = read(tmp_path)
    assert isinstance(bad, Fault)
    assert bad.whole
    assert "a.txt is a binary file (byte 1 is 0)" in str(bad.problem)
    assert (end, last) == (End(0, complete=False), End(1, complete=True))
    assert good == Source(1, str(tmp_path / "b.txt"), "fine", mark=b"")


def test_a_file_that_vanishes_or_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    gone = Input(str(path), "a.txt", "text", 7)
    (problem, _) = Reader([gone], Reading())
    assert isinstance(problem, Fault)
    assert (problem.file, problem.whole) == (0, True)
    assert str(problem.problem) == f"{path} does not exist: check the path"


def test_a_file_that_grows_while_it_is_read_is_read_to_its_new_end(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("a" * 1_500_000)
    events = iter(Reader(find_inputs([path]), Reading()))
    first = next(events)
    with path.open("a") as file:
        file.write("b" * 1_000_000)
    texts = [first, *sources(list(events))]
    joined = "".join(str(source.text) for source in texts if isinstance(source, Source))
    assert joined == "a" * 1_500_000 + "b" * 1_000_000


def test_wrong_encoding_is_named_with_its_place_and_two_remedies(tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_bytes(b"fine\nJos\xe9 left\n")
    assert fault(old) == (
        f"{old}:2: byte 8 (0xe9) is not utf-8 text: name the file's encoding, as in encoding "
        "latin-1, or give errors replace"
    )
    assert sources(read(old, encoding="latin-1"))[0].text == "fine\nJosé left\n"
    assert sources(read(old, errors="replace"))[0].text == "fine\nJos\ufffd left\n"


@pytest.mark.parametrize("name", ["rot13", "hex", "base64", "punycode", "undefined", "latin-x", ""])
def test_a_codec_that_is_none_of_text_is_refused_at_once(name: str) -> None:
    with pytest.raises(ConfigError, match=f"encoding '{name}' is not known: try utf-8"):
        Reading(name)


def test_utf_16_without_a_mark_is_a_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Zoë".encode("utf-16-le"))
    (tmp_path / "b.txt").write_bytes("Zoë".encode("utf-16"))
    bad, _, good, _ = read(tmp_path, encoding="utf-16")
    assert isinstance(bad, Fault)
    assert "a.txt is not utf-16 text" in str(bad.problem)
    assert str(bad.problem).endswith("name the file's encoding, as in encoding utf-16-le")
    assert sources([good])[0].text == "Zoë"


@pytest.mark.parametrize("name", ["x.conll", "x.jsonl", "x.csv"])
def test_a_line_without_an_end_is_refused_by_all_readers(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(zstd.compress(b"text\n" + b"a" * (LONGEST_LINE + 1)))
    line = "of more than 16,777,216 characters: is it text?"
    assert fault(path).endswith(f"{name}:2: a line {line}")
    path.write_bytes(zstd.compress(b"text\n" + b"a" * LONGEST_LINE))
    if name != "x.jsonl":
        assert sources(read(path))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("x.conll", "ab "),
        ("x.conll", "a\t"),
        ("x.jsonl", "{},"),
        ("x.jsonl", "["),
        ("x.csv", "ab,"),
    ],
)
def test_a_line_of_endless_fields_is_refused(tmp_path: Path, name: str, field: str) -> None:
    path = tmp_path / name
    path.write_text("text\n" + field * (1 << 21) + "\n")
    assert fault(path).endswith(f"{name}:2: a line of more than 524,288 fields")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "image.txt").write_bytes(b"PNG\0\0")
    assert "image.txt is a binary file (byte 3 is 0)" in fault(tmp_path / "image.txt")
    assert "binary file" in fault(tmp_path / "image.txt", errors="replace")
    long = bytes(range(32, 127)) * 1000
    for pack in (gzip.compress, lzma.compress, bz2.compress, zstd.compress):
        (tmp_path / "cut").write_bytes(pack(long)[:-9])
        assert "cut cannot be unpacked" in fault(tmp_path / "cut")
    (tmp_path / "bad.zst").write_bytes(zstd.compress(long)[:9] + b"\xff" * 99)
    assert "bad.zst cannot be unpacked" in fault(tmp_path / "bad.zst")


def test_frames_of_zstandard_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x.zst"
    path.write_bytes(zstd.compress(b"one " * 5000) + zstd.compress(b"two"))
    assert sources(read(path))[0].text == "one " * 5000 + "two"
    path.write_bytes(zstd.compress(b"one ") + zstd.compress(b"two")[:-1])
    assert "cannot be unpacked" in fault(path)


def test_position_tells_bytes_on_the_disk(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.txt.gz"):
        (tmp_path / name).write_bytes(gzip.compress(os.urandom(5000).hex().encode()))
    inputs = find_inputs([tmp_path])
    reader = Reader(inputs, Reading())
    positions = [reader.position for event in reader if isinstance(event, End)]
    assert positions[0] == inputs[0].size
    assert positions[1] == sum(given.size or 0 for given in inputs)


def test_columns_become_documents_of_given_words(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("-DOCSTART- O\n\nNew O\nYork B-LOC\n\nIt O\n\n-DOCSTART- O\n\nHe O\n")
    first, second = sources(read(path))
    assert first.text == TokenizedText("New York\nIt", [[(0, 3), (4, 8)], [(9, 11)]])
    assert (first.document, first.line, second.document, second.line) == ("0", 3, "1", 10)
    assert second.text == TokenizedText("He", [[(0, 2)]])


def test_columns_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.BufferedReader(io.BytesIO(gzip.compress(b"New\nYork\n")))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
    (source,) = sources(read("-", kind="conll"))
    assert isinstance(source.text, TokenizedText)
    assert source.text.text == "New York"


def test_one_column_suffices_and_others_may_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("1 New\n2 York\n")
    (source,) = sources(read(tmp_path, kind="conll", token_column=1))
    assert isinstance(source.text, TokenizedText)
    assert source.text.text == "New York"
    path.write_text("New\nYork\n")
    message = fault(path, kind="conll", token_column=2)
    assert message.startswith(f"{path}:1: 1 column ('New')")
    assert message.endswith("choose others with token_column")


def test_long_columns_are_parted_between_sentences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "LONGEST_TEXT", 10)
    path = tmp_path / "x.conll"
    path.write_text("New\nYork\n\nIt\nis\n\nhe\n\n" + "long" * 9 + "\n\n-DOCSTART-\n\nshe\n")
    found = sources(read(path))
    texts = [source.text.text for source in found if isinstance(source.text, TokenizedText)]
    assert texts == ["New York", "It is\nhe", "long" * 9, "she"]
    assert [source.offset for source in found] == [0, 9, 18, None]
    whole = "\n".join(texts[:3])
    assert whole[9:].startswith("It is")
    assert whole[18:].startswith("long")


@given(st.lists(st.text("ab \n\r"), max_size=9), st.integers(2, 9))
def test_parts_joined_are_the_text(blocks: list[str], longest: int) -> None:
    parts = list(cut_long(blocks, longest))
    whole = "".join(blocks)
    assert "".join(part for _, part in parts) == whole
    assert all(0 < len(part) <= longest for _, part in parts) or whole == ""
    if len(whole) <= longest:
        assert parts == [(None, whole)]
    else:
        for offset, part in parts:
            assert offset is not None
            assert whole[offset : offset + len(part)] == part


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("aaaa\n\nbb\nb bb", "aaaa\n\n"),
        ("aaaa\r\n\r\nb bbb", "aaaa\r\n\r\n"),
        ("aaaa a\nbb bbb", "aaaa a\n"),
        ("a\n\naaa abbbbb", "a\n\naaa "),  # the blank line would leave too little
        ("aaaaaaaaaaabbbbb", "aaaaaaaaaa"),
    ],
)
def test_a_text_is_cut_where_the_least_is_torn(text: str, first: str) -> None:
    assert next(cut_long([text], 10)) == (0, first)
