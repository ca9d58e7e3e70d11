"""Decoding against an oracle that enumerates every tag sequence."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.runtime.decode import Decoder
from ner_rnn.text.tags import spans

from ..chain_case import Case
from ..chain_oracle import is_bioes

BIOES = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC")
PERSON = BIOES[:5]
FREE = ("O", "S-PER", "S-LOC", "S-ORG")
"""Any of these tags may follow any other."""

seeds = st.integers(0, 2**31 - 1)
lengths_of_passages = st.lists(st.integers(1, 4), min_size=1, max_size=4)
schemes = st.sampled_from([PERSON, FREE])
oracle_settings = settings(max_examples=40, deadline=None)


@oracle_settings
@given(seeds, schemes, lengths_of_passages)
def test_best_tags_are_the_most_probable_path(
    seed: int, tags: Sequence[str], lengths: list[int]
) -> None:
    case = Case(seed, tags, lengths)
    best = Decoder(tags, case.transitions).best_tags(*case.arrays())
    for first, end, paths in case.passages():
        assert tuple(best[first:end].tolist()) == max(paths, key=paths.__getitem__)


@oracle_settings
@given(seeds, schemes, lengths_of_passages)
def test_marginals_are_sums_over_paths(seed: int, tags: Sequence[str], lengths: list[int]) -> None:
    case = Case(seed, tags, lengths)
    found = Decoder(tags, case.transitions).marginals(*case.arrays())
    for first, end, paths in case.passages():
        expected = np.zeros((len(tags), end - first))
        for path, value in paths.items():
            expected[path, range(end - first)] += math.exp(value)
        np.testing.assert_allclose(found[:, first:end], expected, rtol=1e-5, atol=1e-9)


@oracle_settings
@given(seeds, lengths_of_passages, st.sampled_from(["PER", "LOC"]))
def test_a_span_is_as_probable_as_the_paths_that_hold_it(
    seed: int, lengths: list[int], label: str
) -> None:
    case = Case(seed, FREE if label == "LOC" else PERSON, lengths)
    decoder = Decoder(case.tags, case.transitions, label=label)
    found = decoder.scored_spans(*case.arrays())
    expected = []
    for first, _, paths in case.passages():
        best = max(paths, key=paths.__getitem__)
        for span in spans([case.tags[tag] for tag in best], "BIOES"):
            if span.label == label:
                inside = slice(span.start, span.end)
                mass = sum(math.exp(v) for path, v in paths.items() if path[inside] == best[inside])
                expected.append((first + span.start, first + span.end, mass))
    assert [span[:2] for span in found] == [span[:2] for span in expected]
    assert [span[2] for span in found] == pytest.approx([span[2] for span in expected], rel=1e-5)
    assert decoder.spans(*case.arrays()) == [span[:2] for span in expected]


@oracle_settings
@given(seeds, lengths_of_passages, st.floats(0.3, 5))
def test_a_temperature_divides_all_scores(
    seed: int, lengths: list[int], temperature: float
) -> None:
    case = Case(seed, PERSON, lengths)
    found = Decoder(PERSON, case.transitions, temperature=temperature).scored_spans(*case.arrays())
    divided = tuple(table / np.float32(temperature) for table in case.transitions)
    emissions = case.emissions / np.float32(temperature)
    plain = Decoder(PERSON, divided)  # type: ignore[arg-type]
    expected = plain.scored_spans(emissions, case.ends, case.bounds)
    assert [span[:2] for span in found] == [span[:2] for span in expected]
    assert [span[2] for span in found] == pytest.approx([span[2] for span in expected], rel=1e-4)


@oracle_settings
@given(seeds, st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_without_transitions_each_word_is_decided_alone(seed: int, lengths: list[int]) -> None:
    case = Case(seed, BIOES, lengths)
    emissions = case.emissions.astype(np.float64)
    closed = np.array([tag[0] in "OES" for tag in BIOES])
    emissions[:, case.ends] = np.where(closed[:, None], emissions[:, case.ends], -np.inf)
    chances = np.exp(emissions) / np.exp(emissions).sum(axis=0)
    best = chances.argmax(axis=0)
    decoder = Decoder(BIOES, None)
    assert decoder.best_tags(*case.arrays()).tolist() == best.tolist()
    np.testing.assert_allclose(decoder.marginals(*case.arrays()), chances, rtol=1e-5)
    expected = []
    for first, end in itertools.pairwise(case.bounds.tolist()):
        for span in spans([BIOES[tag] for tag in best[first:end]], "BIOES"):
            words = range(first + span.start, first + span.end)
            if span.label == "PER":
                product = math.prod(chances[best[t], t] for t in words)
                expected.append((words.start, words.stop, product))
    found = decoder.scored_spans(*case.arrays())
    assert [span[:2] for span in found] == [span[:2] for span in expected]
    assert [span[2] for span in found] == pytest.approx([span[2] for span in expected], rel=1e-5)


@oracle_settings
@given(seeds, st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_best_tags_are_always_valid(seed: int, lengths: list[int]) -> None:
    """However hard the emissions pull the other way."""
    case = Case(seed, BIOES, lengths, scale=40, one_sentence=True)
    best = Decoder(BIOES, case.transitions).best_tags(*case.arrays())
    for first, end in itertools.pairwise(case.bounds.tolist()):
        assert is_bioes([BIOES[tag] for tag in best[first:end]])


@oracle_settings
@given(seeds, st.lists(st.integers(1, 70), min_size=2, max_size=6))
def test_order_and_company_of_passages_change_nothing(seed: int, lengths: list[int]) -> None:
    case = Case(seed, PERSON, lengths)
    decoder = Decoder(PERSON, case.transitions)
    best, marginals = decoder.best_tags(*case.arrays()), decoder.marginals(*case.arrays())
    order = np.random.default_rng(seed).permutation(len(lengths))
    words = np.concatenate([np.arange(*case.bounds[i : i + 2]) for i in order])
    shuffled = (
        case.emissions[:, words],
        case.ends[words],
        np.cumsum([0, *(lengths[i] for i in order)]),
    )
    assert np.array_equal(decoder.best_tags(*shuffled), best[words])
    np.testing.assert_allclose(decoder.marginals(*shuffled), marginals[:, words], atol=1e-12)
    for first, end in itertools.pairwise(case.bounds.tolist()):
        alone = case.emissions[:, first:end], case.ends[first:end], np.array([0, end - first])
        assert np.array_equal(decoder.best_tags(*alone), best[first:end])
        np.testing.assert_allclose(decoder.marginals(*alone), marginals[:, first:end], atol=1e-12)


def test_ties_go_to_the_first_tag() -> None:
    zeros = tuple(np.zeros(shape, dtype=np.float32) for shape in ((5,), (5, 5), (5,)))
    decoder = Decoder(PERSON, zeros)  # type: ignore[arg-type]
    best = decoder.best_tags(
        np.zeros((5, 6), dtype=np.float32), np.arange(6) == 5, np.array([0, 6])
    )
    assert best.tolist() == [0] * 6


@oracle_settings
@given(seeds, st.sampled_from([PERSON, FREE]), lengths_of_passages, st.floats(100, 3000))
def test_scores_far_apart_are_summed_exactly(
    seed: int, tags: Sequence[str], lengths: list[int], scale: float
) -> None:
    """A path that is bad halfway may be the best in the end."""
    case = Case(seed, tags, lengths, scale=scale)
    decoder = Decoder(tags, case.transitions)
    found = decoder.marginals(*case.arrays())
    spans = {span[:2]: span[2] for span in decoder.scored_spans(*case.arrays())}
    for first, end, paths in case.passages():
        expected = np.zeros((len(tags), end - first))
        for path, value in paths.items():
            expected[path, range(end - first)] += math.exp(value)
        np.testing.assert_allclose(found[:, first:end], expected, rtol=1e-4, atol=1e-9)
        best = max(paths, key=paths.__getitem__)
        for (start, stop), score in spans.items():
            if first <= start < end:
                own = slice(start - first, stop - first)
                mass = sum(math.exp(v) for path, v in paths.items() if path[own] == best[own])
                assert score == pytest.approx(mass, rel=1e-4)


@pytest.mark.parametrize("size", [1e4, 1e30, math.inf])
def test_scores_of_any_size_keep_spans_within_sentences(size: float) -> None:
    """Emissions of a network that has exploded."""
    case = Case(7, PERSON, [6, 3, 1])
    emissions = np.where(case.emissions > 0, np.float32(size), np.float32(-size))
    decoder = Decoder(PERSON, case.transitions)
    for first, end, score, _ in decoder.scored_spans(emissions, case.ends, case.bounds):
        assert not case.ends[first : end - 1].any()
        assert 0 <= score <= 1


@pytest.mark.parametrize("transitions", [True, False])
def test_emissions_that_are_no_numbers_have_scores_that_are_none(transitions: bool) -> None:
    """Weights of a training that diverged; pytest makes errors of warnings."""
    case = Case(7, PERSON, [5, 5])
    emissions = np.where(case.emissions > 1, np.float32(np.nan), case.emissions)
    decoder = Decoder(PERSON, case.transitions if transitions else None)
    found = decoder.scored_spans(emissions, case.ends, case.bounds)
    assert decoder.spans(emissions, case.ends, case.bounds) == [span[:2] for span in found]
    assert any(math.isnan(score) for _, _, score, _ in found)
    assert all(math.isnan(score) or 0 <= score <= 1 for _, _, score, _ in found)


def test_a_passage_of_10_000_words() -> None:
    """The best path in single precision is still that of double precision, by brute Viterbi."""
    case = Case(2, PERSON, [10_000], one_sentence=True)
    best = Decoder(PERSON, case.transitions).best_tags(*case.arrays())
    start, transitions, end = (table.astype(np.float64) for table in case.transitions)
    allowed = [[is_bioes_pair(a, b) for b in PERSON] for a in PERSON]
    moves = np.where(allowed, transitions, -np.inf)
    state = np.where([tag[0] in "OBS" for tag in PERSON], start, -np.inf) + case.emissions[:, 0]
    origins = []
    for emitted in case.emissions.T[1:]:
        reached = state[:, None] + moves
        origins.append(reached.argmax(axis=0))
        state = reached.max(axis=0) + emitted
    path = [int((state + np.where([tag[0] in "OES" for tag in PERSON], end, -np.inf)).argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    assert (best == path[::-1]).mean() > 0.999


def is_bioes_pair(before: str, after: str) -> bool:
    """Whether one tag of a person may follow another."""
    return (after[0] in "IE") == (before[0] in "BI")
