"""``ner-rnn clusters`` as it is typed: train, and every kind of bad input."""

from __future__ import annotations

import gzip
import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ner_rnn.encoding.knowledge import load_knowledge

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to stand in, with something to learn from."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("Maria Silva came in 1996. She met Olga.\n\n" * 30, encoding="utf-8")
    Path("b.txt.gz").write_bytes(gzip.compress("Zoë met Maria in 2001.\n\n".encode() * 30))


def done(capsys: Captured, *words: str) -> tuple[str, str]:
    status = main(["clusters", *words])
    out, err = capsys.readouterr()
    assert status == 0, err
    return out, err


def refused(capsys: Captured, *words: str) -> str:
    """Run what must fail: its last line on stderr, without ``error:``; nothing is left behind."""
    before = sorted(Path().rglob("*"))
    assert main(["clusters", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before
    return err.removeprefix("error: ").rstrip("\n")


def test_train(capsys: Captured) -> None:
    words = ("train", "a.txt", "b.txt.gz", "--classes", "4", "--share", "b.txt.gz=0.5", "--lower")
    out, err = done(capsys, *words, "--output", "models/c.txt.xz")
    notes = err.splitlines()
    assert notes[0] == (
        "note: 390 words in 75 sentences; 10 of 10 distinct ones occur 5 times or more"
    )
    assert re.fullmatch(r"note: pass 1 of 5: \d words moved, \d\.\d{4} bits per word", notes[1]), (
        notes
    )
    rows = dict(re.findall(r"^  (\w.*?) {2,}([\d.]+) *$", out, re.MULTILINE))
    assert list(rows) == [
        "words", "classes", "bits per word before", "bits per word after", "passes", "seconds",
    ]  # fmt: skip
    assert (rows["words"], rows["classes"], int(rows["passes"])) == ("10", "4", len(notes) - 1)
    assert float(rows["bits per word after"]) <= float(rows["bits per word before"])
    assert out.splitlines()[-1].endswith("ner-rnn train --model.clusters models/c.txt.xz ...")

    known = load_knowledge(clusters="models/c.txt.xz", prefixes=(8,))
    assert set(known.clusters) == {
        "maria", "silva", "came", "in", "0000", ".", "she", "met", "olga", "zoë",
    }  # fmt: skip
    told = json.loads(Path("models/c.txt.xz.json").read_text("utf-8"))
    assert told["settings"] == {"classes": 4, "min_count": 5, "iterations": 5, "lower": True}
    assert told["shares"] == {"b.txt.gz": 0.5}
    assert told["data"]["a.txt"] == {"sha256": sha256(Path("a.txt").read_bytes()).hexdigest()}
    assert set(told["versions"]) == {"python", "ner-rnn", "numpy", "scipy"}

    done(capsys, *words, "--output", "again.txt.xz")
    assert Path("again.txt.xz").read_bytes() == Path("models/c.txt.xz").read_bytes()


def test_help_has_an_example(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["clusters", "train", "--help"])
    assert stop.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "ner-rnn clusters train news.txt.xz --output models/clusters.txt.xz" in shown
    assert "[1000]" in shown


def train(*words: str) -> tuple[str, ...]:
    return ("train", *words, "--output", "c.txt")


BAD: list[tuple[tuple[str, ...], str]] = [
    (train("absent"), "absent does not exist: check the path"),
    (train("sub"), "sub is a folder: give a file in it"),
    (train("empty"), "empty holds no words: give text to learn from"),
    (train("a.txt", "blank"), "blank holds no words: give text to learn from"),
    (train("latin"), "latin:1: byte 2 (0xeb) is not utf-8 text: name the "
     "file's encoding, as in --encoding latin-1"),
    (train("a.txt"), "a.txt: 9 distinct words with 5 occurrences or more, fewer than the 1,000 "
     "classes; give more text, or lower --classes or --min-count"),
    (train("a.txt", "--classes", "5", "--min-count", "31"), "a.txt: 1 distinct word with 31 "
     "occurrences or more, fewer than the 5 classes; give more text, or lower --classes or "
     "--min-count"),
    (train("a.txt", "--classes", "1"), "--classes is 1: it must be 2 or more"),
    (train("a.txt", "--classes", "20000"), "--classes is 20000: it must be at most 10,000"),
    (train("a.txt", "--classes", "many"), "--classes is 'many': expected a whole number"),
    (train("a.txt", "--min-count", "0"), "--min-count is 0: it must be 1 or more"),
    (train("a.txt", "--iterations", "0"), "--iterations is 0: it must be 1 or more"),
    (train("a.txt", "--share", "0.5"), "--share is '0.5': expected one of the files, = and a "
     "number; give --share a.txt=0.5"),
    (train("a.txt", "--share", "b.txt.gz=0.5"), "--share is 'b.txt.gz=0.5': expected one of the "
     "files, = and a number; give --share a.txt=0.5"),
    *((train("a.txt", "--share", f"a.txt={share}"), f"--share is 'a.txt={share}': the share of "
       "a.txt must be a number above 0 and at most 1") for share in ("0", "1.5", "half", "nan")),
    (("train", "a.txt", "--output", "c.npy"), "--output is c.npy: the name tells no format; end it "
     "in .txt, also with .gz, .xz or .bz2 behind"),
    (("train", "a.txt", "--output", "a.txt"), "--output is a.txt: it would replace the text that "
     "is read; choose another file"),
    (("train", "a.txt", "--output", "sub.txt"), "sub.txt is a folder: give a file for --output"),
    (("train", "a.txt", "--output", "b.txt.gz/c.txt"),
     "b.txt.gz/c.txt cannot be written: b.txt.gz is a file; choose another path"),
    (("train", "a.txt"),
     "the following arguments are required: --output; see ner-rnn clusters train --help"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), BAD)
def test_bad_input(words: tuple[str, ...], expected: str, capsys: Captured) -> None:
    Path("sub").mkdir()
    Path("sub.txt").mkdir()
    Path("empty").write_bytes(b"")
    Path("blank").write_bytes(b"\n \n\t\n")
    Path("latin").write_bytes("Zoë".encode("latin-1"))
    assert refused(capsys, *words) == expected
