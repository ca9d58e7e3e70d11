"""Novelty and diversity of samples."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ner_rnn.encoding.units import Unit, split

__all__ = ["MOST_DRAWN", "Novelty", "draw_new", "novelty"]

MOST_DRAWN = 50
"""Most texts drawn for each new one wanted: a model may produce nothing new."""


@dataclass(frozen=True)
class Novelty:
    """Novelty and diversity of a set of samples.

    Attributes:
        samples: number of samples.
        novel: share of samples that are not lines of the training files.
        distinct: number of different samples as a share of all; 1: none occurs twice.
        length: mean number of symbols of a sample.
        known_length: mean number of symbols of a training line.
    """

    samples: int
    novel: float
    distinct: float
    length: float
    known_length: float


def novelty(samples: Sequence[str], known: Collection[str], unit: Unit) -> Novelty:
    """Compare samples with training lines.

    Args:
        samples: at least one.
        known: the distinct lines of the training files, at least one.
        unit: what a symbol is.
    """
    return Novelty(
        samples=len(samples),
        novel=sum(sample not in known for sample in samples) / len(samples),
        distinct=len(set(samples)) / len(samples),
        length=sum(len(split(sample, unit)) for sample in samples) / len(samples),
        known_length=sum(len(split(line, unit)) for line in known) / len(known),
    )


def draw_new(
    draw: Callable[[int, int], Sequence[str]], count: int, known: Collection[str]
) -> list[str]:
    """Draw until so many texts are new, leaving out the known and the empty ones.

    Args:
        draw: writes texts, given the number of the first and how many.
        count: number of new texts; fewer are returned after ``MOST_DRAWN`` draws for each.
        known: lines that are not new.
    """
    found: list[str] = []
    for first in range(0, MOST_DRAWN * count, count):
        found += [text for text in draw(first, count) if text and text not in known]
        if len(found) >= count:
            break
    return found[:count]
