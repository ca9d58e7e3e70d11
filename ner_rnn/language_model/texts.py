"""Training text of a language model: one sequence a line, or running text.

Files go in, ids come out, with a part held out for validation. Direction is dealt with here, too:
for a backward model every sequence, or the whole text, is reversed.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ner_rnn.encoding.symbols import END, UNKNOWN, Ids, Symbols
from ner_rnn.encoding.units import Unit, split
from ner_rnn.errors import CorpusError
from ner_rnn.model.language_model import Settings
from ner_rnn.text.files import read_lines
from ner_rnn.text.opening import open_hashed

__all__ = ["Corpus", "Lines", "SymbolBatch", "load", "numbered_lines"]

SymbolBatch = tuple[Tensor, Tensor, bool]
"""Symbols as read; symbols that come next (below 0 in the padding); and whether the state begins
with zeros or is that of the batch before."""

MOST_HELD_OUT = 250_000
"""Symbols of running text that are held out at most: more would only cost time."""


@dataclass(frozen=True)
class Lines:
    """Sequences as ids, one after the other.

    Attributes:
        flat: an end, then each sequence with an end behind it.
        starts: for each sequence the place in ``flat`` of the end before it.
        lengths: symbols of each, its end counted.
    """

    flat: Ids
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Sequence[Ids], *, backward: bool = False) -> Lines:
        """Join sequences, each reversed for a backward model."""
        parts: list[Ids] = [np.array([END], dtype=np.int32)]
        for ids in sequences:
            parts += [ids[::-1] if backward else ids, parts[0]]
        lengths = np.array([len(ids) + 1 for ids in sequences], dtype=np.int64)
        return cls(np.concatenate(parts), np.cumsum(lengths) - lengths, lengths)

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Each sequence as a window of one passage, as ``encoding.packing.pack`` takes them."""
        return [(1, int(length)) for length in self.lengths]

    def batch(self, places: Sequence[int]) -> SymbolBatch:
        """Return the batch of sequences: (sequences, time) each."""
        chosen = np.array(places)
        lengths, starts = self.lengths[chosen], self.starts[chosen]
        steps = np.arange(lengths.max())
        mask = steps < lengths[:, None]
        at = np.where(mask, starts[:, None] + steps, 0)
        targets = np.where(mask, self.flat[at + 1], -1)
        return torch.from_numpy(self.flat[at]), torch.from_numpy(targets), True


@dataclass(frozen=True)
class Corpus:
    """Training and held-out text.

    Attributes:
        symbols: the alphabet, learned from the training part.
        train: sequences, or the ids of running text.
        dev: held-out text, of the same kind.
        remarks: notes for the user, a line each.
        checksums: SHA-256 of each training file, of the bytes that were read.
    """

    symbols: Symbols
    train: Lines | Ids
    dev: Lines | Ids
    remarks: list[str]
    checksums: dict[str, str] = field(default_factory=dict)


def load(files: Sequence[str], settings: Settings, *, encoding: str = "utf-8") -> Corpus:
    """Read the text to learn from.

    Raises:
        CorpusError: there is nothing to learn from, or a line that is too long, as file:line.
        FileError, ConfigError: as ``text.files.read_lines``.
    """
    if settings.running:
        return _running(files, settings, encoding)
    return _sequences(files, settings, encoding)


def numbered_lines(
    files: Sequence[str], encoding: str = "utf-8", checksums: dict[str, str] | None = None
) -> Iterator[tuple[str, int, str]]:
    """Yield file, line number from 1 and text of every line.

    Args:
        files: text, packed or not.
        encoding: text encoding of the files.
        checksums: receives the SHA-256 of each file once it has been read.
    """
    for path in files:
        with open_hashed(path) as (stream, digest):
            for number, line in enumerate(read_lines(path, encoding, stream), 1):
                yield path, number, line
            if checksums is not None:
                checksums[path] = digest()


def _sequences(files: Sequence[str], settings: Settings, encoding: str) -> Corpus:
    checksums: dict[str, str] = {}
    lines, blank = _read(files, settings, encoding, checksums)
    given = ", ".join(files)
    if len(lines) < 2:
        found = "one line" if lines else "no text"
        raise CorpusError(
            f"{given} holds {found}",
            do="give one sequence a line, two at least; for running text set {running}",
        )
    remarks = [f"{given}: {blank:,} blank lines passed over"] if blank else []
    if settings.dev is not None:
        dev, _ = _read([settings.dev], settings, encoding, {})
        train = lines
        if not dev:
            raise CorpusError(f"{settings.dev} holds no text: give lines to choose the best by")
    else:
        # all copies of a line go to one side, or what is held out would have been learned
        distinct = sorted(set(lines), key=lambda line: (zlib.crc32(line.encode()), line))
        if len(distinct) < 2:
            raise CorpusError(f"{given}: every line is the same; there is nothing to learn")
        held = set(distinct[: max(1, round(settings.dev_share * len(distinct)))])
        train = [line for line in lines if line not in held]
        dev = [line for line in lines if line in held]
    counts: Counter[str] = Counter()
    for line in train:
        counts.update(split(line, settings.unit))
    symbols = _alphabet(settings, counts, given)
    remarks += _unseen(symbols, symbols.unseen(dev))
    backward = settings.backward
    return Corpus(
        symbols,
        Lines.of([symbols.encode(line) for line in train], backward=backward),
        Lines.of([symbols.encode(line) for line in dev], backward=backward),
        remarks,
        checksums,
    )


