"""Sentences -> the compact columns that the error browser of the page reads.

Everything is whole numbers in long flat lists, since a hundred thousand small objects are what
makes a page slow to open. The reader is ``templates/browser/1_store.js``; the two change together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ner_rnn.evaluation.learned import SEEN
from ner_rnn.evaluation.schema import Report, SentenceRow

__all__ = ["KINDS", "embedded", "pack"]

KINDS = ("missed", "invented", "boundary", "wrong_type", "correct")
"""Kinds of results of a name; elsewhere as an index into this."""

# In a script element "<" could end it ("</script>") or open a comment; the two separators end a
# line in old JavaScript; a lone surrogate cannot be written as UTF-8.
_RISKY = re.compile("[<\u2028\u2029\ud800-\udfff]")


def embedded(value: object) -> str:
    r"""Return JSON that can stand inside ``<script type="application/json">`` whatever it holds.

    >>> embedded(["</script>"])
    '["\\u003c/script>"]'
    """
    dense = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _RISKY.sub(lambda found: f"\\u{ord(found[0]):04x}", dense)


def pack(report: Report, sentences: Sequence[SentenceRow]) -> dict[str, Any]:
    """Return rows as columns.

    Returns:
        ``corpora``, ``models``, ``types``, ``kinds``, ``seen``: names, elsewhere as indices.
        ``corpus``, ``document``: pairs of a value and how many sentences in a row have it; the
        document is empty where a corpus is not cut into any.
        ``line``: of each sentence. ``text``: of each sentence its words, with blanks between; a
        list where a word has a blank in it. ``golds``: how many gold spans each sentence has;
        ``gold``: first word, length, type, seen of each. ``systems``: for each model ``counts``
        (predicted spans of each sentence; -1: not run on it), ``spans`` (first word, length,
        score in ten-thousandths or -1, kind of each) and ``golds`` (kind of each gold span of
        the sentences it ran on; -1: no person).
    """
    types: dict[str, int] = {"PER": 0}
    gold = [
        value
        for sentence in sentences
        for (start, end, label), seen in zip(sentence["gold"], sentence["seen"], strict=True)
        for value in (start, end - start, types.setdefault(label, len(types)), _seen(seen))
    ]
    cut = {corpus["name"] for corpus in report["corpora"] if corpus["documents"] > 1}
    corpora = [corpus["name"] for corpus in report["corpora"]]
    models = [model["name"] for model in report["models"]]
    return {
        "corpora": corpora,
        "models": models,
        "types": list(types),
        "kinds": KINDS,
        "seen": SEEN,
        "corpus": _runs([corpora.index(s["corpus"]) for s in sentences]),
        "document": _runs([s["document"] if s["corpus"] in cut else "" for s in sentences]),
        "line": [s["line"] for s in sentences],
        "text": [_text(s["tokens"]) for s in sentences],
        "golds": [len(s["gold"]) for s in sentences],
        "gold": gold,
        "systems": [_system(model, sentences) for model in models],
    }


def _system(model: str, sentences: Sequence[SentenceRow]) -> dict[str, list[int]]:
    """Return the columns of one model."""
    kinds = {kind: index for index, kind in enumerate(KINDS)} | {"": -1}
    counts: list[int] = []
    spans: list[int] = []
    golds: list[int] = []
    for sentence in sentences:
        predicted = sentence["predictions"].get(model)
        if predicted is None:
            counts.append(-1)
            continue
        errors = sentence["errors"][model]
        counts.append(len(predicted))
        for (start, end, score), kind in zip(predicted, errors["predicted"], strict=True):
            shown = -1 if score is None else round(10_000 * score)
            spans += (start, end - start, shown, kinds[kind])
        golds += (kinds[kind] for kind in errors["gold"])
    return {"counts": counts, "spans": spans, "golds": golds}


def _seen(value: str | None) -> int:
    """Return an index into ``SEEN``, or one past it."""
    return len(SEEN) if value is None else SEEN.index(value)


def _runs(values: Sequence[Any]) -> list[Any]:
    """Return run lengths: ``[a, a, b]`` -> ``[a, 2, b, 1]``."""
    return [part for value, run in groupby(values) for part in (value, sum(1 for _ in run))]


def _text(tokens: Sequence[str]) -> str | list[str]:
    """Return the words as one string; as a list where that could not be undone."""
    joined = " ".join(tokens)
    return joined if joined.split(" ") == list(tokens) else list(tokens)
