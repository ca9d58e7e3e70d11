"""What a language model reads and writes: a closed list of symbols, an end and an unknown.

A symbol is a character, or whatever stands between two spaces. Id 0 is the end of a line, which is
also what a model reads before the first symbol; id 1 stands for every symbol not in the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ner_rnn.errors import BundleError
from ner_rnn.model.language_model import Unit

__all__ = ["END", "UNKNOWN", "Ids", "Symbols", "Unit", "split"]

END = 0
UNKNOWN = 1
FIRST = 2
"""Id of the first symbol of the list."""

Ids = NDArray[np.int32]


def split(line: str, unit: Unit) -> Sequence[str]:
    """The symbols of a line: ``("C G Am", "word")`` -> ``["C", "G", "Am"]``."""
    return line if unit == "char" else line.split()


@dataclass(frozen=True)
class Symbols:
    """The alphabet of a model.

    Attributes:
        unit: what a symbol is.
        known: the symbols in the order of their ids, the most frequent first.
    """

    unit: Unit
    known: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index once."""
        ids = {symbol: i for i, symbol in enumerate(self.known, FIRST)}
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def learn(cls, unit: Unit, counts: Counter[str], min_count: int = 1) -> Symbols:
        """The symbols that were seen ``min_count`` times or more; the rest is the unknown."""
        kept = [symbol for symbol, count in counts.items() if count >= min_count]
        return cls(unit, tuple(sorted(kept, key=lambda symbol: (-counts[symbol], symbol))))

    def __len__(self) -> int:
        """Symbols with the end and the unknown."""
        return len(self.known) + FIRST

    def __contains__(self, symbol: str) -> bool:
        """Whether a symbol is known."""
        return symbol in self._ids

    def id(self, symbol: str) -> int:
        """The id of a symbol, or of the unknown one."""
        return self._ids.get(symbol, UNKNOWN)

    def encode(self, line: str) -> Ids:
        """The ids of a line's symbols, without an end; what is not known is the unknown."""
        ids = self._ids
        found = [ids.get(symbol, UNKNOWN) for symbol in split(line, self.unit)]
        return np.array(found, dtype=np.int32)

    def decode(self, ids: Sequence[int]) -> str:
        r"""Text of ids: an end is a newline, the unknown is U+FFFD."""
        shown = ["\n" if i == END else "\ufffd" if i == UNKNOWN else self.known[i - FIRST]
                 for i in ids]  # fmt: skip
        if self.unit == "char":
            return "".join(shown)
        return " ".join(shown).replace(" \n", "\n").replace("\n ", "\n")

    def unseen(self, lines: Sequence[str]) -> Counter[str]:
        """What a model would read as the unknown, and how often."""
        ids = self._ids
        counts: Counter[str] = Counter()
        for line in lines:
            counts.update(symbol for symbol in split(line, self.unit) if symbol not in ids)
        return counts

    def to_json(self) -> dict[str, Any]:
        """What :meth:`from_json` reads."""
        return {"unit": self.unit, "symbols": list(self.known)}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Symbols:
        """The alphabet of a bundle.

        Raises:
            BundleError: a part is missing or of the wrong kind.
        """
        unit: Any = saved.get("unit")
        known = saved.get("symbols")
        if unit not in get_args(Unit) or not isinstance(known, list):
            raise BundleError("vocabulary.json: no alphabet of a language model; train it again")
        return cls(unit, tuple(map(str, known)))
