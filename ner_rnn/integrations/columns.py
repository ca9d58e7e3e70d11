"""A column of texts -> the columns of the answer, by one model in each process; no engine here.

    tag = ColumnTagger("en", redact="[NAME]")
    list(tag(["Maria Silva wrote.", None]))
 -> [Answer(names=[Name(start=0, end=11, text="Maria Silva", score=0.99)], reason=None,
            redacted="[NAME] wrote."), Answer(names=None, reason="null", redacted=None)]

Engines cut a column into batches as they like: the answer to a text depends on that text alone. A
value that cannot be tagged gets a reason in place of an answer, so that no single row ends a job.
Answers come as texts are read: an engine's batch may be as large as its memory.
"""

from __future__ import annotations

import platform
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ner_rnn.errors import BundleError
from ner_rnn.model.builtin import DEFAULT
from ner_rnn.runtime.documents import Name
from ner_rnn.tagging.job import WORKER_ROOM
from ner_rnn.tagging.redact import as_replacement, redacted
from ner_rnn.text.files import LONGEST_LINE

if TYPE_CHECKING:
    from ner_rnn.runtime.load import Precision
    from ner_rnn.runtime.tagger import Tagger

__all__ = ["Answer", "ColumnTagger", "text_or_reason"]

_MODELS = 2
"""Models that a process keeps; a query with more of them reads a model again for each batch."""


class Answer(NamedTuple):
    """What is written beside a text.

    Attributes:
        names: the names, in order; None where there is a reason.
        reason: why the text was not tagged; None if it was.
        redacted: the text with its names replaced; None where there is a reason, or where no
            replacement was asked for.
    """

    names: list[Name] | None
    reason: str | None
    redacted: str | None


@dataclass(frozen=True)
class ColumnTagger:
    """Tags columns; the model is read with the first one, once in each process.

    Attributes:
        model: name of a built-in model, or folder of another.
        min_score: see ``Tagger.pipe``.
        redact: text in place of every name, as for ``as_replacement``; None: nothing is replaced.
        precision: see ``Tagger.load``.
    """

    model: str = DEFAULT
    min_score: float = 0.0
    redact: str | None = None
    precision: Precision = "fp32"

    def __call__(self, values: Iterable[object]) -> Iterator[Answer]:
        """Tag a column.

        Args:
            values: text, or bytes that are text in UTF-8; anything else gets a reason.

        Yields:
            An answer for each value, in their order.

        Raises:
            BundleError: the model cannot be read here.
        """
        replacement = as_replacement(self.redact)
        waiting: deque[str | None] = deque()  # reasons of the values that were read, or None

        def texts() -> Iterator[str]:
            for value in values:
                text, reason = text_or_reason(value)
                waiting.append(reason)
                if reason is None:
                    yield text

        def untagged() -> Iterator[Answer]:
            while waiting and waiting[0] is not None:
                yield Answer(None, waiting.popleft(), None)

        tagger = _tagger(self.model, self.precision)
        for document in tagger.pipe(texts(), min_score=self.min_score):
            yield from untagged()
            waiting.popleft()
            new = None if replacement is None else redacted(document, replacement).text
            yield Answer(document.names, None, new)
        yield from untagged()


def text_or_reason(value: object) -> tuple[str, str | None]:
    """Return a value's text, or the reason why it has none.

    Returns:
        Text and None, or an empty text and the reason.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        value = bytes(value)
        try:
            value = value.decode()
        except UnicodeDecodeError as error:
            return "", f"byte {error.start} (0x{value[error.start]:02x}) is not UTF-8"
    if value is None:
        return "", "null"
    if not isinstance(value, str):
        return "", f"not text but {type(value).__name__}"
    if len(value) > LONGEST_LINE:
        return "", f"{len(value):,} characters, more than {LONGEST_LINE:,}"
    try:
        value.encode()  # half a character can be read, but no engine can write it
    except UnicodeEncodeError as error:
        return "", f"character {error.start} is half a character (a lone surrogate)"
    return value, None


@lru_cache(maxsize=_MODELS)
def _tagger(model: str, precision: Precision) -> Tagger:
    from ner_rnn.runtime.tagger import Tagger

    # engines run one worker a core, and give GPUs only to those who ask for them
    try:
        return Tagger.load(model, device="cpu", precision=precision, threads=1, room=WORKER_ROOM)
    except BundleError as error:
        raise BundleError(
            f"the worker on {platform.node()} cannot read the model: {error}",
            do="every worker needs it in the same place",
        ) from None
