"""Every span whose exact probability reaches a threshold, on the best path or off it.

A span of a label is one sequence of BIOES tags, ``S`` or ``B I ... I E``; its probability is that
of all tag sequences of the text that hold it. They are found by growing spans word by word from
each word that may open one: what a beginning amounts to bounds every span that goes on from it, so
that those below the threshold are given up, and nothing above it is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ner_rnn.runtime.lattice import Lattice

__all__ = ["Spans", "probable_spans", "settle"]

Ids = NDArray[np.int64]
Wide = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Spans(NamedTuple):
    """Spans of passages side by side: passage, first and last step, probability, (spans,) each."""

    rows: Ids
    first: Ids
    last: Ids
    scores: Wide


def probable_spans(
    lattice: Lattice, tags: Sequence[str], label: str, mask: Mask, threshold: float
) -> Spans:
    """Return every span of a label that is at least so probable.

    Args:
        lattice: of the passages.
        tags: tags of the model.
        label: the entity type.
        mask: (time, batch) True where there is a word.
        threshold: above 0.
    """
    lengths = mask.sum(axis=0)
    least = np.log(threshold)
    marginals = lattice.marginals()
    found: list[Spans] = []

    def number(letter: str) -> int | None:
        tag = f"{letter}-{label}"
        return tags.index(tag) if tag in tags else None

    single, opening, inside, closing = map(number, "SBIE")
    if single is not None:
        reaches = (marginals[single] >= threshold) & mask
        step, row = np.nonzero(reaches)
        found.append(Spans(row, step, step, marginals[single][reaches]))
    step, row = np.nonzero(
        (marginals[opening] >= threshold) & mask if opening is not None else mask & False
    )
    first = step
    before = np.full(len(step), opening if opening is not None else 0)
    value = lattice.begin(before, step, row)
    while len(row):
        step = step + 1
        goes_on = step < lengths[row]
        first, step, row = first[goes_on], step[goes_on], row[goes_on]
        before, value = before[goes_on], value[goes_on]
        if closing is not None:
            tag = np.full(len(row), closing)
            whole = value + lattice.move(before, tag, step, row) + lattice.finish(tag, step, row)
            reaches = whole >= least
            found.append(Spans(row[reaches], first[reaches], step[reaches], np.exp(whole[reaches])))
        if inside is None:
            break
        tag = np.full(len(row), inside)
        value = value + lattice.move(before, tag, step, row)
        hopeful = value + lattice.finish(tag, step, row) >= least
        first, step, row = first[hopeful], step[hopeful], row[hopeful]
        before, value = tag[hopeful], value[hopeful]
    rows, firsts, lasts, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Spans(rows, firsts, lasts, np.minimum(scores, 1.0))


def settle(starts: Ids, ends: Ids, scores: Wide) -> Ids:
    """Choose among spans that overlap: the more probable one stays, the earlier one of equals.

    Args:
        starts: (spans,) first word of each.
        ends: (spans,) word after its last.
        scores: (spans,) probabilities.

    Returns:
        Numbers of the spans that stay, in the order of the text.
    """
    order = np.argsort(starts, kind="stable")
    reach = np.maximum.accumulate(ends[order])
    # spans that meet none before and none after need no comparison
    alone = np.ones(len(order), dtype=np.bool_)
    meets = starts[order][1:] < reach[:-1]
    alone[1:] &= ~meets
    alone[:-1] &= ~meets
    kept = order[alone].tolist()
    taken: set[int] = set()
    rest = order[~alone]
    for place in rest[np.lexsort((starts[rest], -scores[rest]))].tolist():
        words = range(starts[place], ends[place])
        if taken.isdisjoint(words):
            taken.update(words)
            kept.append(place)
    chosen = np.array(kept, dtype=np.int64)
    return chosen[np.argsort(starts[chosen], kind="stable")]
