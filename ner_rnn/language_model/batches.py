"""The LightningDataModule of a language model: batches of lines, or windows of running text."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset

from ner_rnn.encoding.symbols import END, Ids
from ner_rnn.language_model.texts import Corpus, Lines, SymbolBatch
from ner_rnn.model.language_model import Settings
from ner_rnn.training.batching import ResumableLoader, ResumableSampler, batch_loader, place

__all__ = ["LanguageData", "Windows"]

PART = 400
"""Windows of running text between two validations."""
EVALUATION_SYMBOLS = 16_384
"""Symbols in a batch of validation."""
LEAST_ROW = 1000
"""Least number of symbols in a row of held-out text: each row begins without context."""


class Windows(Dataset[SymbolBatch]):
    """Running text as rows that are read side by side, a window at a time.

    Args:
        ids: the whole text.
        rows: places in it that are read side by side; fewer where it is too short for them.
        window: symbols of a row at a time.
        rank: number of this process, which has its own stretch of the text.
        world: number of processes.
    """

    def __init__(self, ids: Ids, rows: int, window: int, *, rank: int = 0, world: int = 1) -> None:
        self.window = max(1, min(window, len(ids) // world))
        rows = max(1, min(rows, len(ids) // (self.window * world)))
        length = len(ids) // (rows * world)  # of a row
        first = rank * rows * length
        self.targets = ids[first : first + rows * length].reshape(rows, length)
        before = END if first == 0 else int(ids[first - 1])
        self.before = np.concatenate([[before], self.targets[:-1, -1]])[:, None]

    def __len__(self) -> int:
        """Windows of a row; the last may be shorter."""
        return math.ceil(self.targets.shape[1] / self.window)

    def __getitem__(self, place: int) -> SymbolBatch:
        start = place * self.window
        targets = self.targets[:, start : start + self.window]
        if start:
            ids = self.targets[:, start - 1 : start - 1 + targets.shape[1]]
        else:
            ids = np.concatenate([self.before, targets[:, :-1]], axis=1)
        given = torch.from_numpy(np.array(ids, dtype=np.int32))
        return given, torch.from_numpy(np.array(targets, dtype=np.int32)), start == 0


class Parts(ResumableSampler[int]):
    """The windows of a part, in order: an epoch of Lightning's is a part of a pass over the text.

    Args:
        windows: of a whole pass.
    """

    def __init__(self, windows: int) -> None:
        self.parts = max(1, round(windows / PART))
        super().__init__(windows // self.parts)

    def epoch_steps(self) -> Sequence[int]:
        """Return the places of the windows of the next part."""
        first = self.epoch % self.parts * self.steps
        return range(first, first + self.steps)


class LanguageData(pl.LightningDataModule):
    """Batches of training and validation.

    Args:
        corpus: training and held-out text.
        settings: of the run.
    """

    def __init__(self, corpus: Corpus, settings: Settings) -> None:
        super().__init__()
        self.corpus, self.settings = corpus, settings

    def epochs(self, processes: int) -> int:
        """Number of Lightning epochs: passes over lines, or parts of passes over running text."""
        if isinstance(self.corpus.train, Lines):
            return self.settings.epochs
        windows = self._windows(self.corpus.train, 0, processes)
        return self.settings.epochs * Parts(len(windows)).parts

    def train_dataloader(self) -> DataLoader[SymbolBatch]:
        """Return batches of lines in random order, or of running text in its own."""
        train = self.corpus.train
        if not isinstance(train, Lines):
            windows = self._windows(train, *place(self))
            return ResumableLoader(windows, sampler=Parts(len(windows)), batch_size=None)
        return batch_loader(
            train,
            self.settings.batch_symbols,
            epochs=self.settings.epochs,
            seed=self.settings.seed,
            place=place(self),
        )

    def val_dataloader(self) -> DataLoader[SymbolBatch]:
        """Return all held-out text in every process: no line may count twice."""
        dev = self.corpus.dev
        if isinstance(dev, Lines):
            return batch_loader(dev, EVALUATION_SYMBOLS)
        rows = min(self.settings.rows, max(1, len(dev) // LEAST_ROW))
        return DataLoader(Windows(dev, rows, self.settings.window), batch_size=None)

    def _windows(self, ids: Ids, rank: int, world: int) -> Windows:
        rows = max(1, self.settings.rows // world)
        return Windows(ids, rows, self.settings.window, rank=rank, world=world)
