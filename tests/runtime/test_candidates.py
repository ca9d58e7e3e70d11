"""Candidates above a threshold, against every tag sequence, summed one by one."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.runtime.candidates import settle
from ner_rnn.runtime.decode import Decoder
from ner_rnn.text.tags import spans

from ..chain_case import Case

TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
TWO_TYPES = ("O", "S-LOC", "B-PER", "E-PER", "S-PER", "I-PER")
SINGLE = ("O", "S-PER", "S-LOC")

seeds = st.integers(0, 2**31 - 1)
lengths_of_passages = st.lists(st.integers(1, 5), min_size=1, max_size=3)
thresholds = st.floats(0.001, 0.9)
oracle_settings = settings(max_examples=60, deadline=None)

Found = dict[tuple[int, int], tuple[float, bool]]
"""Probability of each span by its words, and whether it is on the best path."""


def every_span(case: Case) -> Found:
    """Return every span of a person, its probability summed over all tag sequences."""
    found: Found = {}
    for first, _, paths in case.passages():
        mass: dict[tuple[int, int], list[float]] = defaultdict(list)
        best = max(paths, key=paths.__getitem__)
        on_best: set[tuple[int, int]] = set()
        for path, value in paths.items():
            for span in spans([case.tags[tag] for tag in path], "BIOES"):
                if span.label == "PER":
                    words = first + span.start, first + span.end
                    mass[words].append(math.exp(value))
                    if path == best:
                        on_best.add(words)
        found |= {words: (math.fsum(mass[words]), words in on_best) for words in mass}
    return found


def settled(found: Found) -> Found:
    """Keep the more probable of spans that overlap, by comparing every pair."""
    kept: Found = {}
    for (start, end), what in sorted(found.items(), key=lambda one: -one[1][0]):
        if all(end <= first or last <= start for first, last in kept):
            kept[start, end] = what
    return kept


def compare(decoder: Decoder, case: Case, expected: Found, threshold: float) -> None:
    for score, _ in expected.values():  # a span at the threshold may be rounded to either side
        if math.isclose(score, threshold, rel_tol=1e-5):
            return
    found = decoder.scored_spans(*case.arrays(), min_score=threshold)
    wanted = settled({span: what for span, what in expected.items() if what[0] >= threshold})
    assert [span[:2] for span in found] == sorted(wanted)
    for span in found:
        assert span.score == pytest.approx(wanted[span[:2]][0], rel=1e-5)
        assert span.on_best_path == wanted[span[:2]][1]
    every = decoder.scored_spans(*case.arrays(), min_score=threshold, overlapping=True)
    assert {span[:2] for span in every} == {
        s for s, what in expected.items() if what[0] >= threshold
    }
    assert set(found) <= set(every)


@oracle_settings
@given(seeds, st.sampled_from([TAGS, TWO_TYPES, SINGLE]), lengths_of_passages, thresholds)
def test_candidates_are_all_spans_that_are_probable_enough(
    seed: int, tags: Sequence[str], lengths: list[int], threshold: float
) -> None:
    case = Case(seed, tags, lengths)
    compare(Decoder(tags, case.transitions), case, every_span(case), threshold)


@oracle_settings
@given(seeds, lengths_of_passages, thresholds, st.floats(100, 3000))
def test_candidates_of_scores_far_apart(
    seed: int, lengths: list[int], threshold: float, scale: float
) -> None:
    case = Case(seed, TAGS, lengths, scale=scale)
    compare(Decoder(TAGS, case.transitions), case, every_span(case), threshold)


@oracle_settings
@given(seeds, lengths_of_passages, thresholds)
def test_candidates_without_transitions_are_products(
    seed: int, lengths: list[int], threshold: float
) -> None:
    """Every word is decided alone: a span is as probable as its tags together."""
    case = Case(seed, TAGS, lengths)
    decoder = Decoder(TAGS, None)
    chances = decoder.marginals(*case.arrays())
    best = {span[:2]: span.score for span in decoder.scored_spans(*case.arrays())}
    expected = {words: (score, True) for words, score in best.items()}
    for begin, stop in itertools.pairwise(case.bounds.tolist()):
        for first, last in itertools.combinations_with_replacement(range(begin, stop), 2):
            inner = range(first + 1, last)
            score = chances[4, first]
            if first < last:
                score = chances[1, first] * chances[3, last] * chances[2, inner].prod()
            words = first, last + 1
            if words not in best and not case.ends[first:last].any():
                expected[words] = score, False
    compare(decoder, case, expected, threshold)


@oracle_settings
@given(seeds, st.lists(st.integers(1, 60), min_size=2, max_size=6), thresholds)
def test_company_of_passages_changes_no_candidate(
    seed: int, lengths: list[int], threshold: float
) -> None:
    case = Case(seed, TAGS, lengths)
    decoder = Decoder(TAGS, case.transitions)
    together = decoder.scored_spans(*case.arrays(), min_score=threshold)
    alone = []
    for first, end in itertools.pairwise(case.bounds.tolist()):
        part = case.emissions[:, first:end], case.ends[first:end], np.array([0, end - first])
        for span in decoder.scored_spans(*part, min_score=threshold):
            alone.append((first + span.start, first + span.end, pytest.approx(span.score)))
    assert [span[:3] for span in together] == alone


@oracle_settings
@given(seeds, lengths_of_passages)
def test_a_lower_threshold_keeps_what_a_higher_one_found(seed: int, lengths: list[int]) -> None:
    """So that one list of candidates holds the answers of all thresholds above its own."""
    case = Case(seed, TAGS, lengths)
    decoder = Decoder(TAGS, case.transitions)
    lowest = decoder.scored_spans(*case.arrays(), min_score=0.001)
    for threshold in (0.01, 0.1, 0.5):
        kept = [span for span in lowest if span.score >= threshold]
        assert decoder.scored_spans(*case.arrays(), min_score=threshold) == kept


@pytest.mark.parametrize("transitions", [True, False])
def test_emissions_that_are_no_numbers_have_no_candidates_there(transitions: bool) -> None:
    case = Case(7, TAGS, [5, 5])
    emissions = np.where(case.emissions > 1, np.float32(np.nan), case.emissions)
    decoder = Decoder(TAGS, case.transitions if transitions else None)
    found = decoder.scored_spans(emissions, case.ends, case.bounds, min_score=0.1)
    assert all(0.1 <= span.score <= 1 for span in found)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4), st.integers(0, 5)), max_size=12))
def test_spans_are_settled_as_by_comparing_every_pair(rows: list[tuple[int, int, int]]) -> None:
    unique = {(start, start + length): score / 5 for start, length, score in rows}
    starts, ends = (np.array([span[side] for span in unique], dtype=np.int64) for side in (0, 1))
    scores = np.array(list(unique.values()))
    kept = settle(starts, ends, scores)
    order = sorted(unique.items(), key=lambda one: (-one[1], one[0][0]))
    wanted = settled({span: (len(order) - place, False) for place, (span, _) in enumerate(order)})
    words = list(zip(starts[kept].tolist(), ends[kept].tolist(), strict=True))
    if len({(-score, span[0]) for span, score in unique.items()}) == len(unique):
        assert words == sorted(wanted)
    assert words == sorted(words)
