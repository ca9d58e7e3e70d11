"""The CRF against an oracle that writes out every tag sequence there is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ner_rnn.nn.crf import LinearChainCRF, allowed_transitions

BIOES = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC")
SMALL = BIOES[:5]

seeds = st.integers(0, 2**31 - 1)


def make(seed: int, tags: int, *, allowed: tuple[str, ...] | None = None) -> LinearChainCRF:
    """A CRF with random scores, in double precision."""
    crf = LinearChainCRF(tags, allowed_transitions(allowed) if allowed else None).double()
    generator = torch.Generator().manual_seed(seed)
    for parameter in crf.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return crf


def draw(seed: int, *shape: int, scale: float = 2.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


def path_score(crf: LinearChainCRF, emissions: Tensor, path: tuple[int, ...]) -> float:
    """The definition, one addition at a time."""
    start, transitions, end = crf.start.detach(), crf.transitions.detach(), crf.end.detach()
    total = float(start[path[0]] + end[path[-1]])
    total += sum(float(emissions[t, tag]) for t, tag in enumerate(path))
    return total + sum(float(transitions[a, b]) for a, b in itertools.pairwise(path))


def is_bioes(names: list[str]) -> bool:
    """Whether a sequence is valid, by consuming it span by span."""
    t = 0
    while t < len(names):
        if names[t][0] in "OS":
            t += 1
            continue
        if names[t][0] != "B":
            return False
        label = names[t][2:]
        t += 1
        while t < len(names) and names[t] == f"I-{label}":
            t += 1
        if t == len(names) or names[t] != f"E-{label}":
            return False
        t += 1
    return True


def paths(tags: int, length: int, scheme: tuple[str, ...] | None) -> Iterator[tuple[int, ...]]:
    for path in itertools.product(range(tags), repeat=length):
        if scheme is None or is_bioes([scheme[tag] for tag in path]):
            yield path


def enumerate_all(
    crf: LinearChainCRF, emissions: Tensor, scheme: tuple[str, ...] | None = None
) -> dict[tuple[int, ...], float]:
    """Every path and its probability's logarithm."""
    every = {
        path: path_score(crf, emissions, path)
        for path in paths(emissions.shape[1], len(emissions), scheme)
    }
    highest = max(every.values())
    total = highest + math.log(math.fsum(math.exp(value - highest) for value in every.values()))
    return {path: value - total for path, value in every.items()}


def case(
    seed: int, tags: int, lengths: list[int], scheme: tuple[str, ...] | None
) -> tuple[LinearChainCRF, Tensor, Tensor]:
    """A CRF and a padded batch whose padding is full of large numbers."""
    crf = make(seed, tags, allowed=scheme)
    emissions = draw(seed + 1, len(lengths), max(lengths), tags)
    for row, length in enumerate(lengths):
        emissions[row, length:] = draw(seed + 2 + row, max(lengths) - length, tags, scale=50)
    return crf, emissions, torch.tensor(lengths)


free = st.tuples(
    seeds, st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.none()
)
constrained = st.tuples(
    seeds, st.just(5), st.lists(st.integers(1, 4), min_size=1, max_size=3), st.just(SMALL)
)
cases = (free | constrained).map(lambda arguments: case(*arguments))
oracle_settings = settings(max_examples=40, deadline=None)


def scheme_of(crf: LinearChainCRF) -> tuple[str, ...] | None:
    return SMALL if bool((crf.scores()[1] < -1000).any()) else None


@oracle_settings
@given(cases)
def test_log_likelihood_of_every_path(batch: tuple[LinearChainCRF, Tensor, Tensor]) -> None:
    crf, emissions, lengths = batch
    for row, length in enumerate(lengths.tolist()):
        oracle = enumerate_all(crf, emissions[row, :length], scheme_of(crf))
        every = list(oracle)
        tags = torch.zeros(len(every), emissions.shape[1], dtype=torch.long)
        tags[:, :length] = torch.tensor(every)
        with torch.no_grad():
            found = crf.log_likelihood(
                emissions[row].expand(len(every), -1, -1), tags, lengths[row].expand(len(every))
            )
        torch.testing.assert_close(found, torch.tensor(list(oracle.values()), dtype=torch.float64))
        assert float(found.exp().sum()) == pytest.approx(1)


@oracle_settings
@given(cases)
def test_viterbi_finds_the_best_path(batch: tuple[LinearChainCRF, Tensor, Tensor]) -> None:
    crf, emissions, lengths = batch
    with torch.no_grad():
        found = crf.viterbi(emissions, lengths).tolist()
    for row, length in enumerate(lengths.tolist()):
        oracle = enumerate_all(crf, emissions[row, :length], scheme_of(crf))
        assert tuple(found[row][:length]) == max(oracle, key=oracle.__getitem__)
        assert found[row][length:] == [0] * (len(found[row]) - length)


