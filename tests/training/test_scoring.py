"""Counting names: against seqeval's own report, against conlleval, over one process and two."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from torch import distributed

from ner_rnn.errors import CorpusError
from ner_rnn.text.tags import Span, to_tags
from ner_rnn.training.scoring import Score, Scores, gather, score

LABELS = ("PER", "LOC", "MISC")


@st.composite
def valid_sequences(draw: st.DrawFn, length: int) -> list[str]:
    """Valid IOB2, written span by span."""
    spans, at = [], 0
    while at < length:
        end = draw(st.integers(at + 1, length))
        if draw(st.booleans()):
            spans.append(Span(at, end, draw(st.sampled_from(LABELS))))
        at = end
    return to_tags(spans, length)


@st.composite
def pairs_of(draw: st.DrawFn, *, valid: bool) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted tags of the same shape, any of them broken unless valid."""
    wild = [f"{prefix}-{label}" for prefix in "BIES" for label in LABELS[:2]]
    gold, predicted = [], []
    for length in draw(st.lists(st.integers(1, 8), min_size=1, max_size=6)):
        tags = (
            valid_sequences(length)
            if valid
            else st.lists(st.sampled_from(["O", *wild]), min_size=length, max_size=length)
        )
        gold.append(draw(tags))
        predicted.append(gold[-1] if draw(st.booleans()) else draw(tags))
    return gold, predicted


# --- conlleval.pl (Tjong Kim Sang, CoNLL-2000), its state machine written anew from the script ---


def _chunk_ends(before: str, tag: str) -> bool:
    (a, a_type), (b, b_type) = _cut(before), _cut(tag)
    return (
        (a, b) in {("B", "B"), ("B", "O"), ("I", "B"), ("I", "O")}
        or (a in "BI" and b == "S")
        or a in "ES"
        or (a != "O" and a_type != b_type)
    )


def _chunk_starts(before: str, tag: str) -> bool:
    (a, a_type), (b, b_type) = _cut(before), _cut(tag)
    return b in "BS" or (a in "OES" and b in "IE") or (b != "O" and a_type != b_type)


def _cut(tag: str) -> tuple[str, str]:
    prefix, _, label = tag.partition("-")
    return prefix, label


def conlleval(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], label: str
) -> tuple[int, int, int]:
    """(in gold, predicted, correct) of one label; reads token by token, never builds a span."""
    support = found = correct = 0
    for g_tags, p_tags in zip(gold, predicted, strict=True):
        in_correct, g_last, p_last = False, "O", "O"
        for g, p in zip([*g_tags, "O"], [*p_tags, "O"], strict=True):
            if in_correct:
                g_ends, p_ends = _chunk_ends(g_last, g), _chunk_ends(p_last, p)
                same_last = _cut(g_last)[1] == _cut(p_last)[1]
                if g_ends and p_ends and same_last:
                    in_correct = False
                    correct += _cut(g_last)[1] == label
                elif g_ends != p_ends or _cut(g)[1] != _cut(p)[1]:
                    in_correct = False
            g_starts, p_starts = _chunk_starts(g_last, g), _chunk_starts(p_last, p)
            if g_starts and p_starts and _cut(g)[1] == _cut(p)[1]:
                in_correct = True
            support += g_starts and _cut(g)[1] == label
            found += p_starts and _cut(p)[1] == label
            g_last, p_last = g, p
    return support, found, correct


