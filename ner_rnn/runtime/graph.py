"""One step of each cell as ONNX nodes, the body of a Scan over time (see ``export.py``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

if TYPE_CHECKING:
    from ner_rnn.model.settings import EncoderConfig
    from ner_rnn.runtime.cells import Weights

__all__ = ["Graph", "Step"]


class Graph:
    """Nodes and constants of one ONNX graph, in order; the constants' names begin with a prefix."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> None:
        """Append a node."""
        self._nodes.append(helper.make_node(kind, inputs, outputs, **more))

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Append a constant, and return its name."""
        self._constants.append(numpy_helper.from_array(value, self._prefix + name))
        return self._prefix + name

    def build(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> Any:
        """Return the graph as onnx has it."""
        return helper.make_graph(self._nodes, name, inputs, outputs, initializer=self._constants)


class Step(Graph):
    """The nodes from ``given`` (W_ih x + b) and the states before a step to those after it.

    In int8, recurrent weights, and the states multiplied with them, take 8 bits.
    """

    def __init__(self, prefix: str, model: EncoderConfig, weights: Weights, *, int8: bool) -> None:
        super().__init__(prefix)
        self._model, self._weights, self._int8 = model, weights, int8

    def add_cell(self) -> list[tuple[str, str]]:
        """Append a step of the cell; return the names of each state before and after, h first."""
        if self._model.cell == "lstm":
            return self._lstm()
        if self._model.cell == "gru":
            return self._gru()
        return self._elman()

    def _product(self, added: str, answer: str) -> None:
        """Append answer = added + W_hh a."""
        recurrent = self._weights.recurrent
        if not self._int8:
            weight = self.constant("recurrent", recurrent)
            self.add("Gemm", ["a", weight, added], [answer], transB=1)
            return
        scale = np.maximum(np.abs(recurrent).max(axis=1), 1e-8) / 127  # (gates,)
        # unsigned: the product of signed and unsigned bytes saturates on older processors
        quantised = (np.round(recurrent / scale[:, None]) + 128).astype(np.uint8).T
        names = [
            self.constant("step", np.array(1 / 127, dtype=np.float32)),
            self.constant("scale", scale.astype(np.float32)),
            self.constant("middle", np.array(128, dtype=np.uint8)),
            self.constant("zero", np.full(len(scale), 128, dtype=np.uint8)),
        ]
        weight = self.constant("recurrent", np.ascontiguousarray(quantised))
        self.add("QuantizeLinear", ["a", names[0], names[2]], ["a8"])
        operands = ["a8", weight, *names]
        self.add("MatMulIntegerToFloat", operands, ["product"], domain="com.microsoft")
        self.add("Add", ["product", added], [answer])

    def _elman(self) -> list[tuple[str, str]]:
        """Append a' = f(given + W_hh a); of a clockwork network, where the unit's group ticks."""
        self._product("given", "z")
        self.add("Tanh" if self._model.nonlinearity == "tanh" else "Relu", ["z"], ["new"])
        if self._model.cell != "clockwork":
            return [("a", "new")]
        periods = self._model.periods
        phases = np.arange(math.lcm(*periods))[:, None]
        ticks = phases % np.repeat(periods, self._model.hidden_size // len(periods)) == 0
        self.add("Gather", [self.constant("ticks", ticks), "now"], ["tick"], axis=0)
        self.add("Where", ["tick", "new", "a"], ["next"])
        return [("a", "next")]

    def _lstm(self) -> list[tuple[str, str]]:
        """Append c' = f * c + i * g, a' = o * tanh(c'); gates i, f, o, g."""
        units = self._model.hidden_size
        parts = self.constant("parts", np.array([3 * units, units], dtype=np.int64))
        thirds = self.constant("thirds", np.array([units] * 3, dtype=np.int64))
        self._product("given", "z")
        self.add("Split", ["z", parts], ["z_gates", "z_new"], axis=1)
        self.add("Sigmoid", ["z_gates"], ["gates"])
        self.add("Tanh", ["z_new"], ["g"])
        self.add("Split", ["gates", thirds], ["i", "f", "o"], axis=1)
        self.add("Mul", ["f", "c"], ["kept"])
        self.add("Mul", ["i", "g"], ["written"])
        self.add("Add", ["kept", "written"], ["next_c"])
        self.add("Tanh", ["next_c"], ["seen"])
        self.add("Mul", ["o", "seen"], ["next"])
        return [("a", "next"), ("c", "next_c")]

    def _gru(self) -> list[tuple[str, str]]:
        """Append n = tanh(given_n + r * (W_hn a + b_hn)), a' = n + u * (a - n); gates r, u, n."""
        units = self._model.hidden_size
        parts = self.constant("parts", np.array([2 * units, units], dtype=np.int64))
        halves = self.constant("halves", np.array([units] * 2, dtype=np.int64))
        self._product(self.constant("inner", self._weights.inner), "product_all")
        self.add("Split", ["given", parts], ["given_gates", "given_new"], axis=1)
        self.add("Split", ["product_all", parts], ["product_gates", "product_new"], axis=1)
        self.add("Add", ["given_gates", "product_gates"], ["z_gates"])
        self.add("Sigmoid", ["z_gates"], ["gates"])
        self.add("Split", ["gates", halves], ["r", "u"], axis=1)
        self.add("Mul", ["r", "product_new"], ["gated"])
        self.add("Add", ["given_new", "gated"], ["z_new"])
        self.add("Tanh", ["z_new"], ["n"])
        self.add("Sub", ["a", "n"], ["change"])
        self.add("Mul", ["u", "change"], ["part"])
        self.add("Add", ["n", "part"], ["next"])
        return [("a", "next")]
