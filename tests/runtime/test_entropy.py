"""The entropy of a lattice, against every tag sequence, summed one by one."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.model.builtin import DEFAULT
from ner_rnn.runtime.decode import Decoder
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.text.tokenize import tokenize

from ..chain_case import Case

TAGS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
TWO_TYPES = ("O", "S-LOC", "B-PER", "E-PER", "S-PER", "I-PER")
SINGLE = ("O", "S-PER", "S-LOC")

seeds = st.integers(0, 2**31 - 1)
lengths_of_passages = st.lists(st.integers(1, 5), min_size=1, max_size=3)
oracle_settings = settings(max_examples=60, deadline=None)


def entropies_of(case: Case, decoder: Decoder) -> np.ndarray:
    found = np.full(case.emissions.shape[1], np.nan)
    decoder.scored_spans(*case.arrays(), entropies=found)
    return found


def sentences_of(case: Case) -> dict[tuple[int, int], float]:
    """Return the entropy of each sentence by its words, from the sum over all paths."""
    found = {}
    for first, end, paths in case.passages():
        bounds = [first, *(first + 1 + t for t in range(end - first) if case.ends[first + t])]
        for low, high in itertools.pairwise(bounds):
            mass: dict[tuple[int, ...], list[float]] = defaultdict(list)
            for path, value in paths.items():
                mass[path[low - first : high - first]].append(math.exp(value))
            chances = [math.fsum(parts) for parts in mass.values()]
            found[low, high] = -math.fsum(p * math.log(p) for p in chances if p > 0)
    return found


@oracle_settings
@given(
    seeds,
    st.sampled_from([TAGS, TWO_TYPES, SINGLE]),
    lengths_of_passages,
    st.sampled_from([2.0, 20.0, 500.0]),
)
def test_a_sentence_has_the_entropy_of_its_tag_sequences(
    seed: int, tags: Sequence[str], lengths: list[int], scale: float
) -> None:
    """Also where scores lie so far apart that sums are kept as logarithms (500)."""
    case = Case(seed, tags, lengths, scale=scale)
    found = entropies_of(case, Decoder(tags, case.transitions))
    for (low, high), expected in sentences_of(case).items():
        assert found[low:high].sum() == pytest.approx(expected, abs=1e-5)


@oracle_settings
@given(seeds, st.integers(1, 5))
def test_the_entropy_of_a_passage_is_log_z_less_the_expected_score(seed: int, length: int) -> None:
    case = Case(seed, TAGS, [length], one_sentence=True)
    start, moves, end = (table.astype(float) for table in case.transitions)
    scores, logs = [], []
    for _, _, paths in case.passages():
        for path, value in paths.items():
            emitted = sum(case.emissions[tag, t] for t, tag in enumerate(path))
            moved = sum(moves[a, b] for a, b in itertools.pairwise(path))
            scores.append(start[path[0]] + emitted + moved + end[path[-1]])
            logs.append(value)
    log_z = np.logaddexp.reduce(scores)
    expected = log_z - np.dot(np.exp(logs), scores)
    found = entropies_of(case, Decoder(TAGS, case.transitions)).sum()
    assert found == pytest.approx(expected, abs=1e-4)


@oracle_settings
@given(seeds, lengths_of_passages)
def test_without_transitions_each_word_has_its_own_entropy(seed: int, lengths: list[int]) -> None:
    case = Case(seed, TAGS, lengths)
    decoder = Decoder(TAGS, None)
    chances = decoder.marginals(*case.arrays())
    expected = -(chances * np.log(np.where(chances > 0, chances, 1))).sum(axis=0)
    assert entropies_of(case, decoder) == pytest.approx(expected)


@oracle_settings
@given(seeds, st.lists(st.integers(1, 60), min_size=2, max_size=6))
def test_company_changes_no_entropy_and_entropy_no_span(seed: int, lengths: list[int]) -> None:
    case = Case(seed, TAGS, lengths)
    decoder = Decoder(TAGS, case.transitions)
    together = entropies_of(case, decoder)
    assert (together >= 0).all()
    alone = []
    for first, end in itertools.pairwise(case.bounds):
        part = case.emissions[:, first:end], case.ends[first:end], np.array([0, end - first])
        alone.append(np.zeros(end - first))
        decoder.scored_spans(*part, entropies=alone[-1])
    assert together == pytest.approx(np.concatenate(alone))
    plain = decoder.scored_spans(*case.arrays())
    assert plain == decoder.scored_spans(*case.arrays(), entropies=together)


def test_a_document_has_an_entropy_for_each_word() -> None:
    """Also beyond the longest sentence that is read at once, whose parts overlap."""
    tagger = Tagger.load(DEFAULT, threads=2)
    texts = ["Maria Silva met Will.", "", "word " * 4500 + "Mark", "April came. " * 700]
    for text, document in zip(texts, tagger.pipe(texts, entropy=True), strict=True):
        assert len(document.entropies) == sum(map(len, tokenize(text)))
        assert document.entropy == pytest.approx(sum(document.entropies))
        alone = next(tagger.pipe([text], entropy=True))
        assert document.entropies == pytest.approx(alone.entropies, abs=1e-4)
        assert [name[:3] for name in document.names] == [
            name[:3] for name in tagger.tag(text).names
        ]
    assert not next(tagger.pipe(["Maria"])).entropies
