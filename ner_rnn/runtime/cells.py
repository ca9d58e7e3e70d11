"""The cells without torch: the order of their weights, and what padding holds.

Every part of the runtime that computes with a bundle's weights takes them from here, gate by gate
in one order: the ONNX graph (``export.py``), the tables of words and letters (``word_tables.py``)
and the language models' tables of characters (``contextual.py``).

    rnn, clockwork   a' = f(z)                             z = W_ih x + b + W_hh a
    lstm             c' = f * c + i * g, a' = o * tanh(c')  gates i, f, o, g
    gru              a' = n + u * (a - n)                  gates r, u, n
                     n = tanh(z_n + r * (W_hn a + b_hn))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ner_rnn.model.settings import EncoderConfig

__all__ = ["Weights", "direction_weights", "padding_row", "torch_weights"]

Array = NDArray[np.float32]

SHUT = 1e4
"""Closes a gate, or opens it, whatever else is added."""


class Weights(NamedTuple):
    """One direction of one layer.

    Attributes:
        input: W_ih, (gates, input).
        bias: added to the product with the input, (gates,).
        recurrent: W_hh, (gates, units).
        inner: the bias inside the recurrent product, (gates,); zeros but in a GRU.
    """

    input: Array
    bias: Array
    recurrent: Array
    inner: Array


def direction_weights(
    model: EncoderConfig, weights: Mapping[str, Array], layer: int, direction: int
) -> Weights:
    """Return the weights of a direction (0 forward, 1 backward) of a layer (0 the lowest)."""
    name = f"encoder.layers.{layer}.{direction}."
    if model.cell == "clockwork":
        size = model.hidden_size // len(model.periods)
        recurrent = np.zeros((model.hidden_size, model.hidden_size), dtype=np.float32)
        for group in range(len(model.periods)):
            block = weights[f"{name}weight_hh.{group}"]
            recurrent[group * size : (group + 1) * size, group * size :] = block
        bias = weights[f"{name}bias"]
        return Weights(weights[f"{name}weight_ih"], bias, recurrent, np.zeros_like(bias))
    read, recurrent, bias, inner = torch_weights(weights, name)
    if model.cell == "lstm":  # torch: input, forget, cell, output; here the cell comes last
        gates = np.split(np.arange(len(bias)), 4)
        order = np.concatenate([gates[0], gates[1], gates[3], gates[2]])
        read, recurrent, bias, inner = read[order], recurrent[order], bias[order], inner[order]
    if model.cell == "gru":  # the new state's inner bias is gated, so it cannot be added before
        outer = np.concatenate([inner[: 2 * model.hidden_size], np.zeros(model.hidden_size)])
        outer = outer.astype(np.float32)
        return Weights(read, bias + outer, recurrent, inner - outer)
    return Weights(read, bias + inner, recurrent, np.zeros_like(bias))


def torch_weights(weights: Mapping[str, Array], name: str) -> list[Array]:
    """Return W_ih, W_hh and their biases of one of torch's own layers, gates in torch's order.

    The names of the layer's parameters begin with ``name``.
    """
    parts = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return [weights[name + part] for part in parts]


def padding_row(model: EncoderConfig) -> Array:
    """Return the pre-activations (gates,) that keep a state of zeros at zero."""
    units = model.hidden_size
    if model.cell == "lstm":
        return np.repeat(np.array([-SHUT, -SHUT, -SHUT, 0], dtype=np.float32), units)
    if model.cell == "gru":  # the update gate is open: the old state is kept
        return np.repeat(np.array([0, SHUT, 0], dtype=np.float32), units)
    return np.zeros(units, dtype=np.float32)
