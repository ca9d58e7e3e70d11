"""``ner-rnn tag`` as a process among others: pipes, signals, a terminal, a full disk."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

TEXT = "Yesterday Maria Silva met Olga Smith .\n"


def names(line: str) -> list[str]:
    return [name["text"] for name in json.loads(line)["names"]]


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "ner_rnn_cli", "tag", *words]


def test_standard_input_in_any_language_setting(small_model: Path, letter: Path) -> None:
    done = subprocess.run(
        command("-", "--model", str(small_model)),
        input="Zoë: Maria Silva met Olga Smith .".encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    )
    assert names(done.stdout.decode("utf-8"))[-1] == "Olga Smith"


def test_a_broken_pipe_ends_quietly(small_model: Path, letter: Path) -> None:
    Path("many.txt").write_text(TEXT)
    words = command(*["many.txt"] * 2000, "--model", str(small_model))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode not in (0, 1, 2)


def on_a_terminal(words: Iterable[str], **more: str) -> str:
    """What a command shows on a terminal 40 columns wide."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    with subprocess.Popen(
        command(*words),
        stdout=slave,
        stderr=subprocess.DEVNULL,
        env={**environment, "TERM": "xterm-256color", **more},
    ):
        os.close(slave)
        shown = b""
        while True:
            try:
                block = os.read(master, 4096)
            except OSError:  # the other end is closed
                break
            if not block:
                break
            shown += block
    os.close(master)
    return shown.decode().replace("\r\n", "\n")


def test_names_are_highlighted_on_a_terminal(small_model: Path, letter: Path) -> None:
    Path("other.txt").write_text("no one " * 20)
    words = ["letter.txt", "other.txt", "--model", str(small_model)]
    shown = on_a_terminal(words)
    assert "\x1b[2mletter.txt\x1b[0m\n" in shown
    assert "Yesterday \x1b[1;30;103mMaria Silva\x1b[0m met \x1b[" in shown
    assert "no one " * 20 + "\n" in shown
    assert "Yesterday [Maria Silva] met [Olga Smith] ." in on_a_terminal(words, NO_COLOR="1")


def partial_files() -> list[str]:
    return [path.name for path in Path().rglob(".*") if "partial" in path.name]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_run_leaves_nothing_half_written(
    small_model: Path, letter: Path, workers: str
) -> None:
    Path("in").mkdir()
    for number in range(30):
        Path(f"in/{number:02}.txt").write_text(TEXT * 7_000)
    words = ["in", "--output", "out", "--model", str(small_model), "--workers", workers]
    with subprocess.Popen(command(*words), stderr=subprocess.PIPE, start_new_session=True) as run:
        assert run.stderr is not None
        began = time.monotonic()
        while not list(Path().glob("out/*.jsonl")):
            assert run.poll() is None
            assert time.monotonic() - began < 120
            time.sleep(0.02)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal sends it: to every process
        told = run.stderr.read().decode()
    assert run.returncode == 130
    done = len(list(Path("out").glob("*")))
    assert 0 < done < 30
    assert told == f"interrupted: {done} of 30 files done; the same command with --resume goes on\n"
    assert partial_files() == []
    for path in Path("out").glob("*"):
        assert len(names(path.read_text())) == 14_000


