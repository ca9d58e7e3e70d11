"""Dropout whose choice holds for a whole sequence."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["LockedDropout"]


class LockedDropout(nn.Module):
    """Drops the same features at every step of a sequence (Gal & Ghahramani 2016).

    A recurrent network can see through noise that changes from word to word; this it cannot. It
    also draws far fewer random numbers.

    Args:
        share: of the features, dropped.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, features) -> the same; in training what is kept is scaled up."""
        if not self.training or not self.share:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= self.share
        return x * (kept.to(x.dtype) / (1 - self.share))

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"share={self.share}"
