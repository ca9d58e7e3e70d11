"""Bundles and recipes made to break the program: each is used, or refused in one clear line.

A process that has everything imported forks for every 20 cases; the fork runs a command for each
and measures what it took by ``getrusage``: its processor time, and the largest memory so far, with
everything that is imported.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from . import altered

SERVER = """\
import json, os, resource, signal, sys, time
import matplotlib, onnxruntime, torch, pytorch_lightning
from ner_rnn_cli.main import main
import ner_rnn.evaluation.run, ner_rnn.language_model.beam, ner_rnn.nn.language_model_files
import ner_rnn.runtime.network, ner_rnn.runtime.torch_network, ner_rnn.studies.gradients
import ner_rnn.training.fit, ner_rnn_cli.evaluate, ner_rnn_cli.info, ner_rnn_cli.inspect
import ner_rnn_cli.tag, ner_rnn_cli.train, ner_rnn_cli.lm.lm_sample, ner_rnn_cli.lm.lm_score
import onnx, sklearn, yaml, rich.table
for line in sys.stdin:
    answers, answer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answers)
        output = os.fdopen(answer, "w")
        for number in (0, 1):
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        before = 0.0
        for words, told in json.loads(line):
            signal.alarm(60)  # a hang
            sys.stderr = open(told, "w", errors="replace")
            os.dup2(sys.stderr.fileno(), 2)
            status = main(words)
            sys.stderr.flush()
            used = resource.getrusage(resource.RUSAGE_SELF)
            now = used.ru_utime + used.ru_stime
            taken = [status, now - before, used.ru_maxrss / 1024]
            print(json.dumps(taken), file=output, flush=True)
            before = now
        os._exit(0)
    os.close(answer)
    with os.fdopen(answers) as file:
        found = [json.loads(line) for line in file]
    os.wait4(child, 0)
    print(json.dumps(found), flush=True)
