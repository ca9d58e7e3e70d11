"""A folder that a command owns is closed to a second one while the first lives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

HOLD = """\
import sys
from ner_rnn.text.locking import locked
with locked("held"):
    print("in", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the lock of the folder ``held``."""
    monkeypatch.chdir(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        yield process
        process.kill()


@pytest.mark.parametrize(
    "words",
    [
        ["tag", "in", "--model", "MODEL"],
        ["train"],
        ["lm", "train", "in/a.txt"],
        ["evaluate", "--model", "MODEL", "--data", "gold.bio"],
        ["compare", "recipe.yaml", "--data", "corpus", "--resume"],
        ["inspect", "memory", "--model", "MODEL"],
    ],
    ids=lambda words: words[0],
)
def test_a_second_command_is_refused_and_the_next_takes_over(
    small_model: Path,
    holder: subprocess.Popen[bytes],
    words: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("in").mkdir()
    Path("in/a.txt").write_text("Yesterday Maria Silva met Olga Smith .\n")
    Path("gold.bio").write_text("Maria B-PER\nSilva I-PER\n")
    Path("recipe.yaml").write_text("model: {cell: gru}\n")
    given = [str(small_model) if word == "MODEL" else word for word in words]
    assert main([*given, "--output", "held"]) == 2
    assert capsys.readouterr().err == (
        f"error: another process ({holder.pid}) is writing to held: wait for its end, or choose "
        "another folder\n"
    )
    assert [path.name for path in Path("held").iterdir()] == [".ner-rnn.lock"]
    if words[0] == "tag":
        holder.kill()
        holder.wait()
        assert main([*given, "--output", "held"]) == 0
        note = f"note: process {holder.pid} ended without finishing its work in held; taken over\n"
        assert capsys.readouterr().err.startswith(note)
        assert [path.name for path in Path("held").iterdir()] == ["a.jsonl"]
