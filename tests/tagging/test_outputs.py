"""A file appears whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ner_rnn.errors import FileError
from ner_rnn.tagging.outputs import Tree, replacing
from ner_rnn.tagging.writers import Text


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


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place, message in (
        (tmp_path, "is a folder: give a file for --output"),
        (tmp_path / "absent" / "out", "No such file or directory; choose another --output"),
        (tmp_path / "file" / "out", "Not a directory; choose another --output"),
    ):
        with pytest.raises(FileError, match=message), replacing(place):
            pytest.fail("nothing can be written here")


def test_a_tree_holds_what_is_complete(tmp_path: Path) -> None:
    targets = [tmp_path / name for name in ("a/1", "2", "3", "b/4")]
    tree = Tree(Text(), targets)
    tree.add(0, b"one, ")
    assert not targets[0].exists()
    tree.add(0, b"more")
    tree.end(0, complete=True)
    assert targets[0].read_bytes() == b"one, more"
    tree.add(1, b"half")
    tree.end(1, complete=False)
    tree.end(2, complete=True)  # nothing was in it
    assert targets[2].read_bytes() == b""
    tree.add(3, b"half")
    assert len(files(tmp_path / "b")) == 1
    tree.close()
    assert tree.finished == 2
    assert files(tmp_path) == ["3", "a", "a/1", "b"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / f".{name}.{os.getpid()}.partial").symlink_to("/dev/full")
    tree = Tree(Text(), [tmp_path / "1"])
    with pytest.raises(FileError, match="1 cannot be written: No space left on device; choose"):
        tree.add(0, b"x" * 100_000)
    with pytest.raises(FileError, match="No space left"), replacing(tmp_path / "2") as file:
        file.write(b"x")  # told when the file is closed
    assert files(tmp_path) == []
