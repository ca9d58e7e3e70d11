"""The command line as a user meets it: in a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest
from ner_rnn_cli.main import COMMANDS, main

import ner_rnn

HEAVY = {"torch", "pytorch_lightning", "lightning", "datasets", "rich", "numpy"}


def loaded_by(*words: str) -> set[str]:
    code = (
        "import sys\nfrom ner_rnn_cli.main import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert "usage: ner-rnn" in done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    assert not loaded_by(*words) & HEAVY


def test_help_answers_at_once() -> None:
    def seconds() -> float:
        start = spent()
        subprocess.run(
            [sys.executable, "-m", "ner_rnn_cli", "--help"], capture_output=True, check=True
        )
        return spent() - start

    def spent() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    # 0.05 s measured, of the clock too; the processor's time does not count what else is running
    assert min(seconds() for _ in range(5)) < 0.2


@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, "2000"), ({"GOMP_SPINCOUNT": "5"}, "5"), ({"OMP_WAIT_POLICY": "active"}, None)],
)
def test_threads_wait_briefly_unless_the_user_says_otherwise(
    given: dict[str, str], spins: str | None
) -> None:
    code = (
        "import os\nfrom ner_rnn_cli.main import main\n"
        "main()\nprint(os.environ.get('GOMP_SPINCOUNT'))"
    )
    known = {k: v for k, v in os.environ.items() if k not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"],
        capture_output=True, text=True, check=True, env=known | given,
    )  # fmt: skip
    assert done.stdout.split()[-1] == str(spins)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_overview_lists_every_command(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    shown = capsys.readouterr().out
    for name, what in COMMANDS.items():
        assert name in shown
        assert what in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_worked_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    usage, _, examples = capsys.readouterr().out.partition("examples:\n")
    assert usage.startswith(f"usage: ner-rnn {name}")
    assert f"  ner-rnn {name} " in examples


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"ner-rnn {ner_rnn.__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "there is no command 'trian'; did you mean train?"),
        (
            ["xyzzy"],
            f"there is no command 'xyzzy'; there are {', '.join(COMMANDS)}",
        ),
        (
            ["train", "--model.hiden_size", "3"],
            "there is no flag --model.hiden-size; did you mean --model.hidden-size?",
        ),
        (
            ["train", "--hidden-size=3"],
            "there is no flag --hidden-size; did you mean --model.hidden-size?",
        ),
        (["train", "--xyzzy"], "there is no flag --xyzzy; see ner-rnn train --help"),
        (["train", "x.txt"], "unexpected argument 'x.txt'; see ner-rnn train --help"),
        (
            ["evaluate", "--data", "x"],
            "nothing is given to score: give --model FOLDER or --predictions FILE",
        ),
    ],
)
def test_what_is_typed_wrong_is_one_line(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"error: {message}\n"


@pytest.mark.parametrize("words", [["--debug", "info", "nowhere"], ["info", "nowhere", "--debug"]])
def test_debug_shows_the_traceback_wherever_it_stands(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback")
    assert shown.splitlines()[-1].startswith("error: nowhere does not exist")


def test_a_closed_pipe_is_quiet() -> None:
    ner_rnn_help = [sys.executable, "-m", "ner_rnn_cli", "--help"]
    with subprocess.Popen(ner_rnn_help, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()  # before anything is written: the interpreter is still starting
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ner_rnn_cli", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == (
        "error: no space left on device; free some space, or write to another disk\n"
    )
