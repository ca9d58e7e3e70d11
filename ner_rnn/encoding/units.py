"""Units of text that a language model predicts: characters, or words between spaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

__all__ = ["Unit", "split"]

Unit = Literal["char", "word"]


def split(line: str, unit: Unit) -> Sequence[str]:
    """Return the symbols of a line: ``("C G Am", "word")`` -> ``["C", "G", "Am"]``."""
    return line if unit == "char" else line.split()
