"""A letter to tag, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty folder with one text: "Yesterday Maria Silva met Olga Smith ."."""
    monkeypatch.chdir(tmp_path)
    Path("letter.txt").write_text("Yesterday Maria Silva met Olga Smith .\n")
    return Path("letter.txt")
