"""Files that may not be read, folders that may not be written to: a line each, neighbours kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = "Yesterday Maria Silva met Olga Smith .\n"
# root may read everything, unless it gives up that right; files of root are then its own as usual
ORDINARY = ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]


def run(words: str, **environment: str) -> tuple[int, list[str]]:
    """Run a command as an ordinary user: its status, and what it says on stderr."""
    before = ORDINARY if os.geteuid() == 0 else []
    done = subprocess.run(
        [*before, sys.executable, "-m", "ner_rnn_cli", *words.split()],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stderr.splitlines()


@pytest.fixture
def place(small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Texts, a corpus and a model, each also closed; a folder that is not writable."""
    if os.geteuid() == 0 and (
        shutil.which("setpriv") is None
        or subprocess.run([*ORDINARY, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("root cannot give up its rights here")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(small_model, "model")
    shutil.copytree(small_model, "half")
    Path("half/weights.safetensors").chmod(0)
    for name in ("in/a.txt", "in/b.txt", "in/closed/c.txt", "in/d.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(TEXT)
    for name in ("in/b.txt", "in/closed"):
        Path(name).chmod(0)
    Path("gold.bio").write_text("Maria B-PER\nSilva I-PER\nsang O\n\nRain O\nfell O\n")
    Path("closed.txt").write_text("x O\n")
    Path("closed.txt").chmod(0)
    Path("fixed").mkdir(mode=0o555)
    return tmp_path


def test_the_neighbours_of_closed_files_are_tagged(place: Path) -> None:
    status, told = run("tag in --model model --output out/")
    assert status == 1
    assert told[:2] == [
        "error: in/closed cannot be read: Permission denied",
        "error: in/b.txt cannot be read: Permission denied",
    ]
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.jsonl", "d.jsonl"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tag closed.txt --model model", "closed.txt cannot be read: Permission denied"),
        ("tag in/closed --model model", "in/closed cannot be read: Permission denied"),
        ("tag in/a.txt --model half", "half/weights.safetensors cannot be read: Permission denied"),
        (
            "tag in/a.txt --model model --output fixed/a.jsonl",
            "fixed/a.jsonl cannot be written: Permission denied; choose another path",
        ),
        (
            "tag in/a.txt --model model --output fixed/",
            "fixed/ cannot be written: Permission denied; choose another path",
        ),
        (
            "evaluate --model model --data gold.bio --output fixed/report",
            "fixed/report cannot be written: Permission denied; choose another path",
        ),
        (
            "evaluate --model model --data closed.txt",
            "closed.txt cannot be read: Permission denied",
        ),
        ("train --config closed.txt", "closed.txt cannot be read: Permission denied"),
        (
            "train --data.train closed.txt --output out",
            "closed.txt cannot be read: Permission denied",
        ),
        (
            "compare closed.txt --data . --output out",
            "closed.txt cannot be read: Permission denied",
        ),
        ("lm train closed.txt --output out", "closed.txt cannot be read: Permission denied"),
        (
            "vectors train gold.bio --output fixed/v.txt",
            "no permission to write in {here}/fixed; choose another path",
        ),
        (
            "inspect memory --model model --output fixed/i",
            "fixed/i cannot be written: Permission denied; choose another path",
        ),
    ],
)
def test_what_is_closed_is_one_line(place: Path, words: str, expected: str) -> None:
    status, told = run(words)
    assert status == 2
    (line,) = told
    assert line.startswith("error: ")
    assert line.endswith(expected.replace("{here}", str(place)))


@pytest.mark.slow
@pytest.mark.parametrize("home", ["fixed", "nowhere"])
def test_a_home_that_cannot_be_written_to_costs_only_the_cache(place: Path, home: str) -> None:
    words = "train --data.train gold.bio --data.dev gold.bio --trainer.epochs 1 --output out"
    status, told = run(f"{words} --model.hidden-size 8", HOME=str(place / home))
    assert status == 0, told
    assert not any(line.startswith(("error: ", "Traceback")) for line in told)  # plots have notes
    assert not list((place / "fixed").iterdir())
