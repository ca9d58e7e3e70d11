"""A full disk in every command that writes: one line that names the file, and nothing half-written.

A limit on the size of files stands for the disk where the command writes at its beginning; where
the disk fills later on, it is a small one in memory, for which a test needs the right to mount.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from ner_rnn_cli.main import main

from ..conftest import write_corpus

LINE = re.compile(
    r"error: (\S*/)?out\S* cannot be written: (File too large|No space left on device); "
    "free some space or choose another path"
)
RECIPE = """\
model: {hidden_size: 8, word_size: 8, char_size: 4, char_hidden: 4, form_size: 2}
trainer: {epochs: 60, batch_tokens: 64}
data: {cache: cache}
"""


@contextmanager
def longest_file(size: int) -> Iterator[None]:
    """Let this process write no file of more bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with texts, a corpus and a recipe, to work in."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in "ab":
        Path(f"in/{name}.txt").write_text("Yesterday Maria Silva met Olga Smith .\n" * 20)
    for split, seed in (("train", 1), ("dev", 2)):
        write_corpus(tmp_path / f"{split}.txt", 20, seed)
    Path("recipe.yaml").write_text(RECIPE)
    return tmp_path


@pytest.mark.parametrize("size", [0, 16])
@pytest.mark.parametrize(
    "words",
    [
        "tag in --output out.jsonl --model MODEL",
        "tag in --output out.csv --format csv --model MODEL",
        "tag in --output out.parquet --format parquet --model MODEL",
        "tag in --output out.html --format html --model MODEL",
        "tag in --output out.tsv --format names --model MODEL",
        "tag in --output out.txt --redact X --model MODEL",
        "tag in --output out/ --model MODEL",
        "tag in --output out/ --redact X --workers 2 --model MODEL",
        "train --config recipe.yaml --data.corpus . --output out",
        "evaluate --model MODEL --data dev.txt --output out",
        "compare recipe.yaml --data . --output out",
        "lm train train.txt --hidden-size 8 --output out",
        "inspect memory --model MODEL --output out",
    ],
)
def test_nothing_is_left_and_the_file_is_named(
    words: str,
    size: int,
    place: Path,
    small_model: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [str(small_model) if word == "MODEL" else word for word in words.split()]
    with longest_file(size):
        status = main(given)
    check(status, capsys.readouterr().err)


def check(status: int, told: str) -> None:
    *notes, last = told.splitlines()
    assert status == 2
    assert LINE.fullmatch(last), last
    assert all(line.startswith("note: ") for line in notes)
    assert not [path for path in Path().glob("out*/**/*") if path.is_file()]
    assert not [path for path in Path().glob("*out*") if path.is_file()], "hidden ones too"


def test_vectors_do_not_fit(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "vectors train in/a.txt --size 300 --epochs 1 --output out.txt"
    with longest_file(5000):  # room for the text in words, which is kept meanwhile
        status = main(words.split())
    check(status, capsys.readouterr().err)


@pytest.fixture
def disk(place: Path) -> Iterator[Callable[[str, int], Path]]:
    """``disk("out", 100)``: a disk of 100 kB there."""
    with ExitStack() as stack:

        def mount(name: str, size: int) -> Path:
            folder = place / name
            folder.mkdir(parents=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "none", str(folder)]
            if (
                shutil.which("mount") is None
                or subprocess.run(command, check=False, capture_output=True).returncode
            ):
                pytest.skip("no right to mount a small disk here")
            stack.callback(subprocess.run, ["umount", str(folder)], check=True)
            return folder

        yield mount


def run(words: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "ner_rnn_cli", *words.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.splitlines()


TRAIN = "train --config recipe.yaml --data.corpus . --output out"


@pytest.mark.slow
def test_a_checkpoint_that_does_not_fit_leaves_the_last_one_whole(
    disk: Callable[[str, int], Path],
) -> None:
    import torch

    folder = disk("out", 2000)  # room for one of the two
    status, told = run(f"{TRAIN} --model.hidden-size 96 --trainer.epochs 1")
    assert status == 2
    assert LINE.fullmatch(told[-1]), told
    assert "out/checkpoints/last.ckpt cannot" in told[-1]
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["best.ckpt"]
    torch.load(folder / "checkpoints" / "best.ckpt", weights_only=True)


@pytest.mark.slow
def test_logs_that_do_not_fit_are_one_line(disk: Callable[[str, int], Path]) -> None:
    disk("out/logs", 12)
    status, told = run(TRAIN)
    assert status == 2
    assert LINE.fullmatch(told[-1]), told
    assert all(line.startswith("note: ") for line in told[:-1]), told


@pytest.mark.slow
def test_trainings_that_do_not_fit_are_told_of_one_by_one(
    disk: Callable[[str, int], Path],
) -> None:
    disk("out", 1100)
    status, told = run(
        "compare recipe.yaml --data . --seeds 1 2 --trainer.epochs 1 --model.hidden-size 96 "
        "--output out"
    )
    failed = [line for line in told if " failed: " in line and not line.startswith("note: ")]
    assert [line.partition(" failed: ")[0] for line in failed] == [
        "recipe, seed 1:",
        "recipe, seed 2:",
    ]
    assert all("checkpoints/best.ckpt cannot be written: No space" in line for line in failed)
    assert status in (1, 2)  # 2: the report does not fit either
    assert not any("Traceback" in line for line in told)
