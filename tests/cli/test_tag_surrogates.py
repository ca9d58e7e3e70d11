"""``ner-rnn tag --redact surrogates``: one name for a person, with a key for good, and a map."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

TEXT = "Yesterday Maria Silva met Olga Smith .\n"
SHAPE = re.compile(r"Yesterday (?P<one>\w+ [\w']+) met (?P<other>\w+ [\w']+) \.\n")


@pytest.fixture
def key(letter: Path) -> Path:
    path = Path("secret.key").absolute()
    path.write_bytes(b"0123456789abcdef")
    path.chmod(0o600)
    return path


def tag(model: Path, *words: object) -> int:
    return main(
        ["tag", *map(str, words), "--redact", "surrogates", "--model", str(model), "--workers", "1"]
    )


def read_map(path: str) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_without_a_key_every_run_is_another(small_model: Path, letter: Path) -> None:
    made = []
    for run in ("a.txt", "b.txt"):
        assert tag(small_model, "letter.txt", "letter.txt", "--output", run) == 0
        made += Path(run).read_text().splitlines(keepends=True)
    found = [SHAPE.fullmatch(line) for line in made]
    assert all(found)
    assert made[0] == made[1]
    assert made[2] == made[3] != made[0]
    assert not re.search(r"\b(Maria|Silva|Olga|Smith)\b", "".join(made))


def test_a_key_makes_all_runs_alike(
    small_model: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkdir("in")
    for number in range(4):
        Path("in", f"{number}.txt").write_text(f"{TEXT}Maria Silva spoke in Paris .\n" * 300)
    words = ["in", "--key", key]
    assert tag(small_model, *words, "--output", "one/", "--map", "one.csv") == 0
    assert tag(small_model, *words, "--output", "two/", "--map", "two.csv", "--workers", "2") == 0
    assert tag(small_model, "letter.txt", "--key", key, "--format", "jsonl") == 0
    texts = {path.read_text() for folder in ("one", "two") for path in Path(folder).iterdir()}
    assert len(texts) == 1
    alone = json.loads(capsys.readouterr().out)
    assert texts.pop().startswith(alone["text"])
    rows = read_map("one.csv")
    surrogates = [name["text"] for name in alone["names"]]
    assert rows == [
        ["person", "name", "surrogate"],
        ["Maria Silva", "Maria Silva", surrogates[0]],
        ["Olga Smith", "Olga Smith", surrogates[1]],
    ]
    assert Path("two.csv").read_bytes() == Path("one.csv").read_bytes()
    assert Path("one.csv").stat().st_mode & 0o777 == 0o600
    page = [small_model, "letter.txt", "--key", key, "--format", "html"]
    assert tag(*page) == 0  # type: ignore[arg-type]
    assert f"{surrogates[0]}</mark>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--key missing", "there is no key missing: make one: head -c 32 /dev/urandom > missing"),
        ("--key letter.txt", "others may read the key letter.txt"),
        ("--key short.key", "the key short.key has 3 bytes: it must have 16 to"),
        ("--map letter.txt", "letter.txt exists, and is not overwritten: choose another path"),
        ("--map gone/a.csv", "gone/a.csv cannot be written: No such file"),
        ("--map a --output a", "--map is a: it would be an output too"),
        ("--output a --resume", "this run would give other surrogates than the one before: give"),
        ("--redact X --key secret.key", "--key is secret.key: it is for surrogates; add --redact"),
        ("--redact pseudonyms --map m.csv", "--map is m.csv: it is for surrogates; add --redact"),
        ("--format csv", "it holds no text to redact"),
    ],
)
def test_what_cannot_work_is_one_line(
    small_model: Path, key: Path, words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("letter.txt").chmod(0o644)
    Path("short.key").write_bytes(b"abc")
    Path("short.key").chmod(0o600)
    command = ["tag", "letter.txt", "--redact", "surrogates", "--model", str(small_model)]
    assert main([*command, *words.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message in err
    assert not Path("m.csv").exists()
    assert Path("letter.txt").read_text() == TEXT


def test_a_map_is_never_an_input(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tag(small_model, ".", "--output", "out/", "--map", "people.csv") == 2
    assert "--map is people.csv: it lies in ., which is read" in capsys.readouterr().err
    assert tag(small_model, ".", "--output", "out/", "--map", "out/people.csv") == 2
    assert "out/people.csv cannot be written: No such file" in capsys.readouterr().err


def test_cells_of_a_map_that_begin_like_a_formula(small_model: Path, letter: Path) -> None:
    from ner_rnn.tagging.redact import Became
    from ner_rnn.tagging.surrogates.person_map import write_people
    from ner_rnn.text.writing import new_private_file

    row = Became("=Zoë", "-a,\nb", "c")
    for raw in (False, True):
        with new_private_file("map.csv") as file:
            write_people(file, [row, row._replace(person="\udc80")], raw=raw)
        guarded = row if raw else ("'=Zoë", "'-a,\nb", "c")
        assert read_map("map.csv")[1:] == [list(guarded), ["\\udc80", *guarded[1:]]]
        os.remove("map.csv")


def test_a_script_without_names_is_said_with_the_file(
    small_model: Path, letter: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("letter.txt").write_text("Yesterday ᎹᎵ ᏍᎹᏘ met Olga Smith .\n", encoding="utf-8")
    assert tag(small_model, "letter.txt") in (0, 2)
    err = capsys.readouterr().err
    if "error" in err:  # if the model takes it for a name
        assert "letter.txt: the lists have no" in err
        assert "choose --redact pseudonyms" in err


def test_an_interrupted_run_keeps_the_map_of_what_is_there(small_model: Path, key: Path) -> None:
    """The files that are there are kept, so the map of their persons is."""
    os.mkfifo("pipe")
    for name in ("letter.txt", "other.txt"):  # each long enough to be tagged by itself
        Path(name).write_text(TEXT * 8000)
    words = ["tag", "letter.txt", "other.txt", "pipe", "--output", "out/", "--workers", "1"]
    words += ["--model", str(small_model)]
    words += ["--redact", "surrogates", "--key", str(key), "--map", "people.csv"]
    with (
        subprocess.Popen(
            [sys.executable, "-m", "ner_rnn_cli", *words], stderr=subprocess.PIPE
        ) as process,
        open("pipe", "wb", buffering=0) as stalled,
    ):
        assert process.stderr is not None
        stalled.write(b"Nobody .\n")
        assert b"waiting for pipe" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()
    assert process.returncode == 130
    assert [path.name for path in Path("out").glob("[a-z]*")] == ["letter.txt"]
    assert b"1 of 3 files done; the same command with --resume and another --map goes on" in told
    assert [row[0] for row in read_map("people.csv")] == ["person", "Maria Silva", "Olga Smith"]
