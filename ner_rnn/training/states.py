"""Cache of the states of frozen language models on a corpus.

The passages of a corpus are the same in every epoch and every run; their states are kept on disk
under a key made of the models' weights and the words (``text/cache.py``). Training reads states in
half precision, which halves their size; scored sets are read in full precision.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ner_rnn.errors import FileError
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.contextual import ContextEmbedding
from ner_rnn.nn.encoder import padding_mask
from ner_rnn.text.cache import ROOM, keep
from ner_rnn.text.writing import replacing

__all__ = ["Progress", "remember"]

Progress = Callable[[str, float, float], None]
"""Takes a description of the work, the amount done, and the amount in all."""

BATCH_WORDS = 4096
"""Words read side by side, padding counted."""
_FORMAT = 1


def remember(
    corpus: EncodedCorpus,
    context: ContextEmbedding,
    folder: Path,
    name: str,
    *,
    half: bool = False,
    on_notice: Callable[[str], None],
    on_progress: Progress = lambda what, done, total: None,
) -> None:
    """Set the states of all words of a corpus, from the cache or from the models.

    For a corpus too large for the cache, or a folder that cannot be written to, nothing is set: the
    states are then computed for each batch anew.

    Args:
        corpus: the corpus whose ``states`` are set.
        context: the models, in evaluation mode.
        folder: folder of the cache, created if missing.
        name: name of the corpus in messages.
        half: keep the states in half precision.
        on_notice: called with messages on what took long, or failed.
        on_progress: called with a description, the words read and the number of words.
    """
    kind: type[np.floating[Any]] = np.float16 if half else np.float32
    size = np.dtype(kind).itemsize * len(corpus.words) * context.width
    if not size:
        return
    if size > ROOM:
        on_notice(
            f"{name}: the states of the language models on {len(corpus.words):,} words take "
            f"{size >> 20:,} MB, more than is kept ({ROOM >> 20:,} MB): read anew in each epoch"
        )
        return
    entry = folder / f"{_key(corpus, context)}.{np.dtype(kind).name}.npy"

    def write() -> None:
        began = time.monotonic()
        _write(entry, corpus, context, name, kind, on_progress)
        on_notice(
            f"{name}: {len(corpus.words):,} words read with the language models in "
            f"{time.monotonic() - began:.0f} s, {size >> 20:,} MB kept"
        )

    try:
        keep(entry, size, write, room=ROOM)
        corpus.states = np.load(entry, mmap_mode="r")
    except (OSError, FileError) as error:
        on_notice(f"{error}; {name} is read with the language models anew in each epoch")


def _key(corpus: EncodedCorpus, context: ContextEmbedding) -> str:
    digest = hashlib.sha256(f"{_FORMAT} {torch.__version__}".encode())
    for name, value in context.readers.state_dict().items():
        digest.update(name.encode())
        digest.update(value.cpu().numpy().tobytes())
    for passage in corpus.passage_words():
        digest.update("\0".join(passage).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


@torch.no_grad()
def _write(
    entry: Path,
    corpus: EncodedCorpus,
    context: ContextEmbedding,
    name: str,
    kind: type[np.floating[Any]],
    on_progress: Progress,
) -> None:
    shape = len(corpus.words), context.width
    done = 0
    with replacing(entry) as file:
        states = np.lib.format.open_memmap(file.name, mode="w+", dtype=kind, shape=shape)
        if hasattr(os, "posix_fallocate"):  # a full disk is an error here, and SIGBUS in the map
            os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
        for batch in corpus.batches(BATCH_WORDS):
            if batch.spelled is None:
                raise ValueError("the corpus was made without language models")
            mask = padding_mask(batch.lengths, batch.index.shape[1])
            found = context.states(batch.spelled)[mask].numpy()
            states[corpus.places(batch.passages.numpy())] = found
            done += len(found)
            on_progress(f"{name}: language models", done, len(corpus.words))
        states.flush()
