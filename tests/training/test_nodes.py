"""Training on many nodes: SLURM and torchrun, each node a process with its own address.

What they train is what one process reports; a node that dies ends the others, and ``--resume``
goes on with the same weights.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from ner_rnn.machine import cores
from ner_rnn.model.bundle import read_bundle

from .test_processes import ENVIRONMENT, train_words

EPOCHS = 30
"""Of a run that is interrupted."""
GONE = "error: another process of this run has ended or does not answer"
DOCUMENT = Path(__file__).parents[2] / "docs" / "train.md"

Nodes = list["subprocess.Popen[str]"]
Start = Callable[..., Nodes]


def words_of(corpus: Path, output: Path, epochs: int, nodes: int = 2, each: int = 1) -> list[str]:
    machines = ("--trainer.num-nodes", str(nodes), "--trainer.devices", str(each))
    return [*train_words(corpus, output, epochs), *machines]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def slurm(number: int, count: int, port: str, nodes: int) -> dict[str, str]:
    """What srun tells a task."""
    each = count // nodes
    return {
        "SLURM_JOB_ID": "1234",
        "SLURM_JOB_NAME": "train",
        "SLURM_JOB_NUM_NODES": str(nodes),
        "SLURM_NNODES": str(nodes),
        "SLURM_NTASKS": str(count),
        "SLURM_NTASKS_PER_NODE": str(each),
        "SLURM_NODELIST": f"127.0.0.[1-{nodes + 1}]",
        "SLURM_NODEID": str(number // each),
        "SLURM_PROCID": str(number),
        "SLURM_LOCALID": str(number % each),
        "MASTER_PORT": port,
    }


@pytest.fixture
def start() -> Iterator[Start]:
    """``start("slurm", words)``: a process a task or node, killed at the end of the test."""
    started: Nodes = []

    def nodes(launcher: str, words: Sequence[str], count: int = 2, machines: int = 2) -> Nodes:
        port = free_port()
        for number in range(count):
            more: dict[str, str] = {}
            command = [sys.executable]
            if launcher == "slurm":
                more = slurm(number, count, port, machines)
            else:
                command += ["-m", "torch.distributed.run", "--nnodes", str(count)]
                command += ["--local_addr", f"127.0.0.{number + 1}", "--nproc_per_node", "1"]
                if launcher == "static":
                    command += ["--node_rank", str(number)]
                    command += ["--master_addr", "127.0.0.1", "--master_port", port]
                else:
                    command += ["--rdzv_backend", "c10d", "--rdzv_id", "7"]
                    command += ["--rdzv_endpoint", f"127.0.0.1:{port}"]
            process = subprocess.Popen(
                [*command, "-m", "ner_rnn_cli", *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=ENVIRONMENT | more,
            )
            started.append(process)
        return started[-count:]

    yield nodes
    for process in started:
        with process:  # closes its pipes
            end(process)


def end(node: subprocess.Popen[str]) -> None:
    """Kill all processes of a node: torchrun gives its own a session each."""
    if node.poll() is None:
        for pid in [node.pid, *children(node.pid)]:
            os.kill(pid, signal.SIGKILL)
        node.wait()


def finished(nodes: Nodes) -> list[tuple[str, str]]:
    answers = [node.communicate(timeout=280) for node in nodes]
    assert [node.returncode for node in nodes] == [0] * len(nodes), answers
    return answers


def check(output: Path, files: Sequence[Path], nodes: int, scores_of: Callable[..., Any]) -> None:
    """One model was written, with the scores that one process gives it."""
    metrics = read_bundle(output).metrics
    assert metrics["processes"] == nodes
    alone = scores_of(output, list(map(str, files)))
    assert list(metrics["scores"].values()) == [alone[str(file)] for file in files]


def same_model(one: Path, other: Path) -> bool:
    metrics = [read_bundle(folder).metrics["scores"] for folder in (one, other)]
    weights = [(folder / "weights.safetensors").read_bytes() for folder in (one, other)]
    return metrics[0] == metrics[1] and weights[0] == weights[1]


def wait_for(output: Path, epoch: int) -> None:
    """Wait until the checkpoint of a run is of this epoch, counted from 0, or a later one."""
    last = output / "checkpoints" / "last.ckpt"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if last.exists() and torch.load(last, weights_only=True)["epoch"] >= epoch:
            return
        time.sleep(0.1)
    raise AssertionError("the training does not get on")


def test_two_tasks_of_slurm_train_one_model(
    corpus: Path, tmp_path: Path, start: Start, scores_of: Callable[..., Any]
) -> None:
    output = tmp_path / "run"
    first, second = finished(start("slurm", words_of(corpus, output, epochs=6)))
    assert first[0].count("The model is in") == 1
    assert second == ("", ""), "the first speaks for all"
    check(output, [corpus / "dev.txt", corpus / "test.txt"], 2, scores_of)


@pytest.mark.slow
def test_fewer_sentences_than_processes_and_processors(
    corpus: Path, tmp_path: Path, start: Start, scores_of: Callable[..., Any]
) -> None:
    few = [tmp_path / f"{name}.txt" for name in ("train", "dev", "test")]
    for file, count in zip(few, (2, 1, 2), strict=True):
        file.write_text("Maria B-PER\nSilva I-PER\nsang O\n\n" * count, encoding="utf-8")
    output = tmp_path / "run"
    most = max(3, cores() + 1)  # of one machine, though SLURM may bind each to one processor
    words = words_of(tmp_path, output, epochs=4, nodes=1, each=most)
    finished(start("slurm", words, most, machines=1))
    check(output, few[1:], most, scores_of)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["static", "c10d"])
def test_torchrun_trains_one_model_on_two_nodes(
    launcher: str, corpus: Path, tmp_path: Path, start: Start, scores_of: Callable[..., Any]
) -> None:
    output = tmp_path / "run"
    answers = finished(start(launcher, words_of(corpus, output, epochs=6)))
    assert sum(stdout.count("The model is in") for stdout, _ in answers) == 1
    check(output, [corpus / "dev.txt", corpus / "test.txt"], 2, scores_of)


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of two processes that was left alone."""
    output = tmp_path_factory.mktemp("whole") / "run"
    words = [sys.executable, "-m", "ner_rnn_cli", *train_words(corpus, output, EPOCHS)]
    subprocess.run(words, check=True, capture_output=True, env=ENVIRONMENT, timeout=280)
    return output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("launcher", "victim"), [("slurm", 0), ("slurm", 1), ("static", 1), ("c10d", 0)]
)
def test_a_node_that_dies_ends_the_others_and_resume_goes_on(
    launcher: str, victim: int, whole: Path, corpus: Path, tmp_path: Path, start: Start
) -> None:
    output = tmp_path / "run"
    words = words_of(corpus, output, EPOCHS)
    nodes = start(launcher, words)
    wait_for(output, 1)
    end(nodes[victim])
    other = nodes[1 - victim]
    stdout, stderr = other.communicate(timeout=60)
    assert other.returncode == (2 if launcher == "slurm" else 1)
    assert [line[: len(GONE)] for line in stderr.splitlines() if "error:" in line] == [GONE]
    assert "The model is in" not in stdout
    assert not (output / "manifest.json").exists()
    finished(start(launcher, [*words, "--resume"]))
    assert same_model(output, whole)


