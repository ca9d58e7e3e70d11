"""Files and folders appear whole or not at all."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ner_rnn.errors import FileError
from ner_rnn.text.writing import check_new_file, new_private_file, replacing, write_whole
from ner_rnn.text.writing_folders import check_folder, make_folder, write_folder


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


def test_ctrl_c_while_a_file_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def interrupted(path: Path, mode: str) -> None:
        opened(path, mode).close()
        assert len(files(tmp_path)) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "open", interrupted)
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "out"):
        raise AssertionError("the block has begun")
    assert not files(tmp_path)


def test_a_private_file_is_new_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"
    check_new_file(path)
    assert files(tmp_path) == []
    with new_private_file(path) as file:
        file.write(b"new")
        [partial] = tmp_path.iterdir()
        assert partial.stat().st_mode & 0o777 == 0o600
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    for refused in (check_new_file, lambda path: new_private_file(path).__enter__()):
        with pytest.raises(FileError, match="out exists, and is not overwritten: choose another"):
            refused(path)
    with pytest.raises(FileError, match="exists"), new_private_file(tmp_path / "late") as file:
        (tmp_path / "late").write_text("mine")
    with pytest.raises(KeyError), new_private_file(tmp_path / "never"):
        raise KeyError
    with pytest.raises(FileError, match=r"missing/out cannot be written"):
        check_new_file(tmp_path / "missing" / "out")
    assert files(tmp_path) == ["late", "out"]
    assert (tmp_path / "late").read_text() == "mine"


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


def test_links_are_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("old")
    (tmp_path / "link").symlink_to("second")
    (tmp_path / "second").symlink_to(tmp_path / "real" / "file")
    (tmp_path / "dangling").symlink_to("real/new")
    for name in ("link", "dangling"):
        write_whole(tmp_path / name, "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert (tmp_path / "real" / "file").read_text() == "new"
    assert (tmp_path / "real" / "new").read_text() == "new"
    assert files(tmp_path / "real") == ["file", "new"]
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(FileError, match="loop cannot be written: Too many levels of symbolic"):
        write_whole(tmp_path / "loop", "new")


def test_pipes_and_devices_are_written_to_and_stay(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to("pipe")
    for path in (pipe, tmp_path / "link"):
        with ThreadPoolExecutor(1) as pool:
            read = pool.submit(pipe.read_bytes)
            write_whole(path, "né\n")
            assert read.result() == "né\n".encode()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert files(tmp_path) == ["link", "pipe"]
    try:
        os.mknod(tmp_path / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        write_whole(tmp_path / "null", "new")
    except (OSError, FileError) as error:
        pytest.skip(f"no device can be made or written here: {error}")
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)


def test_what_can_be_neither_replaced_nor_written_to_is_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(tmp_path / "socket"))
        with pytest.raises(FileError, match="socket cannot be written: it is a socket; choose"):
            write_whole(tmp_path / "socket", "new")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="pipe is a pipe or a device there"):
        write_folder(tmp_path, {"a": b"new", "pipe": b"new"})
    assert files(tmp_path) == ["pipe", "socket"]


def test_what_processes_that_are_gone_left_is_removed(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    number = int(gone.stdout)
    left = [f".out.{number}.partial", f".other.{number}.partial", f".out.{os.getppid()}.partial"]
    for name in left:
        (tmp_path / name).write_text("half")
    write_whole(tmp_path / "out", "new")
    assert files(tmp_path) == sorted([left[1], left[2], "out"])  # nothing of others
    write_whole(tmp_path / "other", "new")
    assert files(tmp_path) == sorted([left[2], "other", "out"])
    (tmp_path / f".writing-{number}-abc").mkdir()
    (tmp_path / f".writing-{os.getppid()}-abc").mkdir()
    write_folder(tmp_path, {"a": b"1"})
    assert f".writing-{number}-abc" not in files(tmp_path)
    assert f".writing-{os.getppid()}-abc" in files(tmp_path)


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    for name in ("é" * 127, "a" * 255):
        write_whole(tmp_path / name, "new")
    assert len(files(tmp_path)) == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / f".out.{os.getpid()}.partial").symlink_to("/dev/full")
    message = "out cannot be written: No space left on device; free some space or choose another"
    with pytest.raises(FileError, match=message), replacing(tmp_path / "out") as file:
        file.write(b"x")  # fails when the file is closed
    assert files(tmp_path) == []
