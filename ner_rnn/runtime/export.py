"""The recurrent layers of a trained tagger as an ONNX graph, ``encoder.onnx`` of a bundle.

What is known of a word by its form alone, and with it the first layer's product W_ih x + b, is
computed once per distinct word and kept in tables (``tagging/forms.py``). The graph begins where
words meet: it takes rows of those tables and goes through the steps.

    index   (time, batch)        row of each word in the tables; 0 in the padding
    table0  (rows, gates)        W_ih x + b of the distinct words, for the direction from the left
    table1  (rows, gates)        the same for the direction from the right
    phase1  (time, batch)        clockwork alone: steps from the passage's end, modulo the periods
 -> state0  (time, batch, units) states of the last layer from the left; anything in the padding
    state1  (time, batch, units) the same from the right

Row 0 of a table holds, at every gate, what keeps a state of zeros at zero. So the direction from
the right needs no reversing: it goes through the padding first and comes out as it went in.
A state is one matrix product a step; where weights are held in int8, as onnxruntime's
MatMulIntegerToFloat has it, with one scale a unit and states in steps of 1/127 (so not of a ReLU
network, whose states have no bound).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ner_rnn.model.contents import reader_name

if TYPE_CHECKING:
    from ner_rnn.encoding.characters import Context
    from ner_rnn.model.settings import ModelConfig

__all__ = [
    "direction_weights",
    "export_encoder",
    "export_encoders",
    "obstacle",
    "padding_row",
    "reader_weights",
]

Array = NDArray[np.float32]

OPSET = 18
IR_VERSION = 9
"""Read by every onnxruntime from 1.16 on."""
LONGEST_CYCLE = 10_000
"""Steps after which a clock stands as it stood at first; the graph holds a row for each."""
SHUT = 1e4
"""What closes a gate, or opens it, whatever else is added."""


def obstacle(model: ModelConfig) -> str | None:
    """Why a network cannot be exported, in words; None: it can."""
    if model.cell == "reservoir":
        return "a reservoir's sparse product has no fast counterpart in onnxruntime"
    if model.cell == "clockwork" and math.lcm(*model.periods) > LONGEST_CYCLE:
        return f"the clock of periods {list(model.periods)} takes too long to come round"
    if model.cell == "none" and model.language_model:
        return "a feed-forward network is fast by its words alone, and these are read in context"
    return None


def direction_weights(
    model: ModelConfig, weights: Mapping[str, Array], layer: int, way: int
) -> tuple[Array, Array, Array, Array]:
    """The numbers of one direction of one layer, gates in the order that the graph has them.

    Args:
        model: the recipe.
        weights: of the bundle, by parameter name.
        layer: from 0, the lowest.
        way: 0 from the left, 1 from the right.

    Returns:
        W_ih (gates, input), the bias added to it (gates,), W_hh (gates, units), and the bias
        (gates,) inside the recurrent product, which only a GRU has.
    """
    name = f"encoder.layers.{layer}.{way}."
    if model.cell == "clockwork":
        size = model.hidden_size // len(model.periods)
        recurrent = np.zeros((model.hidden_size, model.hidden_size), dtype=np.float32)
        for group in range(len(model.periods)):
            block = weights[f"{name}weight_hh.{group}"]
            recurrent[group * size : (group + 1) * size, group * size :] = block
        bias = weights[f"{name}bias"]
        return weights[f"{name}weight_ih"], bias, recurrent, np.zeros_like(bias)
    read, recurrent = weights[f"{name}weight_ih_l0"], weights[f"{name}weight_hh_l0"]
    bias, inner = weights[f"{name}bias_ih_l0"], weights[f"{name}bias_hh_l0"]
    if model.cell == "lstm":  # torch: input, forget, cell, output; here the cell comes last
        gates = np.split(np.arange(len(bias)), 4)
        order = np.concatenate([gates[0], gates[1], gates[3], gates[2]])
        read, recurrent, bias, inner = read[order], recurrent[order], bias[order], inner[order]
    if model.cell == "gru":  # the new state's inner bias is gated, so it cannot be added before
        outer = np.concatenate([inner[: 2 * model.hidden_size], np.zeros(model.hidden_size)])
        return read, bias + outer.astype(np.float32), recurrent, inner - outer.astype(np.float32)
    return read, bias + inner, recurrent, np.zeros_like(bias)


def padding_row(model: ModelConfig) -> Array:
    """(gates,): what keeps a state of zeros at zero."""
    units = model.hidden_size
    if model.cell == "lstm":
        return np.repeat(np.array([-SHUT, -SHUT, -SHUT, 0], dtype=np.float32), units)
    if model.cell == "gru":  # reset, update, new: the old state is kept
        return np.repeat(np.array([0, SHUT, 0], dtype=np.float32), units)
    return np.zeros(units, dtype=np.float32)


def reader_weights(weights: Mapping[str, Array], way: str) -> dict[str, Array]:
    """Those of a language model that a tagger reads with, by their names in that model."""
    name = reader_name(way)
    return {key.removeprefix(name): v for key, v in weights.items() if key.startswith(name)}


def export_encoders(
    model: ModelConfig, weights: Mapping[str, Array], context: Context | None = None
) -> dict[str, bytes]:
    """What goes into a bundle; nothing of a network that cannot be exported.

    Args:
        model: the recipe.
        weights: of the bundle, by parameter name.
        context: the language models that it reads with, or None.

    Returns:
        By precision, ``fp32`` and ``int8``, the recurrent layers; as ``forward.fp32`` and so on
        those of the language models.
    """
    if obstacle(model) is not None or model.cell == "none":
        return {}
    networks = {"": (model, weights)}
    for way, settings in context.settings.items() if context else ():
        networks[f"{way}."] = settings.network(), reader_weights(weights, way)
    encoders = {}
    for name, (network, own) in networks.items():
        encoders[f"{name}fp32"] = export_encoder(network, own)
        if not (network.cell in {"rnn", "clockwork"} and network.nonlinearity == "relu"):
            encoders[f"{name}int8"] = export_encoder(network, own, int8=True)
    return encoders


def export_encoder(
    model: ModelConfig, weights: Mapping[str, Array], *, int8: bool = False
) -> bytes:
    """Write the recurrent layers as ONNX.

    Args:
        model: the recipe; one that :func:`obstacle` has nothing against, and not without a
            recurrence.
        weights: of the bundle, by parameter name.
        int8: hold recurrent weights, and the states they are multiplied with, in 8 bits.

    Returns:
        The file's content.
    """
    import onnx

    encoder = _Encoder(model, weights, int8=int8)
    content = encoder.build()
    onnx.checker.check_model(content)
    serialised: bytes = content.SerializeToString()
    return serialised


class _Encoder:
    """Builds the graph, layer upon layer."""

    def __init__(self, model: ModelConfig, weights: Mapping[str, Array], *, int8: bool) -> None:
        from onnx import TensorProto, helper, numpy_helper

        self._model, self._weights, self._int8 = model, weights, int8
        self._helper, self._constant = helper, numpy_helper.from_array
        self._float, self._whole = TensorProto.FLOAT, TensorProto.INT64
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def build(self) -> Any:
        """The whole model, as onnx has it."""
        model, value = self._model, self._helper.make_tensor_value_info
        ways = range(2 if model.bidirectional else 1)
        units, gates = model.hidden_size, len(padding_row(model))
        inputs = [value("index", self._whole, ["time", "batch"])]
        inputs += [value(f"table{way}", self._float, ["rows", gates]) for way in ways]
        if model.cell == "clockwork":
            inputs += [value(f"phase{way}", self._whole, ["time", "batch"]) for way in ways]
        self._add_constant("units", np.array([units], dtype=np.int64))
        self._add("Shape", ["index"], ["shape"])
        self._add("Slice", ["shape", *self._bounds(1, 2)], ["width"])
        self._add("Concat", ["width", "units"], ["state_shape"], axis=0)
        self._add("ConstantOfShape", ["state_shape"], ["zeros"])
        below: list[str] = []
        for layer in range(model.layers):
            last = layer == model.layers - 1
            states = [f"state{way}" if last else f"layer{layer}_{way}" for way in ways]
            for way in ways:
                self._direction(layer, way, below, states[way])
            below = states
        outputs = [value(name, self._float, ["time", "batch", units]) for name in below]
        graph = self._helper.make_graph(
            self._nodes, "encoder", inputs, outputs, initializer=self._constants
        )
        opsets = [self._helper.make_opsetid("", OPSET)]
        if self._int8:
            opsets.append(self._helper.make_opsetid("com.microsoft", 1))
        return self._helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)

    def _direction(self, layer: int, way: int, below: Sequence[str], state: str) -> None:
        """One Scan over the steps; above the first layer its inputs are computed before."""
        model, value = self._model, self._helper.make_tensor_value_info
        name = f"{layer}_{way}_"
        read, bias, recurrent, inner = direction_weights(model, self._weights, layer, way)
        scanned = ["index"] if layer == 0 else [f"{name}read"]
        if layer:
            self._read_states(name, below, read, bias)
        if model.cell == "clockwork":
            scanned.append(f"phase{way}")
        step = _Step(self, name, model, recurrent, inner)
        if layer == 0:
            step.add("Gather", [f"table{way}", "row"], ["given"], axis=0)
            arrives = [value("row", self._whole, ["batch"])]
        else:
            arrives = [value("given", self._float, ["batch", len(bias)])]
        if model.cell == "clockwork":
            arrives.append(value("now", self._whole, ["batch"]))
        carried = step.build()
        kept = [value(old, self._float, ["batch", model.hidden_size]) for old, _ in carried]
        new = [value(now, self._float, ["batch", model.hidden_size]) for _, now in carried]
        step.add("Identity", [carried[0][1]], ["shown"])
        body = self._helper.make_graph(
            step.nodes,
            f"step{name}",
            [*kept, *arrives],
            [*new, value("shown", self._float, ["batch", model.hidden_size])],
            initializer=step.constants,
        )
        ends = [f"{name}end{i}" for i in range(len(carried))]
        self._add(
            "Scan",
            ["zeros"] * len(carried) + scanned,
            [*ends, state],
            body=body,
            num_scan_inputs=len(scanned),
            scan_input_directions=[way] * len(scanned),
            scan_output_directions=[way],
        )

    def _read_states(self, name: str, below: Sequence[str], read: Array, bias: Array) -> None:
        """W_ih y + b of all steps at once, and in the padding what keeps zeros at zero."""
        joined = below[0]
        if len(below) > 1:
            joined = f"{name}joined"
            self._add("Concat", list(below), [joined], axis=2)
        self._add_constant(f"{name}weight", np.ascontiguousarray(read.T))
        self._add_constant(f"{name}bias", bias)
        self._add_constant(f"{name}still", padding_row(self._model))
        self._add_constant(f"{name}pad", np.array(0, dtype=np.int64))
        self._add_constant(f"{name}axis", np.array([2], dtype=np.int64))
        self._add("MatMul", [joined, f"{name}weight"], [f"{name}product"])
        self._add("Add", [f"{name}product", f"{name}bias"], [f"{name}sum"])
        self._add("Equal", ["index", f"{name}pad"], [f"{name}padding"])
        self._add("Unsqueeze", [f"{name}padding", f"{name}axis"], [f"{name}there"])
        where = [f"{name}there", f"{name}still", f"{name}sum"]
        self._add("Where", where, [f"{name}read"])

    def _bounds(self, start: int, end: int) -> list[str]:
        for name, place in (("from", start), ("to", end)):
            self._add_constant(name, np.array([place], dtype=np.int64))
        return ["from", "to"]

    def _add(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> None:
        self._nodes.append(self._helper.make_node(kind, inputs, outputs, **more))

    def _add_constant(self, name: str, value: NDArray[Any]) -> None:
        self._constants.append(self._constant(value, name))

    def node(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> Any:
        """A node of any graph."""
        return self._helper.make_node(kind, inputs, outputs, **more)

    def constant(self, name: str, value: NDArray[Any]) -> Any:
        """A constant of any graph."""
        return self._constant(value, name)

    @property
    def int8(self) -> bool:
        """Whether recurrent products are taken in 8 bits."""
        return self._int8


class _Step:
    """The body of a Scan: from ``given`` (W_ih x + b) and the states before to those after."""

    def __init__(
        self, encoder: _Encoder, name: str, model: ModelConfig, recurrent: Array, inner: Array
    ) -> None:
        self._encoder, self._name, self._model = encoder, name, model
        self._recurrent, self._inner = recurrent, inner
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any) -> None:
        """Append a node."""
        self.nodes.append(self._encoder.node(kind, inputs, outputs, **more))

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Append a constant; its name in this graph."""
        self.constants.append(self._encoder.constant(self._name + name, value))
        return self._name + name

    def build(self) -> list[tuple[str, str]]:
        """Append a step of the cell; the names of each state before and after, the answer first."""
        if self._model.cell == "lstm":
            return self._lstm()
        if self._model.cell == "gru":
            return self._gru()
        return self._elman()

    def _product(self, added: str, answer: str) -> None:
        """Append answer = added + W_hh a."""
        if not self._encoder.int8:
            weight = self.constant("recurrent", self._recurrent)
            self.add("Gemm", ["a", weight, added], [answer], transB=1)
            return
        scale = np.maximum(np.abs(self._recurrent).max(axis=1), 1e-8) / 127  # (gates,)
        # unsigned: the product of signed and unsigned bytes saturates on older processors
        whole = (np.round(self._recurrent / scale[:, None]) + 128).astype(np.uint8).T
        names = [
            self.constant("step", np.array(1 / 127, dtype=np.float32)),
            self.constant("scale", scale.astype(np.float32)),
            self.constant("middle", np.array(128, dtype=np.uint8)),
            self.constant("zero", np.full(len(scale), 128, dtype=np.uint8)),
        ]
        weight = self.constant("recurrent", np.ascontiguousarray(whole))
        self.add("QuantizeLinear", ["a", names[0], names[2]], ["a8"])
        product = ["a8", weight, *names]
        self.add("MatMulIntegerToFloat", product, ["heard"], domain="com.microsoft")
        self.add("Add", ["heard", added], [answer])

    def _elman(self) -> list[tuple[str, str]]:
        """New a = f(given + W_hh a); of a clockwork network, where the unit's group ticks."""
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
        """New c = f * c + i * g, new a = o * tanh(c); gates i, f, o, g."""
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
        """Of n = tanh(given_n + r * (W_hn a + b_hn)), new a = n + u * (a - n); gates r, u, n."""
        units = self._model.hidden_size
        parts = self.constant("parts", np.array([2 * units, units], dtype=np.int64))
        halves = self.constant("halves", np.array([units] * 2, dtype=np.int64))
        self._product(self.constant("inner", self._inner), "heard_all")
        self.add("Split", ["given", parts], ["given_gates", "given_new"], axis=1)
        self.add("Split", ["heard_all", parts], ["heard_gates", "heard_new"], axis=1)
        self.add("Add", ["given_gates", "heard_gates"], ["z_gates"])
        self.add("Sigmoid", ["z_gates"], ["gates"])
        self.add("Split", ["gates", halves], ["r", "u"], axis=1)
        self.add("Mul", ["r", "heard_new"], ["gated"])
        self.add("Add", ["given_new", "gated"], ["z_new"])
        self.add("Tanh", ["z_new"], ["n"])
        self.add("Sub", ["a", "n"], ["change"])
        self.add("Mul", ["u", "change"], ["part"])
        self.add("Add", ["n", "part"], ["next"])
        return [("a", "next")]