# name: (gold, predicted, (support, predicted, correct) worked out by hand)
AWKWARD: dict[str, tuple[str, str, tuple[int, int, int]]] = {
    "I- after O": ("O I-PER I-PER", "O B-PER I-PER", (1, 1, 1)),
    "I- opens the sentence": ("B-PER O O", "I-PER O O", (1, 1, 1)),
    "label changes inside": ("B-PER I-PER O", "I-LOC I-PER O", (1, 1, 0)),
    "label changes to the person": ("B-LOC B-PER O", "B-LOC I-PER O", (1, 1, 1)),
    "B- in the middle": ("B-PER I-PER I-PER", "B-PER B-PER I-PER", (1, 2, 0)),
    "neighbours": ("B-PER B-PER O", "B-PER I-PER O", (2, 1, 0)),
    "one word too long": ("B-PER I-PER O", "B-PER I-PER I-PER", (1, 1, 0)),
    "empty prediction": ("B-PER I-PER O", "O O O", (1, 0, 0)),
    "empty gold": ("O O O", "O I-PER O", (0, 1, 0)),
    "both empty": ("O O O", "O O O", (0, 0, 0)),
    "E and S": ("B-PER E-PER S-PER", "B-PER I-PER B-PER", (2, 2, 2)),
    "E- without a beginning": ("O B-PER O", "O E-PER O", (1, 1, 1)),
    "I- after E-": ("B-PER I-PER B-PER", "B-PER E-PER I-PER", (2, 2, 2)),
    "S- in the middle": ("B-PER B-PER B-PER", "B-PER S-PER I-PER", (3, 3, 3)),
    "up to the end": ("O B-PER I-PER", "O B-PER I-PER", (1, 1, 1)),
    "right words, wrong label": ("B-PER I-PER O", "B-ORG I-ORG O", (1, 0, 0)),
    "label that begins alike": ("B-PERSON O", "B-PER O", (0, 1, 0)),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_sequences_count_as_in_conlleval(name: str) -> None:
    gold, predicted, counts = AWKWARD[name]
    names = score(_cut_up(gold), _cut_up(predicted)).names
    assert (names.support, names.predicted, names.correct) == counts
    assert conlleval(_cut_up(gold), _cut_up(predicted), "PER") == counts


@settings(deadline=None)
@given(pairs_of(valid=False), st.sampled_from(LABELS))
def test_any_sequences_count_as_in_conlleval(
    pair: tuple[list[list[str]], list[list[str]]], label: str
) -> None:
    names = score(*pair, label=label).names
    assert (names.support, names.predicted, names.correct) == conlleval(*pair, label)


@settings(deadline=None)
@given(pairs_of(valid=True))
def test_valid_sequences_score_as_in_seqeval_strict(
    pair: tuple[list[list[str]], list[list[str]]],
) -> None:
    gold, predicted = pair
    # a sentence of places keeps the oracle from averaging over no label at all
    oracle = classification_report(
        [*gold, ["B-LOC"]],
        [*predicted, ["B-LOC"]],
        mode="strict",
        scheme=IOB2,
        output_dict=True,
        zero_division=0,
    ).get("PER", {"precision": 0, "recall": 0, "f1-score": 0, "support": 0})
    names = score(gold, predicted).names
    assert names.support == oracle["support"]
    assert (names.precision or 0, names.recall or 0, names.f1 or 0) == pytest.approx(
        (oracle["precision"], oracle["recall"], oracle["f1-score"])
    )


@settings(deadline=None)
@given(pairs_of(valid=False))
def test_words_are_a_yes_or_no_question(pair: tuple[list[list[str]], list[list[str]]]) -> None:
    gold, predicted = ([tag.endswith("-PER") for tags in side for tag in tags] for side in pair)
    words = score(*pair).words
    assert words.support == sum(gold)
    assert words.predicted == sum(predicted)
    assert words.correct == sum(g and p for g, p in zip(gold, predicted, strict=True))


def _cut_up(text: str) -> list[list[str]]:
    return [sentence.split() for sentence in text.split("/")]


def test_table_worked_out_by_hand() -> None:
    gold = _cut_up("B-PER I-PER O O B-PER / O O / B-LOC I-LOC B-PER")
    found = _cut_up("B-PER I-PER O O B-LOC / B-PER O / B-LOC B-PER I-PER")
    assert score(gold, found) == Scores(
        names=Score(precision=1 / 3, recall=1 / 3, f1=1 / 3, support=3, predicted=3, correct=1),
        words=Score(precision=3 / 5, recall=3 / 4, f1=6 / 9, support=4, predicted=5, correct=3),
        sentences=3,
        tokens=10,
    )


def test_undefined_is_neither_zero_nor_one() -> None:
    nothing = score([["O", "B-LOC"]], [["O", "O"]])
    assert nothing.names == nothing.words == Score(None, None, None, 0, 0, 0)
    assert json.loads(json.dumps(nothing.to_dict()))["names"]["f1"] is None
    missed = score([["O", "B-PER"]], [["O", "O"]]).names
    assert (missed.precision, missed.recall, missed.f1) == (None, 0, 0)
    invented = score([["O", "O"]], [["O", "B-PER"]]).names
    assert (invented.precision, invented.recall, invented.f1) == (0, None, 0)
    assert score([], []).names.f1 is None


def test_another_number_of_sentences() -> None:
    with pytest.raises(CorpusError, match="2 sentences in the gold standard, but 1 were predicted"):
        score([["O"], ["O"]], [["O"]])


def test_another_number_of_words() -> None:
    with pytest.raises(CorpusError, match="sentence 2 has 3 tags in the gold standard, but 2 "):
        score([["O"], ["O", "O", "O"]], [["O"], ["O", "O"]])


# --- several processes ---


def test_gather_without_processes_is_the_whole_in_order() -> None:
    assert gather({1: "b", 0: "a"}, 2) == ["a", "b"]


def test_gather_counts_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match=r"2 of 4 sentences have no prediction.* number 1 "):
        gather({0: "a", 3: "d"}, 4)


