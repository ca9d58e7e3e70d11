"""Models as a classifier (many-to-one): a line belongs to the model with the highest likelihood.

Bayes' rule with equal priors. For the comparison to be fair all models must distribute their
probability over the same symbols: the probability of the unknown symbol is divided evenly among
all symbols that the model does not know and another model or the text does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ner_rnn.encoding.units import split
from ner_rnn.errors import ConfigError
from ner_rnn.language_model.likelihood import score_lines
from ner_rnn.nn.language_model_files import Loaded

__all__ = ["Accuracy", "accuracy", "classify"]


@dataclass(frozen=True)
class Accuracy:
    """Accuracy of a classification.

    Attributes:
        right: by label, number of its lines that were classified correctly.
        lines: by label, number of its lines.
    """

    right: Counter[str]
    lines: Counter[str]

    @property
    def share(self) -> float:
        """Share of all lines that are classified correctly."""
        return self.right.total() / self.lines.total()

    @property
    def balanced(self) -> float:
        """Mean over the labels of the share of each one's lines."""
        return sum(self.right[label] / n for label, n in self.lines.items()) / len(self.lines)


def classify(models: Sequence[Loaded], lines: Sequence[str]) -> NDArray[np.float64]:
    """Return log probabilities, in nats, of lines under each model: (lines, models).

    Raises:
        ConfigError: fewer than two models, or their symbols are of different kinds.
    """
    if len(models) < 2:
        raise ConfigError("one model has nothing to be compared with: give two or more")
    units = {model.symbols.unit for model in models}
    if len(units) > 1:
        raise ConfigError(
            f"{models[0].name} and {models[1].name} read different symbols, characters and words",
            do="compare models of one unit",
        )
    unit = units.pop()
    every = {symbol for model in models for symbol in model.symbols.known}
    every.update(symbol for line in lines for symbol in split(line, unit))
    columns = []
    for model in models:
        scored = score_lines(model, lines)
        each = math.log(max(1, len(every) - len(model.symbols.known)))
        unseen = [sum(s not in model.symbols for s in split(line, unit)) for line in lines]
        columns.append([log_p - n * each for (log_p, _), n in zip(scored, unseen, strict=True)])
    table: NDArray[np.float64] = np.array(columns).T
    return table


def accuracy(log_p: NDArray[np.float64], names: Sequence[str], labels: Sequence[str]) -> Accuracy:
    """Compare the likeliest models with the labels.

    Args:
        log_p: (lines, models).
        names: of the models.
        labels: of the lines, each the name of a model.
    """
    winners = [names[best] for best in log_p.argmax(axis=1)]
    right = Counter(a for a, b in zip(labels, winners, strict=True) if a == b)
    return Accuracy(right, Counter(labels))
