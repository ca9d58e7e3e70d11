"""Log Z of a linear-chain CRF with its exact gradient, by forward and backward sums.

The scores are defined in ``crf.py``. Unlike the decoder's sums, in NumPy (``runtime/decode.py``),
these run on the device where training runs, and hand gradients back.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ner_rnn.text.bioes import FORBIDDEN

__all__ = ["LogPartition"]

SAFE = 500.0
"""Nats between the best and the worst tag of a word up to which exp holds them all in float64."""


class _Lattice:
    """Forward and backward sums over all paths through a batch of sentences.

    Exponentials scaled by the largest term are summed, one matrix product a step, in float64,
    where terms down to e^-700 of the largest still count, so that a path that looks bad halfway
    but is the only one allowed is not lost. Where scores lie further apart than that, as those of
    a network that has exploded do, the sums are taken term by term.
    """

    def __init__(
        self, emissions: Tensor, start: Tensor, transitions: Tensor, end: Tensor, lengths: Tensor
    ) -> None:
        time = torch.arange(emissions.shape[1], device=lengths.device)
        self.padding = (time >= lengths[:, None])[..., None]
        """(batch, time, 1) True in the padding."""
        self.emissions = emissions.double().masked_fill(self.padding, 0.0)
        self.transitions = transitions.double()
        self.end = end.double()
        self.lengths = lengths
        self.weights = self.transitions.exp()
        self.is_safe = all(map(_is_safe, (self.emissions, self.transitions, start, end)))
        steps = self.emissions.unbind(1)
        state = start.double() + steps[0]
        states = [state]
        for emitted in steps[1:]:
            state = self._log_product(state, self.transitions, self.weights) + emitted
            states.append(state)
        self.forward = torch.stack(states, dim=1)
        """(batch, time, tags): log sum over all beginnings that end in each tag."""
        last = self.forward[torch.arange(len(lengths), device=lengths.device), lengths - 1]
        self.log_z = torch.logsumexp(last + self.end, dim=1)
        """(batch,)"""

    def gradients(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the derivatives of log Z of each sentence, which are expected counts.

        Returns:
            By emissions (batch, time, tags), start (batch, tags), transitions (batch, tags, tags)
            and end (batch, tags).
        """
        batch, time, tags = self.emissions.shape
        state = self.end.expand(batch, tags)
        states = [state]
        back, weights = self.transitions.T, self.weights.T.contiguous()
        # a sentence whose last word is at t or before starts from its end score
        within = torch.arange(time, device=self.lengths.device)[:, None] < self.lengths - 1
        for t in range(time - 2, -1, -1):
            moved = self._log_product(state + self.emissions[:, t + 1], back, weights)
            state = torch.where(within[t][:, None], moved, self.end)
            states.append(state)
        # log sum over all endings after each tag, its own score left out: (batch, time, tags)
        backward = torch.stack(states[::-1], dim=1)
        total = self.log_z[:, None, None]
        both = self.forward + backward - total
        # masked before exp: over long padding the sums grow past what exp can hold
        marginals = both.masked_fill(self.padding, -torch.inf).exp()
        before = self.forward[:, :-1]  # (batch, time - 1, tags)
        after = self.emissions[:, 1:] + backward[:, 1:]
        rows = torch.arange(len(self.lengths), device=self.lengths.device)
        if self.is_safe:
            high, low = before.amax(2, keepdim=True), after.amax(2, keepdim=True)
            scale = (high + low - total).masked_fill(self.padding[:, 1:], -torch.inf).exp()
            pairs = torch.exp(before - high).transpose(1, 2) @ (torch.exp(after - low) * scale)
            pairs = pairs * self.weights
        else:
            every = before[..., None] + self.transitions + after[..., None, :] - total[..., None]
            pairs = every.masked_fill(self.padding[:, 1:, None], -torch.inf).exp().sum(1)
        return marginals, marginals[:, 0], pairs, marginals[rows, self.lengths - 1]

    def _log_product(self, state: Tensor, table: Tensor, weights: Tensor) -> Tensor:
        """Return log(exp(state) @ exp(table)) of state (batch, tags); weights is exp(table)."""
        if not self.is_safe:
            return torch.logsumexp(state[:, :, None] + table, dim=1)
        high = state.amax(1, keepdim=True)
        return ((state - high).exp() @ weights).clamp(min=1e-300).log() + high


def _is_safe(scores: Tensor) -> bool:
    """Return True if exp can hold the scores of every step, forbidden ones apart."""
    allowed = scores.detach() > FORBIDDEN / 2
    high = scores.masked_fill(~allowed, -torch.inf).amax(-1)
    low = scores.masked_fill(~allowed, torch.inf).amin(-1)
    return bool((high - low < SAFE / 2).all())


class LogPartition(torch.autograd.Function):
    """Log Z, whose gradient is the expected counts: no graph over the steps is kept."""

    @staticmethod
    def forward(
        ctx: Any,
        emissions: Tensor,
        start: Tensor,
        transitions: Tensor,
        end: Tensor,
        lengths: Tensor,
    ) -> Tensor:
        """Return log Z (batch,) of emissions (batch, time, tags) and a CRF's scores."""
        lattice = _Lattice(emissions, start, transitions, end, lengths)
        ctx.lattice, ctx.dtype = lattice, emissions.dtype
        return lattice.log_z.to(emissions.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient of each score."""
        emissions, start, transitions, end = ctx.lattice.gradients()
        gradient = gradient.double()
        counts = (
            emissions * gradient[:, None, None],
            gradient @ start,
            (transitions * gradient[:, None, None]).sum(0),
            gradient @ end,
        )
        return *(count.to(ctx.dtype) for count in counts), None
