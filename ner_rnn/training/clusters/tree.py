"""A binary tree over word classes, by greedy merging, whose paths are the Brown clusters.

At each step the two classes merge whose merger costs the least likelihood of the class bigram
model (Brown et al. 1992, section 3). The costs of all pairs are kept, and brought up to date after
each merger, which changes two rows and columns only: exact, in time of the cube of the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ner_rnn.training.clusters.exchange import xlogx

__all__ = ["merge_paths"]

Table: TypeAlias = NDArray[np.float64]
Tree: TypeAlias = "int | tuple[Tree, Tree]"

_ROWS = 32
_NEARLY_0 = 1e-300
"""Added to a number whose logarithm is multiplied by it: 0 times that of 0 has to be 0."""


def merge_paths(
    table: Table,
    first: int = 0,
    on_merge: Callable[[int, int], None] = lambda done, total: None,
) -> dict[int, str]:
    """Return the path of each class in the tree, of the signs 0 and 1.

    Args:
        table: numbers of class bigrams, (classes, classes).
        first: classes before this one are neighbours only, and not in the tree.
        on_merge: called after each merger with their number, and that of all.

    >>> merge_paths(np.array([[0.0, 5, 5], [5, 0, 0], [5, 0, 0]]))
    {0: '0', 1: '10', 2: '11'}
    """
    table = table.copy()
    trees: list[Tree] = list(range(len(table)))
    costs = np.full(table.shape, np.inf)
    terms = _terms(table)
    for one in range(first, len(table) - 1):
        costs[one, one + 1 :] = _costs(table, terms, one, one + 1)
    total = len(table) - first - 1
    for done in range(1, total + 1):
        one, two = divmod(int(costs.argmin()), len(costs))
        trees[one] = (trees[one], trees.pop(two))
        before = [table[one].copy(), table[:, one].copy(), table[two].copy(), table[:, two].copy()]
        table[one] += table[two]
        table[:, one] += table[:, two]
        _replace(costs, before, [table[one], table[:, one]])
        keep = np.arange(len(table)) != two
        table, costs = table[np.ix_(keep, keep)], costs[np.ix_(keep, keep)]
        fresh = _costs(table, _terms(table), one)
        costs[one, one + 1 :] = fresh[one + 1 :]
        costs[first:one, one] = fresh[first:one]
        on_merge(done, total)
    return dict(sorted(_paths(trees[first])))


def _terms(table: Table) -> Table:
    """Return the sum of f(n), f being ``xlogx``, over the row and the column of each class."""
    every = xlogx(table)
    terms: Table = every.sum(axis=0) + every.sum(axis=1)
    return terms


def _costs(table: Table, terms: Table, one: int, start: int = 0) -> Table:
    """Return the likelihood lost by merging a class with each other from ``start`` on."""
    row, column = table[one], table[:, one]
    after, before, own = row[start:], column[start:], table.diagonal()[start:]
    lost = terms[start:] + terms[one]
    lost -= xlogx(table[start:] + row).sum(axis=1)
    lost -= xlogx(table[:, start:] + column[:, None]).sum(axis=0)
    # bigrams of the two classes themselves, which fall together in one number
    for n, m in ((before, row[one]), (own, after), (after, row[one]), (own, before)):
        lost -= _loss(n, m)
    four = xlogx(own + after + before + row[one])
    lost += xlogx(own) + xlogx(after) + xlogx(before) + xlogx(row[one]) - four
    for axis in (0, 1):
        words = table.sum(axis=axis)
        lost -= _loss(words[start:], words[one])
    found: Table = lost
    return found


def _replace(costs: Table, before: Sequence[Table], now: Sequence[Table]) -> None:
    """Replace rows and columns of bigrams in the costs of merging each pair of other classes.

    A row r has a part of f(r[a]) + f(r[b]) - f(r[a] + r[b]) in the cost of merging a and b.

    Args:
        costs: changed in place, above the diagonal alone.
        before: rows and columns whose parts are subtracted.
        now: rows and columns whose parts are added.
    """
    alone = sum(map(xlogx, now)) - sum(map(xlogx, before))
    for start in range(0, len(costs), _ROWS):  # so many that they stay in the processor's cache
        rows = slice(start, start + _ROWS)
        change = alone[rows, None] + alone[start:]
        for counts, sign in (*((c, 1) for c in before), *((c, -1) for c in now)):
            both = (counts[rows, None] + _NEARLY_0) + counts[start:]
            logs = np.log(both)
            logs *= both
            (np.add if sign > 0 else np.subtract)(change, logs, out=change)
        costs[rows, start:] += change


def _loss(one: Any, other: Any) -> Any:
    """Return f(n) + f(m) - f(n + m), f being ``xlogx``."""
    return xlogx(one) + xlogx(other) - xlogx(one + other)


def _paths(tree: Tree) -> list[tuple[int, str]]:
    """Return the leaves with their paths."""
    found, waiting = [], [(tree, "")]
    while waiting:
        node, path = waiting.pop()
        if isinstance(node, tuple):
            waiting += [(node[0], path + "0"), (node[1], path + "1")]
        else:
            found.append((node, path))
    return found
