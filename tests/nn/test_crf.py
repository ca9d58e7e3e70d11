"""The CRF's likelihood against an oracle that enumerates every tag sequence."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ner_rnn.nn.crf import LinearChainCRF
from ner_rnn.text.bioes import bioes_rules

from ..chain_oracle import enumerate_all, paths

BIOES = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC")
SMALL = BIOES[:5]
FREE = ("O", "S-PER", "S-LOC", "S-ORG", "S-MISC")
"""Any of these tags may follow any other."""

seeds = st.integers(0, 2**31 - 1)


def make(seed: int, tags: tuple[str, ...]) -> LinearChainCRF:
    """Return a CRF with random scores, in double precision."""
    crf = LinearChainCRF(tags).double()
    generator = torch.Generator().manual_seed(seed)
    for parameter in crf.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return crf


def draw(seed: int, *shape: int, scale: float = 2.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)


def case(
    seed: int, tags: tuple[str, ...], lengths: list[int]
) -> tuple[LinearChainCRF, Tensor, Tensor]:
    """A CRF and a padded batch whose padding is full of large numbers."""
    crf = make(seed, tags)
    emissions = draw(seed + 1, len(lengths), max(lengths), len(tags))
    for row, length in enumerate(lengths):
        emissions[row, length:] = draw(seed + 2 + row, max(lengths) - length, len(tags), scale=50)
    return crf, emissions, torch.tensor(lengths)


schemes = st.integers(1, 4).map(lambda count: FREE[:count]) | st.just(SMALL)
cases = st.builds(case, seeds, schemes, st.lists(st.integers(1, 4), min_size=1, max_size=3))
oracle_settings = settings(max_examples=40, deadline=None)


def log_probabilities(crf: LinearChainCRF, emissions: Tensor) -> dict[tuple[int, ...], float]:
    """Enumerate all paths of a sentence."""
    start, transitions, end = (p.detach().numpy() for p in (crf.start, crf.transitions, crf.end))
    return enumerate_all((start, transitions, end), emissions.numpy(), scheme_of(crf))


def scheme_of(crf: LinearChainCRF) -> tuple[str, ...] | None:
    return SMALL if bool((crf.scores()[1] < -1000).any()) else None


@oracle_settings
@given(cases)
def test_log_likelihood_of_every_path(batch: tuple[LinearChainCRF, Tensor, Tensor]) -> None:
    crf, emissions, lengths = batch
    for row, length in enumerate(lengths.tolist()):
        oracle = log_probabilities(crf, emissions[row, :length])
        every = list(oracle)
        tags = torch.zeros(len(every), emissions.shape[1], dtype=torch.long)
        tags[:, :length] = torch.tensor(every)
        with torch.no_grad():
            found = crf.log_likelihood(
                emissions[row].expand(len(every), -1, -1), tags, lengths[row].expand(len(every))
            )
        torch.testing.assert_close(found, torch.tensor(list(oracle.values()), dtype=torch.float64))
        assert float(found.exp().sum()) == pytest.approx(1)


def test_allowed_transitions_are_those_of_valid_sequences() -> None:
    start, follows, end = bioes_rules(BIOES)
    ids = range(len(BIOES))
    for a in ids:
        singles = [p for p in paths(len(BIOES), 3, BIOES) if p[0] == a]
        assert start[a] == bool(singles)
        assert end[a] == any(p[2] == a for p in paths(len(BIOES), 3, BIOES))
        for b in ids:
            inside = any((p[1], p[2]) == (a, b) for p in paths(len(BIOES), 4, BIOES))
            assert follows[a][b] == inside, (BIOES[a], BIOES[b])


@pytest.mark.parametrize("scheme", [FREE, SMALL])
def test_gradients(scheme: tuple[str, ...]) -> None:
    crf, emissions, lengths = case(3, scheme, [4, 1, 2])
    tags = torch.tensor([[1, 2, 3, 0], [0, 0, 0, 0], [4, 4, 0, 0]])
    emissions.requires_grad_()
    parameters = tuple(crf.parameters())
    assert torch.autograd.gradcheck(
        lambda e, *_: crf.log_likelihood(e, tags, lengths), (emissions, *parameters)
    )


def test_gradient_of_log_partition_is_the_marginals() -> None:
    crf, emissions, lengths = case(8, SMALL, [4, 2])
    emissions.requires_grad_()
    (gradient,) = torch.autograd.grad(crf.log_partition(emissions, lengths).sum(), emissions)
    for row, length in enumerate(lengths.tolist()):
        marginals = torch.zeros(length, 5, dtype=torch.float64)
        for path, value in log_probabilities(crf, emissions.detach()[row, :length]).items():
            for t, tag in enumerate(path):
                marginals[t, tag] += math.exp(value)
        torch.testing.assert_close(gradient[row, :length], marginals)
    assert not gradient[1, 2:].any(), "the padding has no say"


@oracle_settings
@given(seeds, st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_batch_order_size_and_padding_change_nothing(seed: int, lengths: list[int]) -> None:
    crf, emissions, size = case(seed, SMALL, lengths)
    order = torch.randperm(len(lengths), generator=torch.Generator().manual_seed(seed))
    padded = torch.cat([emissions, draw(seed + 9, len(lengths), 3, 5, scale=50)], dim=1)
    tags = torch.randint(5, emissions.shape[:2], generator=torch.Generator().manual_seed(seed))
    tags_padded = torch.nn.functional.pad(tags, (0, 3))
    with torch.no_grad():
        likelihood = crf.log_likelihood(emissions, tags, size)
        torch.testing.assert_close(
            crf.log_likelihood(padded[order], tags_padded[order], size[order]), likelihood[order]
        )
        for row, length in enumerate(lengths):
            one = emissions[row : row + 1, :length]
            alone = torch.tensor([length])
            torch.testing.assert_close(
                crf.log_likelihood(one, tags[row : row + 1, :length], alone),
                likelihood[row : row + 1],
            )


@pytest.mark.parametrize("filler", [0.0, 9.0, -9.0, math.inf, math.nan])
def test_long_padding_is_never_read(filler: float) -> None:
    """One word beside a sentence of 300: neither the answers nor the gradients may feel it."""
    crf, emissions, lengths = case(4, SMALL, [300, 1])
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


def test_log_partition_in_single_precision_of_a_long_sentence() -> None:
    """10,000 words."""
    crf, emissions, lengths = case(2, SMALL, [10_000])
    with torch.no_grad():
        log_z = crf.log_partition(emissions, lengths)
        single = crf.float().log_partition(emissions.float(), lengths)
    torch.testing.assert_close(single.double(), log_z, rtol=1e-4, atol=0)


@oracle_settings
@given(cases, seeds)
def test_partial_likelihood_is_the_sum_over_all_that_is_allowed(
    batch: tuple[LinearChainCRF, Tensor, Tensor], seed: int
) -> None:
    crf, emissions, lengths = batch
    generator = torch.Generator().manual_seed(seed)
    allowed = torch.rand(emissions.shape, generator=generator) < 0.5
    oracles = []
    for row, length in enumerate(lengths.tolist()):
        oracle = log_probabilities(crf, emissions[row, :length])
        number = int(torch.randint(len(oracle), (1,), generator=generator))
        for t, tag in enumerate(list(oracle)[number]):  # one path at least agrees
            allowed[row, t, tag] = True
        agree = (
            math.exp(value)
            for path, value in oracle.items()
            if all(allowed[row, t, tag] for t, tag in enumerate(path))
        )
        oracles.append(math.log(math.fsum(agree)))
    with torch.no_grad():
        found = crf.partial_log_likelihood(emissions, allowed, lengths)
    torch.testing.assert_close(found, torch.tensor(oracles, dtype=torch.float64))


def test_partial_likelihood_of_one_sequence_is_its_likelihood_and_of_all_is_1() -> None:
    crf, emissions, lengths = case(5, SMALL, [4, 1, 3])
    tags = torch.tensor([[0, 1, 3, 0], [4, 0, 0, 0], [1, 2, 3, 0]])
    known = torch.nn.functional.one_hot(tags, 5).bool()
    torch.testing.assert_close(
        crf.partial_log_likelihood(emissions, known, lengths),
        crf.log_likelihood(emissions, tags, lengths),
    )
    every = crf.partial_log_likelihood(emissions, torch.ones_like(known), lengths)
    torch.testing.assert_close(every, torch.zeros(3, dtype=torch.float64))


def test_gradients_of_the_partial_likelihood() -> None:
    crf, emissions, lengths = case(4, SMALL, [4, 1, 3])
    allowed = torch.nn.functional.one_hot(torch.tensor([[0, 1, 3, 0], [4] * 4, [1, 2, 3, 0]]), 5)
    allowed = allowed.bool()
    allowed[0, 1:3] = True
    allowed[2] = True
    emissions.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda e, *_: crf.partial_log_likelihood(e, allowed, lengths),
        (emissions, *crf.parameters()),
    )
