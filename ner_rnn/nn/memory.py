"""Document memory: a word is read with all its places in the document in view.

A surname alone is often introduced in full elsewhere: "Jesper Parnevik ... Parnevik said". Each
word's state is joined with the elementwise maximum of the states at all occurrences of the same
word (upper or lower case) in the document. Pooling over occurrences follows Akbik, Bergmann &
Vollgraf (2019), here within one document and trained end to end.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ner_rnn.model.contents import pooled_units

__all__ = ["DocumentMemory"]


class DocumentMemory(nn.Module):
    """Join each state with the elementwise maximum over all occurrences of the same word.

    Args:
        size: width of a state.
        units: number of its units that are pooled, evenly spaced; 0: all.

    Attributes:
        output_size: width of a state and its pooled part.
    """

    def __init__(self, size: int, units: int = 0) -> None:
        super().__init__()
        self.shared = torch.from_numpy(pooled_units(size, units))
        self.output_size = size + len(self.shared)

    def forward(self, y: Tensor, groups: Tensor, mask: Tensor) -> Tensor:
        """Pool states.

        Args:
            y: (batch, time, size) states.
            groups: (batch, time) the same number for all occurrences of a word in a document,
                below batch * time; anything in the padding.
            mask: (batch, time) True where there is a word.

        Returns:
            (batch, time, output_size).
        """
        chosen = y[..., self.shared.to(y.device)] if len(self.shared) < y.shape[-1] else y
        states, members = chosen[mask], groups[mask]  # (words, units), (words,)
        index = members[:, None].expand_as(states)
        strongest = states.new_zeros(groups.numel(), states.shape[1])
        strongest = strongest.scatter_reduce(0, index, states, "amax", include_self=False)
        shared = torch.zeros_like(chosen)
        shared[mask] = strongest.index_select(0, members)
        return torch.cat([y, shared], dim=-1)
