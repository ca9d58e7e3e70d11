"""The contract of every encoder, whatever its cells, and the state that it carries over.

    y, state = encoder(x, lengths)              padded sentences, each whole
    y, state = encoder(x, None, state)          the next piece of each row, without padding

Padding and order in the batch never change an answer, and a text read in pieces, the state carried
over, gives what the whole text gives. Training, sampling, scoring and gradients against lag all
read through this one door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["Encoder", "State", "check_direction", "padding_mask"]


@dataclass(frozen=True)
class State:
    """Hidden state of an encoder of one direction, a row for each row of the batch.

    Attributes:
        layers: for each layer its tensors, (batch, units): (h,), or (h, c) of an LSTM; empty where
            there is no recurrence.
        step: time steps read so far, by which a clockwork network knows which groups tick.
    """

    layers: tuple[tuple[Tensor, ...], ...]
    step: int

    def each(self, change: Callable[[Tensor], Tensor]) -> State:
        """Return a state with every tensor changed."""
        return State(tuple(tuple(map(change, layer)) for layer in self.layers), self.step)

    def detach(self) -> State:
        """Return the same state, beyond which no gradient flows back."""
        return self.each(Tensor.detach)

    def rows(self, rows: Tensor) -> State:
        """Return the state of a selection of rows, in that order."""
        return self.each(lambda part: part.index_select(0, rows))


class Encoder(Protocol):
    """Layers over embedded sequences.

    Attributes:
        output_size: width of the output.
    """

    output_size: int

    def __call__(
        self, x: Tensor, lengths: Tensor | None, state: State | None = None
    ) -> tuple[Tensor, State | None]:
        """Read sequences.

        Args:
            x: (batch, time, input_size), time at least 1, anything at all in the padding.
            lengths: (batch,) steps in each row; None: every row is full.
            state: to go on from; None: each row begins here.

        Returns:
            y, (batch, time, output_size), zeros in the padding; and the state to go on from. It is
            None where nothing can follow: given lengths, each row ends in this batch, and an
            encoder of both directions has read every row from its end.

        Raises:
            ValueError: a state is given to an encoder of both directions.
        """
        ...


def padding_mask(lengths: Tensor, time: int) -> Tensor:
    """Return a mask (batch, time), True where there is a word, False in the padding."""
    return torch.arange(time, device=lengths.device) < lengths[:, None]


def check_direction(state: State | None, directions: int) -> None:
    """Refuse to carry a state into an encoder of both directions.

    Raises:
        ValueError: naming the reason.
    """
    if state is not None and directions > 1:
        raise ValueError(
            "an encoder of both directions cannot go on from a state: its backward direction "
            "begins at the end of the text"
        )
