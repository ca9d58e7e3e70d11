"""Random draws that are the same on every platform and version of Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

__all__ = ["Rng"]

_T = TypeVar("_T")


class Rng:
    """Draws derived from uniform floats alone.

    Args:
        uniform: returns floats in [0, 1): ``random.Random(seed).random``, the one method whose
            series no version of Python changes.
    """

    def __init__(self, uniform: Callable[[], float]) -> None:
        self._uniform = uniform

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self._uniform() < probability

    def below(self, limit: int) -> int:
        """Return an integer from 0 up to, not including, the limit."""
        return int(self._uniform() * limit)

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self._uniform() * (high - low + 1))

    def pick(self, items: Sequence[_T]) -> _T:
        """Return one of the items."""
        return items[int(self._uniform() * len(items))]
