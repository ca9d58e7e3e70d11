"""A page, and a browser: whatever the system has; where it has none, tests skip and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ner_rnn.evaluation.report.page import write_page

from .chromium import NAMES, Browser, Tab
from .made_up import FIGURE, Rows, made_up


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The system's Chromium."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    if os.name == "nt":
        pytest.skip("the browser is driven through descriptors, which Windows has not")
    running = Browser(program, tmp_path_factory.mktemp("profile"))
    yield running
    running.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens tabs (``tab(width=375, dark=True)``), which are closed when the test is over."""
    opened: list[Tab] = []

    def make(width: int = 1280, height: int = 900, dark: bool = False) -> Tab:
        opened.append(Tab(browser, width, height, dark))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], Rows]:
    """A page of 400 sentences, its report, its sentences."""
    report, rows = made_up(400)
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_page(report, rows, path, [FIGURE])  # type: ignore[arg-type]
    return path, report, rows
