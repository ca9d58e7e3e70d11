"""Memory of trained networks: d h_T / d h_(T-k) over passages of real text.

For each network the forward direction of its first layer, whose inputs are the words themselves;
``studies/jacobian.py`` has the equation. T is a word drawn at random, with as many words of its
passage before it as the largest lag needs; every network reads the same passages up to the same
words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.errors import BundleError, CorpusError
from ner_rnn.evaluation.systems import name_all
from ner_rnn.model.contents import model_config
from ner_rnn.model.loader import read_tagger
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.encoder import Encoder
from ner_rnn.nn.recurrent import Recurrent
from ner_rnn.nn.reservoir import Reservoir
from ner_rnn.studies.jacobian import EXACT, gains

__all__ = [
    "LAGS",
    "PASSAGES",
    "Curve",
    "measure_bundle",
    "measure_encoder",
    "names_of",
]

LAGS = 40
PASSAGES = 32
FLOOR = 1e-30
"""Replaces 0, which has no logarithm."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """The gain of one network by lag, over passages.

    Attributes:
        name: of the network.
        cell: as in its recipe.
        state: what is differentiated by: h, or the LSTM's c.
        mean: geometric mean over the passages at lags 0, 1, ...; 0 where it is 0 (c at lag 0).
        low: lower quartile, likewise.
        high: upper quartile.
        passages: how many.
        units: of the layer in this direction.
        layers: of the network; the first is measured.
        exact: False: estimated by random vectors.
        f1: of person names on the test split, as the bundle has it, in percent.
    """

    name: str
    cell: str
    state: str
    mean: list[float]
    low: list[float]
    high: list[float]
    passages: int
    units: int
    layers: int
    exact: bool
    f1: float | None = None

    def fallen(self, share: float) -> int | None:
        """Return the lag from which the mean stays at or below a share of its start; None: later.

        The start is lag 0, where h is itself; for c it is lag 1, where it is first defined.
        """
        start = self.mean[0] or self.mean[1]
        above = [lag for lag, value in enumerate(self.mean) if value > share * start]
        lag = above[-1] + 1 if above else 0  # a network whose weights are zero hands nothing on
        return lag if lag < len(self.mean) else None

    def kept(self) -> float:
        """Return the share of the gain kept at each step, over the second half of the lags."""
        last = len(self.mean) - 1
        middle = last // 2
        if not self.mean[middle]:
            return 0.0
        return float((self.mean[last] / self.mean[middle]) ** (1 / max(1, last - middle)))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **asdict(self),
            "tenth": self.fallen(0.1),
            "hundredth": self.fallen(0.01),
            "kept_per_step": self.kept(),
        }


def names_of(folders: Sequence[str]) -> list[str]:
    """Return short names of models, each different.

    ``["runs/lstm_bi/seed-1", "runs/rnn_uni/seed-1"]`` -> ``["lstm_bi", "rnn_uni"]``

    Raises:
        ConfigError: a folder is given twice.
    """
    names = [name for name, _ in name_all(folders)]
    short = [Path(name).parent.name if "/seed-" in name else name for name in names]
    return [a if short.count(a) == 1 else b for a, b in zip(short, names, strict=True)]


def measure_bundle(
    folder: str,
    text: Corpus,
    *,
    name: str,
    lags: int = LAGS,
    passages: int = PASSAGES,
    seed: int = 1,
) -> list[Curve]:
    """Return the curves of a trained tagger: of h, and for an LSTM of c too.

    Args:
        folder: of the bundle.
        text: to read.
        name: of the network in the report.
        lags: the largest.
        passages: at most so many.
        seed: draws the passages and the words in them.

    Raises:
        BundleError: the model cannot be read, or has no recurrence.
        CorpusError: no passage of the text is long enough.
    """
    bundle = read_tagger(folder)
    tagger, vocabulary = load_tagger(bundle)
    cell = model_config(bundle).cell
    if cell == "none":
        raise BundleError(
            f"{folder}: its model.cell is none: each word is read alone, and nothing is "
            "remembered; leave it out"
        )
    inputs: list[Tensor] = []
    encoder = _recurrent(tagger.encoder)
    encoder.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    sequences: list[Tensor] = []
    corpus = EncodedCorpus(vocabulary, text.tokens, documents=text.documents)
    for window, place, end in _choose(corpus, text.source, lags, passages, seed):
        inputs.clear()
        with torch.no_grad():
            tagger.read(corpus.batch([window]))
        sequences.append(inputs[0][place, :end].double())
    f1 = bundle.metrics.get("scores", {}).get("test", {}).get("names", {}).get("f1")
    percent = None if f1 is None else 100 * f1
    return _curves(encoder, sequences, lags, seed, name=name, cell=cell, f1=percent)


def measure_encoder(
    encoder: Encoder, x: Tensor, *, name: str, cell: str, seed: int = 1
) -> list[Curve]:
    """Return the curves of a network that is no tagger, over all steps of x but the first.

    Args:
        encoder: of one direction.
        x: (batch, time, input_size); T is the last step.
        name: of the network in the report.
        cell: as in its recipe.
        seed: of the random vectors, for a layer of many units.
    """
    sequences = list(x.double())
    return _curves(_recurrent(encoder), sequences, x.shape[1] - 1, seed, name=name, cell=cell)


def _choose(
    corpus: EncodedCorpus, source: str, lags: int, passages: int, seed: int
) -> Iterator[tuple[int, int, int]]:
    """Windows, places of passages in them, and how many words to read of each."""
    rng = np.random.default_rng(seed)
    long_enough = [
        (window, place, length)
        for window in range(len(corpus))
        if corpus.shapes[window][1] > lags
        for place, length in enumerate(corpus.batch([window]).lengths.tolist())
        if length > lags
    ]
    if not long_enough:
        longest = max((longest for _, longest in corpus.shapes), default=0)
        raise CorpusError(
            f"its longest passage has {longest} words, and lag {lags} needs {lags + 1}",
            where=source,
            do=f"set {{lags}} to {max(0, longest - 1)} or less, or give other {{data}}",
        )
    chosen = rng.permutation(len(long_enough))[:passages]
    for window, place, length in (long_enough[i] for i in sorted(chosen.tolist())):
        yield window, place, int(rng.integers(lags + 1, length + 1))


def _curves(
    encoder: Recurrent | Reservoir,
    sequences: Sequence[Tensor],
    lags: int,
    seed: int,
    *,
    name: str,
    cell: str,
    f1: float | None = None,
) -> list[Curve]:
    """Return the curve of h, and of c where there is one."""
    generator = torch.Generator().manual_seed(seed)
    first = encoder.first_direction().double()
    # (passages, parts, lags + 1)
    found: Array = torch.stack([gains(first, x, lags, generator) for x in sequences]).numpy()
    if not np.isfinite(found).all():
        raise BundleError(
            f"{name}: its gradients are not numbers", do="did its training diverge? leave it out"
        )
    logs = np.log(np.maximum(found, FLOOR))
    curves = []
    for part, state in enumerate("hc"[: found.shape[1]]):
        rows = (logs[:, part].mean(0), *np.quantile(logs[:, part], [0.25, 0.75], axis=0))
        zero = np.log(FLOOR) + 1e-9
        mean, low, high = ([0.0 if v <= zero else float(np.exp(v)) for v in row] for row in rows)
        curves.append(
            Curve(
                name, cell, state, mean, low, high,
                passages=len(sequences),
                units=first.output_size,
                layers=len(encoder.layers) if isinstance(encoder, Recurrent) else 1,
                exact=first.output_size <= EXACT,
                f1=f1,
            )
        )  # fmt: skip
    return curves


def _recurrent(encoder: Encoder) -> Recurrent | Reservoir:
    if not isinstance(encoder, (Recurrent, Reservoir)):
        raise TypeError(f"{type(encoder).__name__} has no recurrence")
    return encoder
