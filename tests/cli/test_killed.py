"""Commands killed at random moments: what is left is whole, and going on ends where it would have.

Each command first runs undisturbed. Then it runs many times more, is sent a signal after a random
part of that time, and is run again with ``--resume`` where it has that. In the end every file is
byte for byte the undisturbed one, but for times and dates, and no hidden partial file is left.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..conftest import write_corpus

TIMES = 25
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
# what a second run may say differently: when it ran, for how long, and that it went on
VARIABLE = re.compile(
    rb'"(?:created|date|time|seconds|minutes|words_per_second|peak_mb)[^"]*": [^,\n}]*'
)
# Python's own message on a Ctrl-C that arrives inside a callback of the garbage collector
IGNORED = re.compile(r"Exception ignored in: .*?KeyboardInterrupt: *\n", re.DOTALL)


@dataclass(frozen=True)
class Command:
    """One command line.

    Attributes:
        words: behind ``ner-rnn``.
        resumes: whether it takes ``--resume``.
        kept: names of the files that must come out the same.
    """

    words: str
    resumes: bool
    kept: Callable[[Path], bool]


def run(folder: Path, words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ner_rnn_cli", *words.split()],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def digest(folder: Path, kept: Callable[[Path], bool]) -> dict[str, str]:
    """Checksum of each file that must come out the same."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and kept(path.relative_to(folder)):
            data = VARIABLE.sub(b"", path.read_bytes())
            found[str(path.relative_to(folder))] = hashlib.sha256(data).hexdigest()
    return found


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Path:
    """What every command begins with: texts, corpora, words, a model."""
    folder = tmp_path_factory.mktemp("start")
    shutil.copytree(small_model, folder / "model")
    for split, count in (("train", 150), ("dev", 60), ("test", 60)):
        write_corpus(folder / f"{split}.txt", count, len(split))
    (folder / "texts").mkdir()
    lines = (folder / "train.txt").read_text("utf-8").split("\n")
    text = " ".join(line.split()[0] for line in lines if line and "DOCSTART" not in line)
    for number in range(30):
        (folder / "texts" / f"{number:02}.txt").write_text(text + "\n", "utf-8")
    (folder / "words.txt").write_text((text + "\n") * 40, "utf-8")
    (folder / "names.txt").write_text(
        "\n".join(sorted({w for w in text.split() if w.isalpha()}) * 40) + "\n", "utf-8"
    )
    (folder / "recipe.yaml").write_text(
        "model: {hidden_size: 8, word_size: 8, char_size: 4, char_hidden: 4, form_size: 2}\n"
        "trainer: {epochs: 6, batch_tokens: 256, learning_rate: 0.01}\n",
        "utf-8",
    )
    return folder


def suffix(*names: str) -> Callable[[Path], bool]:
    """Files with these names or endings, outside of caches and logs."""
    return lambda path: (
        path.parts[0] == "out"
        and path.name.endswith(names)
        and not {"cache", "logs", "checkpoints"} & set(path.parts)
    )


MODEL = suffix("weights.safetensors", "vocabulary.json.zst", "config.json", "encoder.onnx")
COMMANDS = {
    "tag-tree": Command("tag texts --model model --output out/", True, suffix(".jsonl")),
    "tag-file": Command("tag texts --model model --output out/names.jsonl", False, suffix("jsonl")),
    "train": Command("train --config recipe.yaml --data.corpus . --output out/m", True, MODEL),
    "lm": Command(
        "lm train names.txt --epochs 3 --hidden-size 8 --output out/m",
        True,
        suffix("weights.safetensors", "vocabulary.json.zst"),
    ),
    "evaluate": Command(
        "evaluate --model model --data train.txt dev.txt test.txt --stress lower,upper "
        "--output out/report",
        True,
        suffix(".conll"),
    ),
    "compare": Command(
        "compare recipe.yaml --data . --seeds 1 2 --output out/c --trainer.epochs 2",
        True,
        suffix("weights.safetensors"),
    ),
    "clusters": Command(
        "clusters train words.txt --classes 20 --output out/c.txt",
        False,
        suffix("c.txt"),
    ),
    "vectors": Command(
        "vectors train words.txt --size 8 --output out/v.txt",
        False,
        suffix("v.txt"),
    ),
}


def whole(start: Path, folder: Path, command: Command) -> tuple[dict[str, str], float]:
    """Run undisturbed: the files and the seconds it took."""
    shutil.copytree(start, folder)
    (folder / "out").mkdir()
    began = time.monotonic()
    process = run(folder, command.words)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return digest(folder, command.kept), time.monotonic() - began


def killed(
    start: Path, folder: Path, command: Command, number: signal.Signals, after: float
) -> dict[str, str]:
    """Run, send a signal, and run again to the end."""
    shutil.copytree(start, folder)
    (folder / "out").mkdir()
    process = run(folder, command.words)
    time.sleep(after)
    if process.poll() is None:
        process.send_signal(number)
    _, errors = process.communicate(timeout=300)
    if number != signal.SIGKILL:  # whose children may say that their parent is gone
        ours = IGNORED.sub("", errors)
        assert "Traceback" not in ours and "fault of the program" not in ours, errors
    again = command.words + " --resume" * command.resumes
    process = run(folder, again)
    _, errors = process.communicate(timeout=300)
    if "leave out --resume" in errors:  # it was killed before there was anything to go on from
        process = run(folder, command.words)
        _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    left = list((folder / "out").rglob(".*.partial"))
    assert not left, "hidden partial files of a process that is gone"
    return digest(folder, command.kept)


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_goes_on_to_the_same_end(
    name: str, number: signal.Signals, start: Path, tmp_path: Path
) -> None:
    command = COMMANDS[name]
    wanted, seconds = whole(start, tmp_path / "whole" / "work", command)
    assert wanted
    moments = random.Random(f"{name} {number}")
    report = []
    for turn in range(TIMES):
        # Python's own start, before any code of ours, prints a traceback on Ctrl-C
        after = moments.uniform(0.2 if number == signal.SIGINT else 0.0, seconds)
        folder = tmp_path / str(turn) / "work"  # reports name the folder
        found = killed(start, folder, command, number, after)
        report.append({"turn": turn, "after": round(after, 2), "same": found == wanted})
        shutil.rmtree(folder.parent)
    assert all(row["same"] for row in report), json.dumps(report)
