"""Import of the files of benchmarks/, which import each other by their plain names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@contextmanager
def imported(*names: str) -> Iterator[dict[str, ModuleType]]:
    """Import files by their names, and forget them and what they imported from there."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield {name: import_module(name) for name in names}
    finally:
        sys.path.remove(str(BENCHMARKS))
        for path in BENCHMARKS.glob("*.py"):
            sys.modules.pop(path.stem, None)