def test_gather_refuses_sentences_that_do_not_exist() -> None:
    with pytest.raises(RuntimeError, match="predictions for 3 sentences, but 2 were expected"):
        gather({0: "a", 1: "b", 7: "c"}, 2)


def _corpus() -> tuple[list[list[str]], list[list[str]]]:
    """Seven sentences, an uneven number, on which no two halves score alike."""
    chance = random.Random(3)
    tags = ["O", "O", "B-PER", "I-PER", "B-LOC"]
    gold, found = (
        [chance.choices(tags, k=length) for length in (3, 9, 1, 4, 12, 7, 5)] for _ in range(2)
    )
    return gold, [f if i % 2 else g for i, (f, g) in enumerate(zip(found, gold, strict=True))]


def _score_on_a_rank(rank: int, world: int, folder: Path) -> None:
    """What a process of a training run does: predict its share, gather, score the whole."""
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting-point", rank=rank, world_size=world
    )
    gold, predicted = _corpus()
    # as a DistributedSampler pads: the shorter share begins anew with the first sentence
    share = [(rank + world * step) % len(gold) for step in range(-(-len(gold) // world))]
    mine = {index: predicted[index] for index in share}
    if rank:
        mine[0] = ["O"] * len(gold[0])  # the padding's copy must lose against rank 0's
    report = score(gold, gather(mine, len(gold))).to_dict()
    del mine[2 + rank]
    try:
        gather(mine, len(gold))
    except RuntimeError as error:
        report = {"share": share, "report": report, "error": str(error)}
    (folder / f"{rank}.json").write_text(json.dumps(report))
    distributed.destroy_process_group()


@pytest.mark.skipif(not distributed.is_gloo_available(), reason="this torch has no gloo")
def test_two_processes_report_what_one_does(tmp_path: Path) -> None:
    here = Path(__file__).resolve()
    ranks = [
        subprocess.Popen(
            [sys.executable, "-W", "error", str(here), str(rank), "2", str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(here.parents[2])},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        for process in ranks:
            _, complaint = process.communicate(timeout=120)
            assert process.returncode == 0, complaint
    finally:
        for process in ranks:
            process.kill()
    found = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1)]
    assert [one["share"] for one in found] == [[0, 2, 4, 6], [1, 3, 5, 0]], "sentence 0 twice"
    alone = score(*_corpus()).to_dict()
    for one in found:
        assert one["report"] == json.loads(json.dumps(alone))
        assert "2 of 7 sentences have no prediction" in one["error"]


if __name__ == "__main__":
    _score_on_a_rank(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