@oracle_settings
@given(cases, st.integers(1, 300))
def test_n_best_are_the_first_of_all(batch: tuple[LinearChainCRF, Tensor, Tensor], n: int) -> None:
    crf, emissions, lengths = batch
    for row, length in enumerate(lengths.tolist()):
        oracle = enumerate_all(crf, emissions[row, :length], scheme_of(crf))
        with torch.no_grad():
            found = crf.n_best(emissions[row], length, n)
        expected = sorted(oracle, key=oracle.__getitem__, reverse=True)[:n]
        assert [tuple(path) for path, _ in found] == expected
        assert [value for _, value in found] == pytest.approx([oracle[p] for p in expected])


def test_n_best_of_a_sentence_with_very_low_scores() -> None:
    """Raw scores mean nothing by themselves: a constant added to all changes no probability."""
    crf, emissions, _ = case(5, 5, [3], SMALL)
    with torch.no_grad():
        usual = crf.n_best(emissions[0], 3, 4)
        lowered = crf.n_best(emissions[0] - 3000, 3, 4)
        raised = crf.n_best(emissions[0] + 30000, 3, 100)
    assert [path for path, _ in lowered] == [path for path, _ in usual]
    assert [value for _, value in lowered] == pytest.approx([value for _, value in usual])
    assert len(raised) == sum(1 for _ in paths(5, 3, SMALL))


@oracle_settings
@given(cases)
def test_marginals_are_sums_over_paths(batch: tuple[LinearChainCRF, Tensor, Tensor]) -> None:
    crf, emissions, lengths = batch
    with torch.no_grad():
        found = crf.marginals(emissions, lengths)
    for row, length in enumerate(lengths.tolist()):
        expected = torch.zeros(length, emissions.shape[2], dtype=torch.float64)
        for path, value in enumerate_all(crf, emissions[row, :length], scheme_of(crf)).items():
            for t, tag in enumerate(path):
                expected[t, tag] += math.exp(value)
        torch.testing.assert_close(found[row, :length], expected)


@oracle_settings
@given(cases)
def test_probability_of_every_run_of_tags(batch: tuple[LinearChainCRF, Tensor, Tensor]) -> None:
    crf, emissions, lengths = batch
    wanted: list[list[tuple[int, list[int]]]] = []
    expected: list[list[float]] = []
    for row, length in enumerate(lengths.tolist()):
        oracle = enumerate_all(crf, emissions[row, :length], scheme_of(crf))
        sums: dict[tuple[int, tuple[int, ...]], float] = {}
        for path, value in oracle.items():
            for first, end in itertools.combinations(range(length + 1), 2):
                key = first, path[first:end]
                sums[key] = sums.get(key, 0) + math.exp(value)
        wanted.append([(first, list(run)) for first, run in sums])
        expected.append([math.log(value) for value in sums.values()])
    with torch.no_grad():
        found = crf.span_log_probability(emissions, lengths, wanted)
    for some, others in zip(found, expected, strict=True):
        assert some == pytest.approx(others, abs=1e-9)


def test_span_probability_counts_names_exactly() -> None:
    """P(a name from word 1 to word 2) is the sum over all sequences that hold this very name."""
    crf, emissions, lengths = case(11, 9, [4], BIOES)
    oracle = enumerate_all(crf, emissions[0], BIOES)
    name = [BIOES.index("B-PER"), BIOES.index("E-PER")]
    expected = sum(math.exp(v) for path, v in oracle.items() if list(path[1:3]) == name)
    with torch.no_grad():
        [[found]] = crf.span_log_probability(emissions, lengths, [[(1, name)]])
    assert math.exp(found) == pytest.approx(expected)


def test_span_probability_without_spans() -> None:
    crf, emissions, lengths = case(1, 5, [2, 3], SMALL)
    assert crf.span_log_probability(emissions, lengths, [[], []]) == [[], []]


def test_allowed_transitions_are_those_of_valid_sequences() -> None:
    start, follows, end = allowed_transitions(BIOES)
    ids = range(len(BIOES))
    for a in ids:
        singles = [p for p in paths(len(BIOES), 3, BIOES) if p[0] == a]
        assert bool(start[a]) == bool(singles)
        assert bool(end[a]) == any(p[2] == a for p in paths(len(BIOES), 3, BIOES))
        for b in ids:
            inside = any((p[1], p[2]) == (a, b) for p in paths(len(BIOES), 4, BIOES))
            assert bool(follows[a, b]) == inside, (BIOES[a], BIOES[b])