"""
TOGETHER = 20
LONGEST_SECONDS = 2.0
LONGEST_MEGABYTES = 1024.0


class Server:
    """Runs commands in forks of one process.

    Attributes:
        faults: what should not have happened, one a line.
        seconds: processor time of the costliest refusal.
        megabytes: memory of the largest refusal.
        refused: number of refusals.
        used: number of cases that were no fault of the input.
    """

    def __init__(self, folder: Path) -> None:
        self.faults: list[str] = []
        self.seconds = self.megabytes = 0.0
        self.refused = self.used = 0
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,  # recipes name folders for caches
        )

    def run(self, cases: Sequence[tuple[str, list[str]]]) -> None:
        """Run commands, one after the other in one fork.

        Args:
            cases: a label for messages, and the words of the command.
        """
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        told = [self._folder / f"told{number}" for number in range(len(cases))]
        words = [words for _, words in cases]
        process.stdin.write(json.dumps(list(zip(words, map(str, told), strict=True))) + "\n")
        process.stdin.flush()
        found = json.loads(process.stdout.readline())
        for (label, _), file, (status, seconds, megabytes) in zip(cases, told, found, strict=False):
            self._judge(label, status, seconds, megabytes, file.read_text())
        if len(found) < len(cases):
            self.faults.append(f"{cases[len(found)][0]}: no answer")

    def _judge(self, label: str, status: int, seconds: float, megabytes: float, told: str) -> None:
        errors = [line for line in told.splitlines() if not line.startswith("note: ")]
        if os.environ.get("SHOW_ALTERED"):
            print(label, status, f"{seconds:.2f}", f"{megabytes:.0f}", told.strip()[:300])
        if status == 1 and " evaluate" in label:
            status = 2  # the only model could not be used, which shows where it is run
        if "fault of the program" in told or "Traceback" in told or status not in (0, 2):
            self.faults.append(f"{label}: status {status}: {told[-400:]}")
        elif status == 0:
            self.used += 1
        else:
            self.refused += 1
            if len(errors) != 1 or not errors[0].startswith("error: "):
                self.faults.append(f"{label}: not one line: {told[-400:]}")
            if seconds > LONGEST_SECONDS or megabytes > LONGEST_MEGABYTES:
                self.faults.append(f"{label}: {seconds:.1f} s, {megabytes:.0f} MB: {told[-200:]}")
            self.seconds = max(self.seconds, seconds)
            self.megabytes = max(self.megabytes, megabytes)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    altered.write_models(folder)
    (folder / "text.txt").write_text("Yesterday Ann Lee met Olga Smith.\n")
    (folder / "names.conll").write_text("Ann B-PER\nLee I-PER\nsings O\n. O\n\n" * 3)
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    process = Server(tmp_path)
    yield process
    process.close()


def commands(kind: str, model: Path, models: Path, case: int, out: Path) -> list[str]:
    """Return the words of a command that reads a model; which one depends on the case."""
    text, gold = str(models / "text.txt"), str(models / "names.conll")
    if kind in ("lm", "pair"):
        actions = (
            ["lm", "sample", str(model), "--count", "1", "--max-length", "5"],
            ["lm", "score", str(model), text],
        )
        return actions[case % len(actions)]
    taggers = (
        ["info", str(model)],
        ["tag", text, "--model", str(model), "--workers", "1", "--format", "jsonl"],
        ["info", str(model), "--json"],
        ["tag", text, "--model", str(model), "--workers", "1", "--precision", "int8"],
        ["evaluate", "--model", str(model), "--data", gold],
        ["inspect", "memory", "--model", str(model), "--data", gold, "--only", "gradients",
         "--lags", "2", "--passages", "2", "--output", str(out)],
    )  # fmt: skip
    weights = (0, 1, 0, 1, 1, 2, 3, 1, 4, 5)
    return taggers[weights[case % len(weights)]]


def attack(server: Server, models: Path, folder: Path, cases: range) -> None:
    """Read altered bundles and recipes, in turn by every command."""
    for first in cases[::TOGETHER]:
        place = folder / str(first)
        place.mkdir()
        server.run([prepare(models, place, case) for case in range(first, first + TOGETHER)])
        shutil.rmtree(place)


def prepare(models: Path, folder: Path, case: int) -> tuple[str, list[str]]:
    """Write an altered bundle or recipe; return a label and the words of a command."""
    place = folder / str(case)
    place.mkdir()
    if case % 5 == 4:
        recipe = place / "recipe.yaml"
        recipe.write_bytes(altered.recipe(case))
        return f"recipe {case}", training(recipe, models, place)
    kind = altered.KINDS[(case // 5) % len(altered.KINDS)]
    model = altered.alter(models / kind, place / "model", case)
    words = commands(kind, model, models, case // 35, place / "out")
    return f"{kind} {case} {words[0]}", words


def training(recipe: Path, models: Path, place: Path) -> list[str]:
    """Return the words that train by a recipe: what it leaves out is small."""
    gold = str(models / "names.conll")
    return [
        "train", "--config", str(recipe), "--data.train", gold, "--trainer.epochs", "1",
        "--data.corpus", "", "--data.dev", gold, "--output", str(place / "run"),
    ]  # fmt: skip


def test_models_are_healthy(server: Server, models: Path, tmp_path: Path) -> None:
    server.run(
        [
            (
                f"{kind} {case}",
                commands(kind, models / kind, models, case, tmp_path / f"{kind}{case}"),
            )
            for kind in altered.KINDS
            for case in ((1, 6, 8, 9) if kind == "lstm" else (1, 3))
        ]
    )
    assert server.faults == []
    assert server.refused == 0


def test_altered_bundles_and_recipes(server: Server, models: Path, tmp_path: Path) -> None:
    attack(server, models, tmp_path, range(100))
    assert server.faults == []
    assert server.refused > 50


@pytest.mark.slow
def test_two_thousand_altered_bundles_and_recipes(
    server: Server, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    attack(server, models, tmp_path, range(1000, 3000))
    with capsys.disabled():
        print(
            f"\n{server.refused:,} refused, {server.used:,} used, {len(server.faults)} faults; "
            f"a refusal took at most {server.seconds:.2f} s and {server.megabytes:.0f} MB"
        )
    assert server.faults == []