def test_a_full_disk_behind_a_pipe(small_model: Path, letter: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("letter.txt", "--model", str(small_model)),
            stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.decode() == (
        "error: no space left on device; free some space, or write to another disk\n"
    )


def test_a_text_is_not_written_into_itself(small_model: Path, letter: Path) -> None:
    with letter.open("rb") as read, letter.open("ab") as write:
        done = subprocess.run(
            command("-", "--model", str(small_model)),
            stdin=read, stdout=write, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == b"error: standard output would replace the text that is read\n"
    assert letter.read_text() == TEXT


@pytest.mark.skipif(shutil.which("zstd") is None, reason="no zstd to pack with")
def test_a_stream_that_is_packed(small_model: Path, letter: Path) -> None:
    packed = subprocess.run(["zstd", "-c", "letter.txt"], capture_output=True, check=True).stdout
    done = subprocess.run(
        command("-", "--model", str(small_model)), input=packed, capture_output=True, check=True
    )
    assert names(done.stdout.decode()) == ["Maria Silva", "Olga Smith"]


def shell(line: str, model: Path) -> subprocess.CompletedProcess[bytes]:
    """Run ``tag`` with words and redirections as a shell reads them."""
    words = f'exec "{sys.executable}" -m ner_rnn_cli tag --model "{model}" {line}'
    return subprocess.run(["sh", "-c", words], capture_output=True, check=False, timeout=60)


def test_closed_standard_streams(small_model: Path, letter: Path) -> None:
    for line, status, out, error in (
        ("letter.txt <&-", 0, "Maria Silva", "note: 2 names"),
        ("- <&-", 2, "", "error: standard input cannot be read: Bad file descriptor\n"),
        ("letter.txt - <&-", 1, "Maria Silva", "error: standard input cannot be read"),
        ("letter.txt >&-", 2, "", "error: bad file descriptor: is standard input or output cl"),
        ("letter.txt 2>&-", 0, "Maria Silva", ""),
        ("absent.txt 2>&-", 2, "", ""),
        ("letter.txt --output names.jsonl >&- 2>&- <&-", 0, "", ""),
    ):
        done = shell(line, small_model)
        assert done.returncode == status, line
        assert out in done.stdout.decode()
        assert b"error:" not in done.stdout
        assert b"note:" not in done.stdout
        assert done.stderr.decode().startswith(error)
    assert names(Path("names.jsonl").read_text()) == ["Maria Silva", "Olga Smith"]


def test_a_pipe_that_nobody_writes_to_is_told_of(small_model: Path, letter: Path) -> None:
    os.mkfifo("pipe")
    words = command("pipe", "--model", str(small_model))
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = process.stderr.readline()
        assert told == b"note: waiting for pipe, a pipe to which nothing has been written yet\n"
        Path("pipe").write_text(TEXT)
        assert names(process.stdout.read().decode()) == ["Maria Silva", "Olga Smith"]
    assert process.returncode == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_is_told_and_leaves_nothing_half_written(
    small_model: Path, letter: Path, workers: str
) -> None:
    Path("many.txt").write_text(TEXT * 200_000)
    words = ["many.txt", "--output", "out.jsonl", "--model", str(small_model)]
    with subprocess.Popen(command(*words, "--workers", workers), stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        while not partial_files():
            assert process.poll() is None
            time.sleep(0.02)
        process.terminate()
        told = process.stderr.read().decode()
    assert (process.returncode, told) == (
        130,
        "interrupted: nothing has been written to out.jsonl\n",
    )
    assert sorted(os.listdir()) == ["letter.txt", "many.txt"]


@pytest.mark.parametrize("format", ["jsonl", "parquet", "names"])
def test_an_output_that_is_a_pipe_or_a_link_stays_one(
    small_model: Path, letter: Path, format: str
) -> None:
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        done = shell(f"letter.txt --format {format} --output pipe", small_model)
        assert reader.stdout is not None
        through = reader.stdout.read()
    assert (done.returncode, Path("pipe").is_fifo()) == (0, True)
    Path("folder").mkdir()
    Path("link").symlink_to("folder/file")
    assert shell(f"letter.txt --format {format} --output link", small_model).returncode == 0
    assert Path("link").is_symlink()
    assert Path("folder/file").read_bytes() == through
    assert b"Maria Silva" in through


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stalled_writer_is_told_of_and_a_signal_ends_the_wait(
    small_model: Path, letter: Path, number: signal.Signals
) -> None:
    os.mkfifo("pipe")
    words = command("letter.txt", "pipe", "--output", "out/", "--model", str(small_model))
    with (
        subprocess.Popen(words, stderr=subprocess.PIPE) as process,
        open("pipe", "wb", buffering=0) as stalled,
    ):
        assert process.stderr is not None
        stalled.write(TEXT.encode())
        told = process.stderr.readline()
        assert told == b"note: waiting for pipe: nothing has been read for 2 s\n"
        process.send_signal(number)
        began = time.monotonic()
        told = process.stderr.read()
        assert process.wait() == 130
        assert time.monotonic() - began < 10
        assert told.startswith(b"interrupted: ")
    assert partial_files() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_whose_reader_is_stopped(
    small_model: Path, letter: Path, number: signal.Signals
) -> None:
    Path("many.txt").write_text(TEXT * 20)
    read, write = os.pipe()
    words = command(*["many.txt"] * 200, "--model", str(small_model))
    with subprocess.Popen(words, stdout=write, stderr=subprocess.PIPE) as process:
        os.close(write)
        assert os.read(read, 1)  # the pipe fills up, and nobody reads on
        time.sleep(1)
        assert process.poll() is None
        process.send_signal(number)
        began = time.monotonic()
        assert process.wait(timeout=60) == 130
        assert time.monotonic() - began < 10
        assert process.stderr is not None
        assert process.stderr.read().startswith(b"interrupted: after ")
    os.close(read)
