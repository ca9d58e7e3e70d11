"""The LightningModule around the tagger: loss, optimiser, and exact scores.

The predictions of all processes are gathered and scored once, by seqeval; see ``scoring.py``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging
from torch import Tensor

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.model.settings import TrainerConfig
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch, NameTagger
from ner_rnn.runtime.decode import Decoder
from ner_rnn.text.tags import Span, to_tags
from ner_rnn.training.scoring import Scores, gather, score
from ner_rnn.training.trainer import optimisation

__all__ = ["MovingAverage", "TaggerModule"]


class TaggerModule(pl.LightningModule):
    """Trains and scores a tagger.

    Args:
        tagger: the network.
        scored: gold of the sets that ``TaggingData`` provides for scoring, by the same names.
        settings: optimiser and learning rate.
        seed: random seed of dropout, combined with step and process.

    Attributes:
        scores: scores of the last test, by name.
    """

    def __init__(
        self,
        tagger: NameTagger,
        scored: Mapping[str, Corpus],
        settings: TrainerConfig,
        seed: int,
    ) -> None:
        super().__init__()
        self.tagger, self.scored = tagger, scored
        self.settings, self.seed = settings, seed
        self.scores: dict[str, Scores] = {}
        self._found: dict[str, dict[int, list[str]]] = {}

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the negative log-likelihood, mean over words, in nats."""
        # dropout depends on seed, step and process alone: a resumed run draws the same
        torch.manual_seed(hash((self.seed, self.global_step, self.global_rank)))
        loss = self.tagger.loss(batch)
        self.log("train_loss", loss, on_epoch=True, batch_size=int(batch.lengths.sum()))
        return loss

    def on_validation_epoch_start(self) -> None:
        """Discard the predictions of the last epoch."""
        self._found = {}

    def validation_step(self, batch: Batch, batch_idx: int, dataloader_idx: int = 0) -> None:
        """Tag a batch of the development set."""
        self._tag("dev", batch)

    def on_validation_epoch_end(self) -> None:
        """Score the development set; an undefined ratio counts as 0."""
        names = self._score("dev").names
        for ratio in ("precision", "recall", "f1"):
            value = getattr(names, ratio) or 0.0
            self.log(f"dev_{ratio}", value, prog_bar=ratio == "f1", rank_zero_only=False)

    def on_test_epoch_start(self) -> None:
        """Discard earlier predictions."""
        self._found = {}

    def test_step(self, batch: Batch, batch_idx: int, dataloader_idx: int = 0) -> None:
        """Tag a batch of one of the sets."""
        self._tag(list(self.scored)[dataloader_idx], batch)

    def on_test_epoch_end(self) -> None:
        """Score every set."""
        self.scores = {name: self._score(name) for name in self.scored}

    def _tag(self, name: str, batch: Batch) -> None:
        """Decode a batch, and keep the tags of each of its sentences."""
        corpus: EncodedCorpus = self.trainer.datamodule.scored[name]  # type: ignore[attr-defined]
        words = corpus.places(batch.passages.cpu().numpy())
        ends = corpus.ends[words]
        bounds = np.cumsum([0, *batch.lengths.tolist()])
        decoder = Decoder(self.tagger.tags, self.tagger.transition_scores())
        spans = decoder.spans(self.tagger.decoder_emissions(batch), ends, bounds)
        tags = to_tags([Span(*span, "PER") for span in spans], len(words), "IOB2")
        last = np.flatnonzero(ends)
        sentences = corpus.segmentation.sentence_of(words[last])
        found = self._found.setdefault(name, {})
        for sentence, (first, end) in zip(
            sentences.tolist(), pairwise([0, *(last + 1).tolist()]), strict=True
        ):
            found[sentence] = tags[first:end]

    def _score(self, name: str) -> Scores:
        gold = self.scored[name].tags
        return score(gold, gather(self._found.get(name, {}), len(gold)))

    def configure_optimizers(self) -> Any:
        """Return the optimiser and the schedule of the learning rate."""

        def share(step: int, total: int) -> float:
            rise = max(1, round(self.settings.warmup * total))
            if step < rise:
                return (step + 1) / rise
            if self.settings.decay == "none":
                return 1.0
            left = max(0.0, (total - step) / max(1, total - rise))
            return left if self.settings.decay == "linear" else (1 - math.cos(math.pi * left)) / 2

        return optimisation(self, self.settings, share)


class MovingAverage(WeightAveraging):
    """Exponential moving average of the weights, which is scored and saved.

    At first the average would consist of untrained weights, so the decay rises from 0 to its
    value: min(decay, (1 + step) / (10 + step)).

    Args:
        decay: weight of the earlier average at each step.
    """

    def __init__(self, decay: float) -> None:
        def average(
            averages: list[Tensor], current: list[Tensor], step: Tensor | int
        ) -> None:  # in place, all weights in one call
            n = int(step)
            torch._foreach_lerp_(averages, current, 1 - min(decay, (1 + n) / (10 + n)))

        super().__init__(use_buffers=False, multi_avg_fn=torch.no_grad()(average))
