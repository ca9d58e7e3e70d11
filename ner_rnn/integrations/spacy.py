"""A spaCy component: ``nlp.add_pipe("ner_rnn")`` adds the names of persons to ``doc.ents``.

    nlp = spacy.blank("en")
    nlp.add_pipe("ner_rnn", config={"min_score": 0.5})
    [(ent.text, ent.label_, ent._.name_score) for ent in nlp("Angela Merkel spoke.").ents]
 -> [("Angela Merkel", "PERSON", 0.998)]

spaCy finds it by the package's entry point; nothing has to be imported. Words are spaCy's own, so
that every name is a span of its tokens; sentences are spaCy's where a component before this one
has set them. The model is read with the first text, in each process anew, so ``n_process`` works;
``nlp.to_disk`` saves a copy of it.
"""

from __future__ import annotations

import os
import shutil
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.extras import require
from ner_rnn.model.builtin import DEFAULT
from ner_rnn.runtime.documents import Document, TokenizedText
from ner_rnn.text.tokenize import iter_sentences

try:
    from spacy.language import Language
    from spacy.tokens import Doc, Span
except ImportError:
    require("the spaCy component", "spacy")
    raise

if TYPE_CHECKING:
    from ner_rnn.runtime.tagger import Tagger
    from ner_rnn.text.tokenize import Token

__all__ = ["PersonNames", "make_person_names"]

SCORE = "name_score"
"""``ent._.name_score``: the model's probability of exactly this name; None for other entities."""

if not Span.has_extension(SCORE):
    Span.set_extension(SCORE, default=None)


@Language.factory(
    "ner_rnn",
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={
        "model": DEFAULT,
        "min_score": 0.0,
        "label": "PERSON",
        "overwrite": False,
    },
)
def make_person_names(
    nlp: Language, name: str, model: str, min_score: float, label: str, overwrite: bool
) -> PersonNames:
    """Make the component of ``nlp.add_pipe("ner_rnn")``; settings as in ``PersonNames``."""
    return PersonNames(model, min_score=min_score, label=label, overwrite=overwrite)


class PersonNames:
    """Adds the names of persons to ``doc.ents``; other entities stay."""

    def __init__(
        self,
        model: str | os.PathLike[str] = DEFAULT,
        *,
        min_score: float = 0.0,
        label: str = "PERSON",
        overwrite: bool = False,
    ) -> None:
        """Set up the component; the model is read on first use.

        Args:
            model: name of a built-in model, or folder of another.
            min_score: see ``Tagger.pipe``.
            label: label of the entities.
            overwrite: a name replaces the entities that it overlaps; otherwise they stay and it
                is left out.
        """
        self.model = model
        self.min_score = min_score
        self.label = label
        self.overwrite = overwrite

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings alone to pickle: another process reads the model itself."""
        return {name: value for name, value in vars(self).items() if name != "tagger"}

    @cached_property
    def tagger(self) -> Tagger:
        """The tagger of the model.

        Raises:
            BundleError: there is no such model, or one that this version cannot use.
        """
        from ner_rnn.runtime.tagger import Tagger

        return Tagger.load(self.model)

    def __call__(self, doc: Doc) -> Doc:
        """Set the entities of one document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Set the entities of many documents, in order; spaCy calls this for ``nlp.pipe``."""
        waiting: deque[Doc] = deque()

        def texts() -> Iterator[TokenizedText]:
            for doc in stream:
                waiting.append(doc)
                yield tokenized_text(doc)

        tagged = self.tagger.pipe(texts(), batch_size=batch_size, min_score=self.min_score)
        for document in tagged:
            doc = waiting.popleft()
            self._set_entities(doc, document)
            yield doc

    def _set_entities(self, doc: Doc, document: Document) -> None:
        if not document.names:
            return
        starts = [token.idx for token in doc]
        found = []
        for name in document.names:
            first, last = bisect_left(starts, name.start), bisect_left(starts, name.end)
            span = Span(doc, first, last, label=self.label)
            span._.set(SCORE, name.score)
            found.append(span)
        kept, added = (found, doc.ents) if self.overwrite else (doc.ents, found)
        taken = {token.i for span in kept for token in span}
        free = [span for span in added if taken.isdisjoint(range(span.start, span.end))]
        doc.ents = [*kept, *free]

    def to_disk(self, path: str | os.PathLike[str], *, exclude: Iterable[str] = ()) -> None:
        """Copy the model into the folder of the pipeline; a run's checkpoints and logs stay."""
        from ner_rnn.model.loader import read_tagger

        bundle = read_tagger(self.model)
        Path(path).mkdir(parents=True, exist_ok=True)
        for name in ("manifest.json", *bundle.manifest["files"]):
            target = Path(path) / name
            if not (target.exists() and target.samefile(bundle.path / name)):
                shutil.copyfile(bundle.path / name, target)

    def from_disk(
        self, path: str | os.PathLike[str], *, exclude: Iterable[str] = ()
    ) -> PersonNames:
        """Use the copy in the folder of the pipeline."""
        self.model = Path(path)
        vars(self).pop("tagger", None)
        return self


def tokenized_text(doc: Doc) -> TokenizedText:
    """Return the text of a document with spaCy's words, and its sentences if it has them.

    Tokens of nothing but white space are left out: no corpus has them.
    """
    words: list[Token] = [
        (token.idx, token.idx + len(token)) for token in doc if not token.is_space
    ]
    if doc.has_annotation("SENT_START"):
        ends: Iterable[int] = (sentence.end_char for sentence in doc.sents)
    else:
        ends = (sentence[-1][1] for sentence in iter_sentences(doc.text))
    starts = [start for start, _ in words]
    sentences: list[list[Token]] = []
    first = 0
    for end in ends:
        last = bisect_left(starts, end, first)
        if last > first:
            sentences.append(words[first:last])
            first = last
    if first < len(words):
        sentences.append(words[first:])
    return TokenizedText(doc.text, sentences)
