"""Alphabet of a language model: a closed list of symbols, an end and an unknown symbol.

A symbol is a character, or whatever stands between two spaces. Id 0 is the end of a line, which is
also the input before the first symbol; id 1 stands for every symbol not in the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.units import Unit, split
from ner_rnn.errors import BundleError

__all__ = ["END", "UNKNOWN", "Ids", "Symbols"]

END = 0
UNKNOWN = 1
FIRST = 2
"""Id of the first symbol of the list."""

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Symbols:
    """Alphabet of a model.

    Attributes:
        unit: unit of the symbols.
        known: the symbols in the order of their ids, the most frequent first.
    """

    unit: Unit
    known: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the symbols."""
        ids = {symbol: i for i, symbol in enumerate(self.known, FIRST)}
        object.__setattr__(self, "_ids", ids)

    @classmethod
    def learn(cls, unit: Unit, counts: Counter[str], min_count: int = 1) -> Symbols:
        """Take the symbols that occur ``min_count`` times or more."""
        kept = [symbol for symbol, count in counts.items() if count >= min_count]
        return cls(unit, tuple(sorted(kept, key=lambda symbol: (-counts[symbol], symbol))))

    def __len__(self) -> int:
        """Return the number of symbols, the end and the unknown symbol included."""
        return len(self.known) + FIRST

    def __contains__(self, symbol: str) -> bool:
        """Return whether a symbol is known."""
        return symbol in self._ids

    def id(self, symbol: str) -> int:
        """Return the id of a symbol, or of the unknown symbol."""
        return self._ids.get(symbol, UNKNOWN)

    def encode(self, line: str) -> Ids:
        """Return the ids of a line's symbols, (symbols,), without an end."""
        ids = self._ids
        found = [ids.get(symbol, UNKNOWN) for symbol in split(line, self.unit)]
        return np.array(found, dtype=np.int32)

    def decode(self, ids: Sequence[int]) -> str:
        r"""Return the text of ids; an end is a newline, the unknown symbol U+FFFD."""
        shown = ["\n" if i == END else "\ufffd" if i == UNKNOWN else self.known[i - FIRST]
                 for i in ids]  # fmt: skip
        if self.unit == "char":
            return "".join(shown)
        return " ".join(shown).replace(" \n", "\n").replace("\n ", "\n")

    def unseen(self, lines: Sequence[str]) -> Counter[str]:
        """Count the symbols of lines that are not known."""
        ids = self._ids
        counts: Counter[str] = Counter()
        for line in lines:
            counts.update(symbol for symbol in split(line, self.unit) if symbol not in ids)
        return counts

    def to_json(self) -> dict[str, Any]:
        """Return the alphabet as JSON."""
        return {"unit": self.unit, "symbols": list(self.known)}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Symbols:
        """Read the alphabet of a bundle.

        Raises:
            BundleError: a part is missing or of the wrong type.
        """
        unit: Any = saved.get("unit")
        known: Any = saved.get("symbols")
        is_list = isinstance(known, list) and {str}.issuperset(map(type, known))
        if unit not in get_args(Unit) or not is_list:
            raise BundleError("vocabulary.json: no alphabet of a language model; train it again")
        return cls(unit, tuple(known))
