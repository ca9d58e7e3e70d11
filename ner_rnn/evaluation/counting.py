"""Names side by side: what each sentence adds to the counts, and what every error is.

Gold and predicted names of a sentence come as ``Found``; everything that a report says of right and
wrong is counted here, sentence by sentence, so that any regrouping (by document, by length, by what
was seen in training) adds up to the same whole. Reads no file and runs no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation.schema import Errors, ScoreRow
from ner_rnn.text.tags import Span, to_tags
from ner_rnn.training.scoring import Score

__all__ = [
    "Found",
    "Judgement",
    "Sentences",
    "count",
    "count_errors",
    "judge",
    "score_row",
    "tags_of",
]


class Found(NamedTuple):
    """A predicted name in a sentence.

    Attributes:
        start: its first word, from 0.
        end: the word after its last.
        label: its type; a person is PER.
        score: the system's probability of exactly this name, from 0 to 1; None: not known.
    """

    start: int
    end: int
    label: str = PERSON
    score: float | None = None


Sentences = Sequence[Sequence[Found]]
"""Predicted names of each sentence, in order and without overlap."""
Names = Sequence[Span | Found]
"""Names of one sentence, of the gold standard or predicted."""


class Judgement(NamedTuple):
    """Judgement of one name: correct, or which kind of error.

    Attributes:
        kind: ``correct``, ``boundary``, ``wrong_type``, and ``missed`` (gold) or ``invented``
            (predicted); ``""``: no person.
        label: the type it was taken for, or is, where the kind is ``wrong_type``.
    """

    kind: str
    label: str = ""


def count(gold: Sequence[Names], predicted: Sequence[Names]) -> NDArray[np.int64]:
    """Count persons sentence by sentence.

    >>> count([[Found(0, 2)]], [[Found(0, 1), Found(3, 4)]]).tolist()
    [[1, 2, 0, 2, 2, 1]]

    Returns:
        shape (sentences, 6): support, predicted and correct of names, then of words.
    """
    table = np.zeros((len(gold), 6), dtype=np.int64)
    for row, (wanted, found) in enumerate(zip(gold, predicted, strict=True)):
        golds = {name[:2] for name in wanted if name.label == PERSON}
        founds = {name[:2] for name in found if name.label == PERSON}
        if golds or founds:
            g, f = _words(golds), _words(founds)
            table[row] = len(golds), len(founds), len(golds & founds), len(g), len(f), len(g & f)
    return table


def score_row(support: int, predicted: int, correct: int) -> ScoreRow:
    """Return counts with precision, recall and F1; None where one is undefined."""
    return cast("ScoreRow", asdict(Score.of(int(support), int(predicted), int(correct))))


def tags_of(names: Names, length: int) -> list[str]:
    """Return the IOB2 tags of a sentence with these names."""
    return to_tags([Span(*name[:3]) for name in names], length)


def judge(gold: Names, predicted: Names) -> tuple[list[Judgement], list[Judgement]]:
    """Say of each name of a sentence what became of it.

    A predicted person that is not exactly one of the gold standard is, by the first that holds:
    ``boundary`` where it touches a person, ``wrong_type`` where it touches a name of another type
    (of several, the one it shares most words with), else ``invented``. A gold person that was not
    found exactly is likewise ``boundary``, ``wrong_type`` (where the system names other types) or
    ``missed``.

    >>> judge([Found(0, 2), Found(5, 6, "ORG")], [Found(0, 1), Found(5, 6)])[1]
    [Judgement(kind='boundary', label=''), Judgement(kind='wrong_type', label='ORG')]

    Returns:
        One judgement for each gold name, one for each predicted name.
    """
    return _judge(gold, predicted, "missed"), _judge(predicted, gold, "invented")


def count_errors(judged: Iterable[tuple[Sequence[Judgement], Sequence[Judgement]]]) -> Errors:
    """Add up what ``judge`` says of each sentence."""
    gold: Counter[Judgement] = Counter()
    predicted: Counter[Judgement] = Counter()
    for of_gold, of_predicted in judged:
        gold.update(of_gold)
        predicted.update(of_predicted)
    return {
        "true_positives": gold[Judgement("correct")],
        "false_positives": {
            "invented": predicted[Judgement("invented")],
            "boundary": predicted[Judgement("boundary")],
            "wrong_type": _by_label(predicted),
        },
        "false_negatives": {
            "missed": gold[Judgement("missed")],
            "boundary": gold[Judgement("boundary")],
            "wrong_type": _by_label(gold),
        },
    }


def _words(names: Iterable[tuple[int, ...]]) -> set[int]:
    return {word for start, end in names for word in range(start, end)}


def _judge(names: Names, others: Names, alone: str) -> list[Judgement]:
    judged: list[Judgement] = []
    for name in names:
        if name.label != PERSON:
            judged.append(Judgement(""))
            continue
        shared: Counter[str] = Counter()
        exact = False
        for other in others:
            words = min(name.end, other.end) - max(name.start, other.start)
            if words > 0:
                shared[other.label] += words
                exact = exact or (other[:3] == name[:3])
        if exact:
            judged.append(Judgement("correct"))
        elif PERSON in shared:
            judged.append(Judgement("boundary"))
        elif shared:
            judged.append(Judgement("wrong_type", shared.most_common(1)[0][0]))
        else:
            judged.append(Judgement(alone))
    return judged


def _by_label(counts: Counter[Judgement]) -> dict[str, int]:
    found = [(judged.label, n) for judged, n in counts.items() if judged.kind == "wrong_type"]
    return dict(sorted(found, key=lambda item: (-item[1], item[0])))
