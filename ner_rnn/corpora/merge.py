"""Several corpora as one: what a recipe says of each is applied, and their sentences are joined."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ner_rnn.corpora.corpus import LEFT_OPEN, PERSON, Corpus, Part
from ner_rnn.corpora.settings import CorpusEntry
from ner_rnn.corpora.titles import without_title
from ner_rnn.errors import CorpusError
from ner_rnn.text.tags import Span

__all__ = ["adapted", "merged"]


def adapted(corpus: Corpus, entry: CorpusEntry) -> Corpus:
    """Apply what a recipe says of documents, titles and words that are no names elsewhere.

    Raises:
        CorpusError: no name consists of the words that are to be left open.
    """
    if entry.documents == "sentence":
        corpus = replace(corpus, documents=[str(number) for number in range(len(corpus.tokens))])
    if entry.titles == "inside":
        spans = [
            [without_title(words, span) if span.label == PERSON else span for span in names]
            for words, names in zip(corpus.tokens, corpus.spans, strict=True)
        ]
        corpus = replace(corpus, spans=spans)
    if entry.open_words:
        doubtful = frozenset(entry.open_words)
        spans = [
            [
                Span(start, end, LEFT_OPEN)
                if label == PERSON and doubtful.issuperset(map(str.lower, words[start:end]))
                else Span(start, end, label)
                for start, end, label in names
            ]
            for words, names in zip(corpus.tokens, corpus.spans, strict=True)
        ]
        if spans == corpus.spans:
            raise CorpusError(
                f"no name consists of the words left open, {', '.join(entry.open_words)}",
                where=entry.path,
            )
        corpus = replace(corpus, spans=spans)
    return corpus


def merged(parts: Sequence[Part]) -> Corpus:
    """Join corpora; documents of different parts stay apart.

    Args:
        parts: at least one; their order is that of the sentences.
    """
    corpora = [part.corpus for part in parts]
    labels: Counter[str] = Counter()
    for corpus in corpora:
        labels.update(corpus.labels)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{part.corpus.sha256} {part.weight:g}\n".encode())
    return Corpus(
        source=", ".join(corpus.source for corpus in corpora),
        tokens=[words for corpus in corpora for words in corpus.tokens],
        spans=[names for corpus in corpora for names in corpus.spans],
        documents=[
            f"{number}:{document}"
            for number, corpus in enumerate(corpora)
            for document in corpus.documents
        ],
        lines=(),
        sha256=digest.hexdigest(),
        scheme=corpora[0].scheme,
        labels=dict(labels.most_common()),
        persons=sorted({label for corpus in corpora for label in corpus.persons}),
        numbered=sum(corpus.numbered for corpus in corpora),
        wanted=sorted({label for corpus in corpora for label in corpus.wanted}),
        parts=tuple(parts),
    )
