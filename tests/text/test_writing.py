"""Files and folders appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ner_rnn.errors import FileError
from ner_rnn.text.writing import check_folder, make_folder, replacing, write_folder, write_whole


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    with pytest.raises(KeyError), replacing(path) as file:
        file.write(b"half")
        raise KeyError
    assert path.read_text() == "old"
    with replacing(path) as file:
        file.write("né\n".encode())
        assert path.read_text() == "old"
    assert path.read_bytes() == "né\n".encode()
    assert files(tmp_path) == ["out"]


def test_text_bytes_and_pieces(tmp_path: Path) -> None:
    for content in ("né\n", "né\n".encode(), ["n", "é".encode(), "\n"]):
        write_whole(tmp_path / "out", content)
        assert (tmp_path / "out").read_bytes() == "né\n".encode()


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, message in (
        (tmp_path, "is a folder where a file is to be written: remove it or choose another path"),
        (tmp_path / "absent" / "out", "No such file or directory; choose another path"),
        (tmp_path / "file" / "out", "Not a directory; choose another path"),
    ):
        with pytest.raises(FileError, match=message), replacing(path):
            pytest.fail("nothing can be written here")


@pytest.mark.parametrize("make", [make_folder, check_folder])
def test_folders_are_made_unless_a_file_is_in_the_way(make: object, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path / "a" / "b")
    assert files(tmp_path) == ["a", "a/b"]
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(FileError, match="file is a file where a folder is needed"):
            make(path)


def test_a_folder_keeps_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept")
    write_folder(tmp_path, {"a": b"1", "b": b"2"})
    write_folder(tmp_path, {"a": b"3"}, remove=["a", "b", "absent"])
    assert files(tmp_path) == ["a", "mine"]
    assert (tmp_path / "a").read_bytes() == b"3"


def test_a_failed_move_puts_the_old_files_back(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a": b"old"})
    (tmp_path / "last").mkdir()
    with pytest.raises(FileError, match="last is a folder there"):
        write_folder(tmp_path, {"a": b"new", "b": b"new", "last": b"new"})
    assert files(tmp_path) == ["a", "last"]
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / f".out.{os.getpid()}.partial").symlink_to("/dev/full")
    message = "out cannot be written: No space left on device; free some space or choose another"
    with pytest.raises(FileError, match=message), replacing(tmp_path / "out") as file:
        file.write(b"x")  # fails when the file is closed
    assert files(tmp_path) == []
