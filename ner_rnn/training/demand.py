"""Refuses a network whose training cannot fit into this machine, before memory is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ner_rnn.errors import ConfigError
from ner_rnn.machine import memory
from ner_rnn.model.settings import EncoderConfig, Optimizer, shown_size

__all__ = ["MEMORY_SHARE", "check_memory"]

MEMORY_SHARE = 0.75
"""Share of the machine's memory that one part of a training may take."""
_NUMBER = 4  # bytes


def check_memory(
    model: EncoderConfig,
    shapes: Mapping[str, tuple[int, ...]],
    *,
    optimizer: Optimizer,
    average: bool = False,
) -> None:
    """Compare the weights with the memory of this machine.

    Args:
        model: settings of the network.
        shapes: of its weights, by name.
        optimizer: AdamW keeps two more numbers for each weight.
        average: a moving average of the weights is kept.

    Raises:
        ConfigError: they do not fit; says what they would take, and which weights take most.
    """
    sizes = {name: math.prod(shape) for name, shape in shapes.items()}
    copies = 2 + (2 if optimizer == "adamw" else 1) + average  # weights and gradients
    needed, total = _NUMBER * copies * sum(sizes.values()), memory()
    if not total or needed <= MEMORY_SHARE * total:
        return
    largest = max(sizes, key=lambda name: sizes[name])
    width = max(
        (name for name in type(model).widths() if getattr(model, name) in shapes[largest]),
        key=lambda name: int(getattr(model, name)),
        default="hidden_size",
    )
    raise ConfigError(
        f"training would take {shown_size(needed)} or more for {sum(sizes.values()):,} weights, "
        f"most of them {largest} of {' x '.join(map(str, shapes[largest]))}, and this machine has "
        f"{shown_size(total)}",
        do=f"lower {{{model.section}{width}}}",
    )
