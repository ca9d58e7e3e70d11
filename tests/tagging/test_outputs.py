"""Each input becomes a file that appears once it is complete."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from ner_rnn.errors import FileError
from ner_rnn.tagging.arrow import Parquet
from ner_rnn.tagging.outputs import Tree
from ner_rnn.tagging.writers import JsonLines


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_tree_holds_what_is_complete(tmp_path: Path) -> None:
    targets = [tmp_path / name for name in ("a/1", "2", "3", "b/4")]
    tree = Tree(JsonLines(), targets)
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


def test_a_table_that_is_given_up_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = Tree(Parquet(), [tmp_path / "1", tmp_path / "2"])
    tree.add(0, [("a", "", 0, 2, "Al", 1.0)] * 9)
    tree.end(0, complete=False)
    tree.add(1, [("a", "", 0, 2, "Al", 1.0)] * 9)
    tree.close()
    gc.collect()
    assert capsys.readouterr() == ("", "")
    assert files(tmp_path) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / f".1.{os.getpid()}.partial").symlink_to("/dev/full")
    tree = Tree(JsonLines(), [tmp_path / "1"])
    with pytest.raises(FileError, match="1 cannot be written: No space left on device; free some"):
        tree.add(0, b"x" * 100_000)
    assert files(tmp_path) == []
