"""The readout of an echo state network, by ridge regression: one pass, no gradient.

Everything below the output layer is random and stays so. One pass over the corpus adds up the
normal equations, whose size depends on the number of features alone, and counts which tag follows
which. What remains are four numbers, chosen by F1 on the development set:

- **strength** of the ridge penalty, as a share of the mean square of a feature;
- **weight** of a word in a name against any other. Most words are in no name, and least squares
  would rather be right about those: with all weights 1, names are found late and seldom. The
  normal equations of words in names and of the others are added up apart, so that every weight
  can be tried after the one pass. In a large corpus only every third of the many words in no
  name is added up, which saves time;
- **gain** of the readout against the log-probabilities of tag sequences when decoding (Viterbi);
- **bias** towards names, taken off the score of O.

W = argmin sum_i w_i |W s_i - y_i|^2 + beta |W|^2, with s_i = [1; x_i; a_i] and y_i the tag as a
one-hot vector: Jaeger 2001; Lukosevicius 2012, eq. 9, here with a weight a word.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ner_rnn.encoding.packing import pack
from ner_rnn.errors import ConfigError
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.encoder import padding_mask
from ner_rnn.nn.tagger import Batch, NameTagger
from ner_rnn.runtime.decode import Decoder
from ner_rnn.training.data_module import Gold, TaggingData
from ner_rnn.training.scoring import Score

__all__ = ["Choice", "NormalEquations", "fit_ridge", "fix_features"]

BATCH_WORDS = 1024
"""Words a batch, padding counted: more would need memory that the system has to find anew."""
MANY = 100_000
"""Words of training data from which only every third word in no name is added up."""
ROWS = 16384
"""Words of a class whose products are taken together."""
WEIGHTS = (3.0, 6.0, 12.0)
STRENGTHS = (1e-5, 1e-4, 1e-3)
GAINS = (10.0, 15.0, 20.0, 30.0, 45.0)
BIASES = (0.0, -2.0, 2.0)
MEMORY = 0.75
"""Share of the machine's memory that the normal equations may take."""


@dataclass(frozen=True)
class Choice:
    """What the development set decides; the values here stand where there is none."""

    strength: float = 1e-5
    weight: float = 6.0
    gain: float = 20.0
    bias: float = 0.0

    @property
    def remark(self) -> str:
        """For the model card."""
        return (
            f"output by ridge regression of strength {self.strength:g}; words in names count "
            f"{self.weight:g}-fold; decoded with a gain of {self.gain:g} and a bias of "
            f"{self.bias:g} towards names"
        )


