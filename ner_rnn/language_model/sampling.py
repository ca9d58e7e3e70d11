"""Sampling: each symbol that is drawn is read as the next input (one-to-many).

Each text has a random generator of its own, from the seed and its number: the same seed gives the
same texts in any batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ner_rnn.encoding.symbols import END, UNKNOWN
from ner_rnn.errors import ConfigError, Setting
from ner_rnn.model.bounds import Bounded, Count, PositiveFraction, Seed, Size
from ner_rnn.nn.encoder import State
from ner_rnn.nn.language_model import LanguageModel
from ner_rnn.nn.language_model_files import Loaded

__all__ = ["Sampling", "decoded", "next_log_probabilities", "pick", "sample", "warmed_up"]

SIDE_BY_SIDE = 256
"""Texts in a batch."""


@dataclass(frozen=True)
class Sampling(Bounded):
    """Options of sampling.

    Attributes:
        temperature: divisor of the logits; below 1: more predictable, above 1: more varied.
        top_k: sample among this many of the most probable symbols; 0: all.
        top_p: sample among the most probable symbols with this total probability (Holtzman et al.
            2020).
        greedy: take the most probable symbol; the options above are ignored.
        max_length: longest text in symbols, the prefix included.
        seed: random seed.
    """

    temperature: float = 1.0
    top_k: Size = 0
    top_p: PositiveFraction = 1.0
    greedy: bool = False
    max_length: Count = 200
    seed: Seed = 1

    def __post_init__(self) -> None:
        """Check every number.

        Raises:
            ConfigError: naming the field.
        """
        if not 0 < self.temperature < float("inf"):
            raise self.refusal(
                "temperature", "it must be above 0", do="{greedy} takes the most probable symbol"
            )
        super().__post_init__()


@torch.no_grad()
def sample(
    model: Loaded, count: int, sampling: Sampling, *, first: int = 0, prefix: str = ""
) -> list[str]:
    """Sample texts, each in reading order.

    Args:
        model: in evaluation mode. If it was trained on running text, a line's end ends no text.
        count: number of texts.
        sampling: options.
        first: number of the first of them, to go on where an earlier call ended.
        prefix: what each text begins with, or ends with if the model reads backward.

    Raises:
        ConfigError: the prefix holds what the model does not know, or leaves no room.
    """
    texts: list[str] = []
    end = first + count
    for begin in range(first, end, SIDE_BY_SIDE):
        numbers = range(begin, min(end, begin + SIDE_BY_SIDE))
        start, log_p, state = warmed_up(model, prefix, sampling.max_length)
        written = [list(start) for _ in numbers]
        writing = np.arange(len(numbers))  # those that have not come to their end
        chances = [np.random.default_rng((sampling.seed, number)) for number in numbers]
        rows = torch.zeros(len(numbers), dtype=torch.long, device=log_p.device)
        log_p, state = log_p[rows], state.rows(rows)
        while len(writing) and len(written[writing[0]]) < sampling.max_length:
            draws = np.array([chances[row].random() for row in writing])
            chosen = pick(log_p.double().cpu().numpy(), draws, sampling)
            if not model.settings.running:
                going = np.flatnonzero(chosen != END)
                writing, chosen = writing[going], chosen[going]
                if len(going) < len(log_p):
                    state = state.rows(torch.from_numpy(going).to(log_p.device))
            for row, symbol in zip(writing.tolist(), chosen.tolist(), strict=True):
                written[row].append(symbol)
            if len(writing):
                log_p, state = next_log_probabilities(model.model, chosen.tolist(), state)
        texts += [decoded(model, ids) for ids in written]
    return texts


def decoded(model: Loaded, ids: list[int]) -> str:
    """Return the text of ids in the order in which the model wrote them."""
    return model.symbols.decode(ids[::-1] if model.settings.backward else ids)


def warmed_up(model: Loaded, prefix: str, max_length: int) -> tuple[list[int], Tensor, State]:
    """Read a prefix; return its ids, log probabilities (1, symbols) of the next one, and the state.

    Raises:
        ConfigError: it holds what the model does not know, or leaves no room.
    """
    symbols = model.symbols
    unknown = symbols.unseen([prefix])
    if unknown:
        raise ConfigError(
            f"the model does not know {', '.join(map(repr, sorted(unknown)[:5]))}; it knows "
            f"{len(symbols.known):,} symbols, such as {' '.join(symbols.known[:20])}",
            where=Setting("prefix"),
            found=repr(prefix),
        )
    ids = symbols.encode(prefix).tolist()
    if len(ids) >= max_length:
        raise ConfigError(
            f"it has {len(ids)} symbols, and a text {max_length} at most",
            where=Setting("prefix"),
            found=repr(prefix),
            do="shorten it, or raise {max_length}",
        )
    read = ids[::-1] if model.settings.backward else ids
    device = model.model.emit.weight.device
    log_p, state = model.model(torch.tensor([[END, *read]], device=device))
    return read, log_p[:, -1], state


def next_log_probabilities(
    model: LanguageModel, chosen: Sequence[int], state: State
) -> tuple[Tensor, State]:
    """Read one more symbol in each row: (rows, symbols) log probabilities, and the new state."""
    ids = torch.tensor(chosen, device=model.emit.weight.device)[:, None]
    log_p, after = model(ids, state)
    return log_p[:, 0], after


def pick(log_p: NDArray[Any], draws: NDArray[Any], sampling: Sampling) -> NDArray[np.int64]:
    """Choose a symbol in each row; never the unknown, which cannot be written.

    Args:
        log_p: (rows, symbols), in nats.
        draws: (rows,) numbers of [0, 1).
        sampling: options.
    """
    scores = log_p.copy()
    scores[:, UNKNOWN] = -np.inf
    if sampling.greedy:
        likeliest: NDArray[np.int64] = scores.argmax(axis=1)
        return likeliest
    order = np.argsort(-scores, axis=1, kind="stable")  # the likeliest first
    ranked = np.take_along_axis(scores, order, axis=1) / sampling.temperature
    p = np.exp(ranked - ranked[:, :1])
    if sampling.top_k:
        p[:, sampling.top_k :] = 0.0
    p /= p.sum(axis=1, keepdims=True)
    if sampling.top_p < 1:
        # the one that reaches the share is still in
        p[np.cumsum(p, axis=1) - p >= sampling.top_p] = 0.0
    up_to = np.cumsum(p, axis=1)
    rank = (up_to <= draws[:, None] * up_to[:, -1:]).sum(axis=1)
    possible = (p > 0).sum(axis=1) - 1  # rounding must not lead beyond the last that may be
    place = np.minimum(rank, possible)[:, None]
    chosen: NDArray[np.int64] = np.take_along_axis(order, place, axis=1)[:, 0]
    return chosen