@oracle_settings
@given(seeds, st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_constrained_decoding_is_always_valid(seed: int, lengths: list[int]) -> None:
    """However hard the emissions pull the other way."""
    crf, emissions, size = case(seed, 9, lengths, BIOES)
    with torch.no_grad():
        found = crf.viterbi(emissions * 20, size).tolist()
    for path, length in zip(found, lengths, strict=True):
        assert is_bioes([BIOES[tag] for tag in path[:length]])


@pytest.mark.parametrize("scheme", [None, SMALL])
def test_gradients(scheme: tuple[str, ...] | None) -> None:
    crf, emissions, lengths = case(3, 5, [4, 1, 2], scheme)
    tags = torch.tensor([[1, 2, 3, 0], [0, 0, 0, 0], [4, 4, 0, 0]])
    emissions.requires_grad_()
    parameters = tuple(crf.parameters())
    assert torch.autograd.gradcheck(
        lambda e, *_: crf.log_likelihood(e, tags, lengths), (emissions, *parameters)
    )


def test_gradient_of_log_partition_is_the_marginals() -> None:
    crf, emissions, lengths = case(8, 5, [4, 2], SMALL)
    emissions.requires_grad_()
    (gradient,) = torch.autograd.grad(crf.log_partition(emissions, lengths).sum(), emissions)
    marginals = crf.marginals(emissions, lengths).detach()
    torch.testing.assert_close(gradient[0], marginals[0])
    torch.testing.assert_close(gradient[1, :2], marginals[1, :2])
    assert not gradient[1, 2:].any(), "the padding has no say"


@oracle_settings
@given(seeds, st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_batch_order_size_and_padding_change_nothing(seed: int, lengths: list[int]) -> None:
    crf, emissions, size = case(seed, 5, lengths, SMALL)
    order = torch.randperm(len(lengths), generator=torch.Generator().manual_seed(seed))
    padded = torch.cat([emissions, draw(seed + 9, len(lengths), 3, 5, scale=50)], dim=1)
    tags = torch.randint(5, emissions.shape[:2], generator=torch.Generator().manual_seed(seed))
    tags_padded = torch.nn.functional.pad(tags, (0, 3))
    with torch.no_grad():
        likelihood = crf.log_likelihood(emissions, tags, size)
        best = crf.viterbi(emissions, size)
        torch.testing.assert_close(
            crf.log_likelihood(padded[order], tags_padded[order], size[order]), likelihood[order]
        )
        assert torch.equal(crf.viterbi(padded[order], size[order])[:, : best.shape[1]], best[order])
        for row, length in enumerate(lengths):
            one = emissions[row : row + 1, :length]
            alone = torch.tensor([length])
            torch.testing.assert_close(
                crf.log_likelihood(one, tags[row : row + 1, :length], alone),
                likelihood[row : row + 1],
            )
            assert torch.equal(crf.viterbi(one, alone)[0], best[row, :length])
            torch.testing.assert_close(
                crf.marginals(one, alone)[0], crf.marginals(padded, size)[row, :length]
            )


@pytest.mark.parametrize("filler", [0.0, 9.0, -9.0, math.inf, math.nan])
def test_long_padding_is_never_read(filler: float) -> None:
    """One word beside a sentence of 300: neither the answers nor the gradients may feel it."""
    crf, emissions, lengths = case(4, 5, [300, 1], SMALL)
    emissions[1, 1:] = filler
    tags = torch.zeros(2, 300, dtype=torch.long)

    def gradients(e: Tensor) -> tuple[Tensor, ...]:
        """Of the log-likelihood of the sentence of one word, the last in its batch."""
        e = e.clone().requires_grad_()
        value = crf.log_likelihood(e, tags[-len(e) :, : e.shape[1]], lengths[-len(e) :])[-1]
        return torch.autograd.grad(value, (e, *crf.parameters()))

    together, alone = gradients(emissions), gradients(emissions[1:, :1])
    torch.testing.assert_close(together[0][1, :1], alone[0][0])
    assert not together[0][0].any()
    assert not together[0][1, 1:].any()
    for found, expected in zip(together[1:], alone[1:], strict=True):
        torch.testing.assert_close(found, expected)
    with torch.no_grad():
        marginals = crf.marginals(emissions, lengths)
        torch.testing.assert_close(
            marginals[1, :1], crf.marginals(emissions[1:, :1], lengths[1:])[0]
        )
        assert not marginals[1, 1:].any()
        best = crf.viterbi(emissions, lengths)
        assert (
            best[1].tolist() == crf.viterbi(emissions[1:, :1], lengths[1:])[0].tolist() + [0] * 299
        )


def test_single_precision_on_a_long_sentence() -> None:
    """10,000 words: finite, and the best path is still the best of the double-precision one."""
    crf, emissions, lengths = case(2, 5, [10_000], SMALL)
    with torch.no_grad():
        exact = crf.viterbi(emissions, lengths)
        log_z = crf.log_partition(emissions, lengths)
        single = crf.float()
        found = single.viterbi(emissions.float(), lengths)
        torch.testing.assert_close(
            single.log_partition(emissions.float(), lengths).double(), log_z, rtol=1e-4, atol=0
        )
    assert (found == exact).double().mean() > 0.999
