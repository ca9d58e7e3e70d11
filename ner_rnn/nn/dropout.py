"""Dropout with one mask for a whole sequence."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["LockedDropout"]


class LockedDropout(nn.Module):
    """Drop a share of the features, the same at every step of a sequence (Gal & Ghahramani 2016).

    A recurrent network can average out a mask that changes from word to word, but not this one. It
    also draws far fewer random numbers.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Drop features of x (batch, time, features) and scale up the others, in training."""
        if not self.training or not self.share:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= self.share
        return x * (kept.to(x.dtype) / (1 - self.share))
