"""Counting names sentence by sentence: against seqeval and conlleval's rules, and adding up."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from ner_rnn.evaluation.counting import (
    Found,
    Judgement,
    count,
    count_errors,
    judge,
    score_row,
)
from ner_rnn.text.tags import Span, spans, to_tags
from ner_rnn.training.scoring import ratios, score

LABELS = ("PER", "ORG", "LOC")


@st.composite
def sentence(draw: st.DrawFn, length: int) -> list[Found]:
    names, at = [], 0
    while at < length:
        end = draw(st.integers(at + 1, length))
        if draw(st.booleans()):
            names.append(Found(at, end, draw(st.sampled_from(LABELS))))
        at = end
    return names


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[int], list[list[Found]], list[list[Found]]]:
    """Lengths of sentences, gold names, predicted names."""
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    gold = [draw(sentence(length)) for length in lengths]
    predicted = [
        names if draw(st.booleans()) else draw(sentence(length))
        for names, length in zip(gold, lengths, strict=True)
    ]
    return lengths, gold, predicted


def tags_of(names: list[list[Found]], lengths: list[int]) -> list[list[str]]:
    pairs = zip(names, lengths, strict=True)
    return [to_tags([Span(*name[:3]) for name in some], length) for some, length in pairs]


@given(sides())
def test_sentences_add_up_to_the_scorer(
    case: tuple[list[int], list[list[Found]], list[list[Found]]],
) -> None:
    lengths, gold, predicted = case
    total = count(gold, predicted).sum(axis=0).tolist()
    scores = score(tags_of(gold, lengths), tags_of(predicted, lengths))
    assert total == [
        scores.names.support, scores.names.predicted, scores.names.correct,
        scores.words.support, scores.words.predicted, scores.words.correct,
    ]  # fmt: skip


@given(sides())
def test_ratios_are_those_of_seqeval_strict_and_default(
    case: tuple[list[int], list[list[Found]], list[list[Found]]],
) -> None:
    lengths, gold, predicted = case

    def persons(names: list[list[Found]]) -> list[list[str]]:
        return tags_of([[n for n in some if n.label == "PER"] for some in names], lengths)

    g, p = persons(gold), persons(predicted)
    row = score_row(*count(gold, predicted).sum(axis=0)[:3])
    for options in ({"mode": "strict", "scheme": IOB2}, {}):
        if row["support"] and row["predicted"]:
            assert row["precision"] == pytest.approx(precision_score(g, p, **options))
            assert row["recall"] == pytest.approx(recall_score(g, p, **options))
            assert row["f1"] == pytest.approx(f1_score(g, p, **options, zero_division=0))


@given(sides())
def test_errors_add_up_exactly(
    case: tuple[list[int], list[list[Found]], list[list[Found]]],
) -> None:
    _, gold, predicted = case
    support, found, correct, *_ = count(gold, predicted).sum(axis=0).tolist()
    errors = count_errors(judge(*pair) for pair in zip(gold, predicted, strict=True))
    wrong, lost = errors["false_positives"], errors["false_negatives"]
    assert errors["true_positives"] == correct
    assert wrong["invented"] + wrong["boundary"] + sum(wrong["wrong_type"].values()) == (
        found - correct
    )
    assert lost["missed"] + lost["boundary"] + sum(lost["wrong_type"].values()) == support - correct


def test_every_kind_of_error() -> None:
    gold = [Found(0, 2), Found(3, 4), Found(5, 6, "ORG"), Found(8, 10), Found(11, 12)]
    predicted = [Found(0, 1), Found(3, 4), Found(5, 6), Found(7, 8), Found(11, 12, "LOC")]
    of_gold, of_predicted = judge(gold, predicted)
    assert of_gold == [
        Judgement("boundary"), Judgement("correct"), Judgement(""), Judgement("missed"),
        Judgement("wrong_type", "LOC"),
    ]  # fmt: skip
    assert of_predicted == [
        Judgement("boundary"), Judgement("correct"), Judgement("wrong_type", "ORG"),
        Judgement("invented"), Judgement(""),
    ]  # fmt: skip


def test_a_person_touched_beats_another_type_and_the_larger_share_wins() -> None:
    predicted = [Found(0, 6)]
    assert judge([Found(0, 4, "ORG"), Found(5, 6)], predicted)[1] == [Judgement("boundary")]
    assert judge([Found(0, 1, "LOC"), Found(2, 5, "ORG")], predicted)[1] == [
        Judgement("wrong_type", "ORG")
    ]


def test_two_names_run_together_are_one_wrong_and_two_lost() -> None:
    errors = count_errors([judge([Found(0, 1), Found(1, 2)], [Found(0, 2)])])
    assert errors["false_positives"]["boundary"] == 1
    assert errors["false_negatives"]["boundary"] == 2


def test_types_are_listed_by_frequency() -> None:
    pairs = [([Found(0, 1, label)], [Found(0, 1)]) for label in ("LOC", "ORG", "ORG", "GPE")]
    errors = count_errors(judge(*pair) for pair in pairs)
    assert list(errors["false_positives"]["wrong_type"].items()) == [
        ("ORG", 2), ("GPE", 1), ("LOC", 1),
    ]  # fmt: skip


def test_undefined_is_said_and_never_a_number() -> None:
    row = score_row(0, 0, 0)
    assert (row["precision"], row["recall"], row["f1"]) == (None, None, None)
    assert score_row(0, 3, 0)["f1"] == 0
    values = ratios(*(count([[]], [[]])[:, k] for k in range(3)))
    assert np.isnan(values).all()


@pytest.mark.slow
def test_a_million_words_are_scored_in_time() -> None:
    """The figure asked for is 10 s; 50,000 sentences of 20 words, a name in each second one."""
    words = ["O"] * 18
    with_name, without = ["B-PER", "I-PER", *words], ["O", "O", *words]
    gold = [with_name, without] * 25_000
    predicted = [with_name, without, without, with_name] * 12_500
    began = time.process_time()
    table = count(
        *([[Found(*span) for span in spans(tags)] for tags in side] for side in (gold, predicted))
    )
    scores = score(gold, predicted).names
    assert time.process_time() - began < 10
    assert table.sum(axis=0).tolist()[:3] == [25_000, 25_000, 12_500]
    assert (scores.support, scores.predicted, scores.correct) == (25_000, 25_000, 12_500)
