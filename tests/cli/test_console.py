"""The one error printer: what it says and with which status it ends."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest
from ner_rnn_cli import console

from ner_rnn.errors import CorpusError


def outcome(
    problem: BaseException, capsys: pytest.CaptureFixture[str], *, debug: bool = False
) -> tuple[int, str]:
    def run() -> int:
        raise problem

    status = console.guard(run, debug=debug)
    return status, capsys.readouterr().err


def test_the_status_of_a_command_is_passed_on() -> None:
    assert console.guard(lambda: 0) == 0
    assert console.guard(lambda: 7) == 7


def test_a_user_error_is_its_own_text(capsys: pytest.CaptureFixture[str]) -> None:
    problem = CorpusError("a.txt:3: 1 column where 2 are needed")
    assert outcome(problem, capsys) == (2, "error: a.txt:3: 1 column where 2 are needed\n")


def test_whatever_a_message_holds_it_stays_one_printable_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = CorpusError("tag 'a\nb\x1b[31mé'")
    assert outcome(problem, capsys) == (2, "error: tag 'a\\nb\\x1b[31mé'\n")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (errno.ENOENT, "runs/x: no such file or directory"),
        (
            errno.ENOSPC,
            "runs/x: no space left on device; free some space, or write to another disk",
        ),
        (errno.EACCES, "runs/x: permission denied; check its permissions, or choose another place"),
        (errno.EROFS, "runs/x: read-only file system; choose another place"),
    ],
)
def test_the_machine_saying_no_is_one_line(
    code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import os

    assert outcome(OSError(code, os.strerror(code), "runs/x"), capsys) == (2, f"error: {line}\n")


def test_a_real_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> int:
        return len((tmp_path / "gone").read_text())

    assert console.guard(run) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'gone'}: no such file or directory\n"


def test_a_fault_of_the_program_says_so_and_how_to_see_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, shown = outcome(KeyError("tags"), capsys)
    assert status == 1
    assert shown == (
        "error: a fault of the program, not of your input: KeyError: 'tags'; "
        "add --debug to see where, and please report it\n"
    )


def test_debug_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    status, shown = outcome(KeyError("tags"), capsys, debug=True)
    assert status == 1
    assert "Traceback" in shown
    assert "test_console.py" in shown
    assert shown.splitlines()[-1].startswith("error: a fault of the program")


def test_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(KeyboardInterrupt(), capsys) == (130, "interrupted\n")


def test_a_notice_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console.notice("3 sentences of test are in train too")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "note: 3 sentences of test are in train too\n"


def test_the_program_is_named_as_it_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "bin" / "ner-rnn"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert console.program() == "bin/ner-rnn"
    monkeypatch.setenv("PATH", str(script.parent))
    assert console.program() == "ner-rnn"
    monkeypatch.setattr(sys, "argv", ["/somewhere/pytest"])
    assert console.program() == "ner-rnn"


def test_a_message_is_cut_in_its_middle(capsys: pytest.CaptureFixture[str]) -> None:
    problem = CorpusError("a.txt:3: " + "x" * 200_000 + "; give another")
    status, line = outcome(problem, capsys)
    assert status == 2
    assert line.startswith("error: a.txt:3: xxx")
    assert line.endswith("xxx; give another\n")
    assert len(line) < 2100


def test_an_interrupted_import_of_a_compiled_module_is_an_interrupt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problem = ImportError("initialization failed")
    problem.__cause__ = KeyboardInterrupt()
    assert outcome(problem, capsys) == (130, "interrupted\n")
