"""``ner-rnn tag`` as a user meets it."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterable
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.text.conll import read_conll

TEXT = "Yesterday Maria Silva met Olga Smith .\n"


@pytest.fixture
def letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("letter.txt").write_text(TEXT)
    return Path("letter.txt")


def tag(model: Path, *words: str) -> int:
    return main(["tag", *words, "--model", str(model)])


def check_error(captured: pytest.CaptureFixture[str], *parts: str) -> None:
    out, err = captured.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    for part in parts:
        assert part in err


def names(line: str) -> list[str]:
    return [name["text"] for name in json.loads(line)["names"]]


def test_json_lines_into_a_pipe(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.txt").write_text("")
    assert tag(small_model, "letter.txt", "empty.txt") == 0
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert names(first) == ["Maria Silva", "Olga Smith"]
    assert json.loads(second) == {"source": "empty.txt", "text": "", "names": []}
    assert err.startswith("note: 2 names in 7 words of 2 texts, ")


def test_columns_and_bracketed_text(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tag(small_model, "letter.txt", "--format", "text") == 0
    assert capsys.readouterr().out == "Yesterday [Maria Silva] met [Olga Smith] .\n"
    assert tag(small_model, "letter.txt", "--format", "conll", "--output", "out.conll") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("s, written to out.conll\n")
    (sentence,) = read_conll("out.conll")
    assert sentence.tags == ("O", "B-PER", "I-PER", "O", "B-PER", "I-PER", "O")


def test_columns_in(small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.conll").write_text("Maria X\nSilva X\nspoke X\n\n-DOCSTART- X\n\nParis X\n")
    assert tag(small_model, "in.conll", "--input", "conll") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["document"], first["text"]) == ("0", "Maria Silva spoke")
    assert [name["text"] for name in first["names"]] == ["Maria Silva"]
    assert (second["document"], second["text"]) == ("1", "Paris")


def test_min_score(small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tag(small_model, "letter.txt", "--min-score", "1") == 0
    assert names(capsys.readouterr().out) == []


@pytest.mark.parametrize("score", ["1.5", "-0.1", "nan", "high"])
def test_a_score_that_is_none_is_refused(
    small_model: Path, letter: Path, score: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tag(small_model, "letter.txt", f"--min-score={score}") == 2
    check_error(capsys, "--min-score", score)


def test_without_a_model_the_way_to_one_is_told(
    letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tag", "letter.txt"]) == 2
    check_error(capsys, "there is no model in runs/sample: run 'make train'", "--model FOLDER")


def test_the_default_model_is_that_of_make_train(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("runs").mkdir()
    Path("runs/sample").symlink_to(small_model)
    assert main(["tag", "letter.txt"]) == 0
    assert names(capsys.readouterr().out) == ["Maria Silva", "Olga Smith"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["absent.txt"], ["absent.txt does not exist"]),
        (["letter.txt", "absent.txt"], ["absent.txt does not exist"]),
        (["old.txt"], ["old.txt:1: byte 3 (0xe9)", "--encoding latin-1, or give --errors replace"]),
        (["letter.txt", "--encoding", "latin-x"], ["encoding 'latin-x' is not known"]),
        (["binary"], ["binary is a binary file (byte 1 is 0)"]),
        (["folder"], ["folder is a folder without text files"]),
        (["letter.txt", "--output", "letter.txt"], ["would replace the text that is read"]),
        (["letter.txt", "--output", "folder"], ["folder is a folder"]),
        (["letter.txt", "--output", "absent/out"], ["absent/out cannot be written"]),
        (["letter.txt", "--format", "html"], ["html"]),
        (["letter.txt", "--ouput", "x"], ["--ouput", "--output"]),
        ([], ["PATH"]),
    ],
)
def test_bad_input_is_told_in_one_line(
    small_model: Path,
    letter: Path,
    words: list[str],
    parts: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("old.txt").write_bytes(b"Jos\xe9\n")
    Path("binary").write_bytes(b"x\0y")
    Path("folder").mkdir()
    assert tag(small_model, *words) == 2
    check_error(capsys, *parts)
    assert letter.read_text() == TEXT


def test_a_wrong_model_is_refused(letter: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", "letter.txt", "--model", "absent"]) == 2
    check_error(capsys, "absent does not exist: a model is a folder")
    assert main(["tag", "letter.txt", "--model", "."]) == 2
    check_error(capsys, ". is not a model: it has no manifest.json")


def test_a_failure_leaves_the_old_output(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("binary").write_bytes(b"x\0y")
    Path("out").write_text("old")
    assert tag(small_model, "letter.txt", "binary", "--output", "out") == 2
    assert Path("out").read_text() == "old"
    assert sorted(os.listdir()) == ["binary", "letter.txt", "out"]


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
