"""Writing: each symbol that is drawn is read as the next input (one-to-many).

Each text has a stream of chance of its own, from the seed and its number: the same seed gives the
same texts, whatever is written beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ner_rnn.encoding.symbols import END, UNKNOWN, Symbols
from ner_rnn.errors import ConfigError
from ner_rnn.nn.encoder import State
from ner_rnn.nn.language_model import LanguageModel

__all__ = ["Sampling", "next_log_probabilities", "pick", "sample", "warmed_up"]

SIDE_BY_SIDE = 256
"""Texts that are written at a time."""


@dataclass(frozen=True)
class Sampling:
    """How to choose.

    Attributes:
        temperature: above 0; below 1 the likely becomes likelier, above 1 the unlikely.
        top_k: only among so many of the likeliest; 0: all.
        top_p: only among the likeliest that hold this share together (Holtzman et al. 2020).
        greedy: always the likeliest; all of the above is then of no account.
        max_length: symbols at most, the prefix counted.
        seed: where chance starts from.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    greedy: bool = False
    max_length: int = 200
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what nothing can be drawn by.

        Raises:
            ConfigError: naming the flag.
        """
        if not 0 < self.temperature < float("inf"):
            raise ConfigError(
                f"--temperature is {self.temperature}: it must be above 0; "
                "for always the likeliest symbol say --greedy"
            )
        if self.top_k < 0:
            raise ConfigError(f"--top-k is {self.top_k}: it must be 1 or more, or 0 for all")
        if not 0 < self.top_p <= 1:
            raise ConfigError(f"--top-p is {self.top_p}: it must be above 0 and at most 1")
        if self.max_length < 1:
            raise ConfigError(f"--max-length is {self.max_length}: it must be 1 or more")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"--seed is {self.seed}: it must be from 0 to {2**32 - 1}")


@torch.no_grad()
def sample(
    model: LanguageModel,
    symbols: Symbols,
    count: int,
    sampling: Sampling,
    *,
    first: int = 0,
    prefix: str = "",
    backward: bool = False,
    running: bool = False,
) -> list[str]:
    """Write texts.

    Args:
        model: in evaluation mode.
        symbols: its alphabet.
        count: how many texts.
        sampling: how to choose.
        first: number of the first of them, to go on where an earlier call ended.
        prefix: what each text begins with, or ends with if the model reads backward.
        backward: the model writes from the end; the texts come out in reading order.
        running: a line's end ends no text.

    Raises:
        ConfigError: the prefix holds what the model does not know, or leaves no room.
    """
    texts: list[str] = []
    end = first + count
    for begin in range(first, end, SIDE_BY_SIDE):
        numbers = range(begin, min(end, begin + SIDE_BY_SIDE))
        start, log_p, state = warmed_up(model, symbols, prefix, sampling.max_length, backward)
        written = [list(start) for _ in numbers]
        writing = np.arange(len(numbers))  # those that have not come to their end
        chances = [np.random.default_rng((sampling.seed, number)) for number in numbers]
        rows = torch.zeros(len(numbers), dtype=torch.long, device=log_p.device)
        log_p, state = log_p[rows], state.rows(rows)
        while len(writing) and len(written[writing[0]]) < sampling.max_length:
            draws = np.array([chances[row].random() for row in writing])
            chosen = pick(log_p.double().cpu().numpy(), draws, sampling)
            if not running:
                going = np.flatnonzero(chosen != END)
                writing, chosen = writing[going], chosen[going]
                if len(going) < len(log_p):
                    state = state.rows(torch.from_numpy(going).to(log_p.device))
            for row, symbol in zip(writing.tolist(), chosen.tolist(), strict=True):
                written[row].append(symbol)
            if len(writing):
                log_p, state = next_log_probabilities(model, chosen.tolist(), state)
        texts += [symbols.decode(ids[::-1] if backward else ids) for ids in written]
    return texts


def warmed_up(
    model: LanguageModel, symbols: Symbols, prefix: str, max_length: int, backward: bool
) -> tuple[list[int], Tensor, State]:
    """Read a prefix: its ids, log probabilities (1, symbols) of what comes next, and the state.

    Raises:
        ConfigError: it holds what the model does not know, or leaves no room.
    """
    unknown = symbols.unseen([prefix])
    if unknown:
        raise ConfigError(
            f"--prefix holds {', '.join(map(repr, sorted(unknown)[:5]))}, which the model has "
            f"never seen: it knows {len(symbols.known):,} symbols, such as "
            f"{' '.join(symbols.known[:20])}"
        )
    ids = symbols.encode(prefix).tolist()
    if len(ids) >= max_length:
        raise ConfigError(
            f"--prefix has {len(ids)} symbols, and --max-length is {max_length}: leave room"
        )
    read = ids[::-1] if backward else ids
    device = model.emit.weight.device
    log_p, state = model(torch.tensor([[END, *read]], device=device))
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
        sampling: how.
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
