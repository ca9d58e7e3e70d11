"""Beam search: the likeliest texts among those that a bounded search visits."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ner_rnn.encoding.symbols import END, UNKNOWN
from ner_rnn.errors import ConfigError, Setting
from ner_rnn.language_model.sampling import decoded, next_log_probabilities, warmed_up
from ner_rnn.nn.language_model_files import Loaded

__all__ = ["Found", "beam_search"]


@dataclass(frozen=True)
class Found:
    """A text and its log probability, in nats, given the prefix; its end counted if it has one."""

    text: str
    log_probability: float


@torch.no_grad()
def beam_search(
    model: Loaded, width: int, *, prefix: str = "", max_length: int = 200
) -> list[Found]:
    """Search for the likeliest texts; a beam of 1 is the greedy choice.

    At each step the ``width`` likeliest continuations are kept; one that ends is set aside. As a
    text only gets less likely by getting longer, the search is over when ``width`` finished ones
    are likelier than whatever goes on, or when nothing does.

    Args:
        model: as in :func:`~ner_rnn.language_model.sampling.sample`.
        width: width of the beam, and largest number of texts.
        prefix: as in ``sample``.
        max_length: longest text in symbols, the prefix included.

    Returns:
        The likeliest first.

    Raises:
        ConfigError: the width is below 1, or the prefix cannot be read.
    """
    if width < 1:
        raise ConfigError("it must be 1 or more", where=Setting("beam"), found=str(width))
    start, log_p, state = warmed_up(model, prefix, max_length)
    alive: list[tuple[float, list[int]]] = [(0.0, start)]
    finished: list[tuple[float, list[int]]] = []
    while alive and len(alive[0][1]) < max_length:
        log_p = log_p.double()
        log_p[:, UNKNOWN] = -torch.inf
        before = torch.tensor([total for total, _ in alive], dtype=torch.float64)
        totals = (log_p.cpu() + before[:, None]).flatten()
        best = totals.topk(min(width, len(totals)))
        rows, going, chosen = [], [], []
        for total, place in zip(best.values.tolist(), best.indices.tolist(), strict=True):
            row, symbol = divmod(place, len(model.symbols))
            if total == -torch.inf:
                continue
            if symbol == END and not model.settings.running:
                finished.append((total, alive[row][1]))
            else:
                going.append((total, [*alive[row][1], symbol]))
                rows.append(row)
                chosen.append(symbol)
        alive = going
        finished = sorted(finished, key=lambda found: -found[0])[:width]
        if not alive or (len(finished) == width and finished[-1][0] >= alive[0][0]):
            break
        state = state.rows(torch.tensor(rows, device=log_p.device))
        log_p, state = next_log_probabilities(model.model, chosen, state)
    # texts cut off at the bound have no end, and compete as they are
    every = sorted([*finished, *alive], key=lambda found: -found[0])[:width]
    return [Found(decoded(model, ids), total) for total, ids in every]
