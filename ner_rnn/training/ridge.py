"""The readout of an echo state network by ridge regression: one pass, no gradient.

All weights below the output layer stay random. One pass over the corpus adds up the normal
equations, whose size depends on the number of features alone, and counts tag transitions. Four
numbers remain, chosen by F1 on the development set:

- **strength** of the ridge penalty, as a share of the mean square of a feature;
- **weight** of a word in a name against any other. Most words are in no name and dominate least
  squares: with all weights 1, few names are found. The normal equations of words in names and of
  the others are added up separately, so that every weight can be tried after the one pass. In a
  large corpus only every third of the words in no name is used, which saves time;
- **gain** of the readout against the log-probabilities of tag transitions in decoding;
- **bias** towards names, subtracted from the score of O.

W = argmin sum_i w_i |W s_i - y_i|^2 + beta |W|^2, with s_i = [1; x_i; a_i] and y_i the tag as a
one-hot vector: Jaeger 2001; Lukosevicius 2012, eq. 9, here with a weight for each word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.errors import ConfigError
from ner_rnn.machine import memory
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.tagger import Batch, NameTagger
from ner_rnn.runtime.decode import Decoder
from ner_rnn.training.demand import MEMORY_SHARE
from ner_rnn.training.scoring import Score

__all__ = ["Choice", "NormalEquations", "fit_ridge", "fix_features"]

BATCH_WORDS = 1024
"""Words a batch, padding counted; larger batches spend their time in memory allocation."""
MANY = 100_000
"""Words of training data from which only every third word in no name is used."""
ROWS = 16384
"""Words of a class multiplied at once."""
WEIGHTS = (3.0, 6.0, 12.0)
STRENGTHS = (1e-5, 1e-4, 1e-3)
GAINS = (10.0, 15.0, 20.0, 30.0, 45.0)
BIASES = (0.0, -2.0, 2.0)


@dataclass(frozen=True)
class Choice:
    """Numbers chosen on the development set; these values are used without one."""

    strength: float = 1e-5
    weight: float = 6.0
    gain: float = 20.0
    bias: float = 0.0

    @property
    def remark(self) -> str:
        """Description for the model card."""
        return (
            f"output by ridge regression of strength {self.strength:g}; words in names count "
            f"{self.weight:g}-fold; decoded with a gain of {self.gain:g} and a bias of "
            f"{self.bias:g} towards names"
        )


class NormalEquations:
    """Sums over all words of s s' and s y', for two classes of words separately.

    About ``ROWS`` words are multiplied at once in the features' own precision, and the products
    summed in float64.

    Args:
        features: width of s.
        targets: width of y.
        thin: of the words whose target is 0, every thin-th is used.

    Raises:
        ConfigError: they would not fit into memory.
    """

    def __init__(self, features: int, targets: int, *, thin: int = 1) -> None:
        # both classes, their weighted sum, its Cholesky factor
        needed, total = 4 * 8 * features**2, memory()
        if total and needed > MEMORY_SHARE * total:
            raise ConfigError(
                f"ridge regression over {features:,} features needs {needed / 2**30:.0f} GiB: "
                "use a smaller model.hidden_size or model.memory_units"
            )
        self.products = torch.zeros(2, features, features, dtype=torch.float64)
        self.answers = torch.zeros(2, features, targets, dtype=torch.float64)
        self.thin = thin
        self._waiting: list[list[tuple[Tensor, Tensor]]] = [[], []]

    def add(self, s: Tensor, y: Tensor) -> None:
        """Add words: s (words, features), targets y (words,)."""
        for part, rows in enumerate(((y == 0).nonzero()[:: self.thin, 0], y != 0)):
            self._waiting[part].append((s[rows], y[rows]))
            if self.waiting[part] >= ROWS:
                self._flush(part)

    @property
    def waiting(self) -> list[int]:
        """Number of words of each class that are still to be multiplied."""
        return [sum(len(y) for _, y in part) for part in self._waiting]

    def _flush(self, part: int) -> None:
        if not self._waiting[part]:
            return
        s, y = (torch.cat(column) for column in zip(*self._waiting[part], strict=True))
        self._waiting[part] = []
        rows = s.numpy()
        # NumPy recognises A' A and computes one half of it, torch both
        self.products[part] += torch.from_numpy(rows.T @ rows)
        self.answers[part] += s.T @ nn.functional.one_hot(y, self.answers.shape[2]).to(s.dtype)

    def solve(self, strength: float, weight: float) -> Tensor:
        """Return the readout: (features, targets).

        Args:
            strength: ridge penalty, relative to the mean square of a feature.
            weight: weight of words whose target is not 0; the others have 1.
        """
        for part in range(2):
            self._flush(part)
        left = self.products[0] + weight * self.products[1]
        left.diagonal().add_(strength * left.trace() / len(left))
        right = self.answers[0] + weight * self.answers[1]
        factor, failed = torch.linalg.cholesky_ex(left)
        if failed:
            raise ConfigError(f"the normal equations are singular at a strength of {strength}")
        return torch.cholesky_solve(right, factor)


def fix_features(tagger: NameTagger) -> None:
    """Scale every vector of words and form features to length 1, and freeze the network."""
    tables = [tagger.forms.features, tagger.words.vectors if tagger.words else None]
    with torch.no_grad():
        for table in tables:
            if table is not None:
                table.weight.copy_(nn.functional.normalize(table.weight))
    tagger.requires_grad_(False)
    tagger.eval()


@torch.no_grad()
def fit_ridge(
    tagger: NameTagger, train: EncodedCorpus, dev: EncodedCorpus | None, gold: Corpus | None
) -> Choice:
    """Set the output layer and the transitions of a tagger whose output is ridge.

    Args:
        tagger: untrained; its features are fixed here, see :func:`fix_features`.
        train: the training data as numbers.
        dev: the development set as numbers; None: default numbers are used.
        gold: the development set.

    Returns:
        The numbers used.

    Raises:
        ConfigError: the normal equations do not fit into memory.
    """
    fix_features(tagger)
    equations = NormalEquations(
        tagger.emit.in_features + 1, len(tagger.tags), thin=3 if len(train.ends) > MANY else 1
    )
    for batch in train.batches(BATCH_WORDS):
        s, mask = _features(tagger, batch)
        if batch.tags is not None:
            equations.add(s, batch.tags[mask])
    _set_transitions(tagger, train)
    choice = Choice()
    if dev is not None and gold is not None:
        choice = _choose(_Search(tagger, equations, gold, dev))
    scaled = choice.gain * equations.solve(choice.strength, choice.weight)
    tagger.emit.weight.copy_(scaled[:-1].T)
    tagger.emit.bias.copy_(scaled[-1])
    tagger.emit.bias[0] -= choice.bias
    return choice


def _set_transitions(tagger: NameTagger, train: EncodedCorpus) -> None:
    """Set the transitions as log-probabilities; the end of a passage may follow each tag."""
    tags, crf, count = train.tags, tagger.crf, len(tagger.tags)
    if tags is None or crf is None:
        raise TypeError("ridge regression needs gold tags and a tagger with transitions")
    # counts of tags that begin a passage, follow another and end one
    start, end, transitions = (np.full(shape, 0.1) for shape in (count, count, (count, count)))
    last = train.segmentation.passages[1:] - 1
    inner = np.delete(np.arange(len(tags)), last)
    np.add.at(start, tags[train.segmentation.passages[:-1]], 1)
    np.add.at(end, tags[last], 1)
    np.add.at(transitions, (tags[inner], tags[inner + 1]), 1)
    following = transitions.sum(1) + end
    for parameter, chances in (
        (crf.start, start / start.sum()),
        (crf.transitions, transitions / following[:, None]),
        (crf.end, end / following),
    ):
        parameter.copy_(torch.from_numpy(np.log(chances)))


class _Search:
    """Scores choices by F1 on the development set; the transitions of the tagger are set."""

    def __init__(
        self,
        tagger: NameTagger,
        equations: NormalEquations,
        gold: Corpus,
        encoded: EncodedCorpus,
    ) -> None:
        self.tagger, self.equations, self.encoded = tagger, equations, encoded
        self.gold = gold.flat_names()
        self.decoder = Decoder(tagger.tags, tagger.transition_scores())
        self.batches = list(encoded.batches(BATCH_WORDS))
        self.emissions: dict[tuple[float, float], NDArray[np.float32]] = {}

    def best(self, choices: Sequence[Choice]) -> Choice:
        """Return the choice of the best F1, the first of equals."""
        wanted = {(c.strength, c.weight) for c in choices} - self.emissions.keys()
        if wanted:
            self._read(sorted(wanted))
        return max(choices, key=self._f1)

    def _read(self, wanted: Sequence[tuple[float, float]]) -> None:
        """Read the development set once for several readouts."""
        for key in wanted:
            shape = len(self.tagger.tags), len(self.encoded.ends)
            self.emissions[key] = np.empty(shape, dtype=np.float32)
        readouts = torch.cat([self.equations.solve(*key).float() for key in wanted], dim=1)
        for batch in self.batches:
            s, _ = _features(self.tagger, batch)
            places = self.encoded.places(batch.passages.numpy())
            for key, scores in zip(wanted, (s @ readouts).chunk(len(wanted), dim=1), strict=True):
                self.emissions[key][:, places] = scores.T.numpy()

    def _f1(self, choice: Choice) -> float:
        emissions = choice.gain * self.emissions[choice.strength, choice.weight]
        emissions[0] -= choice.bias
        bounds = self.encoded.segmentation.passages
        found = set(self.decoder.spans(emissions, self.encoded.ends, bounds))
        return Score.of(len(self.gold), len(found), len(found & self.gold)).f1 or 0.0


def _choose(search: _Search) -> Choice:
    """Choose the numbers in turn, those of the largest effect first."""
    choice = search.best([Choice(weight=w, gain=g) for w in WEIGHTS for g in GAINS])
    choice = search.best([replace(choice, strength=strength) for strength in STRENGTHS])
    return search.best([replace(choice, bias=bias) for bias in BIASES])


def _features(tagger: NameTagger, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the readout's input (words, features + 1), a constant last, and the mask of words."""
    mask = padding_mask(batch.lengths, batch.index.shape[1])
    read = tagger.read(batch)[mask]
    return torch.cat([read, torch.ones_like(read[:, :1])], dim=1), mask