@pytest.mark.slow
@pytest.mark.parametrize(("launcher", "victim"), [("slurm", 1), ("static", 0)])
def test_a_node_that_falls_silent_ends_the_others(
    launcher: str, victim: int, corpus: Path, tmp_path: Path, start: Start
) -> None:
    output = tmp_path / "run"
    nodes = start(launcher, words_of(corpus, output, epochs=10_000))
    wait_for(output, 1)
    # every process of the node, also those that torchrun gave a session of their own
    pids = [nodes[victim].pid, *children(nodes[victim].pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    _, stderr = nodes[1 - victim].communicate(timeout=100)
    assert time.monotonic() - began < 60
    assert nodes[1 - victim].returncode == (2 if launcher == "slurm" else 1)
    assert stderr.count(GONE) == 1


def children(pid: int) -> list[int]:
    """Processes that a process has started, and those that they have."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [child for first in map(int, found) for child in (first, *children(first))]


@pytest.mark.slow
def test_the_job_script_of_the_document(corpus: Path, tmp_path: Path, whole: Path) -> None:
    """It runs as it stands; stopped by SIGTERM and submitted again, it goes on."""
    (script,) = re.findall(r"```bash\n(#!/bin/bash\n.*?)```", DOCUMENT.read_text("utf-8"), re.S)
    output = tmp_path / "runs" / "english"
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    program(bin_folder / "ner-rnn", f'exec {sys.executable} -m ner_rnn_cli "$@"')
    # as SLURM binds tasks, each has one processor; the corpus of the recipe is a small one
    program(
        bin_folder / "srun",
        """
        shift
        for number in 0 1; do
            export SLURM_PROCID=$number SLURM_NODEID=$number
            taskset -c 0 "$@" $SMALL & tasks="$tasks $!"
        done
        trap 'kill -TERM $tasks; wait' TERM
        for task in $tasks; do wait $task || status=$?; done
        for task in $tasks; do wait $task || status=$?; done
        exit $status
        """,
    )
    small = train_words(corpus, output, EPOCHS)[1:]
    small = small[: small.index("--output")]  # the script says where, and on how many
    environment = ENVIRONMENT | slurm(0, 2, free_port(), 2)
    environment |= {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "SMALL": " ".join(small),
        "SLURM_CPUS_PER_TASK": "1",
    }
    root = DOCUMENT.parents[1]
    (tmp_path / "configs").symlink_to(root / "configs")
    (tmp_path / "job").write_text(
        script.replace("configs/english.yaml", "configs/bilstm_crf.yaml"), encoding="utf-8"
    )

    def submit() -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "job"], cwd=tmp_path, env=environment, text=True, stderr=subprocess.PIPE
        )

    job = submit()
    wait_for(output, 1)
    for pid in children(job.pid):
        if b"srun" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGTERM)
    _, stderr = job.communicate(timeout=120)
    assert "last.ckpt is kept" in stderr
    assert not (output / "manifest.json").exists()
    job = submit()
    _, stderr = job.communicate(timeout=280)
    assert job.returncode == 0, stderr
    assert read_bundle(output).metrics["processes"] == 2


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
