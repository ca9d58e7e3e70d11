"""``ner-rnn vectors`` as it is typed: train, like, and every kind of bad input."""

from __future__ import annotations

import gzip
import json
import re
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

Captured = pytest.CaptureFixture[str]

SMALL = ("--size", "4", "--epochs", "1")


@pytest.fixture(autouse=True)
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to stand in, with something to learn from."""
    pytest.importorskip("gensim")
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("Maria Silva came in 1996. She met Olga.\n" * 30, encoding="utf-8")
    Path("b.txt.gz").write_bytes(gzip.compress("Zoë met Maria in 2001.\n".encode() * 30))


def done(capsys: Captured, *words: str) -> tuple[str, str]:
    status = main(["vectors", *words])
    out, err = capsys.readouterr()
    assert status == 0, err
    return out, err


def refused(capsys: Captured, *words: str) -> str:
    """Run what must fail: its last line on stderr, without ``error:``; nothing is left behind."""
    before = sorted(Path().rglob("*"))
    assert main(["vectors", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before
    return err.removeprefix("error: ").rstrip("\n")


def test_train_and_like(capsys: Captured) -> None:
    out, err = done(
        capsys, "train", "a.txt", "b.txt.gz", "--output", "models/v.txt.xz", *SMALL, "--seed", "3"
    )
    assert err == (
        "note: 480 words in 90 sentences; 10 of 10 distinct ones occur 5 times or more\n"
        "note: pass 1 of 1 is done\n"
    )
    assert re.fullmatch(
        r"models/v\.txt\.xz: 10 words, 4 values each \(\d+ s\)\n"
        r"Next:\n  \S*ner-rnn train --model\.vectors models/v\.txt\.xz \.\.\.\n",
        out,
    )
    told = json.loads(Path("models/v.txt.xz.json").read_text("utf-8"))
    assert told["settings"] == {
        "method": "word2vec", "size": 4, "window": 5, "min_count": 5, "epochs": 1, "seed": 3,
        "threads": 1,
    }  # fmt: skip
    assert told["data"] == {
        path: {"sha256": sha256(Path(path).read_bytes()).hexdigest()}
        for path in ("a.txt", "b.txt.gz")
    }
    out, err = done(capsys, "like", "models/v.txt.xz", "1789", "--count", "3")
    assert err == ""
    rows = [line.split("  ") for line in out.splitlines()]
    assert len(rows) == 3
    assert all(-1 <= float(cosine) <= 1 for cosine, _ in rows)
    assert "0000" not in [word for _, word in rows], "that is the word itself"


def test_the_same_command_makes_the_same_file(capsys: Captured) -> None:
    for name in ("1.bin", "2.bin"):
        done(capsys, "train", "a.txt", "--method", "fasttext", "--output", name, *SMALL)
    assert Path("1.bin").read_bytes() == Path("2.bin").read_bytes()


def test_help_says_what_repeats(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["vectors", "train", "--help"])
    assert stop.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "One thread repeats exactly under the same seed" in shown
    assert "[word2vec]" in shown
    assert "ner-rnn vectors train a.txt b.txt.gz --method fasttext" in shown


def train(*words: str) -> tuple[str, ...]:
    return ("train", *words, *SMALL)


BAD: list[tuple[tuple[str, ...], str]] = [
    (train("absent", "--output", "v.txt"), "absent does not exist: check the path"),
    (train("sub", "--output", "v.txt"), "sub is a folder: give a file in it"),
    (train("empty", "--output", "v.txt"), "empty holds no words: give text to learn from"),
    (train("blank", "--output", "v.txt"), "blank holds no words: give text to learn from"),
    (train("a.txt", "empty", "--output", "v.txt"), "empty holds no words: give text to learn from"),
    (train("cut.gz", "--output", "v.txt"), "cut.gz cannot be unpacked (Compressed file ended "
     "before the end-of-stream marker was reached): it is damaged or cut short; get it again"),
    (train("latin", "--output", "v.txt"), "latin:1: byte 2 (0xeb) is not utf-8 text: name the "
     "file's encoding, as in --encoding latin-1"),
    (train("a.txt", "--encoding", "klingon", "--output", "v.txt"),
     "encoding 'klingon' is not known: try utf-8, utf-16, latin-1 or cp1252"),
    (train("a.txt", "b.txt.gz", "--min-count", "99", "--output", "v.txt"), "a.txt, b.txt.gz: no "
     "word occurs 99 times or more (the most frequent, '.', 90); give more text, or set "
     "--min-count to 90"),
    (train("a.txt", "--output", "v.npy"), "--output is v.npy: the name tells no format; end it in "
     ".txt or .vec (text, also with .gz, .xz or .bz2 behind) or in .bin"),
    (train("a.txt", "--output", "a.txt"), "--output is a.txt: it would "
     "replace the text that is read; choose another file"),
    (train("a.txt", "--output", "sub.bin"), "sub.bin is a folder: give a file for --output"),
    (train("a.txt", "--output", "b.txt.gz/v.txt"),
     "b.txt.gz/v.txt cannot be written: b.txt.gz is a file; choose another path"),
    (("train", "a.txt", "--output", "v.txt", "--size", "0"), "--size is 0: it must be 1 or more"),
    (("train", "a.txt", "--output", "v.txt", "--epochs", "0"),
     "--epochs is 0: it must be 1 or more"),
    (("train", "a.txt", "--output", "v.txt", "--window", "-1"),
     "--window is -1: it must be 1 or more"),
    (("train", "a.txt", "--output", "v.txt", "--min_count", "0"),
     "--min-count is 0: it must be 1 or more"),
    (("train", "a.txt", "--output", "v.txt", "--threads", "0"),
     "--threads is 0: it must be 1 or more"),
    (("train", "a.txt", "--output", "v.txt", "--seed", "-1"),
     "--seed is -1: it must be from 0 to 4294967295"),
    (("train", "a.txt", "--output", "v.txt", "--size", "big"),
     "--size is 'big': expected a whole number"),
    (("train", "a.txt", "--output", "v.txt", "--sizes", "4"),
     "there is no flag --sizes; did you mean --size?"),
    (("train", "a.txt"),
     "the following arguments are required: --output; see ner-rnn vectors train --help"),
    (("like", "absent", "x"), "absent does not exist: check the path"),
    (("like", "vectors", "Olga"), "vectors holds no vector of 'Olga': try another word"),
    (("like", "vectors", "Maria", "--count", "0"), "argument --count: 0 is "
     "not 1 or more; see ner-rnn vectors like --help"),
    (("like", "empty", "Maria"), "empty is empty: give a file of word vectors"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), BAD)
def test_bad_input(words: tuple[str, ...], expected: str, capsys: Captured) -> None:
    Path("sub").mkdir()
    Path("sub.bin").mkdir()
    Path("empty").write_bytes(b"")
    Path("blank").write_bytes(b"\n \n\t\n")
    Path("latin").write_bytes("Zoë".encode("latin-1"))
    Path("cut.gz").write_bytes(gzip.compress(bytes(range(32, 127)) * 99)[:60])
    Path("vectors").write_text("Maria 1 2\nSilva 2 1\n")
    assert refused(capsys, *words) == expected


def test_without_gensim(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim", None)
    assert refused(capsys, *train("a.txt", "--output", "v.txt")) == (
        "'ner-rnn vectors train' needs gensim, which is not installed: "
        "pip install 'ner-rnn[vectors]'"
    )