def _read(
    files: Sequence[str], settings: Settings, encoding: str, checksums: dict[str, str]
) -> tuple[list[str], int]:
    """Return the lines that are not blank, and the number of those that are."""
    lines, blank = [], 0
    for path, number, line in numbered_lines(files, encoding, checksums):
        if not line.strip():
            blank += 1
            continue
        length = len(split(line, settings.unit))
        if length > settings.max_length:
            raise CorpusError(
                f"a sequence of {length:,} symbols, and {settings.max_length:,} are allowed",
                where=f"{path}:{number}",
                do="raise {max_length}, or for running text set {running}",
            )
        lines.append(line)
    return lines, blank


def _alphabet(settings: Settings, counts: Counter[str], given: str) -> Symbols:
    symbols = Symbols.learn(settings.unit, counts, settings.min_count)
    if not symbols.known:
        raise CorpusError(
            f"no symbol occurs {settings.min_count} times",
            where=given,
            do="give more text, or set {min_count} to 1",
        )
    return symbols


def _unseen(symbols: Symbols, unseen: Counter[str]) -> list[str]:
    remark = (
        f"held out: {unseen.total():,} symbols ({len(unseen):,} distinct) are not among the "
        f"{len(symbols.known):,} known and count as the unknown one"
    )
    return [remark] if unseen else []


def _running(files: Sequence[str], settings: Settings, encoding: str) -> Corpus:
    given = ", ".join(files)
    checksums: dict[str, str] = {}
    codes, name_of = _stream(files, settings.unit, encoding, checksums)
    if len(codes) < 3 or not np.any(codes != END):
        raise CorpusError(f"{given} holds no text: give a file with some")
    if settings.dev is not None:
        dev_codes, dev_name = _stream([settings.dev], settings.unit, encoding, {})
        if len(dev_codes) < 2:
            raise CorpusError(f"{settings.dev} holds no text: give some to choose the best by")
    else:
        held = min(MOST_HELD_OUT, max(1, round(settings.dev_share * len(codes))))
        dev_codes, dev_name = codes[-held:], name_of
        codes = codes[:-held]
    counted = np.bincount(codes)
    counts = Counter({name_of(int(c)): int(counted[c]) for c in np.flatnonzero(counted) if c})
    symbols = _alphabet(settings, counts, given)
    train = _numbered(codes, name_of, symbols)
    dev = _numbered(dev_codes, dev_name, symbols)
    unknown = np.bincount(dev_codes[dev == UNKNOWN])
    unseen = Counter({dev_name(int(c)): int(unknown[c]) for c in np.flatnonzero(unknown)})
    if settings.backward:
        train, dev = train[::-1], dev[::-1]
    return Corpus(symbols, train, dev, _unseen(symbols, unseen), checksums)


def _stream(
    files: Sequence[str], unit: Unit, encoding: str, checksums: dict[str, str]
) -> tuple[NDArray[np.uint32], Callable[[int], str]]:
    """Return every symbol of files as a code, 0 where a line ends; and the symbol of a code."""
    parts = [np.zeros(0, dtype=np.uint32)]
    if unit == "char":
        for _, _, line in numbered_lines(files, encoding, checksums):
            # a line holds no newline and a text file no NUL: 0 is free to be the end
            parts.append(np.frombuffer((line + "\0").encode("utf-32-le"), dtype="<u4"))
        return np.concatenate(parts), chr
    codes: dict[str, int] = {"\n": END}
    for _, _, line in numbered_lines(files, encoding, checksums):
        found = [codes.setdefault(word, len(codes)) for word in line.split()]
        parts.append(np.array([*found, END], dtype=np.uint32))
    return np.concatenate(parts), list(codes).__getitem__


def _numbered(codes: NDArray[np.uint32], name_of: Callable[[int], str], symbols: Symbols) -> Ids:
    """Convert codes to the ids of an alphabet."""
    table = np.full(int(codes.max()) + 1, UNKNOWN, dtype=np.int32)
    table[END] = END
    for code in np.flatnonzero(np.bincount(codes)):
        name = name_of(int(code))
        if code and name in symbols:
            table[code] = symbols.id(name)
    ids: Ids = table[codes]
    return ids
