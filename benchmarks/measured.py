"""What ``kinds_of_text.py`` measured, read from its JSON; intervals of F1 from counts of names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from kinds import SETS
from scipy.stats import beta

Counts = Mapping[str, Any]
TAIL = 0.025
ALL = "all"
DRAWS = 100_000


class Interval(NamedTuple):
    """F1 as a ratio, and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass
class Measured:
    """Counts of one system.

    Attributes:
        name: as in the file.
        kinds: case -> test set -> counts.
        cultures: test set -> culture -> recall in percent.
        words: kind of text without names, and ``ALL`` -> its words.
        false: the same kinds -> names found.
    """

    name: str
    kinds: dict[str, dict[str, Counts]] = field(default_factory=dict)
    cultures: dict[str, dict[str, float]] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    false: dict[str, int] = field(default_factory=dict)


def read_measured(paths: Iterable[Path], system: str | None = None) -> tuple[Measured, Measured]:
    """Return the counts of the model and those of spaCy, which alone has costs.

    Raises:
        SystemExit: there is not one of each.
    """
    systems: dict[str, Measured] = {}
    rivals = set()
    for path in paths:
        read = json.loads(path.read_text(encoding="utf-8"))
        rivals |= {*read["costs"]}
        for name, kinds in read.get("kinds", {}).items():
            systems.setdefault(name, Measured(name)).kinds = kinds
        for name, sets in read.get("cultures", {}).items():
            systems.setdefault(name, Measured(name)).cultures = {
                test: {culture: counts["recall"] for culture, counts in cultures.items()}
                for test, cultures in sets.items()
            }
        for name, found in read.get("false", {"found": {}})["found"].items():
            one = systems.setdefault(name, Measured(name))
            one.words = _with_sum(read["false"]["words"])
            one.false = _with_sum({kind: len(names) for kind, names in found.items()})
    ours = [one for name, one in systems.items() if name not in rivals and system in (None, name)]
    theirs = [one for name, one in systems.items() if name in rivals]
    if len(ours) != 1 or len(theirs) != 1:
        raise SystemExit(
            f"expected one model and spaCy, found {', '.join(systems)}; name one by --system"
        )
    return ours[0], theirs[0]


def interval(counts: Counts) -> Interval:
    """Return F1 and its interval by Goutte and Gaussier (2005), with Jeffreys' prior.

    F1 = 2 J / (1 + J), where J = tp / (tp + fp + fn) has a beta distribution. Names count as
    independent of each other, which those of one document are not: true intervals are wider.

    >>> tuple(round(value, 3) for value in interval({"tp": 80, "fp": 20, "fn": 20}))
    (0.8, 0.738, 0.851)
    """
    tp, wrong = counts["tp"], counts["fp"] + counts["fn"]
    low, high = beta(tp + 0.5, wrong + 1).ppf([TAIL, 1 - TAIL])
    return Interval(2 * tp / (2 * tp + wrong), _f1(float(low)), _f1(float(high)))


def mean_interval(counts: Mapping[str, Counts]) -> Interval:
    """Return the mean F1, in which a family counts once, and its interval, by drawing."""
    generator = np.random.default_rng(1)
    families = {test.name: test.family or test.name for test in SETS if test.name in counts}
    sizes = Counter(families.values())
    value, drawn = 0.0, np.zeros(DRAWS)
    for name, family in families.items():
        weight = 1 / (len(sizes) * sizes[family])
        one = counts[name]
        value += weight * interval(one).value
        drawn += weight * _f1(generator.beta(one["tp"] + 0.5, one["fp"] + one["fn"] + 1, DRAWS))
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL])
    return Interval(value, float(low), float(high))


def per_100_000(system: Measured, kind: str) -> str:
    """Return the false names in 100,000 words of a kind of text."""
    return f"{100_000 * system.false[kind] / system.words[kind]:.1f}"


def _with_sum(numbers: Mapping[str, int]) -> dict[str, int]:
    return {**numbers, ALL: sum(numbers.values())}


def _f1(jaccard: Any) -> Any:
    return 2 * jaccard / (1 + jaccard)
