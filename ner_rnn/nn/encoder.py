"""What every encoder does, whatever its cells: the contract between the layers and who reads on."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

__all__ = ["Encoder"]


class Encoder(Protocol):
    """Reads embedded sentences; padding and order in the batch never change its answer."""

    output_size: int

    def __call__(self, x: Tensor, lengths: Tensor) -> Tensor:
        """(batch, time, input_size) -> (batch, time, output_size)."""
        ...
