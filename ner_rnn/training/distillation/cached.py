"""What teachers find in documents, kept in a cache.

A run that is resumed, or another student of the same teachers, does not wait for them again.
"""

from __future__ import annotations

import hashlib
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ner_rnn.errors import CorpusError, FileError, counted
from ner_rnn.model.settings import Config
from ner_rnn.text.cache import keep
from ner_rnn.text.tokenize import TokenUnit
from ner_rnn.training.distillation.soft_labels import SoftLabels
from ner_rnn.training.distillation.teachers import Teacher, teach
from ner_rnn.training.distillation.unlabelled import Unlabelled, read_documents
from ner_rnn.training.states import Progress

__all__ = ["digest_of", "read_once"]

_FORMAT = 1
_LARGEST = 40  # bytes of the cache for a word, more than it takes


def read_once(
    teachers: Sequence[Teacher],
    text: Unlabelled,
    chosen: np.ndarray[Any, np.dtype[np.int64]],
    unit: TokenUnit,
    config: Config,
    workers: int,
    on_notice: Callable[[str], None],
    on_progress: Progress,
) -> SoftLabels:
    """Return what teachers find in documents, from the cache or anew.

    Args:
        teachers: all of the unit.
        text: the files.
        chosen: numbers of the documents to be read.
        unit: tokens that are read.
        config: the recipe, which names the folder of the cache.
        workers: processes that read much text.
        on_notice: called with what was read, and whether it is kept.
        on_progress: called with a description of the work, the words read and in all.

    Raises:
        UserError: a document cannot be read, or there are no words.
    """
    sums = [f"{text.sha256[one.path]} {text.running[n]}" for n, one in enumerate(text.inputs)]
    key = digest_of(
        [
            f"{_FORMAT} {unit} {text.reading}",
            *(teacher.digest for teacher in teachers),
            *sums,
            hashlib.sha256(chosen.tobytes()).hexdigest(),
        ]
    )
    folder = Path(config.data.cache or "~/.cache/ner-rnn").expanduser() / "teachers"
    entry = folder / f"{key}.npz"
    about = int(text.sizes[chosen].sum())
    found: list[SoftLabels] = []
    began = time.monotonic()

    def read() -> SoftLabels:
        documents = read_documents(text, chosen, unit)
        labels = teach(
            teachers,
            documents,
            about,
            # more words than by white space; a bar that is full would be removed
            lambda done: on_progress("the teachers read", done, max(1.15 * about, done + 1)),
            workers=workers,
        )
        if not len(labels.words):
            given = ", ".join(one.path for one in text.inputs[:3])
            raise CorpusError("no words", where=given, do="give text for the models to read")
        return labels

    def write() -> None:
        found.append(read())
        found[-1].write(entry)

    by = counted(len(teachers), "teacher")
    try:
        keep(entry, _LARGEST * about, write)
        if not found:
            try:
                labels = SoftLabels.read(entry)
                on_notice(f"{_counts(labels, len(chosen))}, as {by} read them before")
                return labels
            except (ValueError, KeyError, zipfile.BadZipFile, EOFError):  # damaged
                entry.unlink(missing_ok=True)
                keep(entry, _LARGEST * about, write)
        size = entry.stat().st_size / len(found[0].words)
        end = f"{size:.0f} bytes a word in the cache"
    except (OSError, FileError) as error:
        if not found:
            found.append(read())
        end = f"not kept: {error}"
    seconds = time.monotonic() - began
    on_notice(f"{by} read {_counts(found[0], len(chosen))}, {seconds:.0f} s, {end}")
    return replace(found[0], scores=found[0].scores.astype(np.float16).astype(np.float64))


def _counts(labels: SoftLabels, documents: int) -> str:
    words = f"{counted(len(labels.words), 'word')} of {counted(documents, 'document')}"
    return f"{words}: {counted(round(labels.expected), 'name')} expected"


def digest_of(parts: Iterable[str]) -> str:
    """Return the SHA-256 of some lines."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
