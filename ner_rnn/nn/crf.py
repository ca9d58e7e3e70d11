"""Linear-chain conditional random field (Lafferty, McCallum & Pereira 2001).

The score of a tag sequence y for emissions e is
``start[y_1] + sum_t e[t, y_t] + sum_t transitions[y_(t-1), y_t] + end[y_T]``,
and its probability is ``exp(score - log Z)``. Here are the log-likelihood, the best sequence
(Viterbi), the n best, the marginal of each tag at each word, and the exact marginal of a span.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ner_rnn.nn.forward_backward import Lattice, log_partition
from ner_rnn.text.bioes import FORBIDDEN, bioes_rules

__all__ = ["LinearChainCRF", "allowed_transitions"]


def allowed_transitions(tags: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Which BIOES tags may begin a sentence, follow one another, and end one.

    Args:
        tags: such as ``("O", "B-PER", "I-PER", "E-PER", "S-PER")``.

    Returns:
        start (tags,), transitions (tags, tags) from row to column, end (tags,): booleans.
    """
    opens, follows, closes = bioes_rules(tags)
    return torch.tensor(opens), torch.tensor(follows), torch.tensor(closes)


class LinearChainCRF(nn.Module):
    """Transition scores and the dynamic programmes over them.

    Args:
        tags: how many.
        allowed: start, transition and end booleans of :func:`allowed_transitions`, or None where
            anything may follow anything.

    In every method ``emissions`` is (batch, time, tags), ``lengths`` (batch,) with 1 <= length
    <= time; what stands in the padding is never read.
    """

    def __init__(self, tags: int, allowed: tuple[Tensor, Tensor, Tensor] | None = None) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))
        self.end = nn.Parameter(torch.zeros(tags))
        if allowed is None:
            every = torch.ones(tags, dtype=torch.bool)
            allowed = every, torch.ones(tags, tags, dtype=torch.bool), every
        for name, table in zip(("start", "transitions", "end"), allowed, strict=True):
            penalty = torch.where(table, 0.0, FORBIDDEN)
            self.register_buffer(f"_{name}_penalty", penalty, persistent=False)

    def scores(self) -> tuple[Tensor, Tensor, Tensor]:
        """Start (tags,), transitions (tags, tags), end (tags,) with what is ruled out."""
        return (
            self.start + self._start_penalty,  # type: ignore[operator]
            self.transitions + self._transitions_penalty,  # type: ignore[operator]
            self.end + self._end_penalty,  # type: ignore[operator]
        )

    def log_likelihood(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Log P(tags | emissions) of each sentence: (batch,)."""
        return self.score(emissions, tags, lengths) - self.log_partition(emissions, lengths)

    def score(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Score of one given tag sequence for each sentence: (batch,)."""
        start, transitions, end = self.scores()
        mask = torch.arange(emissions.shape[1], device=lengths.device) < lengths[:, None]
        emitted = emissions.gather(2, tags[..., None]).squeeze(2)  # (batch, time)
        moved = transitions[tags[:, :-1], tags[:, 1:]]  # (batch, time - 1)
        last = tags.gather(1, lengths[:, None] - 1).squeeze(1)
        total = torch.where(mask, emitted, 0.0).sum(1)
        total = total + torch.where(mask[:, 1:], moved, 0.0).sum(1)
        return total + start[tags[:, 0]] + end[last]

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Log Z of each sentence by the forward algorithm: (batch,)."""
        return log_partition(emissions, *self.scores(), lengths)

    def marginals(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """P(tag at a word | emissions): (batch, time, tags), zeros in the padding."""
        with torch.no_grad():
            lattice = Lattice(emissions, *self.scores(), lengths)
            return lattice.marginals().to(emissions.dtype)

    def span_log_probability(
        self,
        emissions: Tensor,
        lengths: Tensor,
        paths: Sequence[Sequence[tuple[int, list[int]]]],
        temperature: float = 1.0,
    ) -> list[list[float]]:
        """Log P that the tags from a position on are exactly those given.

        Where the tags open and close a span by themselves, as BIOES does, this is the exact
        probability of that span.

        Args:
            emissions: (batch, time, tags).
            lengths: (batch,).
            paths: for each sentence, (position of the first word, tag ids).
            temperature: what all scores are divided by first.

        Returns:
            One number a path.
        """
        flat = [(row, start, ids) for row, some in enumerate(paths) for start, ids in some]
        if not flat:
            return [[] for _ in paths]
        with torch.no_grad():
            start, moves, end = (score / temperature for score in self.scores())
            lattice = Lattice(emissions / temperature, start, moves, end, lengths)
            forward, backward, total = lattice.forward, lattice.backward(), lattice.log_z
            emissions, transitions = lattice.emissions, lattice.transitions
        device = emissions.device
        rows = torch.tensor([row for row, _, _ in flat], device=device)
        first = torch.tensor([start for _, start, _ in flat], device=device)
        opening = torch.tensor([ids[0] for _, _, ids in flat], device=device)
        last = torch.tensor([start + len(ids) - 1 for _, start, ids in flat], device=device)
        closing = torch.tensor([ids[-1] for _, _, ids in flat], device=device)
        value = forward[rows, first, opening] + backward[rows, last, closing] - total[rows]
        # the inside of the spans: every step but the first, summed per span
        inside = [
            (span, row, start + k, ids[k - 1], ids[k])
            for span, (row, start, ids) in enumerate(flat)
            for k in range(1, len(ids))
        ]
        if inside:
            span, row, position, before, now = torch.tensor(inside, device=device).unbind(1)
            value = value.index_add(
                0, span, transitions[before, now] + emissions[row, position, now]
            )
        values = iter(value.tolist())
        return [[next(values) for _ in some] for some in paths]

    def viterbi(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """The best tag sequence of each sentence: (batch, time) ids, 0 in the padding."""
        start, transitions, end = self.scores()
        state = start + emissions[:, 0]
        batch, time, tags = emissions.shape
        history = []
        stay = torch.arange(tags, device=emissions.device).expand(batch, tags)
        for t in range(1, time):
            best, origin = (state[:, :, None] + transitions).max(dim=1)  # (batch, to)
            going = (t < lengths)[:, None]
            state = torch.where(going, best + emissions[:, t], state)
            history.append(torch.where(going, origin, stay))
        tag = (state + end).argmax(1)  # (batch,)
        path = [tag]
        for origin in reversed(history):
            tag = origin.gather(1, tag[:, None]).squeeze(1)
            path.append(tag)
        best_path = torch.stack(path[::-1], dim=1)
        mask = torch.arange(time, device=lengths.device) < lengths[:, None]
        return torch.where(mask, best_path, 0)

    def n_best(self, emissions: Tensor, length: int, n: int) -> list[tuple[list[int], float]]:
        """The n best tag sequences of one sentence and their log probabilities, best first.

        Args:
            emissions: (time, tags) of one sentence.
            length: words in it.
            n: how many; fewer come back where fewer exist.
        """
        start, transitions, end = self.scores()
        tags = emissions.shape[1]
        state = (start + emissions[0])[:, None]  # (tags, kept)
        history: list[Tensor] = []
        for t in range(1, length):
            kept = state.shape[1]
            # (from, kept, to) -> for each tag the best of all from x kept
            every = (state[:, :, None] + transitions[:, None, :]).reshape(tags * kept, tags)
            best, origin = every.topk(min(n, tags * kept), dim=0)
            state = best.T + emissions[t][:, None]
            history.append(torch.stack([origin.T // kept, origin.T % kept]))  # (2, tags, kept)
        kept = state.shape[1]
        final, origin = (state + end[:, None]).reshape(-1).topk(min(n, tags * kept))
        lengths = torch.tensor([length], device=emissions.device)
        total = float(self.log_partition(emissions[None, :length], lengths))
        answers = []
        for value, place in zip(final.tolist(), origin.tolist(), strict=True):
            if value - total <= FORBIDDEN / 2:
                break  # only sequences that the scheme rules out are left
            tag, rank = divmod(place, kept)
            path = [tag]
            for step in reversed(history):
                tag, rank = int(step[0, tag, rank]), int(step[1, tag, rank])
                path.append(tag)
            answers.append((path[::-1], value - total))
        return answers
