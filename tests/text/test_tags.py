"""Schemes, spans and conversion, held against conlleval's own rules."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.errors import CorpusError
from ner_rnn.text.tags import (
    PREFIXES,
    SCHEMES,
    Span,
    convert,
    faults,
    recognise,
    spans,
    split_tag,
    to_tags,
)

calm = settings(deadline=None, max_examples=60)  # a busy machine is no fault
MARKING = [scheme for scheme in SCHEMES if scheme != "IO"]  # those that tell neighbours apart


@st.composite
def span_lists(draw: st.DrawFn) -> tuple[list[Span], int]:
    """Spans in order that do not overlap, on a sentence that may go on after the last."""
    found: list[Span] = []
    at = 0
    for _ in range(draw(st.integers(0, 5))):
        start = at + draw(st.integers(0, 2))
        at = start + draw(st.integers(1, 4))
        found.append(Span(start, at, draw(st.sampled_from(["PER", "LOC", "creative-work"]))))
    return found, at + draw(st.integers(0, 2))


def any_tags(prefixes: str) -> st.SearchStrategy[list[str]]:
    tags = [f"{prefix}-{label}" for prefix in prefixes for label in ("PER", "LOC")]
    return st.lists(st.sampled_from(["O", *tags]), max_size=10)


def conlleval(tags: list[str]) -> list[Span]:
    """Chunks by the startOfChunk and endOfChunk of the script, M taken for I."""
    parts = [("O", ""), *((t[0].replace("M", "I"), t[2:]) for t in tags), ("O", "")]
    found: list[Span] = []
    start = 0
    for index, ((before, old), (tag, new)) in enumerate(pairwise(parts)):
        ends = before in "ES" or (before + tag) in {"BB", "BS", "BO", "IB", "IS", "IO"}
        ends |= before != "O" and old != new
        starts = tag in "BS" or (before + tag) in {"EE", "EI", "SE", "SI", "OE", "OI"}
        starts |= tag != "O" and old != new
        if before != "O" and ends:
            found.append(Span(start, index, old))
        if starts:
            start = index
    return found


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O I-PER", [(1, 2, "PER")]),
        ("I-PER I-LOC I-PER", [(0, 1, "PER"), (1, 2, "LOC"), (2, 3, "PER")]),
        ("B-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("B-PER B-PER I-PER", [(0, 1, "PER"), (1, 3, "PER")]),
        ("B-PER O I-PER", [(0, 1, "PER"), (2, 3, "PER")]),
        ("E-PER E-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("B-PER E-PER I-PER", [(0, 2, "PER"), (2, 3, "PER")]),
        ("S-PER I-PER E-PER", [(0, 1, "PER"), (1, 3, "PER")]),
        ("B-PER I-PER S-PER", [(0, 2, "PER"), (2, 3, "PER")]),
        ("B-PER E-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("I-PER", [(0, 1, "PER")]),
        ("", []),
    ],
)
def test_broken_sequences_are_read_as_conlleval_reads_them(
    tags: str, expected: list[tuple[int, int, str]]
) -> None:
    assert spans(tags.split()) == expected
    assert conlleval(tags.split()) == expected


@calm
@given(any_tags("BIESM"), st.sampled_from(SCHEMES))
def test_any_sequence_is_read_as_conlleval_reads_it(tags: list[str], scheme: str) -> None:
    assert spans(tags, scheme) == conlleval(tags)


@calm
@given(span_lists(), st.sampled_from(MARKING))
def test_spans_survive_a_round_trip(made: tuple[list[Span], int], scheme: str) -> None:
    found, length = made
    tags = to_tags(found, length, scheme)
    assert len(tags) == length
    assert spans(tags, scheme) == found
    assert faults(tags, scheme) == []


@calm
@given(span_lists(), st.sampled_from(MARKING), st.sampled_from(MARKING))
def test_conversion_there_and_back_changes_nothing(
    made: tuple[list[Span], int], source: str, target: str
) -> None:
    tags = to_tags(*made, scheme=source)
    assert convert(convert(tags, source, target), target, source) == tags


@calm
@given(span_lists())
def test_io_joins_neighbours_of_one_label_and_nothing_else(made: tuple[list[Span], int]) -> None:
    found, length = made
    inside = [any(s <= at < e for s, e, _ in found) for at in range(length)]
    tags = to_tags(found, length, "IO")
    assert [tag != "O" for tag in tags] == inside
    for before, after in pairwise(spans(tags, "IO")):
        assert before.end < after.start or before.label != after.label


@pytest.mark.parametrize("scheme", SCHEMES)
@calm
@given(data=st.data())
def test_tags_without_fault_are_those_that_would_be_written(
    scheme: str, data: st.DataObject
) -> None:
    tags = data.draw(any_tags("".join(sorted(PREFIXES[scheme]))))
    is_canonical = to_tags(spans(tags, scheme), len(tags), scheme) == tags
    assert (faults(tags, scheme) == []) == is_canonical


@pytest.mark.parametrize(
    ("tags", "scheme", "index", "message"),
    [
        (
            "O I-PER",
            "IOB2",
            1,
            "I-PER after O does not continue a name: IOB2 begins one with",
        ),
        ("B-LOC I-PER", "IOB2", 1, "I-PER after B-LOC does not continue a name: IOB2 begins one"),
        ("O B-PER", "IOB1", 1, "B-PER after O separates nothing: IOB1 has I-PER here"),
        ("S-PER", "IOB2", 0, "S-PER is not IOB2, which knows B-, I- and O"),
        ("B-PER O", "BIOES", 1, "B-PER before O leaves a name open: BIOES ends one with E-PER"),
        ("B-PER", "BIOES", 0, "B-PER before the end of the sentence leaves a name open"),
        ("O E-PER", "BMES", 1, "E-PER after O does not continue a name: BMES begins one with B-"),
        ("X-PER", "IOB2", 0, "tag 'X-PER' has the unknown prefix 'X'"),
    ],
)
def test_faults_name_the_token_and_the_remedy(
    tags: str, scheme: str, index: int, message: str
) -> None:
    ((found, what),) = faults(tags.split(), scheme)
    assert found == index
    assert message in what


@calm
@given(st.lists(span_lists(), min_size=1, max_size=4), st.sampled_from(SCHEMES))
def test_the_recognised_scheme_reads_the_same_spans(
    made: list[tuple[list[Span], int]], scheme: str
) -> None:
    sentences = [to_tags(found, length, scheme) for found, length in made]
    recognised = recognise(sentences)
    assert all(faults(tags, recognised) == [] for tags in sentences)
    assert [spans(t, recognised) for t in sentences] == [spans(t, scheme) for t in sentences]


@pytest.mark.parametrize(
    ("sentences", "scheme"),
    [
        (["I-PER I-PER O I-LOC"], "IO"),
        (["PERSON PERSON O"], "IO"),
        (["I-PER B-PER O", "I-LOC"], "IOB1"),
        (["B-PER I-PER O", "B-LOC"], "IOB2"),
        (["B-PER I-PER", "B-LOC", "I-LOC"], "IOB2"),
        (["I-PER B-PER", "I-LOC", "B-LOC"], "IOB1"),
        (["B-PER E-PER O S-LOC"], "BIOES"),
        (["B-PER M-PER E-PER"], "BMES"),
        (["O O"], "IOB2"),
    ],
)
def test_schemes_are_recognised(sentences: list[str], scheme: str) -> None:
    assert recognise([tags.split() for tags in sentences]) == scheme


def test_labels_may_hold_dashes() -> None:
    assert split_tag("B-creative-work") == ("B", "creative-work")


@pytest.mark.parametrize("tag", ["X-PER", "b-PER", "-PER", "--"])
def test_an_unknown_prefix_is_named(tag: str) -> None:
    with pytest.raises(CorpusError, match=r"has the unknown prefix '.?': known are B-, I-, E-"):
        split_tag(tag)


@pytest.mark.parametrize("tag", ["", "B", "I-", "S"])
def test_a_tag_without_label_is_refused(tag: str) -> None:
    with pytest.raises(CorpusError, match="has no label"):
        split_tag(tag)


@pytest.mark.parametrize(
    "found",
    [
        [Span(0, 2, "PER"), Span(1, 3, "PER")],
        [Span(2, 3, "PER"), Span(0, 1, "PER")],
        [Span(1, 1, "PER")],
        [Span(2, 4, "PER")],
        [Span(0, 1, "")],
    ],
)
def test_spans_that_cannot_be_tags_are_refused(found: list[Span]) -> None:
    with pytest.raises(ValueError, match="cannot be written on 3 tokens"):
        to_tags(found, 3)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(CorpusError, match="'BILOU' is not a tag scheme: choose one of IO, IOB1"):
        spans(["O"], "BILOU")
