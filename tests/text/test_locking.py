"""A folder has one owner at a time; what a killed one left is taken over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ner_rnn.errors import FileError
from ner_rnn.text.locking import LOCK, locked

HOLD = """\
import sys
from ner_rnn.text.locking import locked
with locked(sys.argv[1], on_stale=lambda note: print(note, flush=True)):
    print("in", flush=True)
    sys.stdin.readline()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with hold(folder) as first:
        assert first.stdout is not None
        assert first.stdin is not None
        assert first.stdout.readline() == "in\n"
        message = rf"another process \({first.pid}\) is writing to "
        with pytest.raises(FileError, match=message), locked(folder):
            pytest.fail("two are in")
        assert (folder / LOCK).exists()
        first.stdin.write("\n")
        first.stdin.flush()
        assert first.wait() == 0
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, on_stale=pytest.fail):
        assert (folder / LOCK).read_text() == f"{os.getpid()}\n"
    assert list(folder.iterdir()) == []


def test_the_lock_of_a_killed_process_is_taken_over_and_told(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "in\n"
        first.kill()
    notes: list[str] = []
    with locked(tmp_path, on_stale=notes.append):
        pass
    assert notes == [
        f"process {first.pid} ended without finishing its work in {tmp_path}; taken over"
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_exception_frees_the_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    message = "file is a file where a folder is needed"
    with pytest.raises(FileError, match=message), locked(tmp_path / "file"):
        pytest.fail("no folder")


def test_a_folder_that_stays_empty_is_removed_as_it_was_made(tmp_path: Path) -> None:
    with pytest.raises(KeyError), locked(tmp_path / "a" / "b"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path / "a" / "b"):
        (tmp_path / "a" / "mine").write_text("")
    assert list(tmp_path.rglob("*")) == [tmp_path / "a", tmp_path / "a" / "mine"]
    (tmp_path / "empty").mkdir()
    with locked(tmp_path / "empty"):
        pass
    assert (tmp_path / "empty").is_dir()
