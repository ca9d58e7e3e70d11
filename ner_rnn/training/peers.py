"""The other processes of a run: where one dies, the rest end within a minute, in one line.

A process that ends closes its connections, and the others know at once. A machine that loses its
power or its network closes none: the others wait for it, by default of torch for half an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytorch_lightning as pl
from torch import distributed
from torch.distributed.distributed_c10d import _set_pg_timeout

from ner_rnn.errors import UserError

__all__ = ["Patience", "ending_together"]

PATIENCE = timedelta(seconds=45)
"""Longest wait for another process once training has begun: for a slow step or checkpoint."""


class Patience(pl.Callback):
    """Limits how long a process waits for another, from the first step on.

    Before it, processes may be minutes apart: one starts later, or reads from a slower disk. On
    GPUs (NCCL) the limit stays torch's own, ten minutes: a shorter one was not tried.
    """

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Set the limit."""
        if distributed.is_initialized() and distributed.get_backend() == "gloo":
            _set_pg_timeout(PATIENCE)


@contextmanager
def ending_together() -> Iterator[None]:
    """Tell in one line that another process of the run is gone.

    Raises:
        UserError: the connection to another process broke, or it did not answer in time.
    """
    try:
        yield
    except RuntimeError as error:
        # gloo has no class of errors; all but one message name its source file
        marks = "gloo", "Application timeout caused pair closure"
        if not isinstance(error, distributed.DistError) and not any(m in str(error) for m in marks):
            raise
        raise UserError(
            "another process of this run has ended or does not answer",
            do="see its own output, then start all of them again, a training with {resume}",
        ) from error
