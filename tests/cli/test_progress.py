"""The progress bar, on a real terminal and without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from threading import Thread

import pytest
from ner_rnn_cli.progress import progress_bar


@contextmanager
def terminal() -> Iterator[list[str]]:
    """Make standard error a terminal; afterwards the list holds all that was written there."""
    master, slave = os.openpty()
    written: list[str] = []

    def read() -> None:
        try:
            while data := os.read(master, 4096):
                written.append(data.decode())
        except OSError:  # the terminal is closed
            pass

    reader = Thread(target=read)
    reader.start()
    try:
        with os.fdopen(slave, "w") as screen, redirect_stderr(screen):
            yield written
    finally:
        reader.join()
        os.close(master)


@pytest.fixture(autouse=True)
def kind_of_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def test_work_is_described_and_lines_stay() -> None:
    with terminal() as written, progress_bar("training [x]", 3) as bar:
        bar.print("seed 1: done\n")
        bar.advance()
        bar.show("training [x]", 2.5, 3)
    text = "".join(written)
    assert "training [x]" in text
    assert "seed 1: done\\n" in text
    assert "2.5 of 3.0" in text


def test_a_full_bar_makes_room_for_the_next() -> None:
    with terminal() as written, progress_bar() as bar:
        bar.show("reading", 400, 400)
        bar.show("scoring", 1, None, "1 name")
    text = "".join(written)
    assert "400 of 400" in text
    assert text.rindex("reading") < text.index("scoring")
    assert "1 name" in text


def test_short_work_draws_nothing() -> None:
    with terminal() as written, progress_bar("tagging", 2, wait=60) as bar:
        bar.advance()
    assert written == []


@pytest.mark.parametrize("hidden", [False, True])
def test_without_a_terminal_lines_alone(hidden: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("training", 2, hidden=hidden) as bar:
        bar.print("seed 1: done")
        bar.advance()
    assert capsys.readouterr() == ("", "seed 1: done\n")