class NormalEquations:
    """Sums over all words of s s' and s y', of two classes of words apart.

    Products of ``rows`` words or more are taken in the precision of the features, and summed in
    float64.

    Args:
        features: width of s.
        targets: width of y.
        thin: every thin-th of the words whose target is 0 is taken.
        rows: words that are collected before their products are taken.

    Raises:
        ConfigError: they would not fit into memory.
    """

    def __init__(self, features: int, targets: int, *, thin: int = 1, rows: int = ROWS) -> None:
        # both classes, their weighted sum, its factor
        needed, there = 4 * 8 * features**2, _memory()
        if there and needed > MEMORY * there:
            raise ConfigError(
                f"ridge regression over {features:,} features needs {needed / 2**30:.0f} GiB: "
                "use a smaller model.hidden_size or model.memory_units"
            )
        self.products = torch.zeros(2, features, features, dtype=torch.float64)
        self.answers = torch.zeros(2, features, targets, dtype=torch.float64)
        self.thin, self.rows = thin, rows
        self._waiting: list[list[tuple[Tensor, Tensor]]] = [[], []]

    def add(self, s: Tensor, y: Tensor) -> None:
        """Words as rows (words, features), and the target of each (words,)."""
        for part, rows in enumerate(((y == 0).nonzero()[:: self.thin, 0], y != 0)):
            self._waiting[part].append((s[rows], y[rows]))
            if self.waiting[part] >= self.rows:
                self._flush(part)

    @property
    def waiting(self) -> list[int]:
        """Numbers of words whose products are still to be taken."""
        return [sum(len(y) for _, y in part) for part in self._waiting]

    def _flush(self, part: int) -> None:
        if not self._waiting[part]:
            return
        s, y = (torch.cat(column) for column in zip(*self._waiting[part], strict=True))
        self._waiting[part] = []
        rows = s.numpy()
        # NumPy sees A' A and computes one half of it only, torch both
        self.products[part] += torch.from_numpy(rows.T @ rows)
        self.answers[part] += s.T @ nn.functional.one_hot(y, self.answers.shape[2]).to(s.dtype)

    def solve(self, strength: float, weight: float) -> Tensor:
        """The readout, (features, targets).

        Args:
            strength: of the penalty, relative to the mean square of a feature.
            weight: of words whose target is not 0, against 1 of the others.
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
    """Give every vector of words and form features length 1: none of them will be learned."""
    tables = [tagger.forms.features, tagger.words.vectors if tagger.words else None]
    with torch.no_grad():
        for table in tables:
            if table is not None:
                table.weight.copy_(nn.functional.normalize(table.weight))
    tagger.requires_grad_(False)
    tagger.eval()


@torch.no_grad()
def fit_ridge(tagger: NameTagger, data: TaggingData, learned: Gold, dev: Gold | None) -> Choice:
    """Set the output layer and the transitions of a tagger whose output is ridge.

    Args:
        tagger: fresh; its features are fixed here, see :func:`fix_features`.
        data: to learn from, as numbers.
        learned: the same as it is.
        dev: gold of the development set; None: nothing is chosen.

    Returns:
        What was chosen.

    Raises:
        ConfigError: the normal equations do not fit into memory.
    """
    if data.encoded_train is None:
        raise ValueError("there is nothing to learn from")
    fix_features(tagger)
    words = sum(len(tags) for tags in learned.tags)
    equations = NormalEquations(
        tagger.emit.in_features + 1, len(tagger.tags), thin=3 if words > MANY else 1
    )
    counts = _Transitions(len(tagger.tags))
    for batch in _batches(data.encoded_train):
        s, mask = _features(tagger, batch)
        if batch.tags is not None:
            equations.add(s, batch.tags[mask])
            counts.add(batch.tags.numpy(), batch.lengths.tolist())
    counts.put_into(tagger)
    choice = Choice()
    if dev is not None:
        choice = _choose(_Search(tagger, equations, dev, data.encoded["dev"]))
    _set_readout(tagger, equations.solve(choice.strength, choice.weight), choice)
    return choice


class _Transitions:
    """How often each tag begins a passage, follows another, and ends one; from 0.1 each."""

    def __init__(self, tags: int) -> None:
        self.start, self.end = np.full(tags, 0.1), np.full(tags, 0.1)
        self.transitions = np.full((tags, tags), 0.1)

    def add(self, tags: NDArray[np.int64], lengths: Sequence[int]) -> None:
        """(batch, time) gold tag ids."""
        for row, length in zip(tags, lengths, strict=True):
            self.start[row[0]] += 1
            self.end[row[length - 1]] += 1
            np.add.at(self.transitions, (row[: length - 1], row[1:length]), 1)

    def put_into(self, tagger: NameTagger) -> None:
        """As log-probabilities, a passage's end among what may follow a tag."""
        crf = tagger.crf
        if crf is None:
            raise TypeError("a tagger without transitions cannot be fitted by ridge regression")
        following = self.transitions.sum(1) + self.end
        for parameter, chances in (
            (crf.start, self.start / self.start.sum()),
            (crf.transitions, self.transitions / following[:, None]),
            (crf.end, self.end / following),
        ):
            parameter.copy_(torch.from_numpy(np.log(chances)))


class _Search:
    """F1 on the development set of one choice after another.

    Args:
        tagger: with its transitions set.
        equations: of the whole of the training data.
        gold: the development set.
        encoded: the same as numbers.
    """

    def __init__(
        self,
        tagger: NameTagger,
        equations: NormalEquations,
        gold: Gold,
        encoded: EncodedCorpus,
    ) -> None:
        self.tagger, self.equations, self.encoded = tagger, equations, encoded
        self.gold = gold.names()
        self.decoder = Decoder(tagger.tags, tagger.transition_scores())
        self.batches = list(_batches(encoded))
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
    """The numbers in turn, the most telling first."""
    choice = search.best([Choice(weight=w, gain=g) for w in WEIGHTS for g in GAINS])
    choice = search.best([replace(choice, strength=strength) for strength in STRENGTHS])
    return search.best([replace(choice, bias=bias) for bias in BIASES])


def _batches(corpus: EncodedCorpus) -> Iterator[Batch]:
    for windows in pack(corpus.shapes, BATCH_WORDS):
        yield corpus.batch(windows)


def _features(tagger: NameTagger, batch: Batch) -> tuple[Tensor, Tensor]:
    """What the readout is given: (words, features + 1), a constant last; and (batch, time)."""
    mask = padding_mask(batch.lengths, batch.index.shape[1])
    read = tagger.read(batch)[mask]
    return torch.cat([read, torch.ones_like(read[:, :1])], dim=1), mask


def _set_readout(tagger: NameTagger, readout: Tensor, choice: Choice) -> None:
    """Gain and bias become part of the output layer."""
    scaled = choice.gain * readout
    tagger.emit.weight.copy_(scaled[:-1].T)
    tagger.emit.bias.copy_(scaled[-1])
    tagger.emit.bias[0] -= choice.bias


def _memory() -> int:
    """Bytes of memory in this machine; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0
