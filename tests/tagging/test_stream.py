"""Files, folders and standard input become texts, or one clear line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.errors import ConfigError, CorpusError, FileError
from ner_rnn.tagging.documents import CutText
from ner_rnn.tagging.stream import Source, read_columns, read_texts, text_files

TEXT = "Zoë met\r\nJosé.\n"


def test_files_keep_their_order_names_and_line_ends(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("b.txt", "a.anything")]
    paths[0].write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    paths[1].write_bytes(b"")
    assert list(read_texts(paths)) == [
        Source(str(paths[0]), "", TEXT),
        Source(str(paths[1]), "", ""),
    ]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress, bytes])
def test_packed_files_and_packed_standard_input(
    pack: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "packed").write_bytes(pack(TEXT.encode()))
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(pack(TEXT.encode()))))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", given)
    assert [source.text for source in read_texts([tmp_path / "packed", "-"])] == [TEXT, TEXT]


def test_a_folder_gives_its_texts_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/y.TXT.gz", "c.pdf", ".hidden.txt", ".git/x.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    found = [Path(path).relative_to(tmp_path).as_posix() for path in text_files([tmp_path])]
    assert found == ["b.txt", "a/y.TXT.gz", "a/z.md"]


def fails(paths: list[Any], problem: type[Exception], message: str, **options: Any) -> None:
    with pytest.raises(problem, match=message):
        list(read_texts(paths, **options))


def test_wrong_encoding_is_named_with_its_place_and_two_remedies(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(b"fine\nJos\xe9 left\n")
    fails(
        [tmp_path / "old.txt"],
        FileError,
        r"old.txt:2: byte 8 \(0xe9\) is not utf-8 text: name the file's encoding, "
        r"as in --encoding latin-1, or give --errors replace$",
    )
    (read,) = read_texts([tmp_path / "old.txt"], encoding="latin-1")
    assert read.text == "fine\nJosé left\n"
    (read,) = read_texts([tmp_path / "old.txt"], errors="replace")
    assert read.text == "fine\nJos\ufffd left\n"
    fails(
        [tmp_path / "old.txt"], ConfigError, "encoding 'latin-x' is not known", encoding="latin-x"
    )


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "image.txt").write_bytes(b"PNG\0\0")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"text" * 100)[:-9])
    fails([tmp_path / "image.txt"], FileError, r"image.txt is a binary file \(byte 3 is 0\)")
    fails([tmp_path / "image.txt"], FileError, "binary file", errors="replace")
    fails([tmp_path / "cut.gz"], FileError, "cut.gz cannot be unpacked")
    fails([tmp_path / "absent"], FileError, "absent does not exist")
    (tmp_path / "folder").mkdir()
    fails([tmp_path / "folder"], FileError, r"folder is a folder without text files \(.txt")


def test_columns_become_documents_of_given_words(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("-DOCSTART- O\n\nNew O\nYork B-LOC\n\nIt O\n\n-DOCSTART- O\n\nHe O\n")
    first, second = read_columns([path])
    assert first == Source(str(path), "0", CutText("New York\nIt", [[(0, 3), (4, 8)], [(9, 11)]]))
    assert second == Source(str(path), "1", CutText("He", [[(0, 2)]]))


def test_one_column_suffices_and_others_may_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("1 New\n2 York\n")
    (read,) = read_columns([tmp_path], token_column=1)
    assert isinstance(read.text, CutText)
    assert read.text.text == "New York"
    path.write_text("New\nYork\n")
    (read,) = read_columns([path])
    assert isinstance(read.text, CutText)
    assert read.text.text == "New York"
    with pytest.raises(CorpusError, match=r"x.txt:1: 1 column .*column 2: .* --token-column$"):
        list(read_columns([path], token_column=2))
    with pytest.raises(FileError, match="columns are not read from standard input"):
        list(read_columns(["-"]))
